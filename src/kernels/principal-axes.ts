import { assertFinite, type Matrix } from '../spec/matrix.ts'
import { gramOfColumns } from './gram.ts'
import { orthonormalize } from './linear-algebra.ts'
import { createPanelProduct } from './panel-product.ts'
import { createRandom } from './random.ts'
import { fastSymmetricEigen, symmetricEigen } from './symmetric-eigen.ts'
import type { Engine } from './wasm/features.ts'

/** The leading right singular vectors of a matrix X. */
export interface PrincipalAxes {
  /** Squared singular values, descending, ≥ 0. */
  readonly squares: Float64Array
  /** `count × columns`, orthonormal rows; the entry of largest size in each is positive. */
  readonly axes: Float64Array
}

export interface PrincipalAxesOptions {
  /** X are the rows less their mean. @default false */
  readonly centred?: boolean
  /**
   * Sum in float64 alone where a wanted singular value is below a 32nd of the largest: what float32 leaves of it is good
   * to a few 10⁻⁵ there, and gets worse below. @default false
   */
  readonly weakAxes?: boolean
  readonly engine?: Engine | undefined
  readonly threads?: number | undefined
}

const panelRows = 128
const blockRows = 64
const oversampling = 10
/** As squares: a 32nd of the largest. */
const weak = 2 ** -10

/** The axes of a dense matrix, with the columns' means and the sum of all squares of X. */
export async function denseAxes(
  matrix: Matrix,
  count: number,
  options: Omit<PrincipalAxesOptions, 'weakAxes'> & { readonly method: 'exact' | 'randomized'; readonly seed: number },
): Promise<PrincipalAxes & { readonly means: Float64Array; readonly total: number }> {
  const { rows, columns } = matrix
  const { method, seed, centred = false, engine } = options
  if (method === 'exact' || !isRandomCheaper(rows, columns, count)) {
    if (rows >= columns) return tallAxes(matrix, count, { ...options, weakAxes: true })
    assertFinite(matrix, 'matrix')
    const means = columnMeans(matrix)
    return { ...(await wideAxes(matrix, count, { mean: centred ? means : undefined, engine })), means }
  }
  assertFinite(matrix, 'matrix')
  const means = columnMeans(matrix)
  const mean = centred ? means : undefined
  const times = await denseGramTimes(matrix, randomizedWidth(count, columns), { mean, engine })
  return { ...randomizedAxes(times, matrix, count, seed), means, total: sumOfSquares(matrix, mean) }
}

/** By the eigenvectors of XᵀX. */
export async function exactAxes(matrix: Matrix, count: number, options: PrincipalAxesOptions): Promise<PrincipalAxes> {
  return matrix.rows >= matrix.columns
    ? tallAxes(matrix, count, options)
    : wideAxes(matrix, count, {
        mean: options.centred === true ? columnMeans(matrix) : undefined,
        engine: options.engine,
      })
}

/** XᵀX and its eigenvectors against the passes of `randomizedAxes`, in multiply-adds. */
function isRandomCheaper(rows: number, columns: number, count: number): boolean {
  const [small, large] = [Math.min(rows, columns), Math.max(rows, columns)]
  const exact = (small * small * large) / 2 + 2 * small ** 3
  const passes = iterationsFor(rows, columns, count) + 2
  return 2 * rows * columns * randomizedWidth(count, columns) * passes < exact
}

async function tallAxes(matrix: Matrix, count: number, options: PrincipalAxesOptions) {
  const { columns } = matrix
  const { centred = false, weakAxes = false, engine, threads } = options
  const { products, means } = await gramOfColumns(matrix, { centred, engine, threads })
  const find = async (gram: Float64Array) => {
    let total = 0
    for (let i = 0; i < columns; i++) total += gram[i * columns + i]!
    const { values, vectors } = await fastSymmetricEigen(gram, columns, { count, engine, threads })
    fixSigns(vectors, count, columns)
    return { squares: values.slice(0, count).map((value) => Math.max(0, value)), axes: vectors, means, total }
  }
  const found = await find(products)
  if (!weakAxes || found.squares[count - 1]! >= weak * found.squares[0]!) return found
  const product = await createPanelProduct({ widthA: columns, widthB: columns, capacity: panelRows, engine })
  for (let start = 0; start < matrix.rows; start += panelRows) {
    const height = Math.min(panelRows, matrix.rows - start)
    for (let k = 0; k < height; k++) product.setA(k, matrix.data, (start + k) * columns, centred ? means : undefined)
    product.accumulateSquare(height)
  }
  return find(lowerTriangle(product.c, product.stride, columns))
}

/** By the eigenvectors of XXᵀ, in float64. */
async function wideAxes(
  matrix: Matrix,
  count: number,
  options: { readonly mean: Float64Array | undefined; readonly engine: Engine | undefined },
) {
  const { data, rows, columns } = matrix
  const { mean, engine } = options
  const product = await createPanelProduct({ widthA: rows, widthB: rows, capacity: panelRows, engine })
  for (let start = 0; start < columns; start += panelRows) {
    const height = Math.min(panelRows, columns - start)
    const part = mean?.subarray(start, start + height)
    for (let i = 0; i < rows; i++) product.setAColumn(i, data, i * columns + start, height, part)
    product.accumulateSquare(height)
  }
  const gram = lowerTriangle(product.c, product.stride, rows)
  const { values, vectors } = await fastSymmetricEigen(gram, rows, { count, engine })
  const squares = values.slice(0, count).map((value) => Math.max(0, value))
  const axes = new Float64Array(count * columns)
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
  fixSigns(axes, count, columns)
  let total = 0
  for (let i = 0; i < rows; i++) total += gram[i * rows + i]!
  return { squares, axes, total }
}

/** Of a product's upper triangle. */
function lowerTriangle(c: Float64Array, stride: number, size: number): Float64Array {
  const gram = new Float64Array(size * size)
  for (let i = 0; i < size; i++) for (let j = 0; j <= i; j++) gram[i * size + j] = c[j * stride + i]!
  return gram
}

function columnMeans({ data, rows, columns }: Matrix): Float64Array {
  const mean = new Float64Array(columns)
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) mean[j]! += data[i * columns + j]!
  for (let j = 0; j < columns; j++) mean[j]! /= rows
  return mean
}

function sumOfSquares({ data, rows, columns }: Matrix, mean: Float64Array | undefined): number {
  let total = 0
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) total += (data[i * columns + j]! - (mean?.[j] ?? 0)) ** 2
  return total
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
  const width = randomizedWidth(count, columns)
  const random = createRandom(seed)
  let basis = Float64Array.from({ length: width * columns }, () => random.normal())
  orthonormalize(basis, width, columns)
  const iterations = iterationsFor(shape.rows, columns, count)
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

function iterationsFor(rows: number, columns: number, count: number): number {
  return count < 0.1 * Math.min(rows, columns) ? 7 : 4
}

/** `GramTimes` of a dense matrix, two products for each block of rows. */
async function denseGramTimes(
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
function randomizedWidth(count: number, columns: number): number {
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
