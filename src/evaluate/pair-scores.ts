import { InvalidArgumentError } from '../spec/errors.ts'
import { assertComparable, assertFinite, type Matrix } from '../spec/matrix.ts'

/** Likeness of row i of `a` and row i of `b`, larger is nearer. */
export interface PairScores {
  readonly cosine: Float64Array
  readonly dot: Float64Array
  /** Minus the Euclidean distance. */
  readonly euclidean: Float64Array
  /** Minus the sum of absolute differences. */
  readonly manhattan: Float64Array
}

/** All rows in pairs by every measure that MTEB reports. A zero row, of a text without a vector, has cosine 0 with all. */
export function pairScores(a: Matrix, b: Matrix): PairScores {
  if (a.rows !== b.rows) throw new InvalidArgumentError('b', `${a.rows} rows like a`, b.rows)
  assertComparable(a, b, 'b')
  assertFinite(a, 'a')
  assertFinite(b, 'b')
  const { rows, columns } = a
  const [cosine, dot, euclidean, manhattan] = [0, 1, 2, 3].map(() => new Float64Array(rows)) as [
    ...[Float64Array, Float64Array, Float64Array, Float64Array],
  ]
  for (let i = 0; i < rows; i++) {
    let product = 0
    let squareA = 0
    let squareB = 0
    let squares = 0
    let differences = 0
    for (let j = i * columns; j < (i + 1) * columns; j++) {
      const [x, y] = [a.data[j] as number, b.data[j] as number]
      product += x * y
      squareA += x * x
      squareB += y * y
      squares += (x - y) * (x - y)
      differences += Math.abs(x - y)
    }
    cosine[i] = squareA === 0 || squareB === 0 ? 0 : product / Math.sqrt(squareA * squareB)
    dot[i] = product
    euclidean[i] = -Math.sqrt(squares)
    manhattan[i] = -differences
  }
  return { cosine, dot, euclidean, manhattan }
}
