import type { BoundaryMember, ClusterAssignment, ClusterMember, NoiseItem } from '../spec/clusters.ts'
import type { Matrix } from '../spec/matrix.ts'

/** How near rows are to centroids: cosines to the nearest and the second, beside the one to their own. */
export interface Nearness {
  readonly nearest: Int32Array
  readonly similarity: Float64Array
  readonly second: Int32Array
  /** Cosine to the second nearest; NaN where there is one centroid. */
  readonly secondSimilarity: Float64Array
}

/** Shares of a cluster's members that count as within its reach. */
const reachShare = 0.05

/** Compare every row with every centroid; both of unit length. Ties by the lower label. */
export function nearness(vectors: Matrix, centroids: Matrix): Nearness {
  const { data, rows, columns } = vectors
  const result: Nearness = {
    nearest: new Int32Array(rows).fill(-1),
    similarity: new Float64Array(rows).fill(Number.NaN),
    second: new Int32Array(rows).fill(-1),
    secondSimilarity: new Float64Array(rows).fill(Number.NaN),
  }
  for (let i = 0; i < rows; i++) {
    let [best, other] = [-1, -1]
    let [bestCosine, otherCosine] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]
    for (let c = 0; c < centroids.rows; c++) {
      let cosine = 0
      for (let j = 0; j < columns; j++) cosine += data[i * columns + j]! * centroids.data[c * columns + j]!
      if (cosine > bestCosine) {
        ;[other, otherCosine] = [best, bestCosine]
        ;[best, bestCosine] = [c, cosine]
      } else if (cosine > otherCosine) [other, otherCosine] = [c, cosine]
    }
    if (best === -1) continue
    result.nearest[i] = best
    result.similarity[i] = bestCosine
    result.second[i] = other
    if (other !== -1) result.secondSimilarity[i] = otherCosine
  }
  return result
}

/** Mean directions of the labelled rows, unit length; a cluster whose rows cancel to nothing takes its first row. */
export function centroidsOf(vectors: Matrix, labels: Int32Array, k: number): Float32Array {
  const { data, rows, columns } = vectors
  const sums = new Float64Array(k * columns)
  const first = new Int32Array(k).fill(-1)
  for (let i = 0; i < rows; i++) {
    const label = labels[i]!
    if (label < 0) continue
    if (first[label] === -1) first[label] = i
    for (let j = 0; j < columns; j++) sums[label * columns + j]! += data[i * columns + j]!
  }
  const centroids = new Float32Array(k * columns)
  for (let c = 0; c < k; c++) {
    let square = 0
    for (let j = c * columns; j < (c + 1) * columns; j++) square += sums[j]! * sums[j]!
    const length = Math.sqrt(square)
    for (let j = 0; j < columns; j++)
      centroids[c * columns + j] = length > 1e-9 ? sums[c * columns + j]! / length : data[first[c]! * columns + j]!
  }
  return centroids
}

interface Placed {
  readonly ids: readonly string[]
  readonly labels: Int32Array
  readonly near: Nearness
  /** Cosine of each row to the centroid of its own cluster. */
  readonly own: Float64Array
}

/** Members nearest to the centroid, ties by id. */
export function representativesOf({ ids, labels, own }: Placed, label: number, count: number): ClusterMember[] {
  return membersOf(labels, label)
    .sort((a, b) => own[b]! - own[a]! || (ids[a]! < ids[b]! ? -1 : 1))
    .slice(0, count)
    .map((row) => ({ row, id: ids[row]!, similarity: own[row]! }))
}

/** Members whose second cluster is nearly as near, or nearer, than their own; the closest call first. */
export function boundaryOf({ ids, labels, near, own }: Placed, label: number, count: number): BoundaryMember[] {
  return membersOf(labels, label)
    .map((row) => {
      const isOwn = near.nearest[row] === label
      const other = isOwn ? near.second[row]! : near.nearest[row]!
      const otherCosine = isOwn ? near.secondSimilarity[row]! : near.similarity[row]!
      return { row, id: ids[row]!, similarity: own[row]!, other, margin: own[row]! - otherCosine }
    })
    .filter(({ other }) => other !== -1)
    .sort((a, b) => a.margin - b.margin || (a.id < b.id ? -1 : 1))
    .slice(0, count)
}

/** Cosine that 95 % of the members reach. */
export function reachOf({ labels, own }: Placed, label: number): number {
  const cosines = membersOf(labels, label)
    .map((row) => own[row]!)
    .sort((a, b) => a - b)
  return cosines[Math.floor(reachShare * cosines.length)]!
}

export function noiseOf({ ids, labels, near }: Placed, reaches: readonly number[]): NoiseItem[] {
  return membersOf(labels, -1).map((row) => {
    const id = ids[row]!
    const nearest = near.nearest[row]!
    if (nearest === -1)
      return { row, id, nearest: undefined, similarity: undefined, reach: undefined, reason: 'no-clusters' }
    const [similarity, reach] = [near.similarity[row]!, reaches[nearest]!]
    return { row, id, nearest, similarity, reach, reason: similarity < reach ? 'far' : 'sparse' }
  })
}

/** New rows among the clusters. A clustering by density takes none from beyond a cluster's reach. */
export function assignRows(
  vectors: Matrix,
  centroids: Matrix,
  reaches: readonly number[] | undefined,
): ClusterAssignment[] {
  const near = nearness(vectors, centroids)
  return Array.from({ length: vectors.rows }, (_, i) => {
    const nearest = near.nearest[i]!
    const similarity = near.similarity[i]!
    const isBeyond = nearest === -1 || (reaches !== undefined && similarity < reaches[nearest]!)
    const margin = similarity - near.secondSimilarity[i]!
    return { label: isBeyond ? -1 : nearest, nearest, similarity, margin: Number.isNaN(margin) ? undefined : margin }
  })
}

function membersOf(labels: Int32Array, label: number): number[] {
  const rows: number[] = []
  for (let i = 0; i < labels.length; i++) if (labels[i] === label) rows.push(i)
  return rows
}
