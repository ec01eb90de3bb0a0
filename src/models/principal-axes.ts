import type { Matrix } from '../spec/matrix.ts'

/**
 * The orthonormal axes along which centred rows vary most.
 *
 * @param vectors - `rows × columns`, at least one row, finite.
 * @param count - Axes wanted, integer in [1, columns].
 * @returns `mean` (columns) and `axes` (count × columns, largest variance first; the largest component of each is positive,
 *   so that the sign does not depend on the path of the iteration).
 *
 * Cost: O(rows · columns²) for the covariance, then O(columns³) a sweep, about eight sweeps. All sums in doubles.
 * Source: cyclic Jacobi rotations (Golub & Van Loan, Matrix Computations, 8.5).
 */
export function principalAxes(vectors: Matrix, count: number): { mean: Float64Array; axes: Float64Array } {
  const { columns } = vectors
  const { mean, covariance } = covarianceOf(vectors)
  const directions = new Float64Array(columns * columns)
  for (let i = 0; i < columns; i++) directions[i * columns + i] = 1
  for (let sweep = 0; sweep < 30; sweep++) {
    if (offDiagonalShare(covariance, columns) < 1e-24) break
    for (let p = 0; p < columns - 1; p++)
      for (let q = p + 1; q < columns; q++) rotate(covariance, directions, columns, p, q)
  }
  const order = Array.from({ length: columns }, (_, i) => i)
  order.sort((a, b) => (covariance[b * columns + b] as number) - (covariance[a * columns + a] as number) || a - b)
  const axes = new Float64Array(count * columns)
  for (let axis = 0; axis < count; axis++) {
    const row = directions.subarray((order[axis] as number) * columns, ((order[axis] as number) + 1) * columns)
    let largest = 0
    for (const value of row) if (Math.abs(value) > Math.abs(largest)) largest = value
    const sign = largest < 0 ? -1 : 1
    for (let i = 0; i < columns; i++) axes[axis * columns + i] = sign * (row[i] as number)
  }
  return { mean, axes }
}

/** Centred coordinates of every row on `axes`: `rows × count`. */
export function project(vectors: Matrix, mean: Float64Array, axes: Float64Array): Float32Array {
  const { data, rows, columns } = vectors
  const count = axes.length / columns
  const output = new Float32Array(rows * count)
  for (let row = 0; row < rows; row++)
    for (let axis = 0; axis < count; axis++) {
      let sum = 0
      for (let i = 0; i < columns; i++)
        sum += ((data[row * columns + i] as number) - (mean[i] as number)) * (axes[axis * columns + i] as number)
      output[row * count + axis] = sum
    }
  return output
}

function covarianceOf({ data, rows, columns }: Matrix): { mean: Float64Array; covariance: Float64Array } {
  const mean = new Float64Array(columns)
  for (let i = 0; i < data.length; i++) mean[i % columns] = (mean[i % columns] as number) + (data[i] as number) / rows
  const covariance = new Float64Array(columns * columns)
  const centred = new Float64Array(columns)
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < columns; i++) centred[i] = (data[row * columns + i] as number) - (mean[i] as number)
    for (let i = 0; i < columns; i++) {
      const value = centred[i] as number
      const from = i * columns
      for (let j = 0; j <= i; j++)
        covariance[from + j] = (covariance[from + j] as number) + value * (centred[j] as number)
    }
  }
  for (let i = 0; i < columns; i++)
    for (let j = 0; j <= i; j++) {
      const value = (covariance[i * columns + j] as number) / rows
      covariance[i * columns + j] = value
      covariance[j * columns + i] = value
    }
  return { mean, covariance }
}

function offDiagonalShare(matrix: Float64Array, n: number): number {
  let off = 0
  let diagonal = 0
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      const square = (matrix[i * n + j] as number) ** 2
      if (i === j) diagonal += square
      else off += square
    }
  return diagonal === 0 ? 0 : off / diagonal
}

/** One rotation in the plane of p and q that makes matrix[p][q] zero; `directions` keeps an eigenvector a row. */
function rotate(matrix: Float64Array, directions: Float64Array, n: number, p: number, q: number): void {
  const apq = matrix[p * n + q] as number
  if (apq === 0) return
  const app = matrix[p * n + p] as number
  const aqq = matrix[q * n + q] as number
  const theta = (aqq - app) / (2 * apq)
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
  const c = 1 / Math.sqrt(t * t + 1)
  const s = t * c
  const rowP = p * n
  const rowQ = q * n
  for (let i = 0; i < n; i++) {
    const a = matrix[rowP + i] as number
    const b = matrix[rowQ + i] as number
    matrix[rowP + i] = c * a - s * b
    matrix[rowQ + i] = s * a + c * b
    const u = directions[rowP + i] as number
    const v = directions[rowQ + i] as number
    directions[rowP + i] = c * u - s * v
    directions[rowQ + i] = s * u + c * v
  }
  // The matrix is symmetric: columns p and q are the new rows, but for the 2 × 2 block where both rotations meet.
  for (let i = 0; i < n; i++) {
    if (i === p || i === q) continue
    matrix[i * n + p] = matrix[rowP + i] as number
    matrix[i * n + q] = matrix[rowQ + i] as number
  }
  matrix[rowP + p] = app - t * apq
  matrix[rowQ + q] = aqq + t * apq
  matrix[rowP + q] = 0
  matrix[rowQ + p] = 0
}
