import { InvalidArgumentError } from '../spec/errors.ts'
import { assertComparable, assertFinite, type Matrix } from '../spec/matrix.ts'
import { PairScanner, queriesPerGroup } from './exact-pairs.ts'
import {
  assertMetric,
  assertNonZero,
  cosineOf,
  dot,
  type Metric,
  shownScore,
  squaredDistance,
  squaredNorms,
} from './metric.ts'
import { bestEngine, type Engine } from './wasm/features.ts'
import { defaultThreads } from './wasm/pool.ts'

/** Pairs of rows, in ascending order of the first, then of the second. */
export interface Pairs {
  readonly first: Int32Array
  readonly second: Int32Array
  readonly scores: Float32Array
}

export interface JoinOptions {
  /** Least score of a pair, finite; under `l2`, where scores are minus distances, at most 0. */
  readonly threshold: number
  /** @default 'cosine' */
  readonly metric?: Metric | undefined
  /** Gets the pairs part by part, in order, and is awaited; nothing is kept then. @default none: all pairs are returned */
  readonly onPairs?: ((pairs: Pairs) => void | Promise<void>) | undefined
  /** Integer ≥ 1; the answer doesn't depend on it. @default logical cores, at most 8 */
  readonly threads?: number | undefined
  /** Arithmetic; the answer doesn't depend on it. @default the fastest here */
  readonly engine?: Engine | undefined
  readonly signal?: AbortSignal | undefined
}

/** Under it comparing all pairs takes less time than coding the rows. */
const codedFrom = 2048

/**
 * All pairs of rows that score at least `threshold`: exact, as by comparing every pair in float64.
 *
 * @param a - `Matrix`, finite; under cosine no zero row.
 * @param b - Rows to pair with those of `a`. @default none: pairs within `a`, each once, first < second
 * @returns The pairs, or with `onPairs` none of them but their `count` all the same.
 * @throws {InvalidArgumentError} when the threshold is not finite, or positive under `l2`.
 * @throws {InvalidVectorError} for NaN, an infinity, or under cosine a zero row (names it).
 * @throws {PassportMismatchError} when two models made the matrices.
 *
 * Cost: a coded product over the first dimensions of each pair, the fewer the higher the threshold; memory for the codes
 * of one side and the pairs of 512 rows at a time.
 */
export async function similarityJoin(
  a: Matrix,
  b: Matrix | undefined,
  options: JoinOptions,
): Promise<Pairs & { readonly count: number }> {
  const { threshold, metric = 'cosine', onPairs } = options
  assertMetric(metric)
  if (!Number.isFinite(threshold) || (metric === 'l2' && threshold > 0))
    throw new InvalidArgumentError('options.threshold', metric === 'l2' ? 'a number ≤ 0' : 'a finite number', threshold)
  const rows = b ?? a
  assertComparable(a, rows)
  const ofA = checkedNorms(a, metric)
  const norms = { a: ofA, b: b === undefined ? ofA : checkedNorms(b, metric) }
  const kept: Pairs[] = []
  let count = 0
  const emit = async (pairs: Pairs) => {
    options.signal?.throwIfAborted()
    if (pairs.first.length === 0) return
    count += pairs.first.length
    if (onPairs === undefined) kept.push(pairs)
    else await onPairs(pairs)
  }
  const score = (i: number, j: number) => scorePair(metric, a, i, norms.a, rows, j, norms.b)
  // Equal scores must be judged by the score that is ranked and not by its rounded root.
  const least = metric === 'l2' ? -(threshold * threshold) : threshold
  const engine = options.engine ?? bestEngine()
  const join = { a, rows, self: b === undefined, norms, least, score, emit, metric }
  if (engine === 'typescript' || rows.rows < codedFrom) await joinAll(join)
  else await joinCoded(join, { threshold, engine, threads: options.threads ?? defaultThreads() })
  return { ...concatenate(kept), count }
}

/** Squared lengths, which only the cosine asks for; none for the others. */
function checkedNorms(matrix: Matrix, metric: Metric): Float64Array {
  assertFinite(matrix)
  if (metric !== 'cosine') return new Float64Array(0)
  const norms = squaredNorms(matrix)
  assertNonZero(norms, 'vectors')
  return norms
}

interface Join {
  readonly a: Matrix
  readonly rows: Matrix
  readonly self: boolean
  readonly norms: { readonly a: Float64Array; readonly b: Float64Array }
  readonly least: number
  readonly metric: Metric
  score(i: number, j: number): number
  emit(pairs: Pairs): Promise<void>
}

/** The specification. */
async function joinAll(join: Join): Promise<void> {
  for (let i = 0; i < join.a.rows; i++) {
    const found = new PairList()
    pairRow(join, i, found)
    await join.emit(found.sorted(join.metric))
  }
}

function pairRow(join: Join, i: number, found: PairList): void {
  for (let j = join.self ? i + 1 : 0; j < join.rows.rows; j++) {
    const score = join.score(i, j)
    if (score >= join.least) found.push(i, j, score)
  }
}

async function joinCoded(join: Join, options: { threshold: number; engine: Engine; threads: number }): Promise<void> {
  const { a, rows, self, norms, metric } = join
  const scanner = await PairScanner.create(rows, { ...options, metric, self })
  try {
    const threshold = scanner.threshold(options.threshold)
    const { arena, coder } = scanner.codes
    const queries = arena.alloc((queriesPerGroup + 1) * coder.layout.queryBytes)
    scanner.thresholds.fill(threshold)
    const thresholds = new Float32Array(queriesPerGroup).fill(threshold)
    for (let start = 0; start < a.rows; start += queriesPerGroup) {
      const size = Math.min(queriesPerGroup, a.rows - start)
      const found = new PairList()
      const part = { first: start, count: size, at: queries, isSelf: self }
      const fitting = await scanner.encodeQueries(a, norms.a, (place) => place, part)
      const allFit = fitting.length === size
      const group = {
        queries,
        count: fitting.length,
        self: self && allFit ? start : -1,
        from: self ? start : 0,
        thresholds: thresholds.subarray(0, fitting.length),
      }
      await scanner.scan(group, ({ count, integers }) => {
        for (let p = 0; p < count; p++) {
          const i = start + fitting[integers[p * 4]!]!
          const j = integers[p * 4 + 1]!
          if (self && j <= i) continue
          const score = join.score(i, j)
          if (score >= join.least) found.push(i, j, score)
        }
      })
      if (!allFit) {
        const fits = new Set(fitting)
        for (let i = 0; i < size; i++) if (!fits.has(i)) pairRow(join, start + i, found)
      }
      await join.emit(found.sorted(metric))
    }
  } finally {
    scanner.close()
  }
}

function scorePair(
  metric: Metric,
  a: Matrix,
  i: number,
  aNorms: Float64Array,
  b: Matrix,
  j: number,
  bNorms: Float64Array,
): number {
  const { columns } = a
  if (metric === 'l2') return 0 - squaredDistance(a.data, i * columns, b.data, j * columns, columns)
  const product = dot(a.data, i * columns, b.data, j * columns, columns)
  return metric === 'ip' ? product : cosineOf(product, aNorms[i]!, bNorms[j]!)
}

/** Pairs of one group, in any order until sorted. */
class PairList {
  private readonly first: number[] = []
  private readonly second: number[] = []
  private readonly scores: number[] = []

  push(i: number, j: number, score: number): void {
    this.first.push(i)
    this.second.push(j)
    this.scores.push(score)
  }

  sorted(metric: Metric): Pairs {
    const { first, second, scores } = this
    const order = Uint32Array.from(first, (_, p) => p)
    order.sort((p, q) => first[p]! - first[q]! || second[p]! - second[q]!)
    return {
      first: Int32Array.from(order, (p) => first[p]!),
      second: Int32Array.from(order, (p) => second[p]!),
      scores: Float32Array.from(order, (p) => shownScore(metric, scores[p]!)),
    }
  }
}

function concatenate(parts: readonly Pairs[]): Pairs {
  const length = parts.reduce((sum, part) => sum + part.first.length, 0)
  const all = { first: new Int32Array(length), second: new Int32Array(length), scores: new Float32Array(length) }
  let at = 0
  for (const part of parts) {
    all.first.set(part.first, at)
    all.second.set(part.second, at)
    all.scores.set(part.scores, at)
    at += part.first.length
  }
  return all
}
