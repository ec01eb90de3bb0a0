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

/** The same, for commands that may create the collection. */
export async function withNewCollection<T>(
  { collection: path, model }: { readonly collection?: string | undefined; readonly model?: string | undefined },
  use: (collection: Collection) => Promise<T>,
): Promise<T> {
  const { open } = await import('../open.ts')
  const collection = await open(path, model === undefined ? {} : { model })
  try {
    return await use(collection)
  } finally {
    await collection.close()
  }
}
