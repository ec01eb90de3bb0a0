import type { Arena } from './wasm/arena.ts'

/**
 * Turns rows so that their first dimensions carry most of their energy, and inner products don't change: along as many
 * axes as a row has dimensions, or along the leading ones alone, after which stands what is left of the row as it was.
 * The latter takes fewer products where the first dimensions say nearly all.
 */
export class Turning {
  /** Of the kernel. */
  readonly method: 'rotate' | 'turnLeading'
  private readonly memory: readonly number[]
  private readonly shape: readonly number[]

  /** @param axes - As of a `Basis`, for rows of `inputWidth` columns. */
  constructor(axes: Float32Array, inputWidth: number, arena: Arena) {
    const count = axes.length / inputWidth
    const put = (values: Float32Array) => {
      const at = arena.alloc(values.length * 4)
      arena.float32(at, values.length).set(values)
      return at
    }
    const forward = put(panelsOf(axes, inputWidth, count))
    if (count === inputWidth) {
      this.method = 'rotate'
      this.memory = [forward]
      this.shape = [inputWidth]
      return
    }
    const back = new Float32Array(axes.length)
    for (let j = 0; j < inputWidth; j++)
      for (let a = 0; a < count; a++) back[a * inputWidth + j] = -axes[j * count + a]!
    this.method = 'turnLeading'
    this.memory = [forward, put(panelsOf(back, count, inputWidth))]
    this.shape = [inputWidth, count]
  }

  /** Arguments of the kernel for `count` rows at `from`, written to `to`. */
  call(from: number, to: number, count: number): number[] {
    return [from, ...this.memory, to, count, ...this.shape]
  }
}

/** Columns padded as the kernels read them. */
export function paddedColumns(columns: number): number {
  return Math.ceil(columns / 16) * 16
}

/** Dimensions of a row turned by `axes`. */
export function turnedWidth(axes: Float32Array | undefined, inputWidth: number): number {
  const count = axes === undefined ? 0 : axes.length / inputWidth
  return count < inputWidth ? count + inputWidth : inputWidth
}

/** A vector turned, in float64. */
export function turnVector(vector: Float64Array, axes: Float32Array | undefined, inputWidth: number): Float64Array {
  const turned = new Float64Array(turnedWidth(axes, inputWidth))
  const count = axes === undefined ? 0 : axes.length / inputWidth
  for (let k = 0; k < vector.length; k++)
    for (let a = 0; a < count; a++) turned[a] = turned[a]! + vector[k]! * axes![k * count + a]!
  if (count === inputWidth) return turned
  for (let k = 0; k < vector.length; k++) {
    let rest = vector[k]!
    for (let a = 0; a < count; a++) rest -= turned[a]! * axes![k * count + a]!
    turned[count + k] = rest
  }
  return turned
}

/** A matrix of `lines × columns` as the kernel multiplies by it: panels of 8 columns, each line by line. */
function panelsOf(matrix: Float32Array, lines: number, columns: number): Float32Array {
  const panels = new Float32Array(lines * columns)
  let at = 0
  for (let panel = 0; panel < columns; panel += 8)
    for (let k = 0; k < lines; k++, at += 8)
      panels.set(matrix.subarray(k * columns + panel, k * columns + panel + 8), at)
  return panels
}
