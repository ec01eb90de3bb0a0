import { InvalidArgumentError, InvalidVectorError } from './errors.ts'
import { assertSamePassport, type Passport } from './passport.ts'

/**
 * Row-major `rows × columns` float32 values: the one shape in which vectors travel.
 * `passport` names the model that made the rows; plain numbers of the user's own have none.
 */
export interface Matrix {
  readonly data: Float32Array
  readonly rows: number
  readonly columns: number
  readonly passport?: Passport | undefined
}

/** A matrix of zeros, or over `data` (not copied) when given. */
export function createMatrix(rows: number, columns: number, data?: Float32Array, passport?: Passport): Matrix {
  if (!Number.isSafeInteger(rows) || rows < 0) throw new InvalidArgumentError('rows', 'an integer ≥ 0', rows)
  if (!Number.isSafeInteger(columns) || columns < 0)
    throw new InvalidArgumentError('columns', 'an integer ≥ 0', columns)
  if (data !== undefined && data.length !== rows * columns)
    throw new InvalidArgumentError('data', `${rows} × ${columns} = ${rows * columns} values`, data.length)
  const values = data ?? new Float32Array(rows * columns)
  return passport === undefined ? { data: values, rows, columns } : { data: values, rows, columns, passport }
}

/**
 * Pack arrays of numbers into a matrix, once, at the edge.
 *
 * @throws {InvalidVectorError} when rows differ in length or a value is not finite in float32 (names the row).
 */
export function toMatrix(
  rows: readonly (readonly number[] | Float32Array | Float64Array)[],
  passport?: Passport,
): Matrix {
  const columns = rows[0]?.length ?? 0
  const matrix = createMatrix(rows.length, columns, undefined, passport)
  for (let i = 0; i < rows.length; i++) {
    const values = rows[i] as ArrayLike<number>
    if (values.length !== columns)
      throw new InvalidVectorError(`row ${i}`, `${columns} values like row 0`, `${values.length}`, { row: i })
    matrix.data.set(values, i * columns)
  }
  assertFinite(matrix)
  return matrix
}

/** Row `index` as a view, not a copy. */
export function rowOf(matrix: Matrix, index: number): Float32Array {
  return matrix.data.subarray(index * matrix.columns, (index + 1) * matrix.columns)
}

/** @throws {InvalidVectorError} naming the first row that holds NaN or an infinity. */
export function assertFinite(matrix: Matrix, name = 'vectors'): void {
  const { data, columns } = matrix
  // Zero times a finite number is zero, times any other NaN: no branch a value, two sums that don't wait for each other.
  let [even, odd] = [0, 0]
  for (let i = 0; i + 1 < data.length; i += 2) {
    even += (data[i] as number) * 0
    odd += (data[i + 1] as number) * 0
  }
  if (data.length > 0) even += (data[data.length - 1] as number) * 0
  if (even + odd === 0) return
  const at = data.findIndex((value) => !Number.isFinite(value))
  const row = Math.floor(at / columns)
  throw new InvalidVectorError(`${name}, row ${row}`, 'finite float32 values', String(data[at]), { row })
}

/**
 * The door of every operation on two matrices: same columns, and never two models in one operation.
 *
 * @throws {InvalidArgumentError} when the columns differ.
 * @throws {PassportMismatchError} when both carry a passport and these differ in any field.
 */
export function assertComparable(a: Matrix, b: Matrix, what = 'vectors'): void {
  if (a.columns !== b.columns) throw new InvalidArgumentError(what, `${a.columns} dimensions`, b.columns)
  if (a.passport !== undefined && b.passport !== undefined) assertSamePassport(a.passport, b.passport, what)
}
