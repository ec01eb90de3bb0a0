import { existsSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { NotFoundError } from '../spec/errors.ts'

/**
 * Write a file whole or not at all: beside its place first, then renamed over it.
 *
 * @throws {NotFoundError} when its folder isn't there.
 */
export async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  const folder = dirname(path)
  if (!existsSync(folder))
    throw new NotFoundError('folder to write into', folder, 'Make it first, or correct the path.')
  const draft = `${path}.${process.pid}.part`
  try {
    const file = await open(draft, 'w')
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}
