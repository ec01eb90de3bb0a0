import type { Basis } from './exact-basis.ts'
import { dot } from './metric.ts'
import type { Arena } from './wasm/arena.ts'

/**
 * How rows and queries are written for the pruned scan (wasm/assembly/_search.ts reads them).
 *
 * A prepared row v (scaled, or unit length under cosine) becomes y = v − mean, turned: z. Its first `head` values are
 * coded in 6 or 4 bits, 16 rows side by side, its whole in 8 bits in a row of its own; beside them stand the norms that
 * bound what the codes leave out, and the norm of what the head leaves out. A query p (unit length) then has, by Cauchy–Schwarz,
 *   p·y ≤ p·ŷ + ‖p_head‖·‖coding error‖ + ‖p_tail‖·‖y_tail‖.
 * Under l2 the ranking −‖q − x‖² is that of (q − mean)·y − ‖y‖²/2, so rows carry ‖y‖²/2 as a bias.
 */
export interface Layout {
  /** 64-byte units of a block's codes; a unit holds 4 (6-bit) or 8 (4-bit) dimensions of 16 rows. */
  readonly units: number
  readonly blockBytes: number
  readonly rowBytes: number
  readonly queryBytes: number
}

function layoutOf(basis: Basis): Layout {
  const units = basis.head / (basis.nibbles ? 8 : 4)
  return {
    units,
    blockBytes: units * 64 + (basis.metric === 'l2' ? 160 : 96),
    rowBytes: basis.width + 16,
    queryBytes: Math.ceil((queryHead + basis.width * 3) / 64) * 64,
  }
}

/** Bytes of a query's constants, before its codes. */
const queryHead = 80

/** Largest code, and how many deviations it stands for: nearly all values fall within, at the least error on the whole. */
const coarse = { codes: 15, deviations: 2.6 }
const fine = { codes: 63, deviations: 3.2 }
/** A coding error's byte counts shares of this part of a row's scale; a row that errs more is coded at a larger scale. */
const largestCodingError = 0.3
/** Rows this much longer than the sample's are left uncoded and always scored. */
export const longestCoded = 2 ** 30

export interface Aim {
  /** Length of the query less the mean (l2), or of the query. */
  readonly norm: number
  /** Product of the direction with the mean. */
  readonly base: number
}

/** Bytes of a coder in kernel memory. */
const coderBytes = 72

/** How rows and queries of a basis are coded; wasm/assembly/_search-encode.ts does it. */
export class Coder {
  readonly basis: Basis
  readonly layout: Layout
  /** Where the kernel reads what it codes by. */
  readonly at: number
  private readonly arena: Arena

  constructor(basis: Basis, arena: Arena) {
    const { width, head, nibbles, metric, axes } = basis
    this.basis = basis
    this.layout = layoutOf(basis)
    this.arena = arena
    this.at = arena.alloc(coderBytes)
    const deviations = arena.alloc(width * 4)
    arena.float32(deviations, width).set(basis.deviations)
    arena.int32(this.at, 5).set([width, head, nibbles ? 1 : 0, metric === 'l2' ? 1 : 0, deviations])
    // Bytes of tails and errors count shares of the root mean square length of the sample's rows.
    const rms = Math.sqrt(dot(basis.deviations, 0, basis.deviations, 0, width))
    // Rows and queries are both turned in float32, a query at worst with twice a row's error: a row's bounds carry all three.
    const turning = 1e-5 + (axes === undefined ? 0 : 1.1 * width ** 1.5 * 2 ** -24)
    const grid = nibbles ? coarse : fine
    this.numbers.set([rms, grid.codes, grid.deviations, turning, largestCodingError, 0])
  }

  private get numbers(): Float64Array {
    return new Float64Array(this.arena.memory.buffer, this.at + 24, 6)
  }

  /** Largest ‖2c − codes‖ of any row's head so far. */
  get codeNorm(): number {
    return this.numbers[5]!
  }

  set codeNorm(value: number) {
    this.numbers[5] = value
  }

  /**
   * What a query is to the codes: the unit vector `direction` to turn, and two numbers.
   *
   * @param p - The query prepared like a row: scaled, not centred.
   * @param direction - As long as a row before it is turned, written.
   * @returns undefined when its numbers don't fit the codes (then score all rows instead).
   */
  aim(p: Float64Array, direction: Float32Array): Aim | undefined {
    const { columns, mean, metric } = this.basis
    let square = 0
    for (let j = 0; j < columns; j++) {
      const value = metric === 'l2' ? p[j]! - mean[j]! : p[j]!
      square += value * value
    }
    const norm = Math.sqrt(square)
    if (!isAimable(norm)) return undefined
    let base = 0
    direction.fill(0)
    for (let j = 0; j < columns; j++) {
      const value = (metric === 'l2' ? p[j]! - mean[j]! : p[j]!) / norm
      direction[j] = value
      if (metric !== 'l2') base += value * mean[j]!
    }
    return { norm, base }
  }
}

/** Lengths at which a query's numbers fit the codes. */
export function isAimable(norm: number): boolean {
  return norm > 1e-12 && norm < 1e12
}
