import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { BusyError } from '../../spec/errors.ts'
import { createMatrix, type Matrix } from '../../spec/matrix.ts'
import type { Store, StoredSource } from '../../spec/store.ts'
import { syncPath } from './backup.ts'
import { type CollectionRow, listCollections, readCollection, writeCollection } from './collection-row.ts'
import type { Connection } from './connection.ts'
import { filePath, openForReading, openForWriting } from './open-file.ts'
import { isDamage, salvageFiles, salvageSources } from './salvage.ts'
import { readSetting, settingNames } from './settings.ts'
import { isOpenHere } from './sqlite-store.ts'
import { openSqliteStore } from './store.ts'
import { cacheEntries } from './vector-cache.ts'
import { verifyCollection } from './verify.ts'
import { WriterLock } from './writer-lock.ts'

/** Passages a transaction of the new file. */
const batchPassages = 1000

export interface RepairReport {
  /** Copy of the damaged file as it was found; undefined where nothing was damaged, so that nothing was touched. */
  readonly backup: string | undefined
  readonly collections: readonly {
    readonly name: string
    /** Sources kept, whole. */
    readonly kept: number
    /** Ids of sources dropped because a row of theirs was damaged: add them again. */
    readonly lost: readonly string[]
    /** Sources whose very row is gone, so that not even their ids are known. */
    readonly unnamed: number
  }[]
}

/**
 * Mend a damaged file: copy it, read every source that is whole, and write these to a new file, in which everything
 * derived (full-text index, fields, counts, codes for search) is made anew. The new file takes the old one's place in one step. A file
 * without a fault is left as it is.
 * Close the stores of this file first.
 *
 * @throws {CorruptDataError} when its table of collections can't be read: then nothing can be saved, and the file stays.
 * @throws {BusyError} when a store of this process has it open, or another process writes to it.
 *
 * Cost: reads the file once; where there is damage three times, and writes it twice.
 */
export async function repairSqlite(path: string): Promise<RepairReport> {
  const file = filePath(path)
  // Copying the file would drop this process's locks on it.
  if (isOpenHere(file)) throw new BusyError(file, process.pid)
  openForReading(file, false).connection.close()
  const lock = new WriterLock(file, 1000)
  await lock.acquire()
  try {
    return findNoFault(file) ?? (await repairLocked(file))
  } finally {
    lock.release()
    lock.close()
  }
}

/** @returns what a file holds that needs no repair. */
function findNoFault(file: string): RepairReport | undefined {
  const { connection, state } = openForReading(file, false)
  try {
    if (state !== 'current') return undefined
    return connection.snapshot(() => {
      const rows = listCollections(connection)
      if (rows.some(({ id }) => verifyCollection(connection, id).length > 0)) return undefined
      return {
        backup: undefined,
        collections: rows.map(({ name, sources }) => ({ name, kept: sources, lost: [], unnamed: 0 })),
      }
    })
  } catch (error) {
    if (!isDamage(error)) throw error
    return undefined
  } finally {
    connection.close()
  }
}

async function repairLocked(file: string): Promise<RepairReport> {
  const backup = freeName(`${file}.damaged`)
  for (const suffix of ['-wal', '']) if (existsSync(file + suffix)) copyFileSync(file + suffix, backup + suffix)
  for (const suffix of ['-wal', '']) if (existsSync(backup + suffix)) syncPath(backup + suffix)
  const temporary = `${file}.${process.pid}.partial`
  const damaged = openForReading(backup, true).connection
  try {
    removeWithSideFiles(temporary)
    const collections: RepairReport['collections'][number][] = []
    for (const row of listCollections(damaged)) collections.push(await rescue(damaged, row, temporary))
    syncPath(temporary)
    // The old log must be gone first, or it would be replayed into the new file.
    for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true })
    renameSync(temporary, file)
    syncPath(dirname(file))
    return { backup, collections }
  } finally {
    damaged.close()
    removeWithSideFiles(temporary)
  }
}

async function rescue(
  damaged: Connection,
  row: CollectionRow,
  target: string,
): Promise<RepairReport['collections'][number]> {
  const store = await openSqliteStore(target, { name: row.name, passport: row.passport })
  const lost: string[] = []
  const lostPaths = new Set<string>()
  let kept = 0
  try {
    let batch: { source: StoredSource; vectors: Matrix }[] = []
    let passages = 0
    const flush = async () => {
      if (batch.length === 0) return
      await store.write({ put: batch.map(({ source }) => source), vectors: joined(batch, row), remove: [] })
      kept += batch.length
      batch = []
      passages = 0
    }
    for (const found of salvageSources(damaged, row)) {
      if ('lost' in found) {
        lost.push(found.lost)
        if (found.path !== undefined) lostPaths.add(found.path)
        continue
      }
      batch.push(found)
      passages += found.source.passages.length
      if (passages >= batchPassages) await flush()
    }
    await flush()
    const unnamed = Math.max(0, row.sources - kept - lost.length)
    // A file that lost a source must be read again, and where the name is unknown it may have been any.
    const files = unnamed > 0 ? [] : [...salvageFiles(damaged, row)].filter(({ path }) => !lostPaths.has(path))
    if (files.length > 0)
      await store.write({ put: [], vectors: createMatrix(0, row.passport.dimensions), remove: [], files })
    await copySmallThings(damaged, row, store)
    // Codes for search are made where a writer's work ends.
    await store.asWriter(async () => {})
    return { name: row.name, kept, lost, unnamed }
  } finally {
    await store.close()
    markNewer(target, row)
  }
}

/** Settings and the cache: what is damaged of these is made again when it is asked for. */
async function copySmallThings(damaged: Connection, row: CollectionRow, store: Store): Promise<void> {
  await sparing(async () => {
    for (const name of settingNames(damaged, row.id)) await store.setSetting(name, readSetting(damaged, row.id, name))
  })
  await sparing(async () => {
    let kept: { readonly digest: string; readonly vector: Float32Array }[] = []
    let space: { fingerprint: string; task: string } | undefined
    const flush = async () => {
      const [first] = kept
      if (space === undefined || first === undefined) return
      const vectors = createMatrix(kept.length, first.vector.length)
      for (const [i, { vector }] of kept.entries()) vectors.data.set(vector, i * vectors.columns)
      await store.cache(
        space.fingerprint,
        space.task,
        Array.from(kept, ({ digest }) => digest),
        vectors,
      )
      kept = []
    }
    for (const { fingerprint, task, digest, vector } of cacheEntries(damaged)) {
      if (vector === undefined) continue
      const isSameKind =
        space?.fingerprint === fingerprint && space.task === task && kept[0]?.vector.length === vector.length
      if (!isSameKind || kept.length === batchPassages) await flush()
      space = { fingerprint, task }
      kept.push({ digest, vector })
    }
    await flush()
  })
}

/** Go as far as the damage allows. */
async function sparing(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!isDamage(error)) throw error
  }
}

/** Whatever was derived from the damaged file must not be taken for derived from this one. */
function markNewer(target: string, row: CollectionRow): void {
  const { connection } = openForWriting(target)
  try {
    const id = listCollections(connection).find((other) => other.name === row.name)?.id
    if (id === undefined) return
    const made = readCollection(connection, id)
    connection.transaction(() =>
      writeCollection(connection, {
        ...made,
        generation: Math.max(made.generation, row.generation) + 1,
        lastKey: Math.max(made.lastKey, row.lastKey),
      }),
    )
  } finally {
    connection.close()
  }
}

function joined(batch: readonly { vectors: Matrix }[], { passport }: CollectionRow): Matrix {
  const rows = batch.reduce((sum, { vectors }) => sum + vectors.rows, 0)
  const matrix = createMatrix(rows, passport.dimensions, undefined, passport)
  let at = 0
  for (const { vectors } of batch) {
    matrix.data.set(vectors.data, at)
    at += vectors.data.length
  }
  return matrix
}

function removeWithSideFiles(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-lock', '-reserve']) rmSync(path + suffix, { force: true })
}

function freeName(base: string): string {
  for (let n = 1; ; n++) if (!existsSync(`${base}-${n}`)) return `${base}-${n}`
}
