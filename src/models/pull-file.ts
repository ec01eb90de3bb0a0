import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { CorruptDataError, VecinoError } from '../spec/errors.ts'
import type { HubFile } from './hub-files.ts'

/** Where files come from. */
export interface FileSource {
  open(file: HubFile, from: number, signal: AbortSignal | undefined): Promise<{ body: Readable; isWhole: boolean }>
}

/** One file, whole and checked, in its place. */
export async function bring(
  file: HubFile,
  { target, source: place }: { readonly target: string; readonly source: string },
  source: FileSource,
  { signal, onBytes }: { signal: AbortSignal | undefined; onBytes: (bytes: number) => void },
): Promise<{ sha256: string; received: number }> {
  const path = join(target, file.path)
  const part = `${path}.part`
  await mkdir(dirname(path), { recursive: true })
  if ((await sizeOf(path)) === file.sizeBytes) {
    const digests = await digestsOf(path, file.sizeBytes)
    if (mismatch(file, digests) === undefined && isChecked(file)) return { sha256: digests.sha256, received: 0 }
  }
  let have = (await sizeOf(part)) ?? 0
  if (have > file.sizeBytes) {
    await rm(part)
    have = 0
  }
  let received = 0
  if (have < file.sizeBytes || have === 0) {
    const { body, isWhole } = await source.open(file, have, signal)
    if (isWhole) have = 0
    const count = async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        received += chunk.length
        if (have + received > file.sizeBytes)
          throw new CorruptDataError(file.path, `${file.sizeBytes} bytes`, 'more', pullAgain)
        yield chunk
        onBytes(have + received)
      }
    }
    try {
      await pipeline(body, count, createWriteStream(part, { flags: have === 0 ? 'w' : 'a', flush: true }), {
        ...(signal === undefined ? {} : { signal }),
      })
    } catch (error) {
      signal?.throwIfAborted()
      if (VecinoError.isInstance(error) || isDiskError(error)) throw error
      throw new CorruptDataError(
        file.path,
        `${file.sizeBytes} bytes`,
        `${have + received}, then the connection ended`,
        {
          remedy: 'What came is kept: run the same command again and it goes on from there.',
          cause: error,
        },
      )
    }
  }
  if (have + received < file.sizeBytes)
    throw new CorruptDataError(file.path, `${file.sizeBytes} bytes`, `${have + received}`, {
      remedy: 'What came is kept: run the same command again and it goes on from there.',
    })
  const digests = await digestsOf(part, file.sizeBytes)
  const wrong = mismatch(file, digests)
  if (wrong !== undefined) {
    await rm(part)
    throw new CorruptDataError(`${file.path} of ${place}`, wrong.expected, wrong.got, {
      remedy: 'The file was thrown away. Pull again; if it stays, the server or a proxy before it changes files.',
    })
  }
  await rename(part, path)
  return { sha256: digests.sha256, received }
}

/** Whether the source says what the file's digest is; a folder does not. */
function isChecked({ sha256, blobId }: HubFile): boolean {
  return sha256 !== undefined || blobId !== undefined
}

function mismatch(
  { sha256, blobId }: HubFile,
  digests: { sha256: string; blobId: string },
): { expected: string; got: string } | undefined {
  if (sha256 !== undefined)
    return sha256 === digests.sha256 ? undefined : { expected: `SHA-256 ${sha256}`, got: digests.sha256 }
  if (blobId !== undefined && blobId !== digests.blobId)
    return { expected: `git object ${blobId}`, got: digests.blobId }
  return undefined
}

async function digestsOf(path: string, sizeBytes: number): Promise<{ sha256: string; blobId: string }> {
  const sha256 = createHash('sha256')
  const blob = createHash('sha1').update(`blob ${sizeBytes}\0`)
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    sha256.update(chunk as Uint8Array)
    blob.update(chunk as Uint8Array)
  }
  return { sha256: sha256.digest('hex'), blobId: blob.digest('hex') }
}

/** Errors of the disk, not of what is fetched. */
export function isDiskError(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EACCES', 'EROFS', 'EPERM', 'EIO'].includes(String((error as { code?: unknown })?.code))
}

export const pullAgain = { remedy: 'Pull again.' }

export async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size
  } catch {
    return undefined
  }
}
