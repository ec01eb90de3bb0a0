import type { Matrix } from '../spec/matrix.ts'
import { type Basis, basisPanels } from './exact-basis.ts'
import { type Aim, Coder, isAimable, longestCoded } from './exact-codes.ts'
import type { Arena } from './wasm/arena.ts'
import type { Engine } from './wasm/features.ts'
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
  centreRows(...call: number[]): void
  rotate(rows: number, basis: number, out: number, count: number, width: number): void
  aimRows(...call: number[]): void
  encodeRows(
    coder: number,
    turned: number,
    count: number,
    blocks: number,
    rowCodes: number,
    local: number,
    tooLong: number,
  ): number
  encodeQueries(
    coder: number,
    turned: number,
    aims: number,
    excluded: number,
    count: number,
    queries: number,
    queryBytes: number,
    scratch: number,
  ): void
}

/** Rows turned and coded at once; one call of a thread does a part of them. */
const turnedAtOnce = 4096
const turnedPerCall = 256
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
  readonly coder: Coder
  readonly segments: Segment[] = []
  rows = 0
  readonly arena: Arena
  readonly pool: Pool
  readonly kernelName: string
  private readonly kernel: SearchKernel
  private readonly axes: number
  private readonly mean: number
  private readonly turning: {
    rows: number
    sums: number
    from: number
    to: number
    tooLong: number
    aims: number
    excluded: number
    scratch: number
  }
  /** Turned rows, where they are kept to be queries too, with what `aim` would say of each. */
  private kept: { at: number; norms: Float64Array; bases: Float64Array; mean: number; meanNorm: number } | undefined
  /** No kept row is so short beside the mean that its direction would lose precision. */
  private keepsDirections = true

  private constructor(basis: Basis, arena: Arena, pool: Pool, kernelName: string, kernel: SearchKernel) {
    this.coder = new Coder(basis, arena)
    this.arena = arena
    this.pool = pool
    this.kernelName = kernelName
    this.kernel = kernel
    const { width, columns } = basis
    this.mean = this.allocDoubles(basis.mean)
    this.axes = arena.alloc(basis.axes === undefined ? 0 : width * width * 4)
    if (basis.axes !== undefined) arena.float32(this.axes, width * width).set(basisPanels(basis.axes, width))
    this.turning = {
      rows: arena.alloc(turnedAtOnce * columns * 4),
      sums: arena.alloc(turnedAtOnce * 24),
      from: arena.alloc(turnedAtOnce * width * 4),
      to: arena.alloc(turnedAtOnce * width * 4),
      tooLong: arena.alloc(turnedAtOnce),
      aims: arena.alloc(turnedAtOnce * 16),
      excluded: arena.alloc(turnedAtOnce * 4),
      scratch: arena.alloc((turnedAtOnce / turnedPerCall) * width * 8),
    }
  }

  private allocDoubles(values: Float64Array): number {
    const at = this.arena.alloc(values.length * 8)
    new Float64Array(this.arena.memory.buffer, at, values.length).set(values)
    return at
  }

  static async create(basis: Basis, arena: Arena, pool: Pool, engine: Engine): Promise<CodeStore> {
    const name = engine === 'relaxed' ? 'search.relaxed' : 'search'
    return new CodeStore(basis, arena, pool, name, await loadKernel<SearchKernel>(name, arena.memory))
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
      const count = Math.min(turnedAtOnce, rows.rows - start, segment.capacity - segment.rows)
      await this.encode(rows, start, count, segment)
      start += count
    }
  }

  private async encode(rows: Matrix, start: number, count: number, segment: Segment): Promise<void> {
    const { coder } = this
    const { basis } = coder
    const { width } = basis
    await this.centre(rows, start, count)
    const z = this.kept === undefined ? this.turning.to : this.kept.at + this.rows * width * 4
    await this.turn(count, z)
    if (this.kept !== undefined) this.keep(count)
    const calls: number[][] = []
    for (let i = 0; i < count; ) {
      const local = segment.rows + i
      // Calls of several threads meet only between blocks.
      const size = Math.min(count - i, turnedPerCall - (local % turnedPerCall))
      const tooLongAt = this.turning.tooLong + i
      calls.push([coder.at, z + i * width * 4, size, segment.blocks, segment.rowCodes, local, tooLongAt])
      i += size
    }
    const codeNorms = await this.runAll('encodeRows', calls)
    coder.codeNorm = Math.max(coder.codeNorm, ...codeNorms)
    segment.rows += count
    this.rows += count
  }

  private async centre(rows: Matrix, start: number, count: number): Promise<void> {
    const { turning } = this
    const { columns, width, metric, unit } = this.coder.basis
    const block = rows.data.subarray(start * columns, (start + count) * columns)
    this.arena.float32(turning.rows, count * columns).set(block)
    const calls: number[][] = []
    for (let i = 0; i < count; i += turnedPerCall) {
      const from = turning.rows + i * columns * 4
      const shape = [Math.min(turnedPerCall, count - i), columns, width]
      const scale = [metric === 'cosine' ? 0 : unit, longestCoded]
      const to = turning.from + i * width * 4
      calls.push([from, this.mean, ...shape, ...scale, to, turning.tooLong + i, turning.sums + i * 24])
    }
    await this.runAll('centreRows', calls)
  }

  /** From now on keep the turned rows, for `encodeRowsAsQueries`. */
  keepTurned(rows: number): void {
    const { width, columns, mean, axes, metric } = this.coder.basis
    const turnedMean = new Float64Array(width)
    for (let k = 0; k < columns; k++)
      if (axes === undefined) turnedMean[k] = mean[k]!
      else for (let j = 0; j < width; j++) turnedMean[j] = turnedMean[j]! + mean[k]! * axes[k * width + j]!
    const at = this.arena.alloc(rows * width * 4)
    this.kept = {
      at,
      norms: new Float64Array(rows),
      bases: new Float64Array(rows),
      // Under l2 a query's direction is that of the centred row itself.
      mean: this.allocDoubles(metric === 'l2' ? new Float64Array(width) : turnedMean),
      meanNorm: Math.sqrt(mean.reduce((sum, value) => sum + value * value, 0)),
    }
  }

  private keep(count: number): void {
    const { metric, unit } = this.coder.basis
    const { norms, bases, meanNorm } = this.kept!
    const sums = new Float64Array(this.arena.memory.buffer, this.turning.sums, count * 3)
    for (let i = 0; i < count; i++) {
      const base = sums[i * 3]!
      const square = sums[i * 3 + 1]!
      const norm = Math.sqrt(sums[i * 3 + 2]!)
      const place = this.rows + i
      bases[place] = metric === 'l2' ? 0 : base / norm
      norms[place] = metric === 'l2' ? Math.sqrt(square) : metric === 'ip' ? norm * unit : 1
      // A row too long for the codes was not turned.
      if (metric !== 'cosine' && norm * unit > longestCoded) norms[place] = Number.NaN
      if (metric === 'ip' && Math.sqrt(square) + meanNorm > 2 * norm * unit) this.keepsDirections = false
    }
  }

  /** Whether `encodeRowsAsQueries` serves. */
  get rowsServeAsQueries(): boolean {
    return this.kept !== undefined && this.keepsDirections
  }

  /** Code kept rows (at most 4,096) as queries at `at`; returns which of them, the others don't fit the codes. */
  async encodeRowsAsQueries(first: number, count: number, at: number): Promise<number[]> {
    const { arena, turning } = this
    const { width } = this.coder.basis
    const { norms, bases, mean, at: keptAt } = this.kept!
    const fitting: number[] = []
    for (let i = 0; i < count; i++) if (isAimable(norms[first + i]!)) fitting.push(i)
    const aims = fitting.map((i): Aim => ({ norm: norms[first + i]!, base: bases[first + i]! }))
    arena.int32(turning.excluded, fitting.length).set(fitting)
    new Float64Array(arena.memory.buffer, turning.aims, fitting.length).set(aims.map(({ norm }) => norm))
    const calls: number[][] = []
    for (let i = 0; i < fitting.length; i += turnedPerCall) {
      const lists = [turning.excluded + i * 4, turning.aims + i * 8]
      const size = Math.min(turnedPerCall, fitting.length - i)
      const to = turning.from + i * width * 4
      calls.push([keptAt + first * width * 4, ...lists, mean, size, width, to])
    }
    await this.runAll('aimRows', calls)
    await this.encodeAimed(turning.from, aims, [], at)
    return fitting
  }

  /**
   * Code queries one after the other at `at`; returns which of them, the others don't fit the codes.
   *
   * @param prepared - Queries prepared like rows (scaled, not centred), in float64.
   * @param excluded - An id for each never to return, or nothing.
   */
  async encodeQueries(
    prepared: readonly Float64Array[],
    at: number,
    excluded: ArrayLike<number> = [],
  ): Promise<number[]> {
    const { arena, coder, turning } = this
    const { width } = coder.basis
    const { queryBytes } = coder.layout
    const fitting: number[] = []
    for (let start = 0; start < prepared.length; start += turnedAtOnce) {
      const part = prepared.slice(start, start + turnedAtOnce)
      const directions = arena.float32(turning.from, part.length * width)
      const aims: Aim[] = []
      const places: number[] = []
      part.forEach((query, i) => {
        const aim = coder.aim(query, directions.subarray(aims.length * width, (aims.length + 1) * width))
        if (aim === undefined) return
        aims.push(aim)
        places.push(start + i)
      })
      await this.turn(aims.length, turning.to)
      const ids = excluded.length === 0 ? [] : places.map((place) => excluded[place]!)
      await this.encodeAimed(turning.to, aims, ids, at + fitting.length * queryBytes)
      fitting.push(...places)
    }
    return fitting
  }

  /** Code turned directions as queries at `at`. @param excluded - An id for each, or nothing. */
  private async encodeAimed(
    turned: number,
    aims: readonly Aim[],
    excluded: readonly number[],
    at: number,
  ): Promise<void> {
    const { arena, coder, turning } = this
    const { width } = coder.basis
    const { queryBytes } = coder.layout
    const numbers = new Float64Array(arena.memory.buffer, turning.aims, aims.length * 2)
    aims.forEach(({ norm, base }, i) => {
      numbers[i * 2] = norm
      numbers[i * 2 + 1] = base
    })
    arena.int32(turning.excluded, excluded.length).set(excluded)
    const calls: number[][] = []
    for (let i = 0; i < aims.length; i += turnedPerCall) {
      const ids = excluded.length === 0 ? 0 : turning.excluded + i * 4
      const scratch = turning.scratch + calls.length * width * 8
      const size = Math.min(turnedPerCall, aims.length - i)
      const to = at + i * queryBytes
      calls.push([coder.at, turned + i * width * 4, turning.aims + i * 16, ids, size, to, queryBytes, scratch])
    }
    await this.runAll('encodeQueries', calls)
  }

  /** Turn the first `count` rows of the buffer to where `z` is; as they are where there are no axes. */
  private async turn(count: number, z: number): Promise<void> {
    const { arena, turning, axes } = this
    const { width } = this.coder.basis
    if (this.coder.basis.axes === undefined) {
      arena.float32(z, count * width).set(arena.float32(turning.from, count * width))
      return
    }
    const calls: number[][] = []
    for (let i = 0; i < count; i += turnedPerCall) {
      const offset = i * width * 4
      calls.push([turning.from + offset, axes, z + offset, Math.min(turnedPerCall, count - i), width])
    }
    await this.runAll('rotate', calls)
  }

  /** On all threads where there is more than one call; a single call is not worth waking them. */
  private async runAll(
    method: 'centreRows' | 'rotate' | 'encodeRows' | 'aimRows' | 'encodeQueries',
    calls: readonly number[][],
  ): Promise<Float64Array | number[]> {
    if (calls.length > 1) return this.pool.run(this.kernelName, method, calls)
    const work = this.kernel[method] as (...call: number[]) => number | undefined
    return calls.map((call) => work(...call) ?? 0)
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
    arena
      .int32(at, 12)
      .set([table, segments.length, units, ...flags, positions, options.topK, options.capacity, options.allowed, group])
    const floats = group * positions + 2 * options.capacity + options.topK + mostSamples + 4 * mostWaiting
    const unpackedBytes = nibbles ? chunkBlocks * (2 * this.coder.layout.units * 64 + 160) : 0
    return { at, scratchBytes: floats * 4 + unpackedBytes, outBytes: 8 + options.capacity * 4 }
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
      const fitting = await this.encodeQueries(prepared, queries, options.excluded)
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
