import { existsSync } from 'node:fs'
import type { Collection } from '../spec/collection.ts'
import { NotFoundError } from '../spec/errors.ts'

/**
 * Open a collection that is there already, do something with it and close it whatever happens.
 *
 * @throws {NotFoundError} where there is none: asking a question must not create an empty file.
 */
export async function withCollection<T>(
  flags: { readonly collection?: string | undefined; readonly model?: string | undefined },
  use: (collection: Collection) => Promise<T>,
): Promise<T> {
  await existingPath(flags.collection)
  return withNewCollection(flags, use)
}

/** @throws {NotFoundError} where there is no such file. */
export async function existingPath(given: string | undefined): Promise<string> {
  const { defaultCollectionPath } = await import('../open.ts')
  const path = given ?? defaultCollectionPath
  if (existsSync(path)) return path
  throw new NotFoundError('collection', path, 'Make one: vecino add ./docs (or name another with --collection <path>).')
}

/** The same, for commands that may create the collection. A new file in which nothing was stored is not left behind. */
export async function withNewCollection<T>(
  { collection: path, model }: { readonly collection?: string | undefined; readonly model?: string | undefined },
  use: (collection: Collection) => Promise<T>,
): Promise<T> {
  const { defaultCollectionPath, open } = await import('../open.ts')
  const file = path ?? defaultCollectionPath
  const isNew = !existsSync(file)
  try {
    const collection = await open(file, model === undefined ? {} : { model })
    try {
      return await use(collection)
    } finally {
      await collection.close()
    }
  } finally {
    if (isNew && existsSync(file)) {
      const { discardEmptySqlite } = await import('../stores/sqlite/index.ts')
      await discardEmptySqlite(file)
    }
  }
}
