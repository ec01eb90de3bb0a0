import { leastTested, outliers as outliersOf } from '../analyses/outliers.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import type { OutlierItem, OutliersOptions, OutliersReport } from '../spec/outliers.ts'
import type { Store } from '../spec/store.ts'
import { itemsOf } from './items.ts'
import { assertKnownOptions, integerOption } from './options.ts'
import { mostHits } from './search.ts'

const knownOptions = [
  'method',
  'nNeighbors',
  'falseDiscoveryRate',
  'topK',
  'by',
  'filter',
  'signal',
] as const satisfies readonly (keyof OutliersOptions)[]

/**
 * What does not belong in a collection, and why; see `OutliersOptions`.
 *
 * Cost: reads every text and vector once; one exact neighbour graph; a look at every word.
 */
export async function outliers({ store }: { store: Store }, options: OutliersOptions = {}): Promise<OutliersReport> {
  assertKnownOptions(options, knownOptions, 'outliers')
  const { method, falseDiscoveryRate, by = 'source', filter, signal } = options
  if (!['source', 'passage'].includes(by)) throw new InvalidArgumentError('options.by', 'source, passage', by)
  const topK = integerOption('topK', options.topK, 1, mostHits, 10)
  const { items, withoutVector } = await itemsOf(store, { by, filter, signal })
  const rows = items.ids.length
  const most = rows >= leastTested ? Math.floor(rows / 10) : Number.MAX_SAFE_INTEGER
  const nNeighbors = integerOption('nNeighbors', options.nNeighbors, 1, most, Math.min(20, most))
  const found = await outliersOf(items.vectors, {
    method,
    nNeighbors,
    texts: items.texts,
    falseDiscoveryRate,
    signal,
  })
  const { distances, words, oddness, pValues, flagged } = found
  const order = Array.from(oddness, (_, row) => row).sort(
    (a, b) =>
      (oddness[b] as number) - (oddness[a] as number) || ((items.ids[a] as string) < (items.ids[b] as string) ? -1 : 1),
  )
  const isFlagged = new Set(flagged)
  const describeItem = (row: number): OutlierItem => ({
    id: items.ids[row] as string,
    title: items.titles[row],
    text: items.texts[row] as string,
    distance: distances[row] as number,
    unsharedWords: known(words?.unshared[row]),
    wordRarity: known(words?.rarity[row]),
    pValue: pValues?.[row],
    isOutlier: isFlagged.has(row),
    nearest: nearestOf(found.neighbours, row).map(({ row: other, cosine }) => ({
      id: items.ids[other] as string,
      title: items.titles[other],
      cosine,
    })),
  })
  return {
    items: rows,
    ranked: order.slice(0, Math.max(topK, flagged.length)).map(describeItem),
    flagged: flagged.length,
    isTested: pValues !== undefined,
    typicalDistance: medianOf(distances) ?? 0,
    typicalUnsharedWords: words && medianOf(words.unshared),
    typicalWordRarity: words && medianOf(words.rarity),
    withoutVector,
  }
}

function known(value: number | undefined): number | undefined {
  return value === undefined || Number.isNaN(value) ? undefined : value
}

function medianOf(values: Float64Array): number | undefined {
  const ascending = values.filter((value) => !Number.isNaN(value)).sort()
  return ascending[(ascending.length - 1) >> 1]
}

function nearestOf(
  { k, ids, cosines }: { readonly k: number; readonly ids: Int32Array; readonly cosines: Float32Array },
  row: number,
): { row: number; cosine: number }[] {
  return Array.from({ length: Math.min(3, k) }, (_, rank) => ({
    row: ids[row * k + rank] as number,
    cosine: cosines[row * k + rank] as number,
  }))
}
