import { Arena } from '../../kernels/wasm/arena.ts'
import { loadKernel } from '../../kernels/wasm/load.ts'
import type { TokenLists } from './token-lists.ts'

interface Kernel {
  poolDamped(
    table: number,
    ids: number,
    starts: number,
    count: number,
    columns: number,
    output: number,
    weights: number,
    mean: number,
    damping: number,
    halfAt: number,
  ): void
  scatterDamped(
    gradient: number,
    ids: number,
    starts: number,
    count: number,
    columns: number,
    slope: number,
    weights: number,
  ): void
  normalize(rows: number, norms: number, count: number, columns: number): void
  normalizeBack(units: number, norms: number, slopes: number, count: number, columns: number): void
  productNT(a: number, b: number, c: number, m: number, n: number, k: number): void
  productNN(a: number, b: number, c: number, m: number, n: number, k: number, add: number): void
  productTN(a: number, b: number, c: number, m: number, n: number, k: number, add: number): void
  adamRows(
    table: number,
    first: number,
    second: number,
    gradient: number,
    rows: number,
    count: number,
    columns: number,
    rate: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    decay: number,
  ): void
}

const beta1 = 0.9
const beta2 = 0.999

/**
 * A table of token vectors under training: a text's vector is the sum of its tokens' rows, of unit length.
 * Everything lives in one WASM memory; views are valid until the next allocation, so buffers are made once.
 */
export class TableTrainer {
  readonly tokens: number
  readonly columns: number
  readonly capacity: number
  /** Updates so far. */
  steps = 0
  private readonly kernel: Kernel
  private readonly arena: Arena
  private readonly at: Readonly<Record<'table' | 'first' | 'second' | 'gradient' | 'rows' | 'ids' | 'starts', number>>
  private readonly sides: readonly {
    units: number
    norms: number
    slopes: number
    ids: number
    starts: number
    weights: number
  }[]
  private readonly scores: number
  private readonly mean: number
  damping: number
  halfAt: number
  private readonly stamps: Int32Array

  /** @param options.capacity - Texts of one side of a batch, a multiple of 8. `tokenCapacity` - tokens of one side. */
  static async create(options: {
    tokens: number
    columns: number
    capacity: number
    tokenCapacity: number
    sides: number
    damping: number
    halfAt: number
  }): Promise<TableTrainer> {
    const arena = new Arena()
    return new TableTrainer(await loadKernel<Kernel>('table-training', arena.memory), arena, options)
  }

  private constructor(
    kernel: Kernel,
    arena: Arena,
    options: {
      tokens: number
      columns: number
      capacity: number
      tokenCapacity: number
      sides: number
      damping: number
      halfAt: number
    },
  ) {
    const { tokens, columns, capacity, tokenCapacity } = options
    this.kernel = kernel
    this.arena = arena
    this.tokens = tokens
    this.columns = columns
    this.capacity = capacity
    this.damping = options.damping
    this.halfAt = options.halfAt
    const tableBytes = tokens * columns * 4
    this.at = {
      table: arena.alloc(tableBytes),
      first: arena.alloc(tableBytes),
      second: arena.alloc(tableBytes),
      gradient: arena.alloc(tableBytes),
      rows: arena.alloc(tokens * 4),
      ids: 0,
      starts: 0,
    }
    this.sides = Array.from({ length: options.sides }, () => ({
      units: arena.alloc(capacity * columns * 4),
      norms: arena.alloc(capacity * 4),
      slopes: arena.alloc(capacity * columns * 4),
      ids: arena.alloc(tokenCapacity * 4),
      starts: arena.alloc((capacity + 1) * 4),
      weights: arena.alloc(tokenCapacity * 4),
    }))
    this.mean = arena.alloc(columns * 4)
    this.scores = arena.alloc(capacity * capacity * 4)
    this.stamps = new Int32Array(tokens).fill(-1)
  }

  get table(): Float32Array {
    return this.arena.float32(this.at.table, this.tokens * this.columns)
  }

  /** A copy of all that training changes: the table and Adam's two moments. */
  state(): Uint8Array {
    const bytes = this.tokens * this.columns * 4
    const state = new Uint8Array(3 * bytes)
    for (const [index, at] of [this.at.table, this.at.first, this.at.second].entries())
      state.set(this.arena.uint8(at, bytes), index * bytes)
    return state
  }

  restore(state: Uint8Array, steps: number): void {
    const bytes = this.tokens * this.columns * 4
    for (const [index, at] of [this.at.table, this.at.first, this.at.second].entries())
      this.arena.uint8(at, bytes).set(state.subarray(index * bytes, (index + 1) * bytes))
    this.steps = steps
    this.stamps.fill(-1)
  }

  /** Put the texts `order[from … from + count)` of `lists` on a side and compute their unit vectors. */
  forward(side: number, lists: TokenLists, order: Int32Array, from: number, count: number): void {
    const place = this.sides[side]!
    const starts = this.arena.int32(place.starts, this.capacity + 1)
    const ids = this.arena.int32(place.ids, (this.scores - place.ids) >> 2)
    let at = 0
    for (let i = 0; i < count; i++) {
      const text = order[from + i] as number
      starts[i] = at
      for (let token = lists.starts[text] as number; token < (lists.starts[text + 1] as number); token++)
        ids[at++] = lists.ids[token] as number
    }
    starts[count] = at
    this.kernel.poolDamped(
      this.at.table,
      place.ids,
      place.starts,
      count,
      this.columns,
      place.units,
      place.weights,
      this.mean,
      this.damping,
      this.halfAt,
    )
    this.kernel.normalize(place.units, place.norms, count, this.columns)
  }

  units(side: number, count: number): Float32Array {
    return this.arena.float32(this.sides[side]!.units, count * this.columns)
  }

  /** Slope of the loss by each unit vector; objectives add to it. */
  slopes(side: number, count: number): Float32Array {
    return this.arena.float32(this.sides[side]!.slopes, count * this.columns)
  }

  /** Cosines of side `a`'s texts with side `b`'s: `count × count`; overwritten by their slopes before `backScores`. */
  scoresOf(a: number, b: number, count: number): Float32Array {
    this.kernel.productNT(this.sides[a]!.units, this.sides[b]!.units, this.scores, count, count, this.columns)
    return this.arena.float32(this.scores, count * count)
  }

  /** Turn slopes by score into slopes by vector, added to those of both sides. */
  backScores(a: number, b: number, count: number): void {
    const { columns, kernel, scores } = this
    kernel.productNN(scores, this.sides[b]!.units, this.sides[a]!.slopes, count, columns, count, 1)
    kernel.productTN(scores, this.sides[a]!.units, this.sides[b]!.slopes, count, columns, count, 1)
  }

  /** From slopes of the sides named to a step of Adam on every row their tokens touch. */
  update(sides: readonly { side: number; count: number }[], learningRate: number): void {
    const { kernel, columns, at } = this
    const rows = this.arena.int32(at.rows, this.tokens)
    let touched = 0
    this.steps++
    for (const { side, count } of sides) {
      const place = this.sides[side]!
      kernel.normalizeBack(place.units, place.norms, place.slopes, count, columns)
      kernel.scatterDamped(at.gradient, place.ids, place.starts, count, columns, place.slopes, place.weights)
      const end = this.arena.int32(place.starts, count + 1)[count] as number
      const ids = this.arena.int32(place.ids, end)
      for (let i = 0; i < end; i++) {
        const id = ids[i] as number
        if (this.stamps[id] === this.steps) continue
        this.stamps[id] = this.steps
        rows[touched++] = id
      }
    }
    const rate = (learningRate * Math.sqrt(1 - beta2 ** this.steps)) / (1 - beta1 ** this.steps)
    kernel.adamRows(at.table, at.first, at.second, at.gradient, at.rows, touched, columns, rate, beta1, beta2, 1e-8, 0)
  }
}
