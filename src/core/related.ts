import { relatedItems } from '../analyses/related.ts'
import type { CollectionRelatedOptions, RelatedItems } from '../spec/related.ts'
import type { Store } from '../spec/store.ts'
import { isFunctionWord } from './function-words.ts'
import { itemsOf } from './items.ts'
import { assertKnownOptions } from './options.ts'

/**
 * For each source of the collection the others to read next; see `relatedItems`.
 *
 * @throws {InvalidArgumentError} for an option out of range, or fewer than two sources with a vector.
 */
export async function relatedOf(
  { store }: { store: Store },
  options: CollectionRelatedOptions = {},
): Promise<RelatedItems> {
  assertKnownOptions(options, ['topK', 'mode', 'diversity', 'filter', 'signal'], 'related')
  const { filter, ...rest } = options
  const { items } = await itemsOf(store, { filter, signal: rest.signal })
  return relatedItems(items, { ...rest, isIgnored: isFunctionWord })
}
