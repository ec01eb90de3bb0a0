import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { describe, UnreadableInputError } from '../spec/errors.ts'
import { decodeText } from '../text/decode.ts'

/** A row of a table by the names of its columns, or by `0`, `1`, … where the first row names none. */
export interface TaskRow {
  /** From 1. */
  readonly line: number
  readonly value: Readonly<Record<string, unknown>>
}

/** Endings of the tables that are read; each also with `.gz`. */
export const tableEndings = ['.jsonl', '.csv', '.tsv'] as const

/** `stsb.test` of `stsb.test.jsonl.gz`; undefined for a file that is no table. */
export function tableName(file: string): string | undefined {
  const plain = file.endsWith('.gz') ? file.slice(0, -3) : file
  const ending = tableEndings.find((one) => plain.endsWith(one))
  return ending === undefined ? undefined : plain.slice(0, -ending.length)
}

/**
 * The rows of a `.jsonl`, `.csv` or `.tsv` file, also with `.gz`. Quotes in a `.tsv` are letters like others, as in the
 * field's files.
 *
 * @param header - Whether a row of cells names columns. Asked of the first row of a table of cells.
 * @throws {UnreadableInputError} naming the line that is no row.
 */
export async function readTaskRows(
  path: string,
  header: (cells: readonly string[]) => boolean,
): Promise<readonly TaskRow[]> {
  const text = decodeText(await bytesOf(path), path)
  const plain = path.endsWith('.gz') ? path.slice(0, -3) : path
  if (plain.endsWith('.jsonl')) return jsonRows(text, path)
  return named(plain.endsWith('.tsv') ? tabRows(text) : commaRows(text, path), path, header)
}

async function bytesOf(path: string): Promise<Uint8Array> {
  const bytes = await readFile(path)
  if (!path.endsWith('.gz')) return bytes
  try {
    return gunzipSync(bytes)
  } catch (cause) {
    throw new UnreadableInputError(path, 'a whole gzip file', 'bytes that are none', { cause })
  }
}

function jsonRows(text: string, path: string): TaskRow[] {
  const rows: TaskRow[] = []
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch (cause) {
      throw new UnreadableInputError(path, 'one JSON object a line', 'text that is none', { line: i + 1, cause })
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new UnreadableInputError(path, 'one JSON object a line', describe(value), { line: i + 1 })
    rows.push({ line: i + 1, value: value as Record<string, unknown> })
  }
  return rows
}

interface Cells {
  readonly line: number
  readonly cells: readonly string[]
}

function tabRows(text: string): Cells[] {
  return text
    .split(/\r?\n/)
    .map((line, i) => ({ line: i + 1, cells: line.split('\t') }))
    .filter(({ cells }) => cells.length > 1 || cells[0] !== '')
}

function commaRows(text: string, path: string): Cells[] {
  let rows: { record: string[]; info: { lines: number } }[]
  try {
    rows = parse(text, { info: true, skip_empty_lines: true, relax_column_count: true }) as unknown as typeof rows
  } catch (cause) {
    const line = Number((cause as { lines?: unknown }).lines)
    throw new UnreadableInputError(path, 'comma-separated cells, quotes closed', 'a row that is none', {
      ...(Number.isSafeInteger(line) ? { line } : {}),
      cause,
    })
  }
  return rows.map(({ record, info }) => ({ line: info.lines, cells: record }))
}

function named(rows: readonly Cells[], path: string, header: (cells: readonly string[]) => boolean): TaskRow[] {
  const [first] = rows
  if (first === undefined) return []
  const isHeader = header(first.cells)
  const names = isHeader ? first.cells.map((cell) => cell.trim()) : first.cells.map((_, i) => String(i))
  return rows.slice(isHeader ? 1 : 0).map(({ line, cells }) => {
    if (cells.length !== names.length)
      throw new UnreadableInputError(path, `${names.length} cells, as in the first row`, `${cells.length}`, { line })
    return { line, value: Object.fromEntries(names.map((name, i) => [name, cells[i]])) }
  })
}
