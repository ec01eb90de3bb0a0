import { InvalidArgumentError } from '../spec/errors.ts'
import { createMatrix, type Matrix } from '../spec/matrix.ts'
import { assertComponents, createProjection } from './axis-projection.ts'
import { assertInteger } from './option-checks.ts'
import { denseAxes } from './principal-axes.ts'
import type { Engine } from './wasm/features.ts'

export interface PcaOptions {
  /** Number of components, integer in [1, min(rows, columns)]. @default min(rows, columns) */
  readonly components?: number
  /**
   * `exact`, or `randomized`: a close approximation where that is less work, which it is for few components of many
   * columns (50 of more than some 2,000), and the exact components elsewhere. @default 'exact'
   */
  readonly method?: 'exact' | 'randomized'
  /** Decides the random projection, where there is one; a safe integer. @default 0 */
  readonly seed?: number
  /** Divide each transformed column by its standard deviation. @default false */
  readonly whiten?: boolean
  /** Threads to use at most, integer ≥ 1. @default the logical cores, at most 8 */
  readonly threads?: number
  readonly engine?: Engine
}

export interface Pca {
  /** `components × columns`, orthonormal rows by falling variance. */
  readonly components: Matrix
  /** Column means. */
  readonly mean: Float64Array
  /** Variance along each component, divisor rows − 1. */
  readonly explainedVariance: Float64Array
  /** The same as a share of the total variance; zeros where all rows are equal. */
  readonly explainedVarianceRatio: Float64Array
  /** Of the centred matrix. */
  readonly singularValues: Float64Array
  /** Rows in the coordinates of the components: `rows × components`. Refuses rows of another model. */
  transform(matrix: Matrix): Matrix
}

/**
 * Principal component analysis.
 *
 * @param matrix - `rows × columns`, read only; finite; at least 2 rows and 1 column.
 * @throws {InvalidArgumentError} when `components` is out of range, there are fewer than 2 rows, or `whiten` meets a
 *   component without variance.
 * @throws {InvalidVectorError} when a row is not finite (names the row).
 *
 * Cost: exact O(rows · columns · m + m³) with m = min(rows, columns), 0.15 s a thread at 20,000 × 384;
 *   randomized O(rows · columns · components) a power iteration. Variances are good to about 10⁻⁷ of the first, and of
 *   components below a 1000th of it to 10⁻¹³: sums are in float32 and float64 blocks (`gramOfColumns`), then in float64 alone.
 * Source: Pearson 1901; Halko, Martinsson & Tropp 2011 for `randomized`. Signs as scikit-learn's `svd_flip`:
 *   the entry of largest size in each component is positive.
 * Departs from scikit-learn: one row and whitening without variance are refused instead of giving NaN or huge values.
 */
export async function pca(matrix: Matrix, options: PcaOptions = {}): Promise<Pca> {
  const { rows, columns } = matrix
  const { method = 'exact', seed = 0, whiten = false, engine, threads } = options
  if (rows < 2) throw new InvalidArgumentError('matrix', 'at least 2 rows', rows)
  if (columns < 1) throw new InvalidArgumentError('matrix', 'at least 1 column', columns)
  const most = Math.min(rows, columns)
  const count = options.components ?? most
  assertComponents(count, most)
  if (threads !== undefined) assertInteger('threads', threads, 1)
  assertInteger('seed', seed, Number.MIN_SAFE_INTEGER)
  if (method !== 'exact' && method !== 'randomized')
    throw new InvalidArgumentError('options.method', "'exact' or 'randomized'", method)

  const { squares, axes, means, total } = await denseAxes(matrix, count, {
    method,
    seed,
    engine,
    threads,
    centred: true,
  })
  const explainedVariance = squares.map((square) => square / (rows - 1))
  let scales: Float64Array | undefined
  if (whiten) {
    const empty = squares.findIndex((square) => !(square > squares[0]! * rows * Number.EPSILON))
    if (empty >= 0)
      throw new InvalidArgumentError(
        'options.components',
        `at most ${empty} with whiten: the rows have no variance beyond`,
        count,
      )
    scales = explainedVariance.map((variance) => 1 / Math.sqrt(variance))
  }
  return {
    components: createMatrix(count, columns, Float32Array.from(axes)),
    mean: means,
    explainedVariance,
    explainedVarianceRatio: squares.map((square) => (total > 0 ? square / total : 0)),
    singularValues: squares.map((square) => Math.sqrt(square)),
    transform: await createProjection(matrix, axes, count, { mean: means, scales, engine }),
  }
}
