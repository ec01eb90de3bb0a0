import type { Matrix } from '../spec/matrix.ts'
import type { Basis } from './exact-basis.ts'
import { type Aim, Coder, isAimable, longestCoded } from './exact-codes.ts'
import { paddedColumns, Turning, turnVector } from './exact-turning.ts'
import type { Arena } from './wasm/arena.ts'
import { loadKernel } from './wasm/load.ts'
import type { Pool } from './wasm/pool.ts'

type Method = 'centreRows' | 'rotate' | 'turnLeading' | 'encodeRows' | 'aimRows' | 'encodeQueries'
type Kernel = Record<Method, (...call: number[]) => number | undefined>

/** Rows prepared, turned and coded at once; one call of a thread does a part of them. */
export const codedAtOnce = 4096
const rowsPerCall = 256

/** Turns rows and queries by a basis and writes their codes, on all threads. */
export class Encoder {
  readonly coder: Coder
  private readonly arena: Arena
  private readonly pool: Pool
  private readonly kernelName: string
  private readonly kernel: Kernel
  /** None where rows are coded as they stand. */
  private readonly turning: Turning | undefined
  /** Columns of rows before they are turned. */
  private readonly inputWidth: number
  private readonly mean: number
  /** Where the arena holds what is worked on. */
  private readonly buffers: {
    rows: number
    sums: number
    from: number
    to: number
    tooLong: number
    aims: number
    ids: number
    scratch: number
  }
  /** Turned rows, where they are kept to be queries too, with what `aim` would say of each. */
  private kept: { at: number; norms: Float64Array; bases: Float64Array; mean: number; meanNorm: number } | undefined
  /** No kept row is so short beside the mean that its direction would lose precision. */
  private keepsDirections = true

  private constructor(basis: Basis, arena: Arena, pool: Pool, kernelName: string, kernel: Kernel) {
    this.coder = new Coder(basis, arena)
    this.arena = arena
    this.pool = pool
    this.kernelName = kernelName
    this.kernel = kernel
    const { width, columns } = basis
    this.mean = this.allocDoubles(basis.mean)
    this.inputWidth = paddedColumns(columns)
    this.turning = basis.axes === undefined ? undefined : new Turning(basis.axes, this.inputWidth, arena)
    this.buffers = {
      rows: arena.alloc(codedAtOnce * columns * 4),
      sums: arena.alloc(codedAtOnce * 24),
      from: arena.alloc(codedAtOnce * width * 4),
      to: arena.alloc(codedAtOnce * width * 4),
      tooLong: arena.alloc(codedAtOnce),
      aims: arena.alloc(codedAtOnce * 16),
      ids: arena.alloc(codedAtOnce * 4),
      scratch: arena.alloc((codedAtOnce / rowsPerCall) * width * 8),
    }
  }

  static async create(basis: Basis, arena: Arena, pool: Pool, kernelName: string): Promise<Encoder> {
    return new Encoder(basis, arena, pool, kernelName, await loadKernel<Kernel>(kernelName, arena.memory))
  }

  private allocDoubles(values: Float64Array): number {
    const at = this.arena.alloc(values.length * 8)
    new Float64Array(this.arena.memory.buffer, at, values.length).set(values)
    return at
  }

  /**
   * Code `count` rows (at most 4,096) from `start` on.
   *
   * @param to - Where a segment's codes lie, and the first row's place in it.
   * @param id - The first row's id: kept rows stand by it.
   */
  async encodeRows(
    rows: Matrix,
    start: number,
    count: number,
    to: { readonly blocks: number; readonly rowCodes: number; readonly local: number },
    id: number,
  ): Promise<void> {
    const { coder } = this
    const { width } = coder.basis
    await this.centre(rows, start, count)
    const z = this.kept === undefined ? this.buffers.to : this.kept.at + id * width * 4
    await this.turn(count, z)
    if (this.kept !== undefined) this.keep(count, id)
    const calls: number[][] = []
    for (let i = 0; i < count; ) {
      const local = to.local + i
      // Calls of several threads meet only between blocks.
      const size = Math.min(count - i, rowsPerCall - (local % rowsPerCall))
      const tooLongAt = this.buffers.tooLong + i
      calls.push([coder.at, z + i * width * 4, size, to.blocks, to.rowCodes, local, tooLongAt])
      i += size
    }
    const codeNorms = await this.runAll('encodeRows', calls)
    coder.codeNorm = Math.max(coder.codeNorm, ...codeNorms)
  }

  private async centre(rows: Matrix, start: number, count: number): Promise<void> {
    const { buffers } = this
    const { columns, metric, unit } = this.coder.basis
    const block = rows.data.subarray(start * columns, (start + count) * columns)
    this.arena.float32(buffers.rows, count * columns).set(block)
    const calls: number[][] = []
    for (let i = 0; i < count; i += rowsPerCall) {
      const from = buffers.rows + i * columns * 4
      const shape = [Math.min(rowsPerCall, count - i), columns, this.inputWidth]
      const scale = [metric === 'cosine' ? 0 : unit, longestCoded]
      const to = buffers.from + i * this.inputWidth * 4
      calls.push([from, this.mean, ...shape, ...scale, to, buffers.tooLong + i, buffers.sums + i * 24])
    }
    await this.runAll('centreRows', calls)
  }

  /** From now on keep the turned rows, for `encodeRowsAsQueries`. */
  keepTurned(rows: number): void {
    const { width, mean, axes, metric } = this.coder.basis
    const turnedMean = turnVector(mean, axes, this.inputWidth)
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

  private keep(count: number, id: number): void {
    const { metric, unit } = this.coder.basis
    const { norms, bases, meanNorm } = this.kept!
    const sums = new Float64Array(this.arena.memory.buffer, this.buffers.sums, count * 3)
    for (let i = 0; i < count; i++) {
      const base = sums[i * 3]!
      const square = sums[i * 3 + 1]!
      const norm = Math.sqrt(sums[i * 3 + 2]!)
      const place = id + i
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
    const { arena, buffers } = this
    const { width } = this.coder.basis
    const { norms, bases, mean, at: keptAt } = this.kept!
    const fitting: number[] = []
    for (let i = 0; i < count; i++) if (isAimable(norms[first + i]!)) fitting.push(i)
    const aims = fitting.map((i): Aim => ({ norm: norms[first + i]!, base: bases[first + i]! }))
    arena.int32(buffers.ids, fitting.length).set(fitting)
    new Float64Array(arena.memory.buffer, buffers.aims, fitting.length).set(aims.map(({ norm }) => norm))
    const calls: number[][] = []
    for (let i = 0; i < fitting.length; i += rowsPerCall) {
      const lists = [buffers.ids + i * 4, buffers.aims + i * 8]
      const size = Math.min(rowsPerCall, fitting.length - i)
      const to = buffers.from + i * width * 4
      calls.push([keptAt + first * width * 4, ...lists, mean, size, width, to])
    }
    await this.runAll('aimRows', calls)
    await this.encodeAimed(buffers.from, aims, [], at)
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
    const { arena, coder, buffers, inputWidth } = this
    const { queryBytes } = coder.layout
    const fitting: number[] = []
    for (let start = 0; start < prepared.length; start += codedAtOnce) {
      const part = prepared.slice(start, start + codedAtOnce)
      const directions = arena.float32(buffers.from, part.length * inputWidth)
      const aims: Aim[] = []
      const places: number[] = []
      part.forEach((query, i) => {
        const aim = coder.aim(query, directions.subarray(aims.length * inputWidth, (aims.length + 1) * inputWidth))
        if (aim === undefined) return
        aims.push(aim)
        places.push(start + i)
      })
      await this.turn(aims.length, buffers.to)
      const ids = excluded.length === 0 ? [] : places.map((place) => excluded[place]!)
      await this.encodeAimed(buffers.to, aims, ids, at + fitting.length * queryBytes)
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
    const { arena, coder, buffers } = this
    const { width } = coder.basis
    const { queryBytes } = coder.layout
    const numbers = new Float64Array(arena.memory.buffer, buffers.aims, aims.length * 2)
    aims.forEach(({ norm, base }, i) => {
      numbers[i * 2] = norm
      numbers[i * 2 + 1] = base
    })
    arena.int32(buffers.ids, excluded.length).set(excluded)
    const calls: number[][] = []
    for (let i = 0; i < aims.length; i += rowsPerCall) {
      const ids = excluded.length === 0 ? 0 : buffers.ids + i * 4
      const scratch = buffers.scratch + calls.length * width * 8
      const size = Math.min(rowsPerCall, aims.length - i)
      const to = at + i * queryBytes
      calls.push([coder.at, turned + i * width * 4, buffers.aims + i * 16, ids, size, to, queryBytes, scratch])
    }
    await this.runAll('encodeQueries', calls)
  }

  /** Turn the first `count` rows of the buffer to where `z` is; as they are where there are no axes. */
  private async turn(count: number, z: number): Promise<void> {
    const { arena, buffers, turning, inputWidth } = this
    const { width } = this.coder.basis
    if (turning === undefined) {
      arena.float32(z, count * width).set(arena.float32(buffers.from, count * width))
      return
    }
    const calls: number[][] = []
    for (let i = 0; i < count; i += rowsPerCall)
      calls.push(turning.call(buffers.from + i * inputWidth * 4, z + i * width * 4, Math.min(rowsPerCall, count - i)))
    await this.runAll(turning.method, calls)
  }

  /** On all threads where there is more than one call; a single call is not worth waking them. */
  private async runAll(method: Method, calls: readonly number[][]): Promise<Float64Array | number[]> {
    if (calls.length > 1) return this.pool.run(this.kernelName, method, calls)
    return calls.map((call) => this.kernel[method](...call) ?? 0)
  }
}
