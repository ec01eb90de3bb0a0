import { hdbscan } from '../kernels/hdbscan.ts'
import { kMeans } from '../kernels/k-means.ts'
import { umap } from '../kernels/umap.ts'
import type { Cluster, ClusterOptions, Clusters } from '../spec/clusters.ts'
import { InvalidArgumentError, InvalidVectorError } from '../spec/errors.ts'
import type { Items } from '../spec/items.ts'
import { assertFinite, createMatrix, type Matrix } from '../spec/matrix.ts'
import { boundaryOf, centroidsOf, nearness, noiseOf, reachOf, representativesOf } from './cluster-members.ts'
import { clusterNames } from './cluster-names.ts'
import { clusterStability, rowsOf } from './cluster-stability.ts'
import { suggestK } from './suggest-k.ts'

/** What is clustered: an id, a text and a vector each. */
export type ClusterInput = Pick<Items, 'ids' | 'texts' | 'vectors'>

/** Starts of k-means, the best of which counts: for the result, and for a subsample. */
const starts = 8
const startsOfSubsample = 2
/** Layout in which density is measured: in hundreds of dimensions every item is alone. */
const layout = { components: 5, minDist: 0, nNeighbors: 15 } as const

/**
 * Sort items into groups by meaning, name each group and say how far it can be trusted.
 *
 * Items are taken in the order of their ids, so the result doesn't depend on the order they come in. Clusters are
 * numbered by size, the largest 0, ties by their first id.
 *
 * @param items - Finite vectors, none zero; they are compared by direction. Each id once.
 * @throws {InvalidArgumentError} for no items, more clusters than different items, or an option out of range.
 * @throws {InvalidVectorError} for a zero vector or one that is not finite (names the item).
 *
 * Cost: k-means O(items · k · dimensions) a sweep; density a neighbour graph O(items² · dimensions); the same again on
 *   each subsample of at most max(4,000, 50 · k) items; `suggest`: see `suggestK`.
 * Source: spherical k-means (Dhillon & Modha 2001), or UMAP to 5 dimensions and HDBSCAN (Grootendorst 2022);
 *   stability after Hennig 2007.
 */
export async function clusters(items: ClusterInput, options: ClusterOptions = {}): Promise<Clusters> {
  const settings = settle(items, options)
  const { method, seed, subsamples, threads, signal } = settings
  const order = Int32Array.from({ length: items.ids.length }, (_, i) => i)
  order.sort((a, b) => (items.ids[a]! < items.ids[b]! ? -1 : 1))
  const vectors = unitRows(rowsOf(items.vectors, order), (row) => items.ids[order[row]!]!)
  const ids = Array.from(order, (row) => items.ids[row]!)
  const texts = Array.from(order, (row) => items.texts[row]!)

  const suggestion = settings.k === 'suggest' ? await suggestK(vectors, { seed, threads, signal }) : undefined
  const wanted = suggestion?.k ?? (settings.k as number)
  if (method === 'k-means') assertDistinct(vectors, wanted)
  const partition = (rows: Matrix, share: number, ownSeed: number) =>
    method === 'density'
      ? byDensity(rows, Math.max(2, Math.round(settings.minClusterSize * share)), ownSeed, settings)
      : byMeans(rows, wanted, ownSeed, share === 1 ? starts : startsOfSubsample, settings)
  const { labels, k } = numberedBySize(await partition(vectors, 1, seed))

  const centroids = createMatrix(k, vectors.columns, centroidsOf(vectors, labels, k), vectors.passport)
  const near = nearness(vectors, centroids)
  const placed = { ids, labels, near, own: ownCosines(vectors, labels, centroids) }
  const names = clusterNames(texts, labels, { terms: settings.terms })
  const stability = await clusterStability(vectors, labels, k, { subsamples, seed, signal, partition })
  const found: Cluster[] = []
  for (let label = 0; label < k; label++) {
    const cluster = {
      label,
      size: labels.reduce((size, other) => size + Number(other === label), 0),
      ...names[label]!,
      stability: stability.clusters[label],
      reach: reachOf(placed, label),
      representatives: representativesOf(placed, label, settings.examples),
      boundary: boundaryOf(placed, label, settings.examples),
    }
    found.push({ ...cluster, name: await nameOf(cluster, texts, settings.nameWith) })
  }
  const noise = noiseOf(
    placed,
    found.map(({ reach }) => reach),
  )
  const given = new Int32Array(labels.length)
  labels.forEach((label, i) => {
    given[order[i]!] = label
  })
  const inGivenOrder = <Member extends { readonly row: number }>(members: readonly Member[]): Member[] =>
    members.map((member) => ({ ...member, row: order[member.row]! }))
  return {
    method,
    k,
    seed,
    ids: [...items.ids],
    labels: given,
    clusters: found.map((cluster) => ({
      ...cluster,
      representatives: inGivenOrder(cluster.representatives),
      boundary: inGivenOrder(cluster.boundary),
    })),
    noise: inGivenOrder(noise).sort((a, b) => a.row - b.row),
    stability: stability.overall,
    suggestion,
    centroids,
  }
}

type Settings = ReturnType<typeof settle>

function settle(items: ClusterInput, options: ClusterOptions) {
  const { method = 'k-means', seed = 0, nameWith, threads, signal } = options
  const { ids, texts, vectors } = items
  if (ids.length === 0) throw new InvalidArgumentError('items', 'at least 1 item', 0)
  if (texts.length !== ids.length) throw new InvalidArgumentError('items.texts', `${ids.length} texts`, texts.length)
  if (vectors.rows !== ids.length) throw new InvalidArgumentError('items.vectors', `${ids.length} rows`, vectors.rows)
  if (new Set(ids).size < ids.length) throw new InvalidArgumentError('items.ids', 'each id once', 'one twice')
  if (method !== 'k-means' && method !== 'density')
    throw new InvalidArgumentError('options.method', "'k-means' or 'density'", method)
  if (method === 'density' && options.k !== undefined)
    throw new InvalidArgumentError('options.k', 'none with density, which finds its own number', options.k)
  if (method === 'k-means' && options.minClusterSize !== undefined)
    throw new InvalidArgumentError('options.minClusterSize', "none without method 'density'", options.minClusterSize)
  const k = method === 'density' ? undefined : (options.k ?? 'suggest')
  if (k !== undefined && k !== 'suggest' && !isIntegerIn(k, 1, ids.length))
    throw new InvalidArgumentError('options.k', `'suggest' or an integer from 1 to ${ids.length}, the items`, k)
  const integer = (name: 'minClusterSize' | 'subsamples' | 'examples' | 'terms', least: number, most: number) => {
    const value = options[name]
    if (value === undefined || isIntegerIn(value, least, most)) return value
    throw new InvalidArgumentError(`options.${name}`, `an integer from ${least} to ${most}`, value)
  }
  const usual = Math.min(50, Math.max(5, Math.round(ids.length / 100)))
  return {
    method,
    k,
    minClusterSize: integer('minClusterSize', 2, 1e9) ?? usual,
    seed,
    subsamples: integer('subsamples', 0, 100) ?? 8,
    examples: integer('examples', 1, 1000) ?? 3,
    terms: integer('terms', 1, 100) ?? 4,
    nameWith,
    threads,
    signal,
  }
}

function isIntegerIn(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most
}

/** Rows of unit length; ids name the rows that have none. */
function unitRows(matrix: Matrix, idOf: (row: number) => string): Matrix {
  assertFinite(matrix, 'items.vectors')
  const { data, rows, columns } = matrix
  for (let i = 0; i < rows; i++) {
    let square = 0
    for (let j = i * columns; j < (i + 1) * columns; j++) square += data[j]! * data[j]!
    if (square === 0)
      throw new InvalidVectorError(`vector of item ${JSON.stringify(idOf(i))}`, 'a direction', 'a zero vector', {
        row: i,
        remedy: 'Leave the item out: the model knows no token of it.',
      })
    const length = Math.sqrt(square)
    for (let j = i * columns; j < (i + 1) * columns; j++) data[j] = data[j]! / length
  }
  return matrix
}

function assertDistinct(vectors: Matrix, k: number): void {
  const seen = new Set<string>()
  for (let i = 0; i < vectors.rows && seen.size < k; i++)
    seen.add(vectors.data.subarray(i * vectors.columns, (i + 1) * vectors.columns).join())
  if (seen.size < k)
    throw new InvalidArgumentError('options.k', `at most ${seen.size}, the different items`, k, 'The others are equal.')
}

async function byMeans(vectors: Matrix, k: number, seed: number, nInit: number, { threads, signal }: Settings) {
  const found = await kMeans(vectors, { k, seed, nInit, spherical: true, signal, ...(threads && { threads }) })
  return found.labels
}

async function byDensity(vectors: Matrix, minClusterSize: number, seed: number, { threads, signal }: Settings) {
  const shared = { ...(threads && { threads }), ...(signal && { signal }) }
  if (vectors.rows < Math.max(3, minClusterSize)) return new Int32Array(vectors.rows).fill(-1)
  const nNeighbors = Math.min(layout.nNeighbors, vectors.rows)
  const { embedding } = await umap(vectors, { ...layout, nNeighbors, metric: 'cosine', seed, ...shared })
  const { labels } = await hdbscan(embedding, { minClusterSize, minSamples: Math.min(5, minClusterSize), ...shared })
  return labels
}

function numberedBySize(labels: Int32Array): { labels: Int32Array; k: number } {
  const sizes = new Map<number, number>()
  for (const label of labels) if (label >= 0) sizes.set(label, (sizes.get(label) ?? 0) + 1)
  // A map keeps the order in which labels first occur, and sort is stable.
  const numbers = new Map([...sizes].sort(([, a], [, b]) => b - a).map(([label], i) => [label, i]))
  return { labels: labels.map((label) => numbers.get(label) ?? -1), k: sizes.size }
}

function ownCosines({ data, columns }: Matrix, labels: Int32Array, centroids: Matrix): Float64Array {
  return Float64Array.from(labels, (label, i) => {
    if (label < 0) return Number.NaN
    let cosine = 0
    for (let j = 0; j < columns; j++) cosine += data[i * columns + j]! * centroids.data[label * columns + j]!
    return cosine
  })
}

async function nameOf(cluster: Cluster, texts: readonly string[], nameWith: ClusterOptions['nameWith']) {
  if (nameWith === undefined) return cluster.name
  const name: unknown = await nameWith(
    cluster,
    cluster.representatives.map(({ row }) => texts[row]!),
  )
  if (typeof name !== 'string' || name.trim() === '')
    throw new InvalidArgumentError('what options.nameWith gave', 'a name', name)
  return name.trim()
}
