import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CorruptDataError } from '../spec/errors.ts'
import type { ModelFolder } from './model-folder.ts'

const remedy = 'Take the folder from its source again.'

/** A folder of this machine. */
export function onDisk(folder: string): ModelFolder {
  return { place: folder, read: (name) => readModelFile(folder, name) }
}

/** The bytes of one file of a model folder; undefined when there is none. */
export async function readModelFile(folder: string, name: string): Promise<Buffer | undefined> {
  try {
    // A start waits for nothing else, and the many small steps of an asynchronous read take several times as long.
    return readFileSync(join(folder, name))
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT' || (cause as NodeJS.ErrnoException).code === 'ENOTDIR')
      return undefined
    throw new CorruptDataError(join(folder, name), 'a readable file', String((cause as NodeJS.ErrnoException).code), {
      remedy,
      cause,
    })
  }
}

/** SHA-256 in hex of the parts, each after its length, so that a byte cannot move from one to the next. */
export function digestOf(...parts: readonly (Uint8Array | string)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) {
    const bytes = typeof part === 'string' ? Buffer.from(part) : part
    if (parts.length > 1) hash.update(`${bytes.length}:`)
    hash.update(bytes)
  }
  return hash.digest('hex')
}

export async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch {
    return false
  }
}
