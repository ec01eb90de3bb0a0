import { existsSync, statSync } from 'node:fs'
import { dirname, isAbsolute, resolve } from 'node:path'
import { InvalidArgumentError, NotFoundError } from '../../spec/errors.ts'
import { Connection } from './connection.ts'
import { giveUpReserve } from './reserve.ts'
import { type FileState, fileState, migrate, prepareEmptyFile, prepareWriting } from './schema.ts'
import { hasNoRoomToRead, isNotWritable } from './sqlite-errors.ts'

/** The name by which SQLite keeps a database in memory, gone with its connection. */
export const memoryPath = ':memory:'

/**
 * @returns the absolute path, so that a change of the working folder changes nothing.
 * @throws {InvalidArgumentError} for a folder, and for a path that SQLite would take for something else.
 */
export function filePath(path: unknown): string {
  if (path === memoryPath) return memoryPath
  if (typeof path !== 'string' || path === '' || path.includes('\0') || /^file:/i.test(path))
    throw new InvalidArgumentError('path', "the path of a file, or ':memory:'", path)
  const absolute = isAbsolute(path) ? path : resolve(path)
  if (statSync(absolute, { throwIfNoEntry: false })?.isDirectory())
    throw new InvalidArgumentError('path', 'the path of a file', path, 'It is a folder; name a file in it.')
  return absolute
}

/** @throws {NotFoundError} when the folder of a file to be made isn't there: it is not made on a guess. */
export function assertFolderExists(file: string): void {
  const folder = dirname(file)
  if (file !== memoryPath && !existsSync(folder))
    throw new NotFoundError('folder of the collection', folder, 'Make it first, or correct the path.')
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
  const ways: ('read' | 'read-only' | 'immutable')[] = ['read-only', 'immutable']
  if (!isReadOnly) ways.unshift('read')
  for (;;) {
    const access = ways.shift() ?? 'immutable'
    let connection: Connection | undefined
    try {
      connection = new Connection(path, { access })
      return { connection, state: fileState(connection) }
    } catch (error) {
      connection?.close()
      const { cause } = error as { cause?: unknown }
      const isFullDisk = hasNoRoomToRead(cause)
      if (isFullDisk && access === 'read' && giveUpReserve(path)) ways.unshift('read')
      else if (!(isFullDisk || isNotWritable(cause)) || ways.length === 0) throw error
      // Without the log the file alone would be an old state.
      else if (ways[0] === 'immutable' && (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0)
        throw error
    }
  }
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
