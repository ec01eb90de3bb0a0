import { CorruptDataError } from '../../spec/errors.ts'
import { type Passport, passportFields } from '../../spec/passport.ts'
import { rowChecksum } from './checksum.ts'
import type { Connection, Row } from './connection.ts'

/** A row of `collections`: what a named collection is and how much it holds. */
export interface CollectionRow {
  readonly id: number
  readonly name: string
  readonly passport: Passport
  /** Counts writes. */
  readonly generation: number
  readonly sources: number
  readonly passages: number
  /** Passages that have a vector. */
  readonly embedded: number
  readonly tokens: number
  /** Highest key ever given to a passage; none is given twice. */
  readonly lastKey: number
  /** Rows of the tables of files, of field sums and of settings, so that a lost page of theirs is noticed. */
  readonly files: number
  readonly fields: number
  readonly settings: number
}

const columns = 'id, name, passport, generation, sources, passages, embedded, tokens, last_key, files, fields, settings'

/** @throws {CorruptDataError} when the row is not what was written. */
export function readCollection(connection: Connection, id: number): CollectionRow {
  const row = connection.get(`SELECT ${columns}, crc FROM collections WHERE id=?`, id)
  if (row === undefined) throw damaged(connection.place, `none with number ${id}`)
  return fromRow(row, connection.place)
}

/** All collections of the file, each checked, so that a damaged name is not taken for a missing collection. */
export function listCollections(connection: Connection): CollectionRow[] {
  return connection
    .all(`SELECT ${columns}, crc FROM collections ORDER BY id`)
    .map((row) => fromRow(row, connection.place))
}

export function writeCollection(connection: Connection, row: CollectionRow): void {
  const values = [
    row.id,
    row.name,
    JSON.stringify(passportFields.map((field) => [field, row.passport[field]])),
    row.generation,
    row.sources,
    row.passages,
    row.embedded,
    row.tokens,
    row.lastKey,
    row.files,
    row.fields,
    row.settings,
  ]
  const places = values.map(() => '?').join(', ')
  connection.run(
    `INSERT OR REPLACE INTO collections(${columns}, crc) VALUES(${places}, ?)`,
    ...values,
    rowChecksum(values),
  )
}

/** @throws {CorruptDataError} when a table has not the rows that the collection counts. */
export function assertCount(place: string, expected: number, got: number): void {
  if (got !== expected) throw new CorruptDataError(place, `${expected} rows`, `${got}`)
}

function fromRow(row: Row, place: string): CollectionRow {
  const { crc, ...values } = row
  if (rowChecksum(Object.values(values) as (string | number | null)[]) !== crc)
    throw damaged(place, 'one that does not fit its checksum')
  return {
    id: Number(row['id']),
    name: String(row['name']),
    passport: Object.fromEntries(JSON.parse(String(row['passport']))) as Passport,
    generation: Number(row['generation']),
    sources: Number(row['sources']),
    passages: Number(row['passages']),
    embedded: Number(row['embedded']),
    tokens: Number(row['tokens']),
    lastKey: Number(row['last_key']),
    files: Number(row['files']),
    fields: Number(row['fields']),
    settings: Number(row['settings']),
  }
}

function damaged(place: string, got: string): CorruptDataError {
  return new CorruptDataError(`${place}, table of collections`, 'the row that was written', got, {
    remedy: 'Restore the file from a backup, or add the sources to a new collection: without its model nothing fits.',
  })
}
