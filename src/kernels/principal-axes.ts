import type { Matrix } from '../spec/matrix.ts'
import { orthonormalize } from './linear-algebra.ts'
import { createPanelProduct } from './panel-product.ts'
import { createRandom } from './random.ts'
import { fastSymmetricEigen, symmetricEigen } from './symmetric-eigen.ts'
import { bestEngine, type Engine } from './wasm/features.ts'

/** The leading right singular vectors of a matrix X, shared by PCA (X centred) and truncated SVD. */
export interface PrincipalAxes {
  /** Squared singular values, descending, ≥ 0. */
  readonly squares: Float64Array
  /** `count × columns`, orthonormal rows; the entry of largest size in each is positive. */
  readonly axes: Float64Array
}

const panelRows = 128
const blockRows = 64
const oversampling = 10

/** By the eigenvectors of XᵀX, or of XXᵀ where there are fewer rows than columns. */
export async function exactAxes(
  matrix: Matrix,
  count: number,
  options: { readonly mean?: Float64Array | undefined; readonly engine?: Engine | undefined },
): Promise<PrincipalAxes> {
  const { data, rows, columns } = matrix
  const { mean, engine } = options
  const wide = rows < columns
  const size = wide ? rows : columns
  const depth = wide ? columns : rows
  const product = await createPanelProduct({ widthA: size, widthB: size, capacity: panelRows, engine })
  for (let start = 0; start < depth; start += panelRows) {
    const height = Math.min(panelRows, depth - start)
    if (wide) {
      const part = mean?.subarray(start, start + height)
      for (let i = 0; i < rows; i++) product.setAColumn(i, data, i * columns + start, height, part)
    } else for (let k = 0; k < height; k++) product.setA(k, data, (start + k) * columns, mean)
    product.accumulateSquare(height)
  }
  const gram = new Float64Array(size * size)
  for (let i = 0; i < size; i++) for (let j = 0; j <= i; j++) gram[i * size + j] = product.c[j * product.stride + i]!
  const { values, vectors } = await fastSymmetricEigen(gram, size, engine ?? bestEngine())

  const squares = values.slice(0, count).map((value) => Math.max(0, value))
  let axes = vectors.slice(0, count * size)
  if (wide) {
    axes = new Float64Array(count * columns)
    // Below this a squared singular value is rounding error, and its direction noise.
    const floor = (squares[0] ?? 0) * columns * Number.EPSILON
    for (let a = 0; a < count; a++) {
      if (!(squares[a]! > floor)) continue
      const axis = axes.subarray(a * columns, (a + 1) * columns)
      for (let i = 0; i < rows; i++) {
        const weight = vectors[a * rows + i]! / Math.sqrt(squares[a]!)
        for (let j = 0; j < columns; j++) axis[j]! += weight * (data[i * columns + j]! - (mean?.[j] ?? 0))
      }
    }
    orthonormalize(axes, count, columns)
  }
  fixSigns(axes, count, columns)
  return { squares, axes }
}

/** X as an operator: the rows of `basis` (`width × columns`) times XᵀX, as fresh rows. */
export type GramTimes = (basis: Float64Array, width: number) => Float64Array

/**
 * By random projection and subspace iteration (Halko, Martinsson & Tropp 2011) with 10 rows of oversampling and
 * 7 power iterations, 4 where more than a tenth of the axes are asked for: the numbers of scikit-learn.
 */
export function randomizedAxes(
  gramTimes: GramTimes,
  shape: { readonly rows: number; readonly columns: number },
  count: number,
  seed: number,
): PrincipalAxes {
  const { columns } = shape
  const width = Math.min(count + oversampling, columns)
  const random = createRandom(seed)
  let basis = Float64Array.from({ length: width * columns }, () => random.normal())
  orthonormalize(basis, width, columns)
  const iterations = count < 0.1 * Math.min(shape.rows, columns) ? 7 : 4
  for (let i = 0; i <= iterations; i++) {
    basis = gramTimes(basis, width) as Float64Array<ArrayBuffer>
    orthonormalize(basis, width, columns)
  }
  const image = gramTimes(basis, width)
  const small = new Float64Array(width * width)
  for (let i = 0; i < width; i++)
    for (let j = 0; j <= i; j++) {
      let sum = 0
      for (let c = 0; c < columns; c++) sum += basis[i * columns + c]! * image[j * columns + c]!
      small[i * width + j] = sum
    }
  const { values, vectors } = symmetricEigen(small, width)
  const axes = new Float64Array(count * columns)
  for (let a = 0; a < count; a++)
    for (let i = 0; i < width; i++) {
      const weight = vectors[a * width + i]!
      for (let c = 0; c < columns; c++) axes[a * columns + c]! += weight * basis[i * columns + c]!
    }
  fixSigns(axes, count, columns)
  return { squares: values.slice(0, count).map((value) => Math.max(0, value)), axes }
}

/** `GramTimes` of a dense matrix, two products for each block of rows. */
export async function denseGramTimes(
  matrix: Matrix,
  width: number,
  options: { readonly mean?: Float64Array | undefined; readonly engine?: Engine | undefined },
): Promise<GramTimes> {
  const { data, rows, columns } = matrix
  const { mean, engine } = options
  const forward = await createPanelProduct({ widthA: blockRows, widthB: width, capacity: columns, engine })
  const backward = await createPanelProduct({ widthA: columns, widthB: width, capacity: blockRows, engine })
  return (basis) => {
    for (let i = 0; i < width; i++) forward.setBColumn(i, basis, i * columns, columns)
    backward.c.fill(0)
    for (let start = 0; start < rows; start += blockRows) {
      const height = Math.min(blockRows, rows - start)
      for (let i = 0; i < height; i++) forward.setAColumn(i, data, (start + i) * columns, columns, mean)
      forward.c.fill(0)
      forward.accumulate(columns)
      for (let k = 0; k < height; k++) {
        backward.setA(k, data, (start + k) * columns, mean)
        backward.setB(k, forward.c, k * forward.stride)
      }
      backward.accumulate(height)
    }
    const image = new Float64Array(width * columns)
    for (let c = 0; c < columns; c++)
      for (let i = 0; i < width; i++) image[i * columns + c] = backward.c[c * backward.stride + i]!
    return image
  }
}

/** Width `randomizedAxes` asks its operator for. */
export function randomizedWidth(count: number, columns: number): number {
  return Math.min(count + oversampling, columns)
}

/** An axis is known up to its sign: make the entry of largest size positive, the first of equals. */
function fixSigns(axes: Float64Array, count: number, columns: number): void {
  for (let a = 0; a < count; a++) {
    const axis = axes.subarray(a * columns, (a + 1) * columns)
    let largest = 0
    for (let j = 1; j < columns; j++) if (Math.abs(axis[j]!) > Math.abs(axis[largest]!)) largest = j
    if (axis[largest]! < 0) for (let j = 0; j < columns; j++) axis[j] = -axis[j]!
  }
}
