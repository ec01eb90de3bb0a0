import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { InvalidArgumentError } from '../../spec/errors.ts'
import { Connection } from './connection.ts'
import { filePath, memoryPath, openForReading } from './open-file.ts'

/**
 * Copy a file with all its collections while others read and write it: the copy is one committed state, compact, and
 * appears under its name whole or not at all.
 *
 * @param target - Path of the copy; one that is there is replaced.
 *
 * Cost: one read of the file, one write of what it holds.
 */
export async function backupSqlite(path: string, target: string): Promise<void> {
  const from = filePath(path)
  const to = filePath(target)
  if (to === memoryPath || to === from) throw new InvalidArgumentError('target', 'the path of another file', target)
  openForReading(from, false).connection.close()
  const temporary = `${to}.${process.pid}.partial`
  rmSync(temporary, { force: true })
  try {
    const connection = new Connection(from, { access: 'read-only', mayAttach: true })
    try {
      connection.run('VACUUM INTO ?', temporary)
    } finally {
      connection.close()
    }
    syncPath(temporary)
    renameSync(temporary, to)
    syncPath(dirname(to))
  } finally {
    rmSync(temporary, { force: true })
  }
}

/** Make a file's bytes, or a folder's names, durable. */
export function syncPath(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
