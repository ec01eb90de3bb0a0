import { existsSync } from 'node:fs'
import type { Collection } from '../spec/collection.ts'
import { NotFoundError } from '../spec/errors.ts'
import { defaultCollectionPath } from './default-path.ts'

/**
 * Open a collection that is there already, do something with it and close it whatever happens.
 *
 * @throws {NotFoundError} where there is none: asking a question must not create an empty file.
 */
export async function withCollection<T>(
  flags: { readonly collection?: string | undefined; readonly model?: string | undefined },
  use: (collection: Collection) => Promise<T>,
): Promise<T> {
  const path = flags.collection ?? defaultCollectionPath
  if (!existsSync(path))
    throw new NotFoundError(
      'collection',
      path,
      'Make one: vecino add ./docs (or name another with --collection <path>).',
    )
  return withNewCollection(flags, use)
}

/** The same, for commands that may create the collection. */
export async function withNewCollection<T>(
  {
    collection: path = defaultCollectionPath,
    model,
  }: { readonly collection?: string | undefined; readonly model?: string | undefined },
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
