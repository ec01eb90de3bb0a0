import { existsSync } from 'node:fs'
import { InvalidArgumentError, NotFoundError, UnsupportedError } from '../../spec/errors.ts'
import { assertSamePassport, type Passport, passportDifferences } from '../../spec/passport.ts'
import type { Store } from '../../spec/store.ts'
import { type CollectionRow, listCollections, writeCollection } from './collection-row.ts'
import type { Connection } from './connection.ts'
import { assertFolderExists, filePath, memoryPath, openForReading, openForWriting } from './open-file.ts'
import {
  createCollectionTables,
  createFileTables,
  dropCollectionTables,
  type FileState,
  formatVersion,
  tablesOf,
} from './schema.ts'
import { assertSqliteVersion } from './sqlite-errors.ts'
import { SqliteStore } from './sqlite-store.ts'
import { beginWordSums } from './word-sums.ts'
import { WriterLock } from './writer-lock.ts'

export interface SqliteStoreOptions {
  /**
   * Of the model whose vectors the collection holds; a collection without a source becomes this model's.
   * @default the stored one; a new collection needs one
   */
  readonly passport?: Passport | undefined
  /** Collection within the file, 1 to 200 characters. @default 'default' */
  readonly name?: string | undefined
  /** Refuse writes, and read from a medium that can't be written. @default false */
  readonly readOnly?: boolean | undefined
  /** How long a write waits for another writer before it is a BusyError, in milliseconds, ≥ 0. @default 1000 */
  readonly lockWaitMs?: number | undefined
}

/**
 * Open a collection in a SQLite file, or make it where a passport says for which model.
 *
 * Reading takes no lock and sees one state. The writer's place is taken by the first write, for its time alone unless
 * `asWriter` holds it longer; `<path>-lock` and `<path>-reserve` stand beside the file for that.
 *
 * @param path - File to open or make; its folder exists. `':memory:'` keeps everything in memory, gone with `close`.
 * @throws {PassportMismatchError} when the collection holds another model's vectors.
 * @throws {NotFoundError} when there is none and no passport to make one, or no folder to make it in.
 * @throws {InvalidArgumentError} when the path is a folder's.
 * @throws {UnreadableInputError} when the file is not a collection.
 * @throws {FormatVersionError} when a newer release wrote it; it is not touched.
 * @throws {CorruptDataError} when its table of collections is damaged.
 */
export async function openSqliteStore(path: string, options: SqliteStoreOptions = {}): Promise<Store> {
  assertSqliteVersion()
  const file = filePath(path)
  const { passport, name = 'default', readOnly = false, lockWaitMs = 1000 } = options
  if (name.length < 1 || name.length > 200 || !name.isWellFormed())
    throw new InvalidArgumentError('options.name', 'a name of 1 to 200 characters', name)
  if (!(lockWaitMs >= 0)) throw new InvalidArgumentError('options.lockWaitMs', 'a number ≥ 0', lockWaitMs)
  if (file === memoryPath) return openInMemory(passport, name)

  if (!readOnly && passport !== undefined) assertFolderExists(file)
  const lock = new WriterLock(file, lockWaitMs)
  try {
    let opened = await openMigrated(file, readOnly, passport, lock)
    let row = opened?.state === 'current' ? find(opened.connection, name) : undefined
    const isOthers = row !== undefined && passport !== undefined && !isOf(row, passport)
    if (row === undefined || (isOthers && row.sources === 0 && !readOnly)) {
      const names = opened?.state === 'current' ? listCollections(opened.connection).map((other) => other.name) : []
      opened?.connection.close()
      if (passport === undefined || readOnly) throw noCollection(file, name, names)
      row = await create(file, name, passport, lock)
      opened = openForReading(file, readOnly)
    }
    const { connection } = opened as { connection: Connection }
    try {
      if (passport !== undefined) assertSamePassport(row.passport, passport, `${file}, collection ${name}`)
      return new SqliteStore({ path: file, row, reader: connection, lock, readOnly })
    } catch (error) {
      connection.close()
      throw error
    }
  } catch (error) {
    lock.close()
    throw error
  }
}

/** Names of the collections a file holds, in the order made. */
export async function sqliteCollections(
  path: string,
): Promise<{ name: string; passport: Passport; passages: number }[]> {
  assertSqliteVersion()
  const { connection, state } = openForReading(filePath(path), false)
  try {
    if (state !== 'current') return []
    return listCollections(connection).map(({ name, passport, passages }) => ({ name, passport, passages }))
  } finally {
    connection.close()
  }
}

/** Passport of a stored collection, so that its model can be loaded before it is opened; undefined where there is none. */
export async function readPassport(path: string, name = 'default'): Promise<Passport | undefined> {
  if (path === memoryPath || !existsSync(filePath(path))) return undefined
  const collections = await sqliteCollections(path)
  return collections.find((collection) => collection.name === name)?.passport
}

function openInMemory(passport: Passport | undefined, name: string): Store {
  if (passport === undefined) throw noCollection(memoryPath, name, [])
  const { connection } = openForWriting(memoryPath)
  const row = connection.transaction(() => createCollection(connection, name, passport, true))
  return new SqliteStore({ path: memoryPath, row, reader: connection, lock: undefined, readOnly: false })
}

/** The file opened for reading at the current version; undefined where there is none and one may be made. */
async function openMigrated(
  file: string,
  readOnly: boolean,
  passport: Passport | undefined,
  lock: WriterLock,
): Promise<{ connection: Connection; state: FileState } | undefined> {
  if (!existsSync(file) && passport !== undefined && !readOnly) return undefined
  const opened = openForReading(file, readOnly)
  if (opened.state !== 'older') return opened
  opened.connection.close()
  if (readOnly)
    throw new UnsupportedError(
      file,
      `format version ${formatVersion} to read only`,
      'an older one',
      'Open it once for writing: that migrates it.',
    )
  await lock.acquire()
  try {
    openForWriting(file).connection.close()
  } finally {
    lock.release()
  }
  return openForReading(file, readOnly)
}

async function create(file: string, name: string, passport: Passport, lock: WriterLock): Promise<CollectionRow> {
  await lock.acquire()
  try {
    const { connection, state } = openForWriting(file)
    try {
      // Another process may have made it while this one waited.
      return connection.transaction(() => {
        const existing = state === 'current' ? find(connection, name) : undefined
        if (existing !== undefined && (existing.sources > 0 || isOf(existing, passport))) return existing
        const row = createCollection(connection, name, passport, state === 'empty')
        // The number is given to no other collection, so a store that has the old one open fails rather than mixes models.
        if (existing !== undefined) dropReplaced(connection, existing.id)
        return row
      })
    } finally {
      connection.close()
    }
  } finally {
    lock.release()
  }
}

function createCollection(connection: Connection, name: string, passport: Passport, isNewFile: boolean): CollectionRow {
  if (isNewFile) createFileTables(connection)
  const id = connection.number('SELECT max(id) FROM collections') + 1
  createCollectionTables(connection, id)
  beginWordSums(connection, tablesOf(id))
  const row = {
    id,
    name,
    passport,
    generation: 0,
    sources: 0,
    passages: 0,
    embedded: 0,
    tokens: 0,
    lastKey: 0,
    files: 0,
    fields: 0,
    settings: 0,
  }
  writeCollection(connection, row)
  return row
}

/** The row itself went when another of its name was written. */
function dropReplaced(connection: Connection, id: number): void {
  connection.run('DELETE FROM settings WHERE collection=?', id)
  dropCollectionTables(connection, id)
}

function isOf({ passport }: CollectionRow, other: Passport): boolean {
  return passportDifferences(passport, other).length === 0
}

function find(connection: Connection, name: string): CollectionRow | undefined {
  return listCollections(connection).find((row) => row.name === name)
}

function noCollection(file: string, name: string, names: readonly string[]): NotFoundError {
  const there = names.length === 0 ? 'the file holds none' : `the file holds ${names.slice(0, 10).join(', ')}`
  return new NotFoundError(`${file}, collection`, name, `Open it with a model to make it (${there}).`)
}
