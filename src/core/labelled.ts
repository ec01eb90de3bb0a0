import { InvalidArgumentError, NotFoundError, UnreadableInputError } from '../spec/errors.ts'
import type { Items } from '../spec/items.ts'
import { createMatrix } from '../spec/matrix.ts'
import { readTaskRows, tableEndings, tableName } from './evaluation-rows.ts'

export interface LabelledTexts {
  readonly texts: readonly string[]
  readonly labels: readonly string[]
}

/**
 * Texts and labels of a `.jsonl`, `.csv` or `.tsv` file, also with `.gz`. White space around a label does not count.
 *
 * @throws {UnreadableInputError} naming the line that has no text or no label.
 * @throws {InvalidArgumentError} for another kind of file, or one without rows.
 */
export async function readLabelled(path: string, textField: string, labelField: string): Promise<LabelledTexts> {
  if (tableName(path) === undefined)
    throw new InvalidArgumentError('file', `one that ends in ${tableEndings.join(', ')}`, path)
  const rows = await readTaskRows(path, (cells) => cells.some((cell) => cell.trim() === textField))
  if (rows.length === 0) throw new InvalidArgumentError(path, 'at least one row', 0)
  const field = (value: Readonly<Record<string, unknown>>, name: string, line: number): string => {
    const cell = Object.hasOwn(value, name) ? value[name] : undefined
    const text = typeof cell === 'number' || typeof cell === 'boolean' ? String(cell) : cell
    if (typeof text === 'string' && text.trim() !== '') return text.trim()
    throw new UnreadableInputError(path, `a text in ${JSON.stringify(name)}`, 'none', {
      line,
      remedy: remedyFor(value, textField),
    })
  }
  return {
    texts: rows.map(({ value, line }) => field(value, textField, line)),
    labels: rows.map(({ value, line }) => field(value, labelField, line)),
  }
}

function remedyFor(value: Readonly<Record<string, unknown>>, textField: string): string {
  const naming = 'Name those that hold the text and the label: --text, --label.'
  // Cells are counted from 0 where the first row names no text column.
  if (!Object.hasOwn(value, '0')) return `Columns here: ${Object.keys(value).slice(0, 8).join(', ')}. ${naming}`
  return `The first row names no column ${JSON.stringify(textField)}. ${naming}`
}

/** Items that have a label, and the label of each. */
export interface LabelledItems {
  readonly items: Items
  readonly labels: readonly string[]
  /** Items without one. */
  readonly withoutLabel: number
}

/**
 * The items whose metadata holds a label in `field`.
 *
 * @throws {NotFoundError} when no item has that field.
 * @throws {InvalidArgumentError} when a value of it is an array: an item has one label.
 */
export function labelledItems(items: Items, field: string): LabelledItems {
  const rows: number[] = []
  const labels: string[] = []
  items.metadata.forEach((metadata, row) => {
    const value = Object.hasOwn(metadata, field) ? metadata[field] : undefined
    if (value === undefined || value === null || value === '') return
    if (Array.isArray(value))
      throw new InvalidArgumentError(`${field} of ${JSON.stringify(items.ids[row])}`, 'one label', value)
    rows.push(row)
    labels.push(String(value))
  })
  if (rows.length === 0) throw new NotFoundError('metadata field', field, '`vecino list --json` shows what there is.')
  const pick = <Value>(values: readonly Value[]): Value[] => rows.map((row) => values[row] as Value)
  const { columns, data, passport } = items.vectors
  const vectors = createMatrix(rows.length, columns, undefined, passport)
  rows.forEach((row, i) => {
    vectors.data.set(data.subarray(row * columns, (row + 1) * columns), i * columns)
  })
  return {
    items: {
      ids: pick(items.ids),
      texts: pick(items.texts),
      titles: pick(items.titles),
      metadata: pick(items.metadata),
      vectors,
    },
    labels,
    withoutLabel: items.ids.length - rows.length,
  }
}
