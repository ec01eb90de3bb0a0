import type { SourceDocument } from '../../spec/collection.ts'
import { describe, UnreadableInputError } from '../../spec/errors.ts'
import { byteLines } from '../byte-lines.ts'
import type { ReadSource } from '../read-source.ts'
import { type Row, rowDocuments } from '../row-documents.ts'

/** Longest line read: one row must fit into memory several times over. */
export const maxLineBytes = 16 << 20

/**
 * JSON Lines: one object (or string) a line is one document, in memory that does not grow with the file.
 *
 * @throws {UnreadableInputError} naming the line that is no JSON, or longer than 16 MiB.
 */
export function readJsonl(chunks: AsyncIterable<Buffer>, source: ReadSource): AsyncGenerator<SourceDocument> {
  return rowDocuments(jsonRows(chunks, source.path), source)
}

async function* jsonRows(chunks: AsyncIterable<Buffer>, path: string): AsyncGenerator<Row> {
  for await (const { text, line } of byteLines(chunks, path, maxLineBytes)) {
    if (text.trim() === '') continue
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch (cause) {
      throw new UnreadableInputError(path, 'one JSON value a line', 'text that is none', {
        line,
        remedy: 'Mend or remove that line.',
        cause,
      })
    }
    yield { line, value: asRow(value, path, line) }
  }
}

/** @throws {UnreadableInputError} for a value that is neither an object nor a text. */
export function asRow(value: unknown, path: string, line: number): Row['value'] {
  if (typeof value === 'string') return value
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new UnreadableInputError(path, 'an object or a string a row', describe(value), { line })
}
