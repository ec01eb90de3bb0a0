import { createMatrix, type Matrix } from '../spec/matrix.ts'
import { sampleIds, trainBasis } from './exact-basis.ts'
import { CodeStore } from './exact-codes-store.ts'
import { cosineOf, type Metric, squaredNorms } from './metric.ts'
import { Arena } from './wasm/arena.ts'
import type { Engine } from './wasm/features.ts'
import { Pool } from './wasm/pool.ts'

/** Pairs that may reach a threshold: places of query and row, and bounds of their score S. */
export interface PossiblePairs {
  readonly count: number
  /** Of each pair: place of the query within its group, place of the row, then the bounds as float32 bits. */
  readonly integers: Int32Array
  readonly floats: Float32Array
}

/** Rows coded at once, and queries of a group. */
const rowsAtOnce = 4096
export const queriesPerGroup = 512
/** Of a pair, as `trainBasis` counts: few pairs are left, so the sample says little of how many. */
const refineCost = 12_000
/** A scan is cut into at most so many calls, of whole tiles: enough that no thread waits long for the last. */
const mostCalls = 64
/** Pairs that a call of a thread scores exactly. */
const exactPerCall = 4096
const tileRows = 512
const pairsPerCall = 65536
/** Rows whose turned values are kept (4 bytes a dimension) rather than turned again as queries. */
const mostKept = 250_000
/** Four floats for each row of the kernel's tile, the least thresholds of its blocks, the pairs that wait, and 16 bounds. */
const scratchPerCall = 4 * 256 * 4 + 16 * 4 + 64 * 16 + 64

/**
 * Codes of a matrix for scans of all pairs. What pairs are compared by is the same from both sides: S = x·y of the scaled
 * rows (`ip`), their cosine, or −‖x − y‖²/2 (`l2`).
 */
export class PairScanner {
  readonly metric: Metric
  readonly codes: CodeStore
  private readonly arena: Arena
  private readonly pool: Pool
  private readonly rowThresholds: number
  private readonly queryThresholds: number
  private readonly scratch: number
  private readonly out: number
  private readonly plan: number
  /** Rows a call of a thread scans. */
  private readonly rowsPerCall: number

  private constructor(codes: CodeStore, capacity: number) {
    const { arena } = codes
    this.metric = codes.coder.basis.metric
    this.codes = codes
    this.arena = arena
    this.pool = codes.pool
    this.rowThresholds = arena.alloc((codes.rows + 16) * 4)
    this.queryThresholds = arena.alloc((queriesPerGroup + 1) * 4)
    this.rowsPerCall = tileRows * Math.ceil(codes.rows / mostCalls / tileRows)
    const calls = Math.ceil(codes.rows / this.rowsPerCall)
    this.scratch = arena.alloc(calls * scratchPerCall)
    this.out = arena.alloc(calls * capacity * 16)
    this.plan = codes.plan(codes.segments, { topK: 0, capacity: 0, allowed: 0, queries: 1 }).at
  }

  /** @param order - Places of the rows in the codes: row `order[p]` stands at place p. @default as they are */
  static async create(
    matrix: Matrix,
    options: { metric: Metric; engine: Engine; threads: number; order?: Int32Array; self: boolean; threshold?: number },
  ): Promise<PairScanner> {
    const { metric, engine, threads, order } = options
    const { rows, columns } = matrix
    const ids = sampleIds(rows)
    const sample = gather(matrix, ids)
    const unit = unitOf(sample, metric)
    scaleRows(sample, metric, unit)
    const threshold = options.threshold === undefined ? undefined : scaledThreshold(options.threshold, metric, unit)
    const basis = await trainBasis(sample, { ...options, rows, unit, nibbles: false, threshold, refineCost })
    const arena = new Arena({ shared: threads > 1 })
    const codes = await CodeStore.create(basis, arena, new Pool(arena, threads), engine)
    codes.reserve(rows)
    if (options.self && rows <= mostKept) codes.encoder.keepTurned(rows)
    for (let start = 0; start < rows; start += rowsAtOnce) {
      const count = Math.min(rowsAtOnce, rows - start)
      const block =
        order === undefined
          ? createMatrix(count, columns, matrix.data.subarray(start * columns, (start + count) * columns))
          : gather(matrix, order.subarray(start, start + count))
      await codes.append(block, rows)
    }
    return new PairScanner(codes, pairsPerCall)
  }

  /** Thresholds on S, one a place; a pair counts when it may reach the query's or the row's. */
  get thresholds(): Float32Array {
    return this.arena.float32(this.rowThresholds, this.codes.rows)
  }

  /** A threshold on scores as one on S, rounded down a little. */
  threshold(score: number): number {
    const scaled = scaledThreshold(score, this.metric, this.codes.coder.basis.unit)
    return Math.fround(scaled - 2e-6 * Math.abs(scaled) - 1e-30)
  }

  /**
   * Code `count` rows of a matrix as queries at `at`; returns which of them, the others don't fit the codes.
   *
   * @param rowAt - Row of the matrix at each place.
   * @param isSelf - The rows are those coded, place by place.
   */
  async encodeQueries(
    matrix: Matrix,
    squaredNorms: Float64Array,
    rowAt: (place: number) => number,
    group: { first: number; count: number; at: number; isSelf: boolean },
  ): Promise<number[]> {
    const { first, count, at, isSelf } = group
    const { encoder } = this.codes
    if (isSelf && encoder.rowsServeAsQueries) return encoder.encodeRowsAsQueries(first, count, at)
    const prepared = Array.from({ length: count }, (_, i) => {
      const row = rowAt(first + i)
      return this.prepare(matrix, row, squaredNorms[row]!)
    })
    return encoder.encodeQueries(prepared, at)
  }

  /** A row prepared as a query: unit length under cosine, otherwise scaled. */
  private prepare(matrix: Matrix, row: number, squaredNorm: number): Float64Array {
    const { columns, data } = matrix
    const scale = this.metric === 'cosine' ? 1 / Math.sqrt(squaredNorm) : this.codes.coder.basis.unit
    const prepared = new Float64Array(columns)
    for (let j = 0; j < columns; j++) prepared[j] = data[row * columns + j]! * scale
    return prepared
  }

  /**
   * Scan the rows from place `from` on for the coded queries at `queries`, at most `queriesPerGroup`.
   *
   * @param self - Place of the first query among the rows, where query i is row self + i and pairs count once; or −1.
   * @param visit - Gets the pairs part by part, in a fixed order whatever the number of threads.
   */
  async scan(
    group: { queries: number; count: number; self: number; from: number; thresholds: Float32Array },
    visit: (pairs: PossiblePairs) => void,
  ): Promise<void> {
    const { arena, codes, pool, rowsPerCall } = this
    arena.float32(this.queryThresholds, group.count).set(group.thresholds)
    const call = (queryFrom: number, queries: number, from: number, to: number, slot: number) => {
      const self = group.self < 0 ? -1 : group.self + queryFrom
      const { queryBytes } = codes.coder.layout
      const query = group.queries + queryFrom * queryBytes
      const thresholds = this.queryThresholds + queryFrom * 4
      const scratch = this.scratch + slot * scratchPerCall
      const out = this.out + slot * pairsPerCall * 16
      const places = [query, queryBytes, queries, self, from, to]
      return [this.plan, ...places, thresholds, this.rowThresholds, scratch, out, pairsPerCall]
    }
    const starts: number[] = []
    for (let from = group.from - (group.from % 16); from < codes.rows; from += rowsPerCall) starts.push(from)
    const end = (from: number) => Math.min(codes.rows, from + rowsPerCall)
    const counts = await pool.run(
      codes.kernelName,
      'pairs',
      starts.map((from, slot) => call(0, group.count, from, end(from), slot)),
    )
    for (const [slot, from] of starts.entries())
      if (counts[slot]! >= 0) visit(this.read(slot, counts[slot]!, 0))
      // More than fit: in pieces that cannot hold more.
      else
        for (let tile = from; tile < end(from); tile += tileRows)
          for (let query = 0; query < group.count; query += pairsPerCall / tileRows) {
            const queries = Math.min(pairsPerCall / tileRows, group.count - query)
            const piece = call(query, queries, tile, Math.min(end(from), tile + tileRows), slot)
            const [count] = await pool.run(codes.kernelName, 'pairs', [piece])
            visit(this.read(slot, count!, query))
          }
  }

  /**
   * What pairs are ranked by (`metric.ts`), in float64, for two places a pair.
   *
   * @param order - Row of the matrix at each place.
   */
  async exactScores(
    matrix: Matrix,
    squaredNorms: Float64Array,
    order: Int32Array,
    places: Int32Array,
  ): Promise<Float64Array> {
    const { arena, codes, metric, pool } = this
    const { columns } = matrix
    const count = places.length / 2
    const scores = new Float64Array(count)
    const score = (pair: number, product: number) => {
      const norm = (end: number) => squaredNorms[order[places[pair * 2 + end]!]!]!
      scores[pair] = metric === 'l2' ? 0 - product : metric === 'ip' ? product : cosineOf(product, norm(0), norm(1))
    }
    const mark = arena.mark()
    const rows = arena.alloc(order.length * columns * 4)
    arena.float32(rows, order.length * columns).set(gather(matrix, order).data)
    const pairs = arena.alloc(exactPerCall * mostCalls * 8)
    const out = arena.alloc(exactPerCall * mostCalls * 8)
    for (let start = 0; start < count; start += exactPerCall * mostCalls) {
      const size = Math.min(exactPerCall * mostCalls, count - start)
      const part = arena.int32(pairs, Math.ceil(size / 4) * 8)
      part.fill(0, size * 2)
      part.set(places.subarray(start * 2, (start + size) * 2))
      const calls: number[][] = []
      for (let from = 0; from < size; from += exactPerCall) {
        const to = Math.min(from + exactPerCall, part.length / 2)
        calls.push([rows, columns, pairs, from, to, metric === 'l2' ? 1 : 0, out])
      }
      await pool.run(codes.kernelName, 'pairProducts', calls)
      const products = new Float64Array(arena.memory.buffer, out, size)
      for (let i = 0; i < size; i++) score(start + i, products[i]!)
    }
    arena.release(mark)
    return scores
  }

  private read(slot: number, count: number, queryFrom: number): PossiblePairs {
    const at = this.out + slot * pairsPerCall * 16
    const integers = this.arena.int32(at, count * 4)
    if (queryFrom > 0) for (let i = 0; i < count; i++) integers[i * 4]! += queryFrom
    return { count, integers, floats: this.arena.float32(at, count * 4) }
  }

  close(): void {
    this.pool.close()
  }
}

export function gather(matrix: Matrix, ids: Int32Array): Matrix {
  const { columns, data } = matrix
  const out = createMatrix(ids.length, columns)
  ids.forEach((id, i) => {
    out.data.set(data.subarray(id * columns, (id + 1) * columns), i * columns)
  })
  return out
}

/** Power of two that brings the longest of the rows near length 1. */
export function unitOf(sample: Matrix, metric: Metric): number {
  let longest = 0
  for (const norm of squaredNorms(sample)) longest = Math.max(longest, norm)
  return metric === 'cosine' || longest === 0 ? 1 : 2 ** -Math.round(Math.log2(longest) / 2)
}

/** Prepare rows in place: unit length under cosine, otherwise scaled. */
export function scaleRows(rows: Matrix, metric: Metric, unit: number): void {
  const { columns, data } = rows
  const norms = squaredNorms(rows)
  for (let i = 0; i < rows.rows; i++) {
    const scale = metric === 'cosine' ? 1 / Math.sqrt(norms[i]!) : unit
    for (let j = 0; j < columns; j++) data[i * columns + j]! *= scale
  }
}

function scaledThreshold(score: number, metric: Metric, unit: number): number {
  if (metric === 'cosine') return score
  return metric === 'ip' ? score * unit * unit : score >= 0 ? 0 : -((score * unit) ** 2) / 2
}
