import { once } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { ExportReport } from '../spec/collection.ts'
import { InvalidArgumentError, StorageError } from '../spec/errors.ts'
import { fingerprint } from '../spec/passport.ts'
import type { Store, StoredPassage } from '../spec/store.ts'
import { inPages } from './background.ts'
import { littleEndianBytes, npyHeader } from './npy.ts'
import { passageId } from './search.ts'

export const vectorsFile = 'vectors.npy'
export const passagesFile = 'passages.jsonl'
export const passportFile = 'passport.json'
export const exportVersion = 1

/** One line of `passages.jsonl`. What belongs to the source stands with each of its passages. */
export interface ExportedPassage {
  readonly id: string
  readonly source: string
  /** Row of `vectors.npy`, from 0; null where the passage has no vector. */
  readonly row: number | null
  readonly title: string | null
  readonly text: string
  readonly start: number
  readonly end: number
  readonly line: number
  readonly headings: readonly string[]
  readonly tokens: number
  readonly metadata: Readonly<Record<string, unknown>>
  /** Digest of the source, so that adding it again embeds nothing. */
  readonly digest: string
}

/**
 * Write a collection as `vectors.npy`, `passages.jsonl` and `passport.json`. The folder appears whole or not at all: the
 * files are written and synced beside it, then renamed.
 *
 * @throws {InvalidArgumentError} when the folder exists and is not empty.
 * @throws {StorageError} when somebody wrote to the collection meanwhile, or the disk refused.
 *
 * Cost: one read of everything, a page at a time.
 */
export async function exportCollection(
  store: Store,
  folder: string,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<ExportReport> {
  if (typeof folder !== 'string' || folder === '') throw new InvalidArgumentError('folder', 'a path', folder)
  const target = resolve(folder)
  const isThere = await assertFree(target)
  const { generation } = store
  const partial = join(dirname(target), `.${basename(target)}.vecino-export-${process.pid}`)
  try {
    await mkdir(dirname(target), { recursive: true })
    await rm(partial, { recursive: true, force: true })
    await mkdir(partial)
    const counts = await writeFiles(store, partial, signal)
    if (store.generation !== generation)
      throw new StorageError('storage', `${store.place}: expected no write during the export, got one.`, {
        remedy: 'Export again; nothing was left behind.',
      })
    if (isThere) await rmdir(target)
    await rename(partial, target)
    return { folder: target, ...counts }
  } catch (error) {
    await rm(partial, { recursive: true, force: true })
    throw asStorageError(error, target)
  }
}

async function assertFree(target: string): Promise<boolean> {
  try {
    const entries = await readdir(target)
    if (entries.length === 0) return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return false
    if (code !== 'ENOTDIR') throw asStorageError(error, target)
  }
  throw new InvalidArgumentError(
    'folder',
    'a new or empty folder',
    basename(target),
    'Nothing was written; name another.',
  )
}

async function writeFiles(store: Store, folder: string, signal: AbortSignal | undefined) {
  const digests = new Map<string, string>()
  for await (const { id, digest } of store.digests()) digests.set(id, digest)
  const keys = await store.keys()
  const rows = (await store.keys('embedded')).length
  const { dimensions } = store.passport
  const vectors = createWriteStream(join(folder, vectorsFile), { flush: true })
  const passages = createWriteStream(join(folder, passagesFile), { flush: true })
  const failed = Promise.race(
    [vectors, passages].map(async (stream) => once(stream, 'error').then(([error]) => Promise.reject(error))),
  )
  failed.catch(() => {})
  let row = 0
  const write = async () => {
    await send(vectors, npyHeader(rows, dimensions))
    await inPages(keys, async (page) => {
      signal?.throwIfAborted()
      const found = await store.passages(page)
      const withVector = found.filter((passage) => passage.hasVector)
      const matrix = await store.vectors(Int32Array.from(withVector, ({ key }) => key))
      await send(vectors, littleEndianBytes(matrix.data))
      const lines = found.map((passage) =>
        JSON.stringify(exported(passage, passage.hasVector ? row++ : null, digests.get(passage.source) ?? '')),
      )
      await send(passages, lines.map((line) => `${line}\n`).join(''))
    })
    await Promise.all([end(vectors), end(passages)])
  }
  try {
    await Promise.race([write(), failed])
  } finally {
    vectors.destroy()
    passages.destroy()
  }
  const counts = { sources: digests.size, passages: keys.length, vectors: rows }
  await writeSynced(
    join(folder, passportFile),
    `${JSON.stringify({ format: 'vecino-export', version: exportVersion, fingerprint: fingerprint(store.passport), passport: store.passport, ...counts }, null, 2)}\n`,
  )
  return counts
}

function exported(passage: StoredPassage, row: number | null, digest: string): ExportedPassage {
  const { source, title = null, text, start, end, line, headings, tokens, metadata } = passage
  return { id: passageId(passage), source, row, title, text, start, end, line, headings, tokens, metadata, digest }
}

async function send(stream: WriteStream, bytes: Uint8Array | string): Promise<void> {
  if (bytes.length > 0 && !stream.write(bytes)) await once(stream, 'drain')
}

async function end(stream: WriteStream): Promise<void> {
  stream.end()
  await once(stream, 'close')
}

async function writeSynced(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx')
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function asStorageError(error: unknown, target: string): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (typeof code !== 'string' || !/^E[A-Z0-9]+$/.test(code)) return error
  const isFull = code === 'ENOSPC' || code === 'EDQUOT'
  return new StorageError(isFull ? 'storage-full' : 'storage', `${target}: expected to write there, got ${code}.`, {
    remedy: 'Nothing was left behind; make room or name another folder.',
    cause: error,
  })
}
