import { InvalidArgumentError } from '../spec/errors.ts'
import { assertFinite, createMatrix, type Matrix } from '../spec/matrix.ts'
import { condenseTree } from './condensed-tree.ts'
import { selectClusters } from './density-clusters.ts'
import { assertNonZero, squaredNorms } from './metric.ts'
import { assertChoice, assertInteger, assertNumber } from './option-checks.ts'
import { reachabilityTree, type SpanningTree } from './reachability-tree.ts'
import { bestEngine, type Engine } from './wasm/features.ts'

export interface HdbscanOptions {
  /** Least rows of a cluster, integer ≥ 2. Larger: fewer, larger clusters. @default 5 */
  readonly minClusterSize?: number
  /** Which other row's distance is a row's core distance, integer ≥ 1. Larger: more rows are noise. @default minClusterSize */
  readonly minSamples?: number
  /** `cosine` is 1 − cosine similarity. @default 'euclidean' */
  readonly metric?: 'euclidean' | 'cosine'
  /** `eom` (excess of mass): the most stable clusters; `leaf`: the finest. @default 'eom' */
  readonly clusterSelectionMethod?: 'eom' | 'leaf'
  /** Distance below which clusters are not split further, ≥ 0. @default 0 */
  readonly clusterSelectionEpsilon?: number
  /** Whether all rows may be one cluster. @default false */
  readonly allowSingleCluster?: boolean
  /** Threads to use at most, integer ≥ 1. @default the logical cores, at most 8 */
  readonly threads?: number
  readonly engine?: Engine
  readonly signal?: AbortSignal | undefined
}

export interface Hdbscan {
  /** Cluster of each row, or −1 for noise. */
  readonly labels: Int32Array
  /** How firmly each row belongs to its cluster, from 0 (noise) to 1. */
  readonly probabilities: Float64Array
  /** How persistent each cluster is, from 0 to 1. */
  readonly persistence: Float64Array
  /** GLOSH: how far each row lies outside of what surrounds it, from 0 to 1. */
  readonly outlierScores: Float64Array
}

/**
 * Clusters of any shape by density, with noise: hierarchical density-based clustering.
 *
 * @param matrix - `rows × columns`, read only; finite; no zero row under `cosine`.
 * @returns labels from 0 upwards; fewer rows than `minClusterSize` are all noise.
 * @throws {InvalidArgumentError} when an option is out of range or there are no columns.
 * @throws {InvalidVectorError} when a row is not finite, or zero under `cosine` (names the row).
 *
 * Cost: an exact neighbour graph, then at most half of all distances once, O(rows² · columns / 2), on threads.
 * Source: Campello, Moulavi & Sander 2013; McInnes & Healy 2017; GLOSH: Campello et al. 2015. Parameters and defaults of
 *   the Python package hdbscan.
 * Departs from it: the spanning tree is exact and ties in it are broken by row numbers, so labels don't depend on
 *   engine or threads and may be numbered in another order; equal rows have an outlier score of 0, rows beside them 1.
 *   Ties are frequent (a core distance is the length of several edges), and decide on which side of a split a row at the
 *   edge of a cluster falls: there the package differs from us as it does from itself on shuffled rows.
 */
export async function hdbscan(matrix: Matrix, options: HdbscanOptions = {}): Promise<Hdbscan> {
  const { rows, columns } = matrix
  const { minClusterSize = 5, minSamples = minClusterSize, metric = 'euclidean', engine = bestEngine() } = options
  const {
    clusterSelectionMethod = 'eom',
    clusterSelectionEpsilon = 0,
    allowSingleCluster = false,
    threads,
    signal,
  } = options
  assertInteger('minClusterSize', minClusterSize, 2)
  assertInteger('minSamples', minSamples, 1)
  assertChoice('metric', metric, ['euclidean', 'cosine'])
  assertChoice('clusterSelectionMethod', clusterSelectionMethod, ['eom', 'leaf'])
  assertNumber('clusterSelectionEpsilon', clusterSelectionEpsilon, 0)
  if (threads !== undefined) assertInteger('threads', threads, 1)
  if (columns < 1) throw new InvalidArgumentError('matrix', 'at least 1 column', columns)
  assertFinite(matrix, 'matrix')
  const norms = metric === 'cosine' ? squaredNorms(matrix) : undefined
  if (norms !== undefined) assertNonZero(norms, 'matrix')
  if (rows < Math.max(2, minClusterSize)) return allNoise(rows)

  const points = norms === undefined ? matrix : unitRows(matrix, norms)
  let tree = await reachabilityTree(points, minSamples, { engine, threads, signal })
  if (norms !== undefined) tree = toCosineDistances(tree)
  return selectClusters(condenseTree(tree, rows, minClusterSize), {
    method: clusterSelectionMethod,
    epsilon: clusterSelectionEpsilon,
    allowSingleCluster,
  })
}

function allNoise(rows: number): Hdbscan {
  return {
    labels: new Int32Array(rows).fill(-1),
    probabilities: new Float64Array(rows),
    persistence: new Float64Array(0),
    outlierScores: new Float64Array(rows),
  }
}

function unitRows({ data, rows, columns, passport }: Matrix, norms: Float64Array): Matrix {
  const unit = new Float32Array(data.length)
  for (let i = 0; i < rows; i++) {
    const length = Math.sqrt(norms[i]!)
    for (let j = i * columns; j < (i + 1) * columns; j++) unit[j] = data[j]! / length
  }
  return createMatrix(rows, columns, unit, passport)
}

/** Between unit vectors, 1 − cosine is half the squared distance: the same order, so the same tree. */
function toCosineDistances(tree: SpanningTree): SpanningTree {
  return { ...tree, weights: tree.weights.map((distance) => (distance * distance) / 2) }
}
