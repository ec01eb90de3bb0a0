import { assertFinite, type Matrix } from '../spec/matrix.ts'
import { BestList } from './best-list.ts'
import { assertTopK, emptyNearest, type Nearest } from './compare.ts'
import { createIndex } from './exact-index.ts'
import { gather, PairScanner, queriesPerGroup } from './exact-pairs.ts'
import { EdgeCollector } from './graph-edges.ts'
import { assertMetric, assertNonZero, type Metric, shownScore, squaredNorms } from './metric.ts'
import { Arena } from './wasm/arena.ts'
import { bestEngine, type Engine } from './wasm/features.ts'
import { loadKernel } from './wasm/load.ts'
import { defaultThreads } from './wasm/pool.ts'

export interface KnnGraphOptions {
  /** Neighbours a row, integer ≥ 1. @default 15 */
  readonly k?: number | undefined
  /** @default 'cosine' */
  readonly metric?: Metric | undefined
  /** Integer ≥ 1; the answer doesn't depend on it. @default logical cores, at most 8 */
  readonly threads?: number | undefined
  /** Arithmetic; the answer doesn't depend on it. @default the fastest here */
  readonly engine?: Engine | undefined
  readonly signal?: AbortSignal | undefined
}

/** Under it comparing all pairs takes less time than coding the rows. */
const codedFrom = 2048

/**
 * The `k` nearest other rows of each row: exact, with ties by the smaller id, itself left out (an equal row is not itself).
 *
 * @param matrix - Finite; under cosine no zero row.
 * @returns `ids` and `scores`, `rows × k`, best first; id −1 and score NaN where there are fewer than k others.
 * @throws {InvalidVectorError} for NaN, an infinity, or under cosine a zero row (names it).
 * @throws {InvalidArgumentError} when `k`, `metric` or `threads` is not what it must be.
 *
 * Cost: a coded product over the first dimensions of each pair of rows, once for both; about 2 kB a row while it runs.
 */
export async function knnGraph(matrix: Matrix, options: KnnGraphOptions = {}): Promise<Nearest> {
  const { k = 15, metric = 'cosine', threads = defaultThreads(), signal } = options
  const engine = options.engine ?? bestEngine()
  assertTopK(k)
  assertMetric(metric)
  assertFinite(matrix)
  if (metric === 'cosine') assertNonZero(squaredNorms(matrix), 'vectors')
  const pairsPay = engine !== 'typescript' && matrix.rows >= codedFrom && k <= matrix.rows >> 6
  const graph = pairsPay ? await byPairs(matrix, { k, metric, threads, engine, signal }) : undefined
  return graph ?? byRows(matrix, { k, metric, threads, engine, signal })
}

interface Settled {
  readonly k: number
  readonly metric: Metric
  readonly threads: number
  readonly engine: Engine
  readonly signal: AbortSignal | undefined
}

async function byRows(matrix: Matrix, { k, metric, threads, engine, signal }: Settled): Promise<Nearest> {
  const index = await createIndex(matrix, { metric, threads, engine })
  const graph = emptyNearest(matrix.rows, k)
  const { columns, data } = matrix
  for (let start = 0; start < matrix.rows; start += queriesPerGroup) {
    signal?.throwIfAborted()
    const rows = Math.min(queriesPerGroup, matrix.rows - start)
    const queries = { data: data.subarray(start * columns, (start + rows) * columns), rows, columns }
    const exclude = Int32Array.from({ length: rows }, (_, i) => start + i)
    const found = await index.search(queries, { topK: k, exclude })
    graph.ids.set(found.ids, start * k)
    graph.scores.set(found.scores, start * k)
  }
  index.close()
  return graph
}

/** Undefined where bounds rule too little out: numbers beyond the codes, or ties without end. */
async function byPairs(matrix: Matrix, options: Settled): Promise<Nearest | undefined> {
  const { k, signal } = options
  const { rows } = matrix
  const norms = squaredNorms(matrix)
  const order = await likeBesideLike(matrix, options.engine)
  const scanner = await PairScanner.create(matrix, { ...options, order, self: true })
  try {
    const { arena, coder } = scanner.codes
    const { queryBytes } = coder.layout
    const queries = arena.alloc((rows + 1) * queryBytes)
    for (let start = 0; start < rows; start += queriesPerGroup) {
      const size = Math.min(queriesPerGroup, rows - start)
      const part = { first: start, count: size, at: queries + start * queryBytes, isSelf: true }
      const fitting = await scanner.encodeQueries(matrix, norms, (place) => order[place]!, part)
      if (fitting.length < size) return undefined
    }
    await firstThresholds(scanner, queries, k)
    const search = new EdgeCollector(scanner, k)
    for (let start = 0; start < rows; start += queriesPerGroup) {
      signal?.throwIfAborted()
      const count = Math.min(queriesPerGroup, rows - start)
      const thresholds = scanner.thresholds.slice(start, start + count)
      const group = { queries: queries + start * queryBytes, count, self: start, from: start, thresholds }
      await scanner.scan(group, (pairs) => search.take(pairs, start))
      if (!search.fits()) return undefined
    }
    return await rankExactly(matrix, norms, k, order, scanner, search)
  } finally {
    scanner.close()
  }
}

/** Rows in groups of the same nearest pivot, so that a row's neighbours tend to stand near it. */
async function likeBesideLike(matrix: Matrix, engine: Engine): Promise<Int32Array> {
  const { rows, columns } = matrix
  const count = Math.max(2, Math.round(Math.sqrt(rows) / 2))
  const pivots = gather(
    matrix,
    Int32Array.from({ length: count }, (_, i) => Math.floor((i * rows) / count)),
  )
  if (engine === 'typescript') return Int32Array.from({ length: rows }, (_, i) => i)
  const arena = new Arena()
  const at = arena.alloc(count * columns * 4)
  const query = arena.alloc(columns * 4)
  const scores = arena.alloc(count * 4)
  const kernel = await loadKernel<{
    dotRows(matrix: number, query: number, scores: number, rows: number, columns: number): void
  }>('dot', arena.memory)
  arena.float32(at, count * columns).set(pivots.data)
  const half = squaredNorms(pivots).map((norm) => norm / 2)
  const queryView = arena.float32(query, columns)
  const scoreView = arena.float32(scores, count)
  const group = new Uint32Array(rows)
  for (let i = 0; i < rows; i++) {
    queryView.set(matrix.data.subarray(i * columns, (i + 1) * columns))
    kernel.dotRows(at, query, scores, count, columns)
    let best = 0
    for (let p = 1; p < count; p++) if (scoreView[p]! - half[p]! > scoreView[best]! - half[best]!) best = p
    group[i] = best
  }
  return Int32Array.from({ length: rows }, (_, i) => i).sort((a, b) => group[a]! - group[b]! || a - b)
}

/** For each place the k-th best lower bound among the 1,024 places around it: a threshold to begin with. */
async function firstThresholds(scanner: PairScanner, queries: number, k: number): Promise<void> {
  const { codes } = scanner
  const { arena, pool } = codes
  const { blockBytes, rowBytes, queryBytes } = codes.coder.layout
  const segment = codes.segments[0]!
  const around = 1024
  const perCall = 256
  const perWave = 16
  const window = (start: number) => {
    const from = Math.max(0, Math.min(start - (around >> 1), codes.rows - around)) & ~15
    return {
      firstId: from,
      capacity: around,
      rows: Math.min(around, codes.rows - from),
      blocks: segment.blocks + (from >> 4) * blockBytes,
      rowCodes: segment.rowCodes + from * rowBytes,
    }
  }
  for (let wave = 0; wave < codes.rows; wave += perWave * perCall) {
    const mark = arena.mark()
    const calls: { call: number[]; start: number; count: number; out: number; outBytes: number }[] = []
    for (let start = wave; start < Math.min(codes.rows, wave + perWave * perCall); start += perCall) {
      const count = Math.min(perCall, codes.rows - start)
      const plan = codes.plan([window(start)], {
        topK: k,
        capacity: 8 * k + 64,
        allowed: 0,
        queries: count,
      })
      const out = arena.alloc((count + 1) * plan.outBytes)
      const scratch = arena.alloc(plan.scratchBytes)
      const at = queries + start * queryBytes
      calls.push({
        call: [plan.at, at, queryBytes, 0, count, scratch, out, plan.outBytes],
        start,
        count,
        out,
        outBytes: plan.outBytes,
      })
      for (let i = 0; i < count; i++) arena.int32(at + i * queryBytes + 52, 1)[0] = start + i
    }
    await pool.run(
      codes.kernelName,
      'searchMany',
      calls.map(({ call }) => call),
    )
    const { thresholds } = scanner
    for (const { start, count, out, outBytes } of calls)
      for (let i = 0; i < count; i++) thresholds[start + i] = arena.float32(out + i * outBytes + 4, 1)[0]!
    arena.release(mark)
  }
}

/** The graph from the possible pairs, the exact score of each found once for both its ends. */
async function rankExactly(
  matrix: Matrix,
  norms: Float64Array,
  k: number,
  order: Int32Array,
  scanner: PairScanner,
  search: EdgeCollector,
): Promise<Nearest> {
  const places = search.places()
  const scores = await scanner.exactScores(matrix, norms, order, places)
  const { starts, pairs } = search.candidates()
  const graph = emptyNearest(matrix.rows, k)
  const best = new BestList(k)
  for (let place = 0; place < matrix.rows; place++) {
    for (let at = starts[place]!; at < starts[place + 1]!; at++) {
      const pair = pairs[at]!
      const other = places[pair * 2] === place ? places[pair * 2 + 1]! : places[pair * 2]!
      best.offer(scores[pair]!, order[other]!)
    }
    const row = order[place]!
    const found = best.drain()
    graph.ids.set(found.ids, row * k)
    for (let rank = 0; rank < found.scores.length; rank++)
      graph.scores[row * k + rank] = shownScore(scanner.metric, found.scores[rank]!)
  }
  return graph
}
