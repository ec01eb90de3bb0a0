import { InvalidArgumentError, InvalidVectorError } from '../spec/errors.ts'
import type { Matrix } from '../spec/matrix.ts'

/**
 * How two vectors are compared; larger is always nearer.
 * `ip`: inner product. `cosine`: that over both lengths. `l2`: minus the Euclidean distance.
 */
export type Metric = 'ip' | 'cosine' | 'l2'

export function assertMetric(metric: Metric): void {
  if (metric !== 'ip' && metric !== 'cosine' && metric !== 'l2')
    throw new InvalidArgumentError('options.metric', "'ip', 'cosine' or 'l2'", metric)
}

/**
 * Sum of products in float64, first to last. Products of float32 numbers are exact there, so this plain order is the
 * only thing every engine must keep to give the same bits.
 */
export function dot(a: Float32Array, aAt: number, b: Float32Array, bAt: number, columns: number): number {
  let sum = 0
  for (let j = 0; j < columns; j++) sum += (a[aAt + j] as number) * (b[bAt + j] as number)
  return sum
}

/** Sum of squared differences in float64, first to last. */
export function squaredDistance(a: Float32Array, aAt: number, b: Float32Array, bAt: number, columns: number): number {
  let sum = 0
  for (let j = 0; j < columns; j++) {
    const difference = (a[aAt + j] as number) - (b[bAt + j] as number)
    sum += difference * difference
  }
  return sum
}

/** Squared length of each row, in float64. */
export function squaredNorms(matrix: Matrix): Float64Array {
  const { data, rows, columns } = matrix
  const norms = new Float64Array(rows)
  let i = 0
  // Four rows at a time: one sum alone waits for itself at every step.
  for (; i + 4 <= rows; i += 4) {
    let [a, b, c, d] = [0, 0, 0, 0]
    let at = i * columns
    for (const end = at + columns; at < end; at++) {
      const w = data[at]!
      const x = data[at + columns]!
      const y = data[at + 2 * columns]!
      const z = data[at + 3 * columns]!
      a += w * w
      b += x * x
      c += y * y
      d += z * z
    }
    norms.set([a, b, c, d], i)
  }
  for (; i < rows; i++) norms[i] = dot(data, i * columns, data, i * columns, columns)
  return norms
}

/** @throws {InvalidVectorError} naming the first row without a direction. */
export function assertNonZero(norms: Float64Array, name: string): void {
  const row = norms.indexOf(0)
  if (row >= 0)
    throw new InvalidVectorError(`${name}, row ${row}`, 'a vector other than zero for the cosine', 'zero', { row })
}

/** The root of the product, not the product of the roots: a row's cosine with itself is then exactly 1. */
export function cosineOf(product: number, aSquaredNorm: number, bSquaredNorm: number): number {
  return product / Math.sqrt(aSquaredNorm * bSquaredNorm)
}

/**
 * What rows are ranked by (float64, larger is nearer): inner product, cosine, or minus the *squared* distance, whose root
 * would make ties of neighbours.
 */
export function rankingScore(
  metric: Metric,
  queries: Matrix,
  query: number,
  querySquaredNorm: number,
  corpus: Matrix,
  row: number,
  rowSquaredNorm: number,
): number {
  const { columns } = queries
  const a = query * columns
  const b = row * columns
  if (metric === 'l2') return 0 - squaredDistance(queries.data, a, corpus.data, b, columns)
  const product = dot(queries.data, a, corpus.data, b, columns)
  return metric === 'ip' ? product : cosineOf(product, querySquaredNorm, rowSquaredNorm)
}

/** The score a caller sees, from the one rows are ranked by. */
export function shownScore(metric: Metric, ranking: number): number {
  return metric === 'l2' ? 0 - Math.sqrt(0 - ranking) : ranking
}
