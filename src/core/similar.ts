import type { Hit, SearchOptions } from '../spec/collection.ts'
import { NotFoundError, UnsupportedError } from '../spec/errors.ts'
import { createMatrix } from '../spec/matrix.ts'
import type { EmbeddingModel } from '../spec/model.ts'
import type { Store, StoredPassage } from '../spec/store.ts'
import { backgroundOf } from './background.ts'
import { didYouMean, nearId } from './near-id.ts'
import { assertKnownOptions, integerOption } from './options.ts'
import { rank } from './rank.ts'
import { assertKnownFields, firstOfEachSource, meanDirection, mostHits, toHit, withPassages } from './search.ts'

export type SimilarOptions = Pick<SearchOptions, 'topK' | 'offset' | 'filter' | 'bySource' | 'signal'>

/**
 * The passages nearest in meaning to a source (the mean direction of its passages) or to one passage (`source#n`). The
 * source's own passages, or the passage itself, are not among them.
 *
 * @throws {NotFoundError} for an id that is neither.
 * @throws {UnsupportedError} when it has no vector: nothing in it is known to the model.
 */
export async function similar(
  { store, model }: { store: Store; model: EmbeddingModel },
  id: string,
  options: SimilarOptions = {},
): Promise<Hit[]> {
  assertKnownOptions(options, ['topK', 'offset', 'filter', 'bySource', 'signal'], 'similar')
  const { filter, bySource = false, signal } = options
  const topK = integerOption('topK', options.topK, 1, mostHits, 10)
  const offset = integerOption('offset', options.offset, 0, Number.MAX_SAFE_INTEGER, 0)
  const { passages } = await store.counts()
  if (filter !== undefined) await assertKnownFields(store, filter, passages)
  const self = await passagesOf(store, id)
  const embedded = self.filter((passage) => passage.hasVector)
  if (embedded.length === 0)
    throw new UnsupportedError(
      'similar',
      'a source with a vector',
      `${JSON.stringify(id)}, which has none`,
      'Search for its words.',
    )
  const own = new Set(self.map((passage) => passage.key))
  const vectors = await store.vectors(Int32Array.from(embedded, (passage) => passage.key))
  const vector = createMatrix(1, vectors.columns, meanDirection(vectors), store.passport)
  const background = await backgroundOf(store, model, 'passages')

  const request = { store, mode: 'semantic' as const, query: '', vector, mean: 0, filter, signal }
  const wanted = Math.min(offset + topK, passages)
  for (let limit = (bySource ? 2 * wanted : wanted) + own.size; ; limit *= 4) {
    const { passages: ranked, isComplete } = await rank(request, Math.min(limit, passages))
    const others = await withPassages(
      store,
      ranked.filter(({ key }) => !own.has(key)),
    )
    const best = bySource ? firstOfEachSource(others) : others
    if (best.length >= wanted || isComplete || limit >= passages)
      return best
        .slice(offset, offset + topK)
        .map((chosen) => toHit(chosen, background, { found: undefined, explain: false, mode: 'semantic' }))
  }
}

async function passagesOf(store: Store, id: string): Promise<StoredPassage[]> {
  const source = await store.source(id)
  if (source !== undefined) return source.passages
  const [, parent, ordinal] = /^(.+)#([1-9]\d{0,9})$/s.exec(id) ?? []
  const passage = parent === undefined ? undefined : (await store.source(parent))?.passages[Number(ordinal) - 1]
  if (passage === undefined)
    throw new NotFoundError(
      'source or passage',
      id,
      `${didYouMean(await nearId(id, store.digests()))}Ids stand in the hits of a search and in \`list\`.`,
    )
  return [passage]
}
