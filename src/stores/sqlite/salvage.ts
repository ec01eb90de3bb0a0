import { CorruptDataError, VecinoError } from '../../spec/errors.ts'
import { createMatrix, type Matrix } from '../../spec/matrix.ts'
import type { ReadFile, StoredSource } from '../../spec/store.ts'
import type { CollectionRow } from './collection-row.ts'
import type { Connection, Row } from './connection.ts'
import {
  isSoundVector,
  readFile,
  readPassage,
  readSource,
  type SourceRow,
  selectFiles,
  selectPassages,
  selectSources,
  selectVectors,
} from './rows.ts'
import { type CollectionTables, tablesOf } from './schema.ts'
import { copyVector } from './vector-bytes.ts'

/** A source that came out whole, or the name of one that did not. */
export type Salvaged =
  | { readonly source: StoredSource; readonly vectors: Matrix }
  | { readonly lost: string; readonly path: string | undefined }

/** Read all that is sound of a damaged collection, source by source, in the order added. */
export function* salvageSources(connection: Connection, collection: CollectionRow): Generator<Salvaged> {
  const t = tablesOf(collection.id)
  for (const row of soundRows(connection, t, selectSources(t), t.sources)) {
    const id = String(row['id'])
    try {
      const source = readSource(row, connection.place)
      yield wholeSource(connection, t, source, collection)
    } catch (error) {
      if (!isDamage(error)) throw error
      yield { lost: id, path: typeof row['path'] === 'string' ? row['path'] : undefined }
    }
  }
}

export function* salvageFiles(connection: Connection, collection: CollectionRow): Generator<ReadFile> {
  const t = tablesOf(collection.id)
  try {
    for (const row of connection.rows(selectFiles(t)))
      try {
        yield readFile(row, connection.place)
      } catch (error) {
        if (!isDamage(error)) throw error
      }
  } catch (error) {
    // A file that is not known is read again: nothing is lost.
    if (!isDamage(error)) throw error
  }
}

export function isDamage(error: unknown): boolean {
  return VecinoError.isInstance(error) && error.code === 'corrupt'
}

function wholeSource(
  connection: Connection,
  t: CollectionTables,
  row: SourceRow,
  { passport }: CollectionRow,
): { source: StoredSource; vectors: Matrix } {
  const stored: Row[] = []
  const passages = Array.from({ length: row.count }, (_unused, ordinal) => {
    const key = row.first + ordinal
    const found = connection.get(`${selectPassages(t)} WHERE key=?`, key)
    if (found === undefined) throw new CorruptDataError(`${connection.place}, passage ${key}`, 'a row', 'none')
    const { start, end, line, headings, tokens, hasVector, text } = readPassage(found, connection.place, () => row.id)
    if (hasVector) {
      const vector = connection.get(`${selectVectors(t)} WHERE key=?`, key)
      if (vector === undefined || !isSoundVector(vector['key'], vector['vector'], vector['crc'], passport.dimensions))
        throw new CorruptDataError(`${connection.place}, vector ${key}`, 'what was written', 'other bytes or none')
      stored.push(vector)
    }
    return { start, end, line, headings, tokens, hasVector, text }
  })
  const vectors = createMatrix(stored.length, passport.dimensions, undefined, passport)
  for (const [i, vector] of stored.entries())
    copyVector(vector['vector'] as Uint8Array, vectors.data, i * passport.dimensions)
  const { id, kind, title, digest, metadata, file } = row
  return { source: { id, kind, title, digest, metadata, file, passages }, vectors }
}

/** Rows in order of their keys; where a page can't be read, those beyond it are looked up one by one. */
function* soundRows(connection: Connection, t: CollectionTables, select: string, table: string): Generator<Row> {
  let after = -1
  try {
    for (const row of connection.rows(`${select} ORDER BY key`)) {
      yield row
      after = Number(row['key'])
    }
    return
  } catch (error) {
    if (!isDamage(error)) throw error
  }
  for (let key = after + 1; key <= highestKey(connection, t, table); key++) {
    const row = attempt(() => connection.get(`${select} WHERE key=?`, key))
    if (row !== undefined) yield row
  }
}

/** Of the table, or of what its passages point to where the table's own end is damaged. */
function highestKey(connection: Connection, t: CollectionTables, table: string): number {
  return (
    attempt(() => connection.number(`SELECT max(key) FROM ${table}`)) ??
    attempt(() => connection.number(`SELECT max(source) FROM ${t.passages}`)) ??
    0
  )
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (isDamage(error)) return undefined
    throw error
  }
}
