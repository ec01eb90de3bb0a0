import { CorruptDataError, FormatVersionError, UnreadableInputError } from '../../spec/errors.ts'
import type { Connection } from './connection.ts'

/** `VECI` in ASCII: marks the file as ours in SQLite's header. */
export const applicationId = 0x56454349
/** Version of the tables below, kept in `user_version`. A change of any table counts it up and adds a step. */
export const formatVersion = 1

/** What a step does to bring a file from the version before it to its own. */
export type MigrationSteps = ReadonlyMap<number, (connection: Connection) => void>

/** No release has written an older version yet. */
const migrationSteps: MigrationSteps = new Map()

/** How words are cut: marks belong to words (Thai, Hindi), letters lose their accents, English words their endings. */
export const tokenizer = "porter unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"

const fileTables = `
CREATE TABLE collections(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, passport TEXT NOT NULL, generation INTEGER NOT NULL,
  sources INTEGER NOT NULL, passages INTEGER NOT NULL, embedded INTEGER NOT NULL, tokens INTEGER NOT NULL,
  last_key INTEGER NOT NULL, files INTEGER NOT NULL, fields INTEGER NOT NULL, settings INTEGER NOT NULL, crc INTEGER NOT NULL);
CREATE TABLE settings(
  collection INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, crc INTEGER NOT NULL,
  PRIMARY KEY(collection, name)) WITHOUT ROWID;
CREATE TABLE cache_spaces(id INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL, task TEXT NOT NULL, UNIQUE(fingerprint, task));
CREATE TABLE cache(
  space INTEGER NOT NULL, digest TEXT NOT NULL, vector BLOB NOT NULL, crc INTEGER NOT NULL, UNIQUE(space, digest));
`

/** Tables of one collection; their names end in its number, so each is read from end to end without the others' rows. */
export interface CollectionTables {
  readonly sources: string
  readonly passages: string
  readonly vectors: string
  readonly codes: string
  readonly gone: string
  readonly files: string
  readonly fields: string
  readonly fieldSums: string
  readonly words: string
  readonly wordSums: string
}

export function tablesOf(id: number): CollectionTables {
  return {
    sources: `sources_${id}`,
    passages: `passages_${id}`,
    vectors: `vectors_${id}`,
    codes: `codes_${id}`,
    gone: `gone_${id}`,
    files: `files_${id}`,
    fields: `fields_${id}`,
    fieldSums: `field_sums_${id}`,
    words: `words_${id}`,
    wordSums: `word_sums_${id}`,
  }
}

/**
 * A source's passages have the keys from `first` on, without a gap.
 * `fields` holds the metadata once more, one row a value, for filters; `words` is the full-text index, which keeps no text.
 * Both are derived; their sums tell whether they still hold what was written. So are `codes`, small codes of runs of
 * vectors for search; `gone` names passages removed since they were coded.
 */
function collectionTables(t: CollectionTables): string {
  return `
CREATE TABLE ${t.sources}(
  key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, title TEXT, digest TEXT NOT NULL,
  metadata TEXT NOT NULL, path TEXT, modified REAL, size REAL,
  first INTEGER NOT NULL, count INTEGER NOT NULL, tokens INTEGER NOT NULL, crc INTEGER NOT NULL);
CREATE TABLE ${t.passages}(
  key INTEGER PRIMARY KEY, source INTEGER NOT NULL, ordinal INTEGER NOT NULL, start INTEGER NOT NULL,
  "end" INTEGER NOT NULL, line INTEGER NOT NULL, headings TEXT NOT NULL, tokens INTEGER NOT NULL,
  has_vector INTEGER NOT NULL, text TEXT NOT NULL, crc INTEGER NOT NULL);
CREATE TABLE ${t.vectors}(key INTEGER PRIMARY KEY, vector BLOB NOT NULL, crc INTEGER NOT NULL);
CREATE TABLE ${t.codes}(
  first INTEGER PRIMARY KEY, last INTEGER NOT NULL, keys BLOB NOT NULL, crc INTEGER NOT NULL, bytes BLOB NOT NULL);
CREATE TABLE ${t.gone}(first INTEGER PRIMARY KEY, count INTEGER NOT NULL, crc INTEGER NOT NULL);
CREATE TABLE ${t.files}(
  path TEXT PRIMARY KEY, modified REAL NOT NULL, size REAL NOT NULL, settings TEXT NOT NULL, sources INTEGER NOT NULL,
  crc INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE ${t.fields}(
  field TEXT NOT NULL, type TEXT NOT NULL, value NOT NULL, source INTEGER NOT NULL,
  PRIMARY KEY(field, type, value, source)) WITHOUT ROWID;
CREATE TABLE ${t.fieldSums}(
  field TEXT PRIMARY KEY, count INTEGER NOT NULL, sum INTEGER NOT NULL, crc INTEGER NOT NULL) WITHOUT ROWID;
CREATE VIRTUAL TABLE ${t.words} USING fts5(text, context, content='', contentless_delete=1, tokenize="${tokenizer}");
CREATE TABLE ${t.wordSums}(
  part INTEGER NOT NULL, id TEXT NOT NULL, crc INTEGER NOT NULL, PRIMARY KEY(part, id)) WITHOUT ROWID;
`
}

export function createCollectionTables(connection: Connection, id: number): void {
  connection.exec(collectionTables(tablesOf(id)))
}

export function dropCollectionTables(connection: Connection, id: number): void {
  for (const table of Object.values(tablesOf(id))) connection.exec(`DROP TABLE ${table}`)
}

/** What stands at the path: nothing yet, a file of this version, or one to migrate. */
export type FileState = 'empty' | 'current' | 'older'

/**
 * Look at a file without changing it.
 *
 * @throws {UnreadableInputError} when it is a SQLite file of another program.
 * @throws {FormatVersionError} when a newer release wrote it.
 */
export function fileState(connection: Connection, supported = formatVersion): FileState {
  return connection.snapshot(() => {
    const id = connection.number('PRAGMA application_id')
    const version = connection.number('PRAGMA user_version')
    const tables = connection.number('SELECT count(*) FROM sqlite_schema')
    if (id === 0 && version === 0 && tables === 0) return 'empty'
    if (id !== applicationId)
      throw new UnreadableInputError(connection.place, 'a Vecino collection', 'a SQLite file of another program', {
        remedy: 'Choose another path.',
      })
    if (version > supported) throw new FormatVersionError(connection.place, version, supported)
    if (version < 1)
      throw new CorruptDataError(connection.place, `a format version from 1 to ${supported}`, `${version}`)
    return version === supported ? 'current' : 'older'
  })
}

/** Settings of the file that must stand before its first table. */
export function prepareEmptyFile(connection: Connection): void {
  connection.exec('PRAGMA page_size=8192')
  // So that a full disk gets room again by removing.
  connection.exec('PRAGMA auto_vacuum=INCREMENTAL')
}

/** Acknowledged means durable: every commit is synced before it is reported. */
export function prepareWriting(connection: Connection): void {
  connection.exec('PRAGMA journal_mode=WAL')
  connection.exec('PRAGMA synchronous=FULL')
  connection.exec('PRAGMA journal_size_limit=67108864')
  // What is in the log and not yet in the file should fit in the reserve, so that the log can be emptied on a full disk.
  connection.exec('PRAGMA wal_autocheckpoint=200')
}

/** Lay the tables of a new file; part of the transaction that makes its first collection. */
export function createFileTables(connection: Connection): void {
  connection.exec(fileTables)
  connection.exec(`PRAGMA application_id=${applicationId}`)
  connection.exec(`PRAGMA user_version=${formatVersion}`)
}

/**
 * Bring an older file to the current version, every step in one transaction: killed in between, it is the older file.
 *
 * @param steps - By the version they lead to.
 */
export function migrate(connection: Connection, steps: MigrationSteps = migrationSteps, target = formatVersion): void {
  connection.transaction(() => {
    // Another process may have migrated while this one waited for the writer's place.
    const found = connection.number('PRAGMA user_version')
    for (let version = found + 1; version <= target; version++) {
      const step = steps.get(version)
      if (step === undefined) throw new FormatVersionError(connection.place, found, target)
      step(connection)
      connection.exec(`PRAGMA user_version=${version}`)
    }
  })
}
