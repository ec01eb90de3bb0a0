import { InvalidArgumentError, InvalidVectorError } from '../spec/errors.ts'
import { assertComparable, assertFinite, createMatrix, type Matrix } from '../spec/matrix.ts'
import { BestList } from './best-list.ts'
import { assertMetric, assertNonZero, cosineOf, type Metric, rankingScore, shownScore, squaredNorms } from './metric.ts'
import { hasBit, type Selection, toBitmap } from './selection.ts'

/** Nearest rows of each query, best first: `topK` entries a query; where there are fewer, id −1 and score NaN. */
export interface Nearest {
  readonly ids: Int32Array
  readonly scores: Float32Array
}

type Vector = readonly number[] | Float32Array | Float64Array

/**
 * Cosine of the angle between two vectors, or between row i of one matrix and row i of another.
 *
 * @param a - Array of finite numbers, or `Matrix`; lengths need not be 1. Any scale: nothing over- or underflows.
 * @param b - The same shape as `a`.
 * @returns A number in [−1, 1] (exactly 1 for equal vectors), or for matrices a Float64Array of `rows`.
 * @throws {InvalidVectorError} for a zero vector (it has no direction), NaN or an infinity.
 * @throws {PassportMismatchError} when two models made the matrices.
 *
 * Cost: O(rows · columns), sums in float64.
 */
export function cosineSimilarity(a: Vector, b: Vector): number
export function cosineSimilarity(a: Matrix, b: Matrix): Float64Array
export function cosineSimilarity(a: Vector | Matrix, b: Vector | Matrix): number | Float64Array {
  if ('rows' in a && 'rows' in b) return rowwiseCosine(a, b)
  if ('rows' in a || 'rows' in b) throw new InvalidArgumentError('b', 'the same kind as a', b)
  if (a.length !== b.length) throw new InvalidArgumentError('b', `${a.length} dimensions`, b.length)
  const u = toModerate(a, 'a')
  const v = toModerate(b, 'b')
  let [uu, vv, uv] = [0, 0, 0]
  for (let j = 0; j < u.length; j++) {
    const x = u[j] as number
    const y = v[j] as number
    uu += x * x
    vv += y * y
    uv += x * y
  }
  return withinOne(cosineOf(uv, uu, vv))
}

/** Rounding may leave the last bit of a cosine beyond 1. */
function withinOne(cosine: number): number {
  return Math.max(-1, Math.min(1, cosine))
}

/** The vector times the power of two that brings its largest entry near 1: exact, and squares stay in range. */
function toModerate(vector: Vector, name: string): Float64Array {
  let largest = 0
  for (let j = 0; j < vector.length; j++) {
    const value = vector[j] as number
    if (!Number.isFinite(value)) throw new InvalidVectorError(name, 'finite numbers', String(value))
    largest = Math.max(largest, Math.abs(value))
  }
  if (largest === 0) throw new InvalidVectorError(name, 'a vector other than zero for the cosine', 'zero')
  // 2^1023 is the largest power there is; a denormal times it is still far above where squares vanish.
  const scale = 2 ** Math.min(1023, Math.max(-1022, -Math.floor(Math.log2(largest))))
  return Float64Array.from(vector as ArrayLike<number>, (value) => value * scale)
}

function rowwiseCosine(a: Matrix, b: Matrix): Float64Array {
  if (a.rows !== b.rows) throw new InvalidArgumentError('b', `${a.rows} rows like a`, b.rows)
  const norms = checkedNorms('cosine', a, b)
  return Float64Array.from({ length: a.rows }, (_, i) =>
    withinOne(rankingScore('cosine', a, i, norms.a[i] as number, b, i, norms.b[i] as number)),
  )
}

/**
 * Every row of `a` against every row of `b`.
 *
 * @param a - `Matrix`, finite; read only.
 * @param b - `Matrix` of as many columns. @default a
 * @param options.metric - `cosine`, `ip` (inner product) or `l2` (minus the Euclidean distance); larger is nearer.
 *   @default 'cosine'
 * @returns Fresh `Matrix`, `a.rows × b.rows`, computed in float64 and rounded once.
 * @throws {InvalidVectorError} for NaN, an infinity, or under cosine a zero row (names it).
 * @throws {PassportMismatchError} when two models made the rows.
 *
 * Cost: O(a.rows · b.rows · columns) time, O(a.rows · b.rows) memory.
 */
export function similarityMatrix(a: Matrix, b: Matrix = a, options: { metric?: Metric } = {}): Matrix {
  const metric = options.metric ?? 'cosine'
  const norms = checkedNorms(metric, a, b)
  const result = createMatrix(a.rows, b.rows)
  for (let i = 0; i < a.rows; i++)
    for (let j = 0; j < b.rows; j++) {
      const score = rankingScore(metric, a, i, norms.a[i] as number, b, j, norms.b[j] as number)
      result.data[i * b.rows + j] = shownScore(metric, score)
    }
  return result
}

export interface TopKOptions {
  /** Neighbours a query, integer ≥ 1. @default 10 */
  readonly topK?: number | undefined
  /** @default 'cosine' */
  readonly metric?: Metric | undefined
  /** Rows that may be returned. @default all */
  readonly filter?: Selection | undefined
}

/**
 * The `topK` nearest corpus rows of each query, by brute force in float64: the readable definition to which `createIndex`
 * is held, and the right choice for a few thousand rows searched once.
 *
 * @param queries - `Matrix`, finite.
 * @param corpus - `Matrix` of as many columns, finite.
 * @returns `ids` and `scores`, `queries.rows × topK`, best first; of equal scores the smaller id first;
 *   id −1 and score NaN where fewer rows are allowed than asked for. A score beyond float32's range is ±Infinity there,
 *   ranked by its float64 value all the same.
 * @throws {InvalidVectorError} for NaN, an infinity, or under cosine a zero row (names it).
 * @throws {InvalidArgumentError} when `topK`, `metric` or `filter` is not what it must be.
 * @throws {PassportMismatchError} when two models made the rows.
 *
 * Cost: O(queries.rows · corpus.rows · columns).
 */
export function topK(queries: Matrix, corpus: Matrix, options: TopKOptions = {}): Nearest {
  const { topK: k = 10, metric = 'cosine', filter } = options
  assertTopK(k)
  const norms = checkedNorms(metric, queries, corpus)
  const allowed = filter === undefined ? undefined : toBitmap(filter, corpus.rows)
  const nearest = emptyNearest(queries.rows, k)
  const best = new BestList(Math.min(k, corpus.rows))
  for (let i = 0; i < queries.rows; i++) {
    for (let j = 0; j < corpus.rows; j++) {
      if (allowed !== undefined && !hasBit(allowed, j)) continue
      best.offer(rankingScore(metric, queries, i, norms.a[i] as number, corpus, j, norms.b[j] as number), j)
    }
    const found = best.drain()
    nearest.ids.set(found.ids, i * k)
    found.scores.forEach((score, rank) => {
      nearest.scores[i * k + rank] = shownScore(metric, score)
    })
  }
  return nearest
}

export function emptyNearest(queries: number, k: number): Nearest {
  return { ids: new Int32Array(queries * k).fill(-1), scores: new Float32Array(queries * k).fill(Number.NaN) }
}

export function assertTopK(k: number): void {
  if (!Number.isSafeInteger(k) || k < 1) throw new InvalidArgumentError('options.topK', 'an integer ≥ 1', k)
}

function checkedNorms(metric: Metric, a: Matrix, b: Matrix): { a: Float64Array; b: Float64Array } {
  assertMetric(metric)
  assertComparable(a, b)
  assertFinite(a)
  if (b !== a) assertFinite(b)
  const ofA = squaredNorms(a)
  const ofB = b === a ? ofA : squaredNorms(b)
  if (metric === 'cosine') {
    assertNonZero(ofA, 'vectors')
    assertNonZero(ofB, 'vectors')
  }
  return { a: ofA, b: ofB }
}
