import type { ClusterAssignment, Clusters } from '../spec/clusters.ts'
import { InvalidArgumentError, InvalidVectorError, UnreadableInputError } from '../spec/errors.ts'
import { assertComparable, assertFinite, createMatrix, type Matrix } from '../spec/matrix.ts'
import { assignRows } from './cluster-members.ts'
import { matrixFromJson, matrixToJson, readDocument } from './matrix-json.ts'

const remedy = 'Save clusters first: vecino clusters --save <path>, or clustersToJson.'
const document = { format: 'vecino-clusters', version: 1 } as const

/** Clusters as one JSON document, with the passport of their vectors: what `clustersFromJson` reads. */
export function clustersToJson(clusters: Clusters): string {
  const { centroids, labels, ...rest } = clusters
  return JSON.stringify({
    ...document,
    passport: centroids.passport ?? null,
    ...rest,
    labels: Array.from(labels),
    centroids: matrixToJson(centroids),
  })
}

/**
 * @param place - Where the text comes from, for messages: the file's path.
 * @throws {UnreadableInputError} when the text is no such document.
 */
export function clustersFromJson(text: string, place = 'clusters'): Clusters {
  const { body, passport } = readDocument(text, document, place, remedy)
  const { method, k, seed, ids, labels, clusters, noise, stability, suggestion } = body
  const centroids = matrixFromJson(body['centroids'], `${place}, centroids`, passport)
  if (method !== 'k-means' && method !== 'density')
    throw new UnreadableInputError(place, 'method k-means or density', String(method))
  if (!Array.isArray(ids) || !Array.isArray(labels) || labels.length !== ids.length || !Array.isArray(noise))
    throw new UnreadableInputError(place, 'one label an id', 'another number of them')
  if (!Array.isArray(clusters) || clusters.length !== k || centroids.rows !== k)
    throw new UnreadableInputError(place, `${String(k)} clusters with their centroids`, 'another number of them')
  if (!labels.every((label) => Number.isInteger(label) && label >= -1 && label < clusters.length))
    throw new UnreadableInputError(place, `labels from −1 to ${clusters.length - 1}`, 'others')
  return {
    method,
    k: clusters.length,
    seed: seed as number,
    ids,
    labels: Int32Array.from(labels),
    // JSON leaves out what is undefined, and reading gives it back as such.
    clusters: clusters.map((cluster) => ({ ...cluster, stability: cluster.stability })),
    noise,
    stability: stability as number | undefined,
    suggestion: suggestion as Clusters['suggestion'],
    centroids,
  }
}

/**
 * Where new items belong: the nearest centroid; with clusters by density only within its reach.
 *
 * @param vectors - Of the same model; finite, none zero; they are compared by direction.
 * @throws {InvalidArgumentError} when there are no clusters, or the dimensions differ.
 * @throws {PassportMismatchError} when the vectors are another model's.
 * @throws {InvalidVectorError} for a zero vector, or one that is not finite (names the row).
 *
 * Cost: O(rows · k · dimensions).
 */
export function assignToClusters(clusters: Clusters, vectors: Matrix): ClusterAssignment[] {
  const { centroids, method } = clusters
  if (centroids.rows === 0) throw new InvalidArgumentError('clusters', 'at least 1 cluster', 0)
  assertComparable(centroids, vectors)
  assertFinite(vectors)
  const unit = createMatrix(vectors.rows, vectors.columns, vectors.data.slice())
  for (let i = 0; i < unit.rows; i++) {
    const row = unit.data.subarray(i * unit.columns, (i + 1) * unit.columns)
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0))
    if (length === 0) throw new InvalidVectorError(`vectors, row ${i}`, 'a direction', 'a zero vector', { row: i })
    for (let j = 0; j < row.length; j++) row[j] = row[j]! / length
  }
  const reaches = method === 'density' ? clusters.clusters.map(({ reach }) => reach) : undefined
  return assignRows(unit, centroids, reaches)
}
