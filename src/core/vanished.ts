import { existsSync } from 'node:fs'
import { resolve, sep } from 'node:path'
import { createMatrix } from '../spec/matrix.ts'
import type { Store } from '../spec/store.ts'
import type { IdSet } from './id-set.ts'

const removedAtOnce = 1000

/**
 * Remove sources of some folders whose files are gone, and those that a file read in this run no longer holds. Sources
 * from elsewhere, records, and files that are there but were left out this time stay.
 *
 * @param read - Files read to their end in this run, by path, with the ids `met` in them.
 * @param untouched - Files that were found but not read to their end.
 * @returns how many sources were removed.
 */
export async function removeVanished({
  store,
  paths,
  read,
  untouched,
  met,
  signal,
}: {
  store: Store
  paths: readonly string[]
  read: ReadonlySet<string>
  untouched: ReadonlySet<string>
  met: IdSet
  signal: AbortSignal | undefined
}): Promise<number> {
  const roots = paths.map((path) => resolve(path))
  const isUnder = (path: string) =>
    roots.some((root) => path === root || path.startsWith(root.endsWith(sep) ? root : root + sep))
  const gone = new Map<string, boolean>()
  const isGone = (path: string) => {
    const known = gone.get(path) ?? !existsSync(path)
    gone.set(path, known)
    return known
  }

  const vanished: string[] = []
  for await (const { id, file } of store.digests()) {
    if (file === undefined || !isUnder(file.path) || untouched.has(file.path)) continue
    if (read.has(file.path) ? !met.has(id) : isGone(file.path)) vanished.push(id)
  }
  const forgetFiles: string[] = []
  for await (const { path } of store.files())
    if (isUnder(path) && !read.has(path) && isGone(path)) forgetFiles.push(path)

  const vectors = createMatrix(0, store.passport.dimensions)
  for (let start = 0; start < vanished.length; start += removedAtOnce) {
    signal?.throwIfAborted()
    await store.write({ put: [], vectors, remove: vanished.slice(start, start + removedAtOnce) })
  }
  if (forgetFiles.length > 0) await store.write({ put: [], vectors, remove: [], forgetFiles })
  return vanished.length
}
