import { Readable } from 'node:stream'
import { type CsvError, type Info, parse } from 'csv-parse'
import type { SourceDocument } from '../../spec/collection.ts'
import { UnreadableInputError } from '../../spec/errors.ts'
import { typedNumber } from '../front-matter.ts'
import type { ReadSource } from '../read-source.ts'
import { type Row, rowDocuments } from '../row-documents.ts'
import { maxLineBytes } from './jsonl.ts'

type Delimiter = ',' | ';' | '\t'
interface Cells {
  readonly line: number
  readonly cells: readonly string[]
}

const sampleRows = 100
const sampleBytes = 1 << 16

/**
 * A table of delimited rows (RFC 4180): one row is one document, in memory that does not grow with the file. The
 * delimiter (`,` `;` or tab), whether the first row is a header, and the columns of numbers and booleans are inferred
 * from the first rows.
 *
 * @param delimiter - @default the one of `,` `;` and tab that cuts the first rows most evenly
 * @throws {UnreadableInputError} naming the line whose quotes or number of cells are wrong.
 */
export async function* readCsv(
  chunks: AsyncIterable<Buffer>,
  source: ReadSource,
  delimiter?: Delimiter,
): AsyncGenerator<SourceDocument> {
  const { head, all } = await peek(chunks, sampleBytes)
  yield* rowDocuments(typedRows(cellRows(all, source.path, delimiter ?? inferDelimiter(head)), source), source)
}

async function peek(
  chunks: AsyncIterable<Buffer>,
  bytes: number,
): Promise<{ head: string; all: AsyncIterable<Buffer> }> {
  const iterator = chunks[Symbol.asyncIterator]()
  const first: Buffer[] = []
  let size = 0
  while (size < bytes) {
    const next = await iterator.next()
    if (next.done === true) break
    first.push(next.value)
    size += next.value.length
  }
  async function* all(): AsyncGenerator<Buffer> {
    try {
      yield* first
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value
    } finally {
      await iterator.return?.()
    }
  }
  return { head: Buffer.concat(first).toString('utf8'), all: all() }
}

async function* cellRows(chunks: AsyncIterable<Buffer>, path: string, delimiter: Delimiter): AsyncGenerator<Cells> {
  const parser = parse({
    delimiter,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: maxLineBytes,
  })
  const input = Readable.from(chunks)
  input.on('error', (error) => parser.destroy(error))
  let width: number | undefined
  try {
    for await (const { record, info } of input.pipe(parser) as AsyncIterable<{ record: string[]; info: Info }>) {
      let breaks = 0
      for (const cell of record) if (cell.includes('\n')) breaks += cell.split('\n').length - 1
      const line = info.lines - breaks
      width ??= record.length
      if (record.length !== width)
        throw new UnreadableInputError(path, `${plural(width)}, as in the first row`, `${record.length}`, {
          line,
          remedy: 'Quote cells that hold the delimiter.',
        })
      yield { line, cells: record }
    }
  } catch (error) {
    throw (error as CsvError).code?.startsWith('CSV_') || (error as CsvError).code === 'INVALID_OPENING_QUOTE'
      ? csvError(error as CsvError, path)
      : error
  } finally {
    input.destroy()
  }
}

function plural(cells: number): string {
  return cells === 1 ? '1 cell' : `${cells} cells`
}

function csvError(error: CsvError, path: string): UnreadableInputError {
  const options = { line: Number(error['lines']), cause: error }
  const code = error.code as string
  if (code.includes('MAX_RECORD_SIZE'))
    return new UnreadableInputError(path, `rows of at most ${maxLineBytes} bytes`, 'a longer one', {
      ...options,
      remedy: 'Look for a quote that is never closed.',
    })
  return new UnreadableInputError(path, 'quotes around a whole cell, doubled within', 'one that stands alone', options)
}

/** Rows as objects: names from the header, cells typed by their column. */
async function* typedRows(rows: AsyncIterable<Cells>, source: ReadSource): AsyncGenerator<Row> {
  const sample: Cells[] = []
  let make: ((row: Cells) => Row) | undefined
  for await (const row of rows) {
    if (make !== undefined) {
      yield make(row)
      continue
    }
    sample.push(row)
    if (sample.length < sampleRows) continue
    make = plan(sample, source)
    for (const sampled of sample) yield make(sampled)
  }
  if (make !== undefined || sample.length === 0) return
  make = plan(sample, source)
  for (const sampled of sample) yield make(sampled)
}

/** Takes the header off `sample` where it has one. */
function plan(sample: Cells[], source: ReadSource): (row: Cells) => Row {
  const first = sample[0] as Cells
  const width = first.cells.length
  const asked = [...(source.textFields ?? []), ...(typeof source.idField === 'string' ? [source.idField] : [])]
  const isHeader = asked.some((name) => first.cells.includes(name)) || looksLikeHeader(sample)
  if (isHeader) sample.shift()
  else
    source.onNotice?.({
      kind: 'inferred-fields',
      source: source.id,
      message: `the first row reads like data, so the columns are named column1 to column${width}.`,
    })
  const names = isHeader ? uniqueNames(first.cells) : first.cells.map((_, i) => `column${i + 1}`)
  const types = names.map((_, column) => columnType(sample.map(({ cells }) => cells[column] as string)))
  return ({ line, cells }) => {
    const value = Object.create(null) as Record<string, unknown>
    for (const [column, name] of names.entries()) {
      const cell = cells[column] as string
      if (cell !== '') value[name] = types[column] === 'text' ? cell : (typedCell(cell) ?? cell)
    }
    return { line, value }
  }
}

/** Short, different, worded like names, and not what the column below holds. */
function looksLikeHeader(sample: readonly Cells[]): boolean {
  const [head, ...body] = sample.map(({ cells }) => cells)
  const names = (head ?? []).map((cell) => cell.trim().toLowerCase())
  if (new Set(names).size !== names.length) return false
  return (head ?? []).every((name, column) => {
    const below = body.map((cells) => cells[column] as string)
    return (
      (name.trim() !== '' || column === 0) &&
      name.length <= 64 &&
      !/[.!?。]$/.test(name.trim()) &&
      name.trim().split(/\s+/).length <= 6 &&
      typedCell(name) === undefined &&
      !below.includes(name)
    )
  })
}

function uniqueNames(cells: readonly string[]): string[] {
  const names = cells.map((cell) => cell.trim())
  return names.map((name, i) => (name === '' || names.indexOf(name) < i ? `${name || 'column'}${i + 1}` : name))
}

function columnType(cells: readonly string[]): 'typed' | 'text' {
  const filled = cells.filter((cell) => cell !== '')
  return filled.length > 0 && filled.every((cell) => typedCell(cell) !== undefined) ? 'typed' : 'text'
}

function typedCell(cell: string): number | boolean | undefined {
  if (cell === 'true' || cell === 'false') return cell === 'true'
  return typedNumber(cell)
}

/** The delimiter that cuts most lines into one same number of cells, more than one. */
function inferDelimiter(head: string): Delimiter {
  const counts: Record<Delimiter, number[]> = { ',': [], ';': [], '\t': [] }
  let quoted = false
  let row: Record<Delimiter, number> = { ',': 0, ';': 0, '\t': 0 }
  for (const character of head) {
    if (character === '"') quoted = !quoted
    else if (quoted) continue
    else if (character === '\n') {
      for (const key of Object.keys(counts) as Delimiter[]) counts[key].push(row[key])
      row = { ',': 0, ';': 0, '\t': 0 }
    } else if (character === ',' || character === ';' || character === '\t') row[character]++
  }
  if (counts[','].length === 0) for (const key of Object.keys(counts) as Delimiter[]) counts[key].push(row[key])
  const evenness = (key: Delimiter) => {
    const [first = 0] = counts[key]
    return first === 0 ? 0 : counts[key].filter((count) => count === first).length
  }
  return (['\t', ';', ','] as const).reduce(
    (best, key) => (evenness(key) >= evenness(best) ? key : best),
    ',' as Delimiter,
  )
}
