import type { Basis } from './exact-basis.ts'
import { dot } from './metric.ts'

/**
 * How rows and queries are written for the pruned scan (wasm/assembly/_search.ts reads them).
 *
 * A prepared row v (scaled, or unit length under cosine) becomes y = v − mean, turned: z. Its first `head` values are
 * coded in 6 or 4 bits, 16 rows side by side, its whole in 8 bits in a row of its own; beside them stand the norms that
 * bound what the codes leave out. A query p (unit length) then has, by Cauchy–Schwarz,
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

/** Codes rows into blocks and row codes. */
export class RowCoder {
  readonly basis: Basis
  readonly layout: Layout
  /** Root mean square length of the sample's rows: bytes of tails and errors count shares of it. */
  private readonly rms: number
  private readonly grid: { codes: number; deviations: number }
  private readonly head: Float32Array
  private readonly weights: Float64Array
  /** Relative error of turning a row in float32, worst case. */
  private readonly turning: number
  /** Largest ‖2c − codes‖ of any row so far. */
  codeNorm = 0

  constructor(basis: Basis) {
    this.basis = basis
    this.layout = layoutOf(basis)
    this.rms = Math.sqrt(dot(basis.deviations, 0, basis.deviations, 0, basis.width))
    this.grid = basis.nibbles ? coarse : fine
    this.head = new Float32Array(basis.head)
    this.weights = new Float64Array(basis.width)
    this.turning = 1e-5 + (basis.axes === undefined ? 0 : 1.1 * basis.width ** 1.5 * 2 ** -24)
    // Rows and queries are both turned in float32, a query at worst with twice a row's error: a row's bounds carry all three.
  }

  /** Code a turned row `z` (at `zAt`) as row `slot` of the block at `block` and as the row codes at `row` of `memory`. */
  encode(z: Float32Array, zAt: number, memory: ArrayBufferLike, block: number, slot: number, row: number): void {
    const { basis, head } = this
    const { width } = basis
    const norm = Math.sqrt(dot(z, zAt, z, zAt, width))
    const headSquare = dot(z, zAt, z, zAt, basis.head)
    const tail = Math.sqrt(Math.max(0, norm * norm - headSquare)) + 3 * this.turning * norm + 1e-6 * norm
    const { codes, deviations: limit } = this.grid
    const half = codes / 2
    const perCode = limit / half
    const bytes = new Uint8Array(memory, block, this.layout.blockBytes)
    let scale = Math.fround(norm / this.rms)
    if (scale < norm / this.rms) scale = Math.fround(scale * (1 + 2 ** -23))
    let error = 0
    let codeSquare = 0
    if (scale > 1e-37)
      for (;;) {
        error = 0
        codeSquare = 0
        for (let j = 0; j < basis.head; j++) {
          const step = scale * basis.deviations[j]! * perCode
          const value = z[zAt + j]!
          const code = Math.min(codes, Math.max(0, Math.round(value / step + half)))
          head[j] = code
          const missed = value - (code - half) * step
          error += missed * missed
          const centred = 2 * code - codes
          codeSquare += centred * centred
        }
        if (Math.sqrt(error) + 3 * this.turning * norm <= 0.996 * largestCodingError * scale * this.rms) break
        scale = Math.fround(scale * 1.5)
      }
    else {
      scale = 0
      head.fill(0)
    }
    this.codeNorm = Math.max(this.codeNorm, Math.sqrt(codeSquare))
    this.writeHead(bytes, slot)
    const meta = this.layout.units * 64
    const floats = new Float32Array(memory, block + meta, 16)
    floats[slot] = scale
    const share = scale === 0 ? 0 : 1 / (scale * this.rms)
    bytes[meta + 64 + slot] = Math.min(
      255,
      Math.ceil(((Math.sqrt(error) + 3 * this.turning * norm) * share * 255) / largestCodingError + 0.01),
    )
    bytes[meta + 80 + slot] = Math.min(255, Math.ceil(tail * share * 253 + 0.01))
    if (basis.metric === 'l2') new Float32Array(memory, block + meta + 96, 16)[slot] = (norm * norm) / 2
    this.encodeWhole(z, zAt, memory, row, norm)
  }

  /** A row too long for the codes: bounds so wide that it is always scored. */
  encodeUnbounded(memory: ArrayBufferLike, block: number, slot: number, row: number): void {
    const bytes = new Uint8Array(memory, block, this.layout.blockBytes)
    this.head.fill(this.grid.codes >> 1)
    this.writeHead(bytes, slot)
    const meta = this.layout.units * 64
    new Float32Array(memory, block + meta, 16)[slot] = 1e30
    bytes[meta + 64 + slot] = 255
    bytes[meta + 80 + slot] = 255
    new Int8Array(memory, row, this.basis.width).fill(0)
    new Float32Array(memory, row + this.basis.width, 4).set([0, 1e30, 1e30, 0])
    this.codeNorm = Math.max(this.codeNorm, Math.sqrt(this.basis.head))
  }

  private writeHead(bytes: Uint8Array, slot: number): void {
    const { head } = this
    const at = slot * 4
    if (this.basis.nibbles)
      for (let j = 0; j < head.length; j += 8)
        for (let i = 0; i < 4; i++) bytes[j * 8 + at + i] = head[j + i]! | (head[j + 4 + i]! << 4)
    else for (let j = 0; j < head.length; j += 4) for (let i = 0; i < 4; i++) bytes[j * 16 + at + i] = head[j + i]!
  }

  private encodeWhole(z: Float32Array, zAt: number, memory: ArrayBufferLike, row: number, norm: number): void {
    const { width, deviations, split, metric } = this.basis
    let largest = 0
    for (let j = 0; j < width; j++) largest = Math.max(largest, Math.abs(z[zAt + j]! / deviations[j]!))
    const scale = Math.fround(largest / 127)
    const bytes = new Int8Array(memory, row, width)
    let error = 0
    let tail = 0
    for (let j = 0; j < width; j++) {
      const value = z[zAt + j]!
      const step = scale * deviations[j]!
      const code = step === 0 ? 0 : Math.max(-127, Math.min(127, Math.round(value / step)))
      bytes[j] = code
      const missed = value - code * step
      error += missed * missed
      if (j >= split) tail += value * value
    }
    const floats = new Float32Array(memory, row + width, 4)
    floats[0] = scale
    floats[1] = (Math.sqrt(error) + 3 * this.turning * norm) * (1 + 1e-6) + 1e-37
    floats[2] = (Math.sqrt(tail) + 3 * this.turning * norm) * (1 + 1e-6)
    floats[3] = metric === 'l2' ? (norm * norm) / 2 : 0
  }

  /**
   * What a query is to the codes: the unit vector `direction` to turn, and three numbers.
   *
   * @param p - The query prepared like a row: scaled, not centred.
   * @param direction - `width` long, written.
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

  /**
   * Code a query into the `queryBytes` at `at`.
   *
   * @param turned - Its direction, turned, at `from`.
   * @param excluded - Id never to return, or −1.
   */
  encodeQuery(
    aim: Aim,
    turned: Float32Array,
    from: number,
    memory: ArrayBufferLike,
    at: number,
    excluded: number,
  ): void {
    const { basis, layout } = this
    const { width, metric, head, split } = basis
    const { norm, base } = aim
    const floats = new Float32Array(memory, at, queryHead / 4)
    const integers = new Int32Array(memory, at, queryHead / 4)
    new Uint8Array(memory, at, layout.queryBytes).fill(0)
    const lengthFrom = (start: number, end: number) =>
      Math.sqrt(dot(turned, from + start, turned, from + start, end - start)) + 2 * this.turning
    const margin = 1e-6 * Math.abs(base) + 1e-30
    // A row's bias is the length it had after turning.
    const biasMargin = 2.5 * this.turning + 2e-6

    const coarseQuery = this.writeHeadQuery(turned, from, new Int8Array(memory, at + queryHead, head))
    const wide = this.writeWholeQuery(turned, from, new Int16Array(memory, at + queryHead + width, width))
    floats[0] = base + margin
    floats[1] = coarseQuery.step
    floats[2] = (lengthFrom(0, head) * largestCodingError * this.rms * (1 + 1e-5)) / 255
    floats[3] = (lengthFrom(head, width) * this.rms * (1 + 1e-5)) / 253
    floats[4] = coarseQuery.slack
    integers[5] = coarseQuery.sum * this.grid.codes
    const bias = metric === 'l2' ? 1 / norm : 0
    floats[6] = bias * (1 - biasMargin)
    floats[7] = base + margin
    floats[8] = base - margin
    floats[9] = wide.step
    floats[10] = 1 + 2 * this.turning + 2e-5
    floats[11] = lengthFrom(split, width) * (1 + 1e-5)
    floats[12] = bias * (1 + biasMargin)
    integers[13] = excluded
    floats[14] = wide.slack
    // Pairs are compared by what is the same from both sides: x·y, or −‖x − y‖²/2.
    const square = metric === 'l2' ? (norm * norm) / 2 : 0
    const shiftMargin = (biasMargin + 4e-6) * norm * norm
    floats[15] = norm
    floats[16] = shiftMargin - square
    floats[17] = -shiftMargin - square
  }

  /** 8-bit weights of the head, small enough that the kernel's 16-bit sums cannot overflow. */
  private writeHeadQuery(
    turned: Float32Array,
    from: number,
    out: Int8Array,
  ): { step: number; sum: number; slack: number } {
    const { head, deviations, nibbles } = this.basis
    const { codes, deviations: limit } = this.grid
    const { weights } = this
    let largest = 0
    // 16-bit lanes sum dimensions 0, 1 or 2, 3 of each four, over one flush of 8 units.
    const flush = nibbles ? 64 : 32
    let fullest = 0
    for (let start = 0; start < head; start += flush) {
      let [even, odd] = [0, 0]
      for (let j = start; j < Math.min(head, start + flush); j++) {
        const weight = (turned[from + j]! * deviations[j]! * limit) / codes
        weights[j] = weight
        const size = Math.abs(weight)
        if (size > largest) largest = size
        if ((j & 2) === 0) even += size
        else odd += size
      }
      fullest = Math.max(fullest, even, odd)
    }
    const room = 32767 - (codes * flush) / 4
    const step = Math.max(largest / 127, (fullest * codes) / room, 1e-37)
    let sum = 0
    let missed = 0
    let square = 0
    for (let j = 0; j < head; j++) {
      const weight = Math.round(weights[j]! / step)
      out[j] = weight
      sum += weight
      const rest = weights[j]! - weight * step
      missed += rest * rest
      square += weight * weight
    }
    const slack = (Math.sqrt(missed) + 1e-5 * step * Math.sqrt(square)) * this.codeNorm * (1 + 1e-5)
    return { step, sum, slack }
  }

  /** 16-bit weights of all dimensions; a dot with 8-bit codes stays within 32 bits. */
  private writeWholeQuery(turned: Float32Array, from: number, out: Int16Array): { step: number; slack: number } {
    const { width, deviations } = this.basis
    const { weights } = this
    let largest = 0
    let total = 0
    for (let j = 0; j < width; j++) {
      const weight = turned[from + j]! * deviations[j]!
      weights[j] = weight
      const size = Math.abs(weight)
      if (size > largest) largest = size
      total += size
    }
    const step = Math.max(largest / 32767, (total * 127) / (2 ** 31 - 64 * width - 1), 1e-37)
    let missed = 0
    let square = 0
    for (let j = 0; j < width; j++) {
      const weight = weights[j]!
      const code = Math.round(weight / step)
      out[j] = code
      const rest = weight - code * step
      missed += rest * rest
      square += code * code
    }
    const codeNorm = 127 * Math.sqrt(width)
    // Float32 rounding of the sum and its scaling: some 2⁻²² of it.
    return { step, slack: (Math.sqrt(missed) + 1e-6 * step * Math.sqrt(square)) * codeNorm }
  }
}

/** Lengths at which a query's numbers fit the codes. */
export function isAimable(norm: number): boolean {
  return norm > 1e-12 && norm < 1e12
}
