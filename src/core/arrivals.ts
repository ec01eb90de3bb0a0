import type { AddOptions, SourceDocument, SourceRecord } from '../spec/collection.ts'
import { InvalidArgumentError, VecinoError } from '../spec/errors.ts'
import type { Store } from '../spec/store.ts'
import { readFile } from '../text/read-file.ts'
import { recordDocument } from '../text/record.ts'
import { type FoundFile, walk } from '../text/walk.ts'
import type { NoticeLedger } from './notice-ledger.ts'

export type AddInput = string | readonly string[] | Iterable<SourceRecord> | AsyncIterable<SourceRecord>

/** What reading brings, in order: documents, and after those of a file that it was read to its end, or was not read at all. */
export type Arrival =
  | { readonly kind: 'document'; readonly document: SourceDocument; readonly isNameless: boolean }
  | { readonly kind: 'read'; readonly found: FoundFile; readonly sources: number }
  | { readonly kind: 'unchanged'; readonly found: FoundFile; readonly sources: number }
  /** A file that gave an error half-way: what came of it before stands, and it is read again next time. */
  | { readonly kind: 'unreadable'; readonly found: FoundFile }

/** Paths given to `add`; undefined for records. */
export function pathsOf(input: AddInput): readonly string[] | undefined {
  if (typeof input === 'string') return [input]
  if (Array.isArray(input) && typeof input[0] === 'string') {
    const other = input.findIndex((path) => typeof path !== 'string')
    if (other !== -1) throw new InvalidArgumentError(`input[${other}]`, 'a path like the ones before it', input[other])
    return input
  }
  const isIterable =
    typeof input === 'object' && input !== null && (Symbol.iterator in input || Symbol.asyncIterator in input)
  if (!isIterable) throw new InvalidArgumentError('input', 'a path, paths, or an iterable of records', input)
  return undefined
}

export async function* recordArrivals(
  records: Iterable<SourceRecord> | AsyncIterable<SourceRecord>,
): AsyncGenerator<Arrival> {
  let position = 0
  for await (const record of records) {
    const document = recordDocument(record, position++)
    yield { kind: 'document', document, isNameless: record.id === undefined }
  }
}

/** The files to look at. @throws {InvalidArgumentError} when there are none. */
export async function findFiles(
  paths: readonly string[],
  options: AddOptions,
  ledger: NoticeLedger,
): Promise<FoundFile[]> {
  const { include, exclude, noIgnore } = options
  const files: FoundFile[] = []
  for await (const found of walk(paths, { include, exclude, noIgnore, onNotice: ledger.add })) files.push(found)
  if (files.length === 0)
    throw new InvalidArgumentError(
      'input',
      'a file that can be read, or a folder with one',
      paths.join(', '),
      'Read are Markdown, text, HTML, JSON, JSONL, CSV and source code; see include, exclude and the ignore files.',
    )
  return files
}

/**
 * Documents of the files that changed. A file of the same size and time as when it was last read to its end, with the
 * same settings, is not opened.
 */
export async function* fileArrivals(
  files: readonly FoundFile[],
  { store, options, settings, ledger }: { store: Store; options: AddOptions; settings: string; ledger: NoticeLedger },
): AsyncGenerator<Arrival> {
  const known = new Map<string, { modifiedMs: number; sizeBytes: number; settings: string; sources: number }>()
  for await (const { path, ...facts } of store.files()) known.set(path, facts)
  const { textFields, idField } = options
  for (const found of files) {
    const { path, modifiedMs, sizeBytes } = found.file
    const before = known.get(path)
    if (before?.modifiedMs === modifiedMs && before.sizeBytes === sizeBytes && before.settings === settings) {
      yield { kind: 'unchanged', found, sources: before.sources }
      continue
    }
    let sources = 0
    try {
      for await (const document of readFile(found, { textFields, idField, onNotice: ledger.add })) {
        sources++
        yield { kind: 'document', document, isNameless: false }
      }
    } catch (error) {
      // A file the user named must not go unread quietly; one of many in a folder must not stop the others.
      if (found.isNamed || !isAboutTheFile(error)) throw error
      ledger.add({ kind: 'skipped-file', source: found.id, message: error.message })
      yield { kind: 'unreadable', found }
      continue
    }
    yield { kind: 'read', found, sources }
  }
}

function isAboutTheFile(error: unknown): error is VecinoError {
  return VecinoError.isInstance(error) && (error.code === 'unreadable' || error.code === 'not-found')
}
