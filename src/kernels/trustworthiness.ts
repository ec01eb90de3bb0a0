import { InvalidArgumentError } from '../spec/errors.ts'
import { assertFinite, createMatrix, type Matrix, rowOf } from '../spec/matrix.ts'
import { assertNonZero, squaredNorms } from './metric.ts'
import { assertChoice, assertInteger } from './option-checks.ts'
import { createRandom } from './random.ts'
import { Arena } from './wasm/arena.ts'
import { bestEngine, type Engine } from './wasm/features.ts'
import { loadKernel } from './wasm/load.ts'

export interface TrustworthinessOptions {
  readonly nNeighbors?: number
  readonly metric?: 'l2' | 'cosine'
  readonly sample?: number
  readonly seed?: number
  readonly engine?: Engine
}

export interface Trustworthiness {
  /** From 0 to 1; 1: every neighbour in the layout is one in the vectors too. */
  readonly score: number
  /** Share of the vectors' nearest neighbours that are nearest neighbours in the layout, from 0 to 1. */
  readonly recall: number
  /** Rows measured; fewer than all when sampled. */
  readonly sampledRows: number
}

/** Up to this many rows all are measured by default, beyond it so many by lot. */
const exactRows = 5000

/**
 * How far the neighbours seen in a layout are neighbours in the vectors it shows.
 *
 * @param vectors - `rows × columns`, finite, at least 4 rows.
 * @param layout - `rows × components`, finite; compared by Euclidean distance.
 * @param options.nNeighbors - Neighbours looked at, k, integer from 1 to below rows / 2. @default 5, fewer below 12 rows
 * @param options.metric - Distance of the vectors. @default 'l2'
 * @param options.sample - Rows measured, integer from 1 to rows; each against all rows. @default rows up to 5,000, else 5,000
 * @param options.seed - Decides the sample. @default 0
 * @throws {InvalidVectorError} when a row is not finite, or zero under cosine (names the row).
 * @throws {InvalidArgumentError} when the two differ in rows or an option is out of range.
 *
 * Cost: O(sample · rows · (columns + log rows)).
 * Source: Venna & Kaski 2001: 1 − 2 / (n·k·(2n − 3k − 1)) · Σ (rank − k) over the layout's neighbours that are none in the
 *   vectors; for a sample, n·k counts its rows. Equals scikit-learn's `trustworthiness`, up to the rounding of float32
 *   inner products and ties, which go to the smaller row here.
 */
export async function trustworthiness(
  vectors: Matrix,
  layout: Matrix,
  options: TrustworthinessOptions = {},
): Promise<Trustworthiness> {
  const { rows } = vectors
  if (layout.rows !== rows) throw new InvalidArgumentError('layout', `${rows} rows like the vectors`, layout.rows)
  if (rows < 4) throw new InvalidArgumentError('vectors', 'at least 4 rows', rows)
  const largest = Math.ceil(rows / 2) - 1
  const { nNeighbors: k = Math.min(5, largest), metric = 'l2', seed = 0, engine } = options
  const sampledRows = options.sample ?? Math.min(rows, exactRows)
  assertInteger('nNeighbors', k, 1, largest)
  assertInteger('sample', sampledRows, 1, rows)
  assertChoice('metric', metric, ['l2', 'cosine'])
  assertFinite(vectors, 'vectors')
  assertFinite(layout, 'layout')
  const picked =
    sampledRows === rows ? Int32Array.from({ length: rows }, (_, i) => i) : createRandom(seed).sample(rows, sampledRows)
  const far = await distancesOf(vectors, metric, engine)
  const near = await distancesOf(layout, 'l2', engine)
  let penalty = 0
  let found = 0
  for (const row of picked) {
    const truth = far(row)
    const shown = nearestOf(near(row), row, k)
    for (const neighbour of shown) {
      const excess = rankOf(truth, row, neighbour) - k
      if (excess > 0) penalty += excess
      else found++
    }
  }
  return {
    score: 1 - (penalty * 2) / (sampledRows * k * (2 * rows - 3 * k - 1)),
    recall: found / (sampledRows * k),
    sampledRows,
  }
}

/** A function that gives all rows' squared distances (or 1 − cosines) from one row; the array is reused. */
async function distancesOf(matrix: Matrix, metric: 'l2' | 'cosine', engine: Engine = bestEngine()) {
  const { rows } = matrix
  // Distances by way of inner products lose digits with the rows' distance from the origin.
  const moved = metric === 'l2' ? centred(matrix) : matrix
  const norms = squaredNorms(moved)
  if (metric === 'cosine') assertNonZero(norms, 'vectors')
  const distances = new Float64Array(rows)
  const products = await innerProducts(moved, engine)
  return (row: number): Float64Array => {
    const dots = products(row)
    for (let j = 0; j < rows; j++) {
      distances[j] =
        metric === 'l2' ? norms[row]! - 2 * dots[j]! + norms[j]! : 1 - dots[j]! / Math.sqrt(norms[row]! * norms[j]!)
    }
    return distances
  }
}

function centred({ data, rows, columns }: Matrix): Matrix {
  const means = new Float64Array(columns)
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) means[j]! += data[i * columns + j]! / rows
  return createMatrix(
    rows,
    columns,
    data.map((value, at) => value - means[at % columns]!),
  )
}

async function innerProducts(matrix: Matrix, engine: Engine): Promise<(row: number) => Float32Array> {
  const { data, rows, columns } = matrix
  if (engine === 'typescript') {
    const dots = new Float32Array(rows)
    return (row) => {
      const query = rowOf(matrix, row)
      for (let j = 0; j < rows; j++) dots[j] = laneDot(data, j * columns, query)
      return dots
    }
  }
  const arena = new Arena()
  const { dotRows } = await loadKernel<{ dotRows(...call: number[]): void }>('dot', arena.memory)
  const [at, scores] = [arena.alloc(data.length * 4), arena.alloc(rows * 4)]
  arena.float32(at, data.length).set(data)
  const dots = arena.float32(scores, rows)
  return (row) => {
    dotRows(at, at + row * columns * 4, scores, rows, columns)
    return dots
  }
}

/** The compiled kernel's inner product: eight lanes, joined in pairs. */
function laneDot(data: Float32Array, at: number, query: Float32Array): number {
  const f = Math.fround
  const whole = query.length & ~7
  const lanes = new Float32Array(8)
  for (let j = 0; j < whole; j++) lanes[j & 7] = lanes[j & 7]! + f(data[at + j]! * query[j]!)
  const [s0, s1, s2, s3] = [0, 1, 2, 3].map((lane) => f(lanes[lane]! + lanes[lane + 4]!)) as [
    ...[number, number, number, number],
  ]
  let sum = f(f(s0 + s1) + f(s2 + s3))
  for (let j = whole; j < query.length; j++) sum = f(sum + f(data[at + j]! * query[j]!))
  return sum
}

/** The `k` nearest other rows, ties to the smaller row. */
function nearestOf(distances: Float64Array, self: number, k: number): number[] {
  const best: number[] = []
  for (let j = 0; j < distances.length; j++) {
    if (j === self || (best.length === k && !(distances[j]! < distances[best[k - 1]!]!))) continue
    let at = best.length
    while (at > 0 && distances[best[at - 1]!]! > distances[j]!) at--
    best.splice(at, 0, j)
    if (best.length > k) best.pop()
  }
  return best
}

/** 1 for the nearest other row; ties to the smaller row. */
function rankOf(distances: Float64Array, self: number, neighbour: number): number {
  const distance = distances[neighbour]!
  let rank = 1
  for (let j = 0; j < distances.length; j++)
    if (j !== self && (distances[j]! < distance || (distances[j] === distance && j < neighbour))) rank++
  return rank
}
