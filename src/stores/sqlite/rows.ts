import type { SourceFile } from '../../spec/collection.ts'
import { CorruptDataError, describe } from '../../spec/errors.ts'
import type { Metadata } from '../../spec/filter.ts'
import type { ReadFile, StoredSource } from '../../spec/store.ts'
import { rowChecksum, vectorChecksum } from './checksum.ts'
import type { Connection, Row, SqlValue } from './connection.ts'
import type { CollectionTables } from './schema.ts'

/** A row of `sources`, checked. */
export interface SourceRow {
  readonly key: number
  readonly id: string
  readonly kind: StoredSource['kind']
  readonly title: string | undefined
  readonly digest: string
  readonly metadata: Metadata
  readonly file: SourceFile | undefined
  /** Key of its first passage; the others follow without a gap. */
  readonly first: number
  readonly count: number
  readonly tokens: number
}

/** A row of `passages`, checked. */
export interface PassageRow {
  readonly key: number
  readonly source: number
  readonly ordinal: number
  readonly start: number
  readonly end: number
  readonly line: number
  readonly headings: readonly string[]
  readonly tokens: number
  readonly hasVector: boolean
  readonly text: string
}

const sourceColumns = 'key, id, kind, title, digest, metadata, path, modified, size, first, count, tokens'
const passageColumns = 'key, source, ordinal, start, "end", line, headings, tokens, has_vector'
const fileColumns = 'path, modified, size, settings, sources'

export function selectSources(t: CollectionTables): string {
  return `SELECT ${sourceColumns}, crc FROM ${t.sources}`
}

export function selectPassages(t: CollectionTables): string {
  return `SELECT ${passageColumns}, text, crc FROM ${t.passages}`
}

export function selectVectors(t: CollectionTables): string {
  return `SELECT key, vector, crc FROM ${t.vectors}`
}

/** @throws {CorruptDataError} naming the source. */
export function readSource(row: Row, place: string): SourceRow {
  const { crc, ...columns } = row
  if (rowChecksum(Object.values(columns) as (string | number | null)[]) !== crc)
    throw damagedSource(place, String(row['id']), 'a row that does not fit its checksum')
  const path = row['path']
  return {
    key: Number(row['key']),
    id: String(row['id']),
    kind: row['kind'] as StoredSource['kind'],
    title: row['title'] === null ? undefined : String(row['title']),
    digest: String(row['digest']),
    metadata: JSON.parse(String(row['metadata'])) as Metadata,
    file:
      path === null
        ? undefined
        : { path: String(path), modifiedMs: Number(row['modified']), sizeBytes: Number(row['size']) },
    first: Number(row['first']),
    count: Number(row['count']),
    tokens: Number(row['tokens']),
  }
}

export function sourceWriter(connection: Connection, t: CollectionTables): (source: SourceRow) => void {
  const insert = inserter(connection, `INSERT OR REPLACE INTO ${t.sources}`, `${sourceColumns}, crc`)
  return (source) => {
    const { file } = source
    const columns = [
      source.key,
      source.id,
      source.kind,
      source.title ?? null,
      source.digest,
      JSON.stringify(source.metadata),
      file?.path ?? null,
      file?.modifiedMs ?? null,
      file?.sizeBytes ?? null,
      source.first,
      source.count,
      source.tokens,
    ]
    insert(...columns, rowChecksum(columns))
  }
}

/** @throws {CorruptDataError} naming the source where it can be found. */
export function readPassage(row: Row, place: string, sourceId: (source: number) => string): PassageRow {
  const { crc, text, ...columns } = row
  if (rowChecksum(Object.values(columns) as (string | number | null)[], String(text)) !== crc)
    throw damagedSource(place, sourceId(Number(row['source'])), `passage ${row['key']} that does not fit its checksum`)
  return {
    key: Number(row['key']),
    source: Number(row['source']),
    ordinal: Number(row['ordinal']),
    start: Number(row['start']),
    end: Number(row['end']),
    line: Number(row['line']),
    headings: JSON.parse(String(row['headings'])) as string[],
    tokens: Number(row['tokens']),
    hasVector: row['has_vector'] === 1,
    text: String(text),
  }
}

export function passageWriter(connection: Connection, t: CollectionTables): (passage: PassageRow) => void {
  const insert = inserter(connection, `INSERT INTO ${t.passages}`, `${passageColumns}, text, crc`)
  return (passage) => {
    const columns = [
      passage.key,
      passage.source,
      passage.ordinal,
      passage.start,
      passage.end,
      passage.line,
      JSON.stringify(passage.headings),
      passage.tokens,
      passage.hasVector ? 1 : 0,
    ]
    insert(...columns, passage.text, rowChecksum(columns, passage.text))
  }
}

export function vectorWriter(connection: Connection, t: CollectionTables): (key: number, bytes: Uint8Array) => void {
  const insert = inserter(connection, `INSERT INTO ${t.vectors}`, 'key, vector, crc')
  return (key, bytes) => insert(key, bytes, vectorChecksum(key, bytes))
}

/** Whether a row of `vectors` is what was written, and of the collection's length. */
export function isSoundVector(
  key: Row[string] | undefined,
  bytes: Row[string] | undefined,
  crc: Row[string] | undefined,
  dimensions: number,
): bytes is Uint8Array {
  return (
    typeof key === 'number' &&
    bytes instanceof Uint8Array &&
    bytes.length === 4 * dimensions &&
    vectorChecksum(key, bytes) === crc
  )
}

export function selectFiles(t: CollectionTables): string {
  return `SELECT ${fileColumns}, crc FROM ${t.files}`
}

/** @throws {CorruptDataError} naming the file. */
export function readFile(row: Row, place: string): ReadFile {
  const { crc, ...columns } = row
  if (rowChecksum(Object.values(columns) as (string | number | null)[]) !== crc)
    throw new CorruptDataError(`${place}, facts of file ${describe(row['path'])}`, 'what was written', 'another row')
  return {
    path: String(row['path']),
    modifiedMs: Number(row['modified']),
    sizeBytes: Number(row['size']),
    settings: String(row['settings']),
    sources: Number(row['sources']),
  }
}

export function writeFile(connection: Connection, t: CollectionTables, file: ReadFile): void {
  const columns = [file.path, file.modifiedMs, file.sizeBytes, file.settings, file.sources]
  inserter(connection, `INSERT OR REPLACE INTO ${t.files}`, `${fileColumns}, crc`)(...columns, rowChecksum(columns))
}

export function damagedSource(place: string, id: string, got: string): CorruptDataError {
  return new CorruptDataError(`${place}, source ${describe(id)}`, 'what was written', got)
}

function inserter(connection: Connection, into: string, columns: string): (...values: SqlValue[]) => void {
  const places = columns.split(',').map(() => '?')
  return connection.runner(`${into}(${columns}) VALUES(${places})`)
}
