import type { Matrix } from '../spec/matrix.ts'
import type { Basis } from './exact-basis.ts'
import type { Coder } from './exact-codes.ts'
import { codedAtOnce, Encoder } from './exact-encoder.ts'
import type { Arena } from './wasm/arena.ts'
import { type Engine, features } from './wasm/features.ts'
import { loadKernel } from './wasm/load.ts'
import type { Pool } from './wasm/pool.ts'

/** Consecutive ids whose codes lie together. */
export interface Segment {
  readonly firstId: number
  readonly capacity: number
  readonly blocks: number
  readonly rowCodes: number
  rows: number
}

interface SearchKernel {
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
}

/** Queries that pass a chunk of rows while it is in the cache; each holds a float32 bound of every row meanwhile. */
const mostQueriesInTurn = 32
const mostBounds = 2 ** 24
/** Of the kernel: floats of a sample, and rows (16 bytes each) waiting for refinement. */
const mostSamples = 2048
const mostWaiting = 64
/** Blocks that the kernel unpacks at once. */
const chunkBlocks = 48

/** The codes of all rows in kernel memory, and the search over them. */
export class CodeStore {
  readonly encoder: Encoder
  readonly segments: Segment[] = []
  rows = 0
  readonly arena: Arena
  readonly pool: Pool
  readonly kernelName: string
  private readonly kernel: SearchKernel
  private readonly fusedDot: boolean

  private constructor(
    encoder: Encoder,
    arena: Arena,
    pool: Pool,
    kernelName: string,
    kernel: SearchKernel,
    fusedDot: boolean,
  ) {
    this.encoder = encoder
    this.arena = arena
    this.pool = pool
    this.kernelName = kernelName
    this.kernel = kernel
    this.fusedDot = fusedDot
  }

  /** @param fusedDot - Scan as suits a processor with that feature; the answer is the same. @default what this one has */
  static async create(
    basis: Basis,
    arena: Arena,
    pool: Pool,
    engine: Engine,
    fusedDot = features().fusedDot,
  ): Promise<CodeStore> {
    const name = engine === 'relaxed' ? 'search.relaxed' : 'search'
    const encoder = await Encoder.create(basis, arena, pool, name)
    return new CodeStore(encoder, arena, pool, name, await loadKernel<SearchKernel>(name, arena.memory), fusedDot)
  }

  get coder(): Coder {
    return this.encoder.coder
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

  /** The bytes of a segment's codes, as views. */
  bytesOf(segment: Segment): { blocks: Uint8Array; rowCodes: Uint8Array } {
    const { blockBytes, rowBytes } = this.coder.layout
    return {
      blocks: this.arena.uint8(segment.blocks, Math.ceil(segment.rows / 16) * blockBytes),
      rowCodes: this.arena.uint8(segment.rowCodes, segment.rows * rowBytes),
    }
  }

  /** Put back a segment of `rows` as `bytesOf` gave it. */
  restore(rows: number, saved: { readonly blocks: Uint8Array; readonly rowCodes: Uint8Array }): void {
    const segment = this.reserve(rows)
    segment.rows = rows
    this.rows += rows
    const { blocks, rowCodes } = this.bytesOf(segment)
    blocks.set(saved.blocks)
    rowCodes.set(saved.rowCodes)
  }

  /** Code rows as the next ids. @param atLeast - Size of a new segment, where one is needed. */
  async append(rows: Matrix, atLeast: number): Promise<void> {
    for (let start = 0; start < rows.rows; ) {
      let segment = this.segments.at(-1)
      if (segment === undefined || segment.rows === segment.capacity)
        segment = this.reserve(Math.max(atLeast, rows.rows - start))
      const count = Math.min(codedAtOnce, rows.rows - start, segment.capacity - segment.rows)
      const { blocks, rowCodes, rows: local } = segment
      await this.encoder.encodeRows(rows, start, count, { blocks, rowCodes, local }, this.rows)
      segment.rows += count
      this.rows += count
      start += count
    }
  }

  /** Write the plan of a search over `segments` into the arena; released with the rest of it by the caller. */
  plan(
    segments: readonly Segment[],
    options: { topK: number; capacity: number; allowed: number; queries: number },
  ): Plan {
    const { arena } = this
    const { nibbles, metric, width, head } = this.coder.basis
    const at = arena.alloc(64)
    const table = arena.alloc(segments.length * 32)
    let positions = 0
    segments.forEach((segment, s) => {
      const { rows, firstId, blocks, rowCodes } = segment
      arena.int32(table + s * 32, 5).set([rows, firstId, blocks, rowCodes, positions])
      positions += Math.ceil(rows / 16) * 16
    })
    const { units } = this.coder.layout
    const inTurn = Math.max(2, Math.min(mostQueriesInTurn, Math.floor(mostBounds / positions)))
    const group = Math.min(inTurn, options.queries)
    const flags = [nibbles ? 1 : 0, metric === 'l2' ? 1 : 0, width, head]
    const { topK, capacity, allowed } = options
    const search = [positions, topK, capacity, allowed, group, this.fusedDot ? 1 : 0]
    arena.int32(at, 13).set([table, segments.length, units, ...flags, ...search])
    const floats = group * positions + 2 * capacity + topK + mostSamples + 4 * mostWaiting
    const unpackedBytes = nibbles ? chunkBlocks * (2 * this.coder.layout.units * 64 + 160) : 0
    return { at, scratchBytes: floats * 4 + unpackedBytes, outBytes: 8 + capacity * 4 }
  }

  /**
   * For each query the ids that may be in its top k (all that are, and a few more), ascending;
   * undefined where they were too many to hold, or the query doesn't fit the codes.
   */
  async candidates(
    prepared: readonly Float64Array[],
    options: { topK: number; allowed: Uint8Array | undefined; excluded: ArrayLike<number> },
  ): Promise<(Int32Array | undefined)[]> {
    const { arena, pool } = this
    const { queryBytes } = this.coder.layout
    const { topK, allowed } = options
    const mark = arena.mark()
    try {
      const threads = Math.min(pool.threads, Math.ceil(prepared.length / 2))
      const allowedAt = allowed === undefined ? 0 : arena.alloc(allowed.length)
      if (allowed !== undefined) arena.uint8(allowedAt, allowed.length).set(allowed)
      const capacity = Math.max(2048, 16 * topK)
      const plan = this.plan(this.segments, { topK, capacity, allowed: allowedAt, queries: prepared.length })
      const queries = arena.alloc(prepared.length * queryBytes)
      const out = arena.alloc(prepared.length * plan.outBytes)
      const scratches = Array.from({ length: threads }, () => arena.alloc(plan.scratchBytes))
      const fitting = await this.encoder.encodeQueries(prepared, queries, options.excluded)
      const perThread = 2 * Math.ceil(fitting.length / 2 / threads)
      const calls = scratches.map((scratch, t) => {
        const from = Math.min(fitting.length, t * perThread)
        const to = Math.min(fitting.length, from + perThread)
        return [plan.at, queries, queryBytes, from, to, scratch, out, plan.outBytes] as const
      })
      if (threads > 1) await pool.run(this.kernelName, 'searchMany', calls)
      else for (const call of calls) this.kernel.searchMany(...call)
      const found: (Int32Array | undefined)[] = prepared.map(() => undefined)
      fitting.forEach((query, slot) => {
        const at = out + slot * plan.outBytes
        const count = arena.int32(at, 1)[0]!
        if (count >= 0)
          found[query] = arena
            .int32(at + 8, count)
            .slice()
            .sort()
      })
      return found
    } finally {
      arena.release(mark)
    }
  }
}

/** Where a plan lies, and the bytes its searches need for work and for each query's answer. */
export interface Plan {
  readonly at: number
  readonly scratchBytes: number
  readonly outBytes: number
}
