import { existsSync, rmSync } from 'node:fs'
import { BusyError } from '../../spec/errors.ts'
import { listCollections } from './collection-row.ts'
import { filePath, memoryPath, openForReading } from './open-file.ts'
import { isOpenHere } from './sqlite-store.ts'
import { WriterLock } from './writer-lock.ts'

/**
 * Delete a file in which nothing was ever stored, with its side files. One that holds a source or a paid vector, was ever
 * written to, is open in this process or is being written to by another stays.
 *
 * @returns whether it was deleted.
 */
export async function discardEmptySqlite(path: string): Promise<boolean> {
  const file = filePath(path)
  if (file === memoryPath || !existsSync(file) || isOpenHere(file)) return false
  const lock = new WriterLock(file, 0)
  try {
    await lock.acquire()
    if (!isUntouched(file)) {
      lock.release()
      return false
    }
    for (const suffix of ['', '-wal', '-shm', '-reserve']) rmSync(file + suffix, { force: true })
    lock.release()
  } catch (error) {
    if (error instanceof BusyError) return false
    throw error
  } finally {
    lock.close()
  }
  rmSync(`${file}-lock`, { force: true })
  return true
}

function isUntouched(file: string): boolean {
  const { connection, state } = openForReading(file, false)
  try {
    if (state !== 'current') return state === 'empty'
    return (
      listCollections(connection).every(({ sources, generation }) => sources === 0 && generation === 0) &&
      connection.get('SELECT 1 FROM cache LIMIT 1') === undefined
    )
  } finally {
    connection.close()
  }
}
