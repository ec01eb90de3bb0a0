import { clusters } from '../analyses/clusters.ts'
import { assignToClusters } from '../analyses/saved-clusters.ts'
import type { ClusterAssignment, ClusterOptions, Clusters, CollectionClusters } from '../spec/clusters.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import { assertSamePassport } from '../spec/passport.ts'
import type { Store } from '../spec/store.ts'
import { type ItemsOptions, itemsOf } from './items.ts'
import { assertKnownOptions } from './options.ts'

const itemOptions = ['by', 'filter', 'signal']
const options = ['method', 'k', 'minClusterSize', 'seed', 'subsamples', 'examples', 'terms', 'nameWith', 'threads']

/**
 * The collection's sources or passages in groups by meaning; see `clusters` for the options and what comes out.
 *
 * @throws {InvalidArgumentError} for a misspelt option, one out of range, or when there is nothing to cluster.
 */
export async function clustersOf(store: Store, given: ItemsOptions & ClusterOptions = {}): Promise<CollectionClusters> {
  assertKnownOptions(given, [...itemOptions, ...options], 'clusters')
  const { by, filter, ...rest } = given
  const { items, withoutVector } = await itemsOf(store, { by, filter, signal: given.signal })
  if (items.ids.length === 0)
    throw new InvalidArgumentError('items', 'at least 1 source with a vector', 0, 'Add texts, or widen the filter.')
  return { ...(await clusters(items, rest)), withoutVector }
}

/**
 * Where the collection's items belong among clusters found before, here or elsewhere.
 *
 * @throws {PassportMismatchError} when the clusters are of another model.
 */
export async function assignedOf(
  store: Store,
  saved: Clusters,
  given: ItemsOptions = {},
): Promise<(ClusterAssignment & { readonly id: string })[]> {
  assertKnownOptions(given, itemOptions, 'assign')
  const { passport } = saved.centroids
  if (passport !== undefined) assertSamePassport(store.passport, passport, `${store.place} and the clusters`)
  const { items } = await itemsOf(store, given)
  const assigned = items.ids.length === 0 ? [] : assignToClusters(saved, items.vectors)
  return assigned.map((assignment, i) => ({ id: items.ids[i] as string, ...assignment }))
}
