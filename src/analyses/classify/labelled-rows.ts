import { InvalidArgumentError, InvalidVectorError } from '../../spec/errors.ts'
import { assertFinite, createMatrix, type Matrix } from '../../spec/matrix.ts'

/** Rows scaled to unit length. @throws {InvalidVectorError} for a row that is zero or not finite. */
export function unitRows(matrix: Matrix): Matrix {
  assertFinite(matrix)
  const { rows, columns, passport } = matrix
  const unit = createMatrix(rows, columns, matrix.data.slice(), passport)
  for (let i = 0; i < rows; i++) {
    const row = unit.data.subarray(i * columns, (i + 1) * columns)
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0))
    if (length === 0)
      throw new InvalidVectorError(`vectors, row ${i}`, 'a direction', 'a zero vector', {
        row: i,
        remedy: 'Leave the item out: the model knows no token of it.',
      })
    for (let j = 0; j < columns; j++) row[j] = row[j]! / length
  }
  return unit
}

/** @throws {InvalidArgumentError} unless there is one label, a text that is not empty, for each row. */
export function assertLabels(labels: readonly string[], rows: number): void {
  if (!Array.isArray(labels)) throw new InvalidArgumentError('labels', 'an array of texts', labels)
  if (labels.length !== rows) throw new InvalidArgumentError('labels', `${rows}, one an item`, labels.length)
  labels.forEach((label, i) => {
    if (typeof label !== 'string' || label === '') throw new InvalidArgumentError(`labels[${i}]`, 'a label', label)
  })
}

/**
 * The classes in order and each label's number among them.
 *
 * @param given - Classes that must all have an item. @default those that occur, sorted by code units
 */
export function classesOf(
  labels: readonly string[],
  given?: readonly string[],
): { classes: string[]; numbers: Int32Array } {
  const occurring = new Set(labels)
  const classes = given === undefined ? [...occurring].sort() : [...new Set(given)]
  const empty = classes.find((name) => !occurring.has(name))
  if (empty !== undefined)
    throw new InvalidArgumentError(
      `class ${JSON.stringify(empty)}`,
      'at least 1 item',
      0,
      'Add an example, or leave the class out.',
    )
  const numberOf = new Map(classes.map((name, i) => [name, i]))
  const numbers = Int32Array.from(labels, (label, i) => {
    const number = numberOf.get(label)
    if (number === undefined)
      throw new InvalidArgumentError(`labels[${i}]`, `one of ${classes.length} classes`, label, 'Check its spelling.')
    return number
  })
  if (classes.length < 2)
    throw new InvalidArgumentError('labels', 'at least 2 different ones', classes.length, 'Add items of another class.')
  return { classes, numbers }
}
