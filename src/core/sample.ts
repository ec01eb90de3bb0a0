import { representatives } from '../analyses/representatives.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import type { EmbeddingModel } from '../spec/model.ts'
import type { SampleOptions, SampleReport } from '../spec/sample.ts'
import type { Store } from '../spec/store.ts'
import { type Background, backgroundOf } from './background.ts'
import { itemsOf } from './items.ts'
import { assertKnownOptions, integerOption } from './options.ts'
import { pairBackground } from './pair-background.ts'

const knownOptions = ['size', 'method', 'by', 'filter', 'signal'] as const satisfies readonly (keyof SampleOptions)[]

/** Fewer pairs say too little about what one in a hundred reaches. */
const leastPairs = 1000

/**
 * A few items that stand for a collection, and how much of it they cover; see `SampleOptions`. Nothing is random: the same
 * collection gives the same sample, whatever the order in which it was added.
 *
 * Cost: reads every text and vector once; one exact neighbour graph and O(size · items · dimensions).
 */
export async function sample(
  { store, model }: { store: Store; model: EmbeddingModel },
  options: SampleOptions,
): Promise<SampleReport> {
  assertKnownOptions(options, knownOptions, 'sample')
  const { method, by = 'source', filter, signal } = options
  if (!['source', 'passage'].includes(by)) throw new InvalidArgumentError('options.by', 'source, passage', by)
  const { items, withoutVector } = await itemsOf(store, { by, filter, signal })
  const rows = items.ids.length
  if (rows === 0)
    throw new InvalidArgumentError('sample', 'a collection with something in it', 'nothing to choose from')
  const size = integerOption('size', options.size ?? 0, 1, rows, 1)
  const { chosen, nearest, cosines } = await representatives(items.vectors, { size, method, ids: items.ids, signal })
  const standsFor = new Int32Array(size)
  for (const place of nearest) standsFor[place] = (standsFor[place] as number) + 1
  const bound = await usualCosine(store, model)
  let farthest = 0
  for (let row = 0; row < rows; row++) if ((cosines[row] as number) < (cosines[farthest] as number)) farthest = row
  return {
    items: rows,
    chosen: Array.from(chosen, (row, place) => ({
      id: items.ids[row] as string,
      title: items.titles[row],
      text: items.texts[row] as string,
      metadata: items.metadata[row] ?? {},
      standsFor: standsFor[place] as number,
    })),
    coverage: {
      share: cosines.filter((cosine) => cosine >= bound).length / rows,
      cosine: bound,
      meanCosine: cosines.reduce((sum, cosine) => sum + cosine, 0) / rows,
      farthest: { id: items.ids[farthest] as string, cosine: cosines[farthest] as number },
    },
    withoutVector,
  }
}

/** What 99 % of random pairs stay below: of this collection, or of unrelated texts where it is small. */
async function usualCosine(store: Store, model: EmbeddingModel): Promise<number> {
  const own = await backgroundOf(store, model, 'passages')
  const background: Background =
    own !== undefined && own.cosines.length >= leastPairs ? own : await pairBackground(model, 'cosine')
  return background.cosines[Math.floor(0.99 * background.cosines.length)] as number
}
