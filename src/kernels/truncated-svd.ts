import { InvalidArgumentError, InvalidVectorError } from '../spec/errors.ts'
import { createMatrix, type Matrix } from '../spec/matrix.ts'
import { assertComponents, createProjection } from './axis-projection.ts'
import { denseAxes, type GramTimes, randomizedAxes } from './principal-axes.ts'
import type { Engine } from './wasm/features.ts'

/** Compressed sparse rows: row i holds `values[k]` at column `indices[k]` for k from `offsets[i]` to `offsets[i + 1]`. */
export interface SparseMatrix {
  readonly rows: number
  readonly columns: number
  /** rows + 1 values, ascending from 0. */
  readonly offsets: Int32Array
  readonly indices: Int32Array
  readonly values: Float32Array
}

export interface TruncatedSvdOptions {
  /** Number of components, integer in [1, min(rows, columns)]; 100 is usual for LSA. */
  readonly components: number
  /** `exact`, for dense matrices only; `randomized`: an approximation where that is less work, as in `pca`. @default 'randomized' */
  readonly method?: 'exact' | 'randomized'
  /** Decides the random projection, where there is one; a safe integer. @default 0 */
  readonly seed?: number
  /** Threads to use at most, integer ≥ 1. @default the logical cores, at most 8 */
  readonly threads?: number
  readonly engine?: Engine
}

export interface TruncatedSvd {
  /** `components × columns`, orthonormal rows: the right singular vectors by falling singular value. */
  readonly components: Matrix
  readonly singularValues: Float64Array
  /** Rows in the coordinates of the components: `rows × components`. */
  transform(matrix: Matrix | SparseMatrix): Matrix
}

/**
 * Truncated singular value decomposition without centring: latent semantic analysis where the rows are tf-idf counts.
 *
 * @param matrix - Dense `Matrix` or `SparseMatrix`, read only; finite.
 * @throws {InvalidArgumentError} when `components` is out of range, or `exact` is asked of a sparse matrix.
 * @throws {InvalidVectorError} when a value is not finite, or a sparse row points outside the columns (names the row).
 *
 * Cost: randomized O((non-zero values) · components) a power iteration; precision as in `pca`.
 * Source: Deerwester et al. 1990; Halko, Martinsson & Tropp 2011. Signs as scikit-learn's `svd_flip`.
 */
export async function truncatedSvd(matrix: Matrix | SparseMatrix, options: TruncatedSvdOptions): Promise<TruncatedSvd> {
  const { rows, columns } = matrix
  const { components: count, method = 'randomized', seed = 0, engine, threads } = options
  assertComponents(count, Math.min(rows, columns))
  if (method !== 'exact' && method !== 'randomized')
    throw new InvalidArgumentError('options.method', "'exact' or 'randomized'", method)
  let found: { squares: Float64Array; axes: Float64Array }
  if ('data' in matrix) {
    found = await denseAxes(matrix, count, { method, seed, engine, threads })
  } else {
    if (method === 'exact') throw new InvalidArgumentError('options.method', "'randomized' for a sparse matrix", method)
    assertSparse(matrix)
    found = randomizedAxes(sparseGramTimes(matrix), matrix, count, seed)
  }
  const { squares, axes } = found
  const space = 'data' in matrix ? matrix : createMatrix(0, columns)
  const projectDense = await createProjection(space, axes, count, { engine })
  return {
    components: createMatrix(count, columns, Float32Array.from(axes)),
    singularValues: squares.map((square) => Math.sqrt(square)),
    transform: (other) => ('data' in other ? projectDense(other) : projectSparse(other, axes, count, columns)),
  }
}

function sparseGramTimes({ rows, columns, offsets, indices, values }: SparseMatrix): GramTimes {
  return (basis, width) => {
    // Columns-first copies: the inner loops then run over contiguous values.
    const across = new Float64Array(basis.length)
    for (let i = 0; i < width; i++) for (let c = 0; c < columns; c++) across[c * width + i] = basis[i * columns + c]!
    const result = new Float64Array(basis.length)
    const projected = new Float64Array(width)
    for (let row = 0; row < rows; row++) {
      projected.fill(0)
      for (let k = offsets[row]!; k < offsets[row + 1]!; k++) {
        const at = indices[k]! * width
        for (let i = 0; i < width; i++) projected[i]! += values[k]! * across[at + i]!
      }
      for (let k = offsets[row]!; k < offsets[row + 1]!; k++) {
        const at = indices[k]! * width
        for (let i = 0; i < width; i++) result[at + i]! += values[k]! * projected[i]!
      }
    }
    for (let i = 0; i < width; i++) for (let c = 0; c < columns; c++) across[i * columns + c] = result[c * width + i]!
    return across
  }
}

function projectSparse(matrix: SparseMatrix, axes: Float64Array, count: number, columns: number): Matrix {
  if (matrix.columns !== columns) throw new InvalidArgumentError('matrix', `${columns} columns`, matrix.columns)
  assertSparse(matrix)
  const result = createMatrix(matrix.rows, count)
  for (let row = 0; row < matrix.rows; row++)
    for (let a = 0; a < count; a++) {
      let sum = 0
      for (let k = matrix.offsets[row]!; k < matrix.offsets[row + 1]!; k++)
        sum += matrix.values[k]! * axes[a * columns + matrix.indices[k]!]!
      result.data[row * count + a] = sum
    }
  return result
}

function assertSparse({ rows, columns, offsets, indices, values }: SparseMatrix): void {
  if (offsets.length !== rows + 1 || offsets[0] !== 0)
    throw new InvalidArgumentError('matrix.offsets', `${rows + 1} values from 0`, offsets.length)
  if (indices.length !== values.length || offsets[rows] !== values.length)
    throw new InvalidArgumentError(
      'matrix.indices',
      `${offsets[rows]} values, as many as matrix.values`,
      indices.length,
    )
  for (let row = 0; row < rows; row++) {
    if (offsets[row + 1]! < offsets[row]!)
      throw new InvalidArgumentError(`matrix.offsets[${row + 1}]`, `at least ${offsets[row]}`, offsets[row + 1])
    for (let k = offsets[row]!; k < offsets[row + 1]!; k++) {
      const column = indices[k]!
      if (column < 0 || column >= columns)
        throw new InvalidVectorError(`matrix, row ${row}`, `columns from 0 to ${columns - 1}`, `${column}`, { row })
      if (!Number.isFinite(values[k]!))
        throw new InvalidVectorError(`matrix, row ${row}`, 'finite float32 values', `${values[k]}`, { row })
    }
  }
}
