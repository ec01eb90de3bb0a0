import { symmetricEigen } from '../../kernels/symmetric-eigen.ts'
import { Arena } from '../../kernels/wasm/arena.ts'
import { loadKernel } from '../../kernels/wasm/load.ts'
import type { TeacherVectors } from './teacher-cache.ts'

interface Kernel {
  productNT(a: number, b: number, c: number, m: number, n: number, k: number): void
  normalize(rows: number, norms: number, count: number, columns: number): void
}

/** Rows that decide the axes, evenly spaced. */
const sampleRows = 20_000

/**
 * The axes that keep most of the teacher's inner products: eigenvectors of the second moment of its vectors.
 * Not centred, because cosines are not either. Each axis is scaled by its eigenvalue to the power of −flatten / 2, so that
 * axes on which texts hardly differ count more than the teacher lets them: nearer to words, farther from topics.
 *
 * @param flatten - In [0, 1]. 0: the teacher's cosines. 1: all axes vary alike.
 * @returns `dimensions × columns`, orthogonal rows, and the share of squared length they keep.
 */
export function teacherAxes(
  vectors: TeacherVectors,
  dimensions: number,
  flatten: number,
): { axes: Float64Array; kept: number } {
  const { codes, scales, columns } = vectors
  const moment = new Float64Array(columns * columns)
  const row = new Float64Array(columns)
  const step = Math.max(1, Math.floor(vectors.rows / sampleRows))
  for (let r = 0; r < vectors.rows; r += step) {
    for (let i = 0; i < columns; i++) row[i] = (codes[r * columns + i] as number) * (scales[r] as number)
    for (let i = 0; i < columns; i++)
      for (let j = 0; j <= i; j++) moment[i * columns + j] = moment[i * columns + j]! + row[i]! * row[j]!
  }
  const { values, vectors: axes } = symmetricEigen(moment, columns)
  const total = values.reduce((sum, value) => sum + value, 0)
  const kept = values.subarray(0, dimensions).reduce((sum, value) => sum + value, 0)
  const scaled = axes.slice(0, dimensions * columns)
  for (let i = 0; i < scaled.length; i++)
    scaled[i] = scaled[i]! * (values[Math.floor(i / columns)]! / values[0]!) ** (-flatten / 2)
  return { axes: scaled, kept: kept / total }
}

/** Coordinates of a vector on the axes. */
export function projectOnto(axes: Float64Array, vector: Float64Array, output: Float32Array, at: number): void {
  const columns = vector.length
  for (let axis = 0; axis < axes.length / columns; axis++) {
    let sum = 0
    for (let i = 0; i < columns; i++) sum += (vector[i] as number) * (axes[axis * columns + i] as number)
    output[at + axis] = sum
  }
}

/** Texts of one call of the kernel, a multiple of 4. */
const rowsPerCall = 1024

/**
 * The teacher's vectors on the axes, of unit length: what the table is to give.
 *
 * @param dimensions - How many axes, even.
 */
export async function targetsOf(
  vectors: TeacherVectors,
  axes: Float64Array,
  dimensions: number,
): Promise<Float32Array> {
  const { codes, rows, columns } = vectors
  const arena = new Arena()
  const kernel = await loadKernel<Kernel>('table-training', arena.memory)
  const width = Math.ceil(columns / 4) * 4
  const at = {
    vectors: arena.alloc(rowsPerCall * width * 4),
    axes: arena.alloc(dimensions * width * 4),
    products: arena.alloc(rowsPerCall * dimensions * 4),
    norms: arena.alloc(rowsPerCall * 4),
  }
  const [from, onto] = [arena.float32(at.vectors, rowsPerCall * width), arena.float32(at.axes, dimensions * width)]
  for (let axis = 0; axis < dimensions; axis++)
    onto.set(axes.subarray(axis * columns, (axis + 1) * columns), axis * width)
  const products = arena.float32(at.products, rowsPerCall * dimensions)
  const targets = new Float32Array(rows * dimensions)
  for (let row = 0; row < rows; row += rowsPerCall) {
    const count = Math.min(rowsPerCall, rows - row)
    // A vector's scale falls out where its length becomes 1.
    for (let i = 0; i < count; i++) from.set(codes.subarray((row + i) * columns, (row + i + 1) * columns), i * width)
    kernel.productNT(at.vectors, at.axes, at.products, rowsPerCall, dimensions, width)
    kernel.normalize(at.products, at.norms, count, dimensions)
    targets.set(products.subarray(0, count * dimensions), row * dimensions)
  }
  return targets
}
