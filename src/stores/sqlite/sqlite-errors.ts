import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import {
  BusyError,
  CorruptDataError,
  StorageError,
  UnreadableInputError,
  UnsupportedError,
  VecinoError,
} from '../../spec/errors.ts'

/** Primary result codes of SQLite (https://sqlite.org/rescode.html) that we tell apart. */
const code = {
  error: 1,
  busy: 5,
  locked: 6,
  noMemory: 7,
  readOnly: 8,
  io: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  mismatch: 20,
  format: 24,
  notDatabase: 26,
} as const

function primaryCode(error: unknown): number | undefined {
  const extended = (error as { errcode?: unknown } | null)?.errcode
  return typeof extended === 'number' ? extended & 0xff : undefined
}

export function isFull(error: unknown): boolean {
  return primaryCode(error) === code.full
}

/** True where a file is there and may be whole, but this process may not open it for writing. */
export function isNotWritable(error: unknown): boolean {
  const primary = primaryCode(error)
  return primary === code.cannotOpen || primary === code.readOnly
}

/** True where there is no room even for the side file by which readers and writers find each other. */
export function hasNoRoomToRead(error: unknown): boolean {
  const sharedMemorySize = code.io | (19 << 8)
  return isFull(error) || (error as { errcode?: unknown } | null)?.errcode === sharedMemorySize
}

/** True where the outcome of a commit can't be known: the disk failed while it was being made durable. */
export function isDiskFailure(error: unknown): boolean {
  return primaryCode(error) === code.io
}

/** What SQLite or its binding threw, as one of our errors; errors that are ours already, or nobody's, pass. */
export function toTypedError(error: unknown, place: string): unknown {
  if (VecinoError.isInstance(error)) return error
  const said = error instanceof Error ? error.message : String(error)
  // A flipped bit can make an integer that JavaScript can't hold.
  if ((error as { code?: unknown } | null)?.code === 'ERR_OUT_OF_RANGE')
    return new CorruptDataError(place, 'integers below 2^53', said, { cause: error })
  if (said.includes('no such module: fts5'))
    return new UnsupportedError('SQLite', 'one with full-text search', 'one without', 'Use Node 22.16 or newer.')
  switch (primaryCode(error)) {
    case undefined:
      return error
    case code.busy:
    case code.locked:
      return new BusyError(place, undefined, { cause: error })
    case code.readOnly:
      return new StorageError('storage', `${place}: expected a file that may be written, got a read-only one.`, {
        remedy: `Check the rights of the file and of its folder ${withRights(dirname(place))}, or copy it to where you may write.`,
        cause: error,
      })
    case code.io:
      return new StorageError('storage', `${place}: expected the disk to do its work, got "${said}".`, {
        remedy: 'Check the disk (`dmesg`, free space, rights); what was acknowledged is kept.',
        cause: error,
      })
    case code.full:
      return new StorageError('storage-full', `${place}: expected room for the write, got a full disk.`, {
        remedy:
          'Free some space, or remove sources, some at a time: removing works on a full disk. What was acknowledged is kept.',
        cause: error,
      })
    case code.cannotOpen:
      return new StorageError('storage', `${place}: expected a file that can be opened, got "${said}".`, {
        remedy: `Check that you may read and write in its folder ${withRights(dirname(place))}, or name a file elsewhere.`,
        cause: error,
      })
    case code.notDatabase:
      return new UnreadableInputError(place, 'a Vecino collection', 'a file of another kind, or a damaged first page', {
        remedy: 'Choose another path; `vecino repair` says whether anything can be saved.',
        cause: error,
      })
    case code.noMemory:
      return new StorageError('storage', `${place}: expected enough memory, got "${said}".`, { cause: error })
    // Every statement here is fixed, so an SQL error, a type that doesn't fit or a bad format means a damaged file.
    case code.error:
    case code.corrupt:
    case code.mismatch:
    case code.format:
      return new CorruptDataError(place, 'the bytes that were written', `"${said}"`, { cause: error })
    default:
      return new StorageError('storage', `${place}: expected SQLite to succeed, got "${said}".`, { cause: error })
  }
}

/** `/srv/docs (rights 555)`, as `chmod` writes them. */
function withRights(folder: string): string {
  const mode = statSync(folder, { throwIfNoEntry: false })?.mode
  return mode === undefined ? `${folder} (not there)` : `${folder} (rights ${(mode & 0o7777).toString(8)})`
}

/** Contentless full-text tables that can delete came with SQLite 3.43. */
const oldestSqlite = [3, 43]

/** @throws {UnsupportedError} when the SQLite inside this Node is too old for the format. */
export function assertSqliteVersion(version = process.versions.sqlite ?? 'none'): void {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [needMajor = 0, needMinor = 0] = oldestSqlite
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return
  throw new UnsupportedError(
    'SQLite',
    `version ${oldestSqlite.join('.')} or newer`,
    version,
    'Use Node 22.16 or newer.',
  )
}
