import { symmetricEigen } from '../../kernels/symmetric-eigen.ts'
import type { TeacherVectors } from './teacher-cache.ts'

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

/** The teacher's vectors on the axes, of unit length: what the table is to give. */
export function targetsOf(vectors: TeacherVectors, axes: Float64Array, dimensions: number): Float32Array {
  const { codes, rows, columns } = vectors
  const targets = new Float32Array(rows * dimensions)
  // Of one type with the axes: a product of two kinds of array takes several times as long.
  const vector = new Float64Array(columns)
  for (let row = 0; row < rows; row++) {
    const from = row * dimensions
    vector.set(codes.subarray(row * columns, (row + 1) * columns))
    projectOnto(axes, vector, targets, from)
    let squares = 0
    for (let i = from; i < from + dimensions; i++) squares += (targets[i] as number) ** 2
    const scale = 1 / Math.sqrt(squares)
    for (let i = from; i < from + dimensions; i++) targets[i] = (targets[i] as number) * scale
  }
  return targets
}
