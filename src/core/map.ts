import { clusters } from '../analyses/clusters.ts'
import type { MapColoring } from '../analyses/map/coloring.ts'
import { drawMap } from '../analyses/map/draw-map.ts'
import { mapCost } from '../analyses/map/map-cost.ts'
import { createRandom } from '../kernels/random.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import type { Items } from '../spec/items.ts'
import type { CollectionMapOptions, ItemMap } from '../spec/map.ts'
import { createMatrix, rowOf } from '../spec/matrix.ts'
import type { Store } from '../spec/store.ts'
import { itemsOf } from './items.ts'
import { assertKnownOptions, integerOption } from './options.ts'

const knownOptions = [
  ...['method', 'title', 'labels', 'seed', 'nNeighbors', 'minDist', 'perplexity', 'onto', 'signal', 'onProgress'],
  ...['by', 'filter', 'colorBy', 'sample', 'onCost'],
]
const byCluster = 'cluster'

/**
 * Draw a collection as a map; see `CollectionMapOptions`.
 *
 * @throws {InvalidArgumentError} for an option out of range, a field that no source has, or no item to draw.
 * @throws {PassportMismatchError} when `onto` was made with another model.
 */
export async function mapOf({ store }: { store: Store }, options: CollectionMapOptions = {}): Promise<ItemMap> {
  assertKnownOptions(options, knownOptions, 'map')
  const { by, filter, colorBy = [], sample, onCost, ...rest } = options
  const { signal, seed = 0, method = options.onto?.method ?? 'umap' } = rest
  const names = typeof colorBy === 'string' ? [colorBy] : colorBy
  await assertKnownColors(store, names)
  const { items: all, withoutVector } = await itemsOf(store, { by, filter, signal })
  const wanted = integerOption('sample', sample, 1, Number.MAX_SAFE_INTEGER, all.ids.length)
  const items = wanted < all.ids.length ? sampleOf(all, wanted, seed) : all
  onCost?.(mapCost(items.ids.length, items.vectors.columns, method))
  const colorings: MapColoring[] = []
  for (const name of names)
    colorings.push(
      name === byCluster
        ? await clusterColoring(items, seed, signal)
        : { name, values: items.metadata.map((metadata) => metadata[name]) },
    )
  const map = await drawMap(items, { ...rest, colorings })
  return {
    ...map,
    notices: [
      ...map.notices,
      ...(items === all ? [] : [`${count(wanted)} of ${count(all.ids.length)} items, chosen by lot.`]),
      ...(withoutVector === 0 ? [] : [`${count(withoutVector)} left out: the model knows no word of them.`]),
    ],
  }
}

const count = (items: number) => items.toLocaleString('en')

async function assertKnownColors(store: Store, names: readonly string[]): Promise<void> {
  const fields = await store.fields()
  const unknown = names.find((name) => name !== byCluster && !fields.includes(name))
  if (unknown !== undefined)
    throw new InvalidArgumentError(
      'options.colorBy',
      `${byCluster} or fields of the metadata (${fields.join(', ') || 'there are none'})`,
      unknown,
    )
}

function sampleOf(items: Items, wanted: number, seed: number): Items {
  const rows = createRandom(seed).fork('sample').sample(items.ids.length, wanted).sort()
  const { columns, passport } = items.vectors
  const vectors = createMatrix(wanted, columns, undefined, passport)
  for (const [at, row] of rows.entries()) vectors.data.set(rowOf(items.vectors, row), at * columns)
  const pick = <T>(values: readonly T[]) => Array.from(rows, (row) => values[row] as T)
  return {
    ids: pick(items.ids),
    texts: pick(items.texts),
    titles: pick(items.titles),
    metadata: pick(items.metadata),
    vectors,
  }
}

async function clusterColoring(items: Items, seed: number, signal: AbortSignal | undefined): Promise<MapColoring> {
  const found = await clusters(items, { seed, subsamples: 0, signal })
  const names = new Map(found.clusters.map(({ label, name }) => [label, name === '' ? `cluster ${label + 1}` : name]))
  return { name: byCluster, values: Array.from(found.labels, (label) => names.get(label)) }
}
