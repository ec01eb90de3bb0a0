import { InvalidArgumentError, InvalidVectorError } from '../spec/errors.ts'

/**
 * Make the rows of `vectors` (`count × size`, count ≤ size) orthonormal in place, keeping the span of each prefix:
 * the Q of a QR decomposition. A row that depends on those before it is replaced by a unit vector orthogonal to them.
 *
 * Cost: O(count² · size). Source: modified Gram–Schmidt, twice (Giraud et al. 2005: twice is enough).
 */
export function orthonormalize(vectors: Float64Array, count: number, size: number): void {
  if (count > size) throw new InvalidArgumentError('count', `at most ${size} rows`, count)
  let axis = 0
  for (let i = 0; i < count; i++) {
    const row = vectors.subarray(i * size, (i + 1) * size)
    for (let attempt = normOf(row); ; ) {
      for (let pass = 0; pass < 2; pass++)
        for (let h = 0; h < i; h++) {
          const other = h * size
          let dot = 0
          for (let j = 0; j < size; j++) dot += row[j]! * vectors[other + j]!
          for (let j = 0; j < size; j++) row[j]! -= dot * vectors[other + j]!
        }
      const norm = normOf(row)
      if (norm > attempt * 1e-12) {
        for (let j = 0; j < size; j++) row[j]! /= norm
        break
      }
      row.fill(0)
      row[axis++] = 1
      attempt = 1
    }
  }
}

function normOf(row: Float64Array): number {
  let largest = 0
  for (const value of row) largest = Math.max(largest, Math.abs(value))
  if (largest === 0) return 0
  let sum = 0
  for (const value of row) sum += (value / largest) * (value / largest)
  return largest * Math.sqrt(sum)
}

/**
 * Lower triangle L with L Lᵀ = `matrix` (symmetric, positive definite, `size × size`; lower triangle read).
 *
 * @throws {InvalidVectorError} naming the row at which the matrix stops being positive definite.
 *
 * Cost: size³ / 6 multiply-adds.
 */
export function cholesky(matrix: Float64Array, size: number): Float64Array {
  if (matrix.length !== size * size)
    throw new InvalidArgumentError('matrix', `${size} × ${size} = ${size * size} values`, matrix.length)
  const lower = new Float64Array(size * size)
  for (let i = 0; i < size; i++)
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * size + j]!
      for (let k = 0; k < j; k++) sum -= lower[i * size + k]! * lower[j * size + k]!
      if (i !== j) lower[i * size + j] = sum / lower[j * size + j]!
      else if (sum > 0) lower[i * size + i] = Math.sqrt(sum)
      else
        throw new InvalidVectorError(`matrix, row ${i}`, 'a positive definite matrix', `a pivot of ${sum}`, {
          row: i,
        })
    }
  return lower
}

/** x with L Lᵀ x = `right`, for L from `cholesky`. */
export function solveCholesky(lower: Float64Array, right: Float64Array): Float64Array {
  const size = right.length
  if (lower.length !== size * size)
    throw new InvalidArgumentError('right', `${Math.sqrt(lower.length)} values`, right.length)
  const x = right.slice()
  for (let i = 0; i < size; i++) {
    let sum = x[i]!
    for (let k = 0; k < i; k++) sum -= lower[i * size + k]! * x[k]!
    x[i] = sum / lower[i * size + i]!
  }
  for (let i = size - 1; i >= 0; i--) {
    let sum = x[i]!
    for (let k = i + 1; k < size; k++) sum -= lower[k * size + i]! * x[k]!
    x[i] = sum / lower[i * size + i]!
  }
  return x
}
