import { recommend } from '../analyses/recommend.ts'
import { NotFoundError } from '../spec/errors.ts'
import { matchesFilter } from '../spec/filter.ts'
import type { Items } from '../spec/items.ts'
import { createMatrix, rowOf } from '../spec/matrix.ts'
import type { CollectionRecommendOptions, Recommendation } from '../spec/recommend.ts'
import type { Store } from '../spec/store.ts'
import { itemsOf } from './items.ts'
import { didYouMean, nearId } from './near-id.ts'
import { assertKnownOptions } from './options.ts'
import { assertKnownFields } from './search.ts'

/**
 * Sources for somebody who liked some and disliked others; see `recommend`.
 *
 * @throws {NotFoundError} for an id that is no source with a vector.
 */
export async function recommendOf(
  { store }: { store: Store },
  options: CollectionRecommendOptions,
): Promise<Recommendation[]> {
  assertKnownOptions(options, ['like', 'dislike', 'topK', 'diversity', 'filter', 'signal'], 'recommend')
  const { filter, signal, ...rest } = options
  if (filter !== undefined) await assertKnownFields(store, filter, (await store.counts()).passages)
  const { items } = await itemsOf(store, { signal })
  const known = new Set(items.ids)
  const named = new Set([...(rest.like ?? []), ...(rest.dislike ?? [])])
  for (const id of named)
    if (!known.has(id))
      throw new NotFoundError(
        'source',
        id,
        `${didYouMean(await nearId(id, store.digests()))}\`list\` names what there is.`,
      )
  if (filter === undefined) return recommend(items, rest)
  const kept = items.ids.flatMap((id, row) =>
    named.has(id) || matchesFilter(filter, id, items.metadata[row] ?? {}) ? [row] : [],
  )
  return recommend(pick(items, kept), rest)
}

function pick(items: Items, rows: readonly number[]): Items {
  const { columns, passport } = items.vectors
  const vectors = createMatrix(rows.length, columns, undefined, passport)
  for (const [at, row] of rows.entries()) vectors.data.set(rowOf(items.vectors, row), at * columns)
  const of = <T>(values: readonly T[]) => rows.map((row) => values[row] as T)
  return { ids: of(items.ids), texts: of(items.texts), titles: of(items.titles), metadata: of(items.metadata), vectors }
}
