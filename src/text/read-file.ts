import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { Notice, SourceDocument } from '../spec/collection.ts'
import { InvalidArgumentError, UnreadableInputError } from '../spec/errors.ts'
import { decodeText, isBinary, utf8Chunks } from './decode.ts'
import type { FileFormat } from './formats.ts'
import { type ReadSource, skipSource } from './read-source.ts'
import { unreadable } from './unreadable.ts'
import type { FoundFile } from './walk.ts'

export interface ReadOptions {
  /** Columns or fields that hold the text of CSV, JSON and JSONL rows. @default inferred, and said by a notice */
  readonly textFields?: readonly string[] | undefined
  /** Column or field that holds the id of such rows. @default `<file>:<line>` */
  readonly idField?: string | false | undefined
  readonly onNotice?: ((notice: Notice) => void) | undefined
}

/** Largest file that is read as one document. */
export const maxDocumentBytes = 64 << 20
const sniffBytes = 8192
const readBytes = 1 << 18
const tooLargeRemedy = 'Split it, or turn it into JSON Lines with one text a line.'

type WholeReader = (text: string, source: ReadSource) => Iterable<SourceDocument> | AsyncIterable<SourceDocument>
type RowsReader = (chunks: AsyncIterable<Buffer>, source: ReadSource) => AsyncIterable<SourceDocument>

/** Imported when a file of the format is met: a search reads none and need not load their parsers. */
const wholeReaders: Readonly<Partial<Record<FileFormat, () => Promise<WholeReader>>>> = {
  markdown: async () => (await import('./readers/markdown.ts')).readMarkdown,
  text: async () => (await import('./readers/text.ts')).readText,
  html: async () => (await import('./readers/html.ts')).readHtml,
  json: async () => (await import('./readers/json.ts')).readJson,
  code: async () => {
    const { readCode } = await import('./readers/code.ts')
    return (text, source) => readCode(text, source)
  },
}

const rowReaders: Readonly<Partial<Record<FileFormat, () => Promise<RowsReader>>>> = {
  jsonl: async () => (await import('./readers/jsonl.ts')).readJsonl,
  csv: async () => (await import('./readers/csv.ts')).readCsv,
  tsv: async () => {
    const { readCsv } = await import('./readers/csv.ts')
    return (chunks, source) => readCsv(chunks, source, '\t')
  },
}

/**
 * Documents of one file: one of a text, page or program, one a row of a table. Binary and empty files give none: a
 * notice where the file was met in a folder, an error where it was named.
 *
 * @throws {UnreadableInputError} naming file and place: no right to read, bytes that are no text, a line that is no JSON,
 *   a document over 64 MiB.
 *
 * Cost: a table is streamed; any other file is held in memory once.
 */
export async function* readFile(found: FoundFile, options: ReadOptions = {}): AsyncGenerator<SourceDocument> {
  const { path } = found.file
  const source: ReadSource = { ...options, path, id: found.id, file: found.file, isNamed: found.isNamed }
  let handle: FileHandle
  try {
    // A link put in the place of a file since the walk is not followed.
    handle = await open(path, constants.O_RDONLY | (found.isNamed ? 0 : (constants.O_NOFOLLOW ?? 0)))
  } catch (error) {
    throw unreadable(path, error)
  }
  try {
    const rows = await rowReaders[found.format]?.()
    if (rows === undefined) yield* readWhole(await readBounded(handle, source), found.format, source)
    else if (await isTextual(handle, source))
      yield* rows(
        utf8Chunks(handle.createReadStream({ start: 0, highWaterMark: readBytes, autoClose: false }), path),
        source,
      )
  } finally {
    await handle.close()
  }
}

/**
 * Documents of a stream of bytes, such as standard input, as of a named file.
 *
 * @param options.name - What messages call it and ids begin with.
 */
export async function* readStream(
  stream: AsyncIterable<Uint8Array>,
  options: ReadOptions & { readonly name: string; readonly format: FileFormat },
): AsyncGenerator<SourceDocument> {
  const { name, format } = options
  if (typeof name !== 'string' || name === '') throw new InvalidArgumentError('options.name', 'a name', name)
  const source: ReadSource = { ...options, path: name, id: name, file: undefined, isNamed: true }
  const rows = await rowReaders[format]?.()
  if (rows !== undefined) {
    yield* rows(utf8Chunks(stream, name), source)
    return
  }
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of stream) {
    parts.push(part)
    size += part.length
    if (size > maxDocumentBytes) throw tooLarge(name, `more than ${maxDocumentBytes} bytes`)
  }
  yield* readWhole(Buffer.concat(parts), format, source)
}

async function* readWhole(bytes: Uint8Array, format: FileFormat, source: ReadSource): AsyncGenerator<SourceDocument> {
  if (isBinary(bytes)) return skipSource(source, 'text', 'a binary file (it holds NUL bytes)')
  const text = decodeText(bytes, source.path)
  if (text.trim() === '') return skipSource(source, 'text', 'an empty file')
  const reader = await wholeReaders[format]?.()
  if (reader === undefined) throw new InvalidArgumentError('options.format', 'a format that is read', format)
  yield* reader(text, source)
}

async function readBounded(handle: FileHandle, { path }: ReadSource): Promise<Uint8Array> {
  try {
    const { size } = await handle.stat()
    if (size > maxDocumentBytes) throw tooLarge(path, `${size} bytes`)
    return await handle.readFile()
  } catch (error) {
    throw error instanceof UnreadableInputError ? error : unreadable(path, error)
  }
}

async function isTextual(handle: FileHandle, source: ReadSource): Promise<boolean> {
  const head = Buffer.alloc(sniffBytes)
  const { bytesRead } = await handle.read(head, 0, sniffBytes, 0)
  if (!isBinary(head.subarray(0, bytesRead))) return true
  skipSource(source, 'text', 'a binary file (it holds NUL bytes)')
  return false
}

function tooLarge(path: string, got: string): UnreadableInputError {
  return new UnreadableInputError(path, `a document of at most ${maxDocumentBytes} bytes`, got, {
    remedy: tooLargeRemedy,
  })
}
