import { existsSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import { InvalidArgumentError, NotFoundError } from '../../spec/errors.ts'
import { Connection } from './connection.ts'
import { type FileState, fileState, migrate, prepareEmptyFile, prepareWriting } from './schema.ts'
import { isNotWritable } from './sqlite-errors.ts'

/** The name by which SQLite keeps a database in memory, gone with its connection. */
export const memoryPath = ':memory:'

/**
 * @returns the absolute path, so that a change of the working folder changes nothing.
 * @throws {InvalidArgumentError} for a path that SQLite would take for something else.
 */
export function filePath(path: unknown): string {
  if (path === memoryPath) return memoryPath
  if (typeof path !== 'string' || path === '' || path.includes('\0') || /^file:/i.test(path))
    throw new InvalidArgumentError('path', "the path of a file, or ':memory:'", path)
  return isAbsolute(path) ? path : resolve(path)
}

/**
 * Open a file for reading. It is opened so that the last reader may tidy up the log, and read-only where the system
 * or the caller allows no more.
 *
 * @throws {NotFoundError} when there is no such file.
 */
export function openForReading(path: string, isReadOnly: boolean): { connection: Connection; state: FileState } {
  if (!existsSync(path))
    throw new NotFoundError('collection file', path, 'Make one: open it with a model, or `vecino add`.')
  const attempts = isReadOnly ? (['read-only', 'immutable'] as const) : (['read', 'read-only', 'immutable'] as const)
  for (const [i, access] of attempts.entries()) {
    let connection: Connection | undefined
    try {
      connection = new Connection(path, { access })
      return { connection, state: fileState(connection) }
    } catch (error) {
      connection?.close()
      const mayTryOther = isNotWritable((error as { cause?: unknown }).cause) && i + 1 < attempts.length
      if (!mayTryOther || (attempts[i + 1] === 'immutable' && existsSync(`${path}-wal`))) throw error
    }
  }
  throw new NotFoundError('collection file', path)
}

/**
 * Open a file for writing, by the holder of the writer's place: an empty one is prepared, an older one migrated.
 */
export function openForWriting(path: string): { connection: Connection; state: FileState } {
  const connection = new Connection(path, { access: 'write' })
  try {
    const state = fileState(connection)
    if (state === 'empty') prepareEmptyFile(connection)
    prepareWriting(connection)
    if (state === 'older') migrate(connection)
    return { connection, state: state === 'empty' ? 'empty' : 'current' }
  } catch (error) {
    connection.close()
    throw error
  }
}
