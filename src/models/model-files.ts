import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CorruptDataError } from '../spec/errors.ts'

const remedy = 'Take the folder from its source again.'

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

/** A JSON object of the folder; undefined when the file is not there. @throws {CorruptDataError} when it is no JSON object. */
export async function readModelJson(folder: string, name: string): Promise<Record<string, unknown> | undefined> {
  const value = await readModelJsonValue(folder, name)
  if (value === undefined) return undefined
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new CorruptDataError(join(folder, name), 'a JSON object', 'another value', { remedy })
  return value as Record<string, unknown>
}

export async function readModelJsonValue(folder: string, name: string): Promise<unknown> {
  const bytes = await readModelFile(folder, name)
  if (bytes === undefined) return undefined
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    throw new CorruptDataError(join(folder, name), 'JSON', 'another text', { remedy, cause })
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
