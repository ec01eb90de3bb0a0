import type { Matrix } from '../spec/matrix.ts'
import type { Basis } from './exact-basis.ts'
import { longestCoded, RowCoder } from './exact-codes.ts'
import { dot } from './metric.ts'
import type { Arena } from './wasm/arena.ts'
import type { Pool } from './wasm/pool.ts'

/** Consecutive ids whose codes lie together. */
export interface Segment {
  readonly firstId: number
  readonly capacity: number
  readonly blocks: number
  readonly rowCodes: number
  rows: number
}

export interface SearchKernel {
  searchMany(
    plan: number,
    queries: number,
    queryBytes: number,
    from: number,
    to: number,
    scratch: number,
    out: number,
    outBytes: number,
  ): void
  rotate(rows: number, basis: number, out: number, count: number, width: number): void
}

/** Rows turned at once; one call of a thread turns a part of them. */
const turnedAtOnce = 4096
const turnedPerCall = 256
/** Of the kernel: floats of a sample, and pairs of integers waiting for refinement. */
const mostSamples = 2048
const mostWaiting = 64

/** The codes of all rows in kernel memory, and the search over them. */
export class CodeStore {
  readonly coder: RowCoder
  readonly segments: Segment[] = []
  rows = 0
  private readonly arena: Arena
  private readonly pool: Pool
  private readonly kernelName: string
  private readonly axes: number
  private readonly turning: { from: number; to: number }

  constructor(basis: Basis, arena: Arena, pool: Pool, kernelName: string) {
    this.coder = new RowCoder(basis)
    this.arena = arena
    this.pool = pool
    this.kernelName = kernelName
    const { width } = basis
    this.axes = arena.alloc(basis.axes === undefined ? 0 : width * width * 4)
    if (basis.axes !== undefined) arena.float32(this.axes, width * width).set(basis.axes)
    this.turning = { from: arena.alloc(turnedAtOnce * width * 4), to: arena.alloc(turnedAtOnce * width * 4) }
  }

  /** Bytes of codes a row takes. */
  get bytesPerRow(): number {
    return this.coder.layout.blockBytes / 16 + this.coder.layout.rowBytes
  }

  /** Make room for `rows` more in one segment. */
  reserve(rows: number): Segment {
    const { blockBytes, rowBytes } = this.coder.layout
    const capacity = Math.ceil(rows / 16) * 16
    const segment: Segment = {
      firstId: this.rows,
      capacity,
      blocks: this.arena.alloc((capacity / 16) * blockBytes),
      rowCodes: this.arena.alloc(capacity * rowBytes),
      rows: 0,
    }
    this.segments.push(segment)
    return segment
  }

  /** Code rows as the next ids. @param atLeast - Size of a new segment, where one is needed. */
  async append(rows: Matrix, atLeast: number): Promise<void> {
    for (let start = 0; start < rows.rows; ) {
      let segment = this.segments.at(-1)
      if (segment === undefined || segment.rows === segment.capacity)
        segment = this.reserve(Math.max(atLeast, rows.rows - start))
      const count = Math.min(turnedAtOnce, rows.rows - start, segment.capacity - segment.rows)
      await this.encode(rows, start, count, segment)
      start += count
    }
  }

  private async encode(rows: Matrix, start: number, count: number, segment: Segment): Promise<void> {
    const { arena, coder } = this
    const { basis, layout } = coder
    const { width, columns, mean } = basis
    const from = arena.float32(this.turning.from, count * width)
    from.fill(0)
    const tooLong = new Uint8Array(count)
    for (let i = 0; i < count; i++) {
      const at = (start + i) * columns
      const norm = Math.sqrt(dot(rows.data, at, rows.data, at, columns))
      const scale = basis.metric === 'cosine' ? 1 / norm : basis.unit
      if (norm * scale > longestCoded) tooLong[i] = 1
      else for (let j = 0; j < columns; j++) from[i * width + j] = rows.data[at + j]! * scale - mean[j]!
    }
    const turned = basis.axes === undefined ? this.turning.from : this.turning.to
    if (basis.axes !== undefined) {
      const calls: number[][] = []
      for (let i = 0; i < count; i += turnedPerCall) {
        const part = Math.ceil(Math.min(turnedPerCall, count - i) / 4) * 4
        const offset = i * width * 4
        calls.push([this.turning.from + offset, this.axes, this.turning.to + offset, part, width])
      }
      await this.pool.run(this.kernelName, 'rotate', calls)
    }
    const z = arena.float32(turned, count * width)
    const { buffer } = arena.memory
    for (let i = 0; i < count; i++) {
      const local = segment.rows
      const block = segment.blocks + (local >> 4) * layout.blockBytes
      const row = segment.rowCodes + local * layout.rowBytes
      if (tooLong[i] === 1) coder.encodeUnbounded(buffer, block, local & 15, row)
      else coder.encode(z, i * width, buffer, block, local & 15, row)
      segment.rows++
      this.rows++
    }
  }

  /**
   * For each query the ids that may be in its top k (all that are, and a few more), ascending;
   * undefined where they were too many to hold, or the query doesn't fit the codes.
   *
   * @param prepared - Queries prepared like rows, in float64.
   */
  async candidates(
    kernel: SearchKernel,
    prepared: readonly Float64Array[],
    options: { topK: number; allowed: Uint8Array | undefined; excluded: ArrayLike<number> },
  ): Promise<(Int32Array | undefined)[]> {
    const { arena, coder } = this
    const { basis, layout } = coder
    const { topK } = options
    const mark = arena.mark()
    const capacity = Math.max(2048, 16 * topK)
    const outBytes = 4 + capacity * 4
    const positions = this.segments.reduce((sum, segment) => sum + Math.ceil(segment.rows / 16) * 16, 0)
    const scratchBytes = positions * 8 + capacity * 8 + (topK + mostSamples + 2 * mostWaiting) * 4
    const pairs = Math.ceil(prepared.length / 2)
    const threads = Math.min(this.pool.threads, pairs)
    const plan = arena.alloc(64)
    const table = arena.alloc(this.segments.length * 32)
    const queries = arena.alloc(prepared.length * layout.queryBytes)
    const allowed = options.allowed === undefined ? 0 : arena.alloc(options.allowed.length)
    const scratches = Array.from({ length: threads }, () => arena.alloc(scratchBytes))
    const out = arena.alloc(prepared.length * outBytes)
    try {
      const { buffer } = arena.memory
      if (options.allowed !== undefined) arena.uint8(allowed, options.allowed.length).set(options.allowed)
      let position = 0
      this.segments.forEach((segment, s) => {
        const { rows, firstId, blocks, rowCodes } = segment
        arena.int32(table + s * 32, 5).set([rows, firstId, blocks, rowCodes, position])
        position += Math.ceil(rows / 16) * 16
      })
      const { head, nibbles, metric, width, split } = basis
      const bias = metric === 'l2' ? 1 : 0
      arena
        .int32(plan, 11)
        .set([
          table,
          this.segments.length,
          head / (nibbles ? 8 : 4),
          nibbles ? 1 : 0,
          bias,
          width,
          split,
          positions,
          topK,
          capacity,
          allowed,
        ])
      const slots: number[] = []
      prepared.forEach((query, i) => {
        const at = queries + slots.length * layout.queryBytes
        if (coder.encodeQuery(query, buffer, at, options.excluded[i] ?? -1)) slots.push(i)
      })
      const perThread = 2 * Math.ceil(slots.length / 2 / threads)
      const calls = scratches.map((scratch, t) => {
        const from = Math.min(slots.length, t * perThread)
        const to = Math.min(slots.length, from + perThread)
        return [plan, queries, layout.queryBytes, from, to, scratch, out, outBytes] as const
      })
      if (threads > 1) await this.pool.run(this.kernelName, 'searchMany', calls)
      else for (const call of calls) kernel.searchMany(...call)
      const found: (Int32Array | undefined)[] = prepared.map(() => undefined)
      slots.forEach((query, slot) => {
        const count = arena.int32(out + slot * outBytes, 1)[0]!
        if (count >= 0)
          found[query] = arena
            .int32(out + slot * outBytes + 4, count)
            .slice()
            .sort()
      })
      return found
    } finally {
      arena.release(mark)
    }
  }
}
