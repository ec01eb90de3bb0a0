import type { Matrix } from '../spec/matrix.ts'
import { createIndex } from './exact-index.ts'
import { knnGraph } from './knn-graph.ts'
import type { Engine } from './wasm/features.ts'

/** The `k` nearest rows of each row, nearest first: `rows × k` ids and distances. */
export interface Neighbours {
  readonly k: number
  readonly ids: Int32Array
  /** Euclidean distances, or 1 − cosine. */
  readonly distances: Float32Array
}

export type DistanceMetric = 'l2' | 'cosine'

interface NeighbourOptions {
  readonly k: number
  readonly metric: DistanceMetric
  readonly threads: number
  readonly engine?: Engine | undefined
  readonly signal?: AbortSignal | undefined
}

/** Neighbours within one matrix, a row never its own; k ≤ rows − 1. */
export async function neighboursWithin(matrix: Matrix, options: NeighbourOptions): Promise<Neighbours> {
  const { ids, scores } = await knnGraph(matrix, options)
  return { k: options.k, ids, distances: toDistances(scores, options.metric) }
}

/** Neighbours of each row of `queries` among the rows of `corpus`; k ≤ corpus.rows. */
export async function neighboursAmong(queries: Matrix, corpus: Matrix, options: NeighbourOptions): Promise<Neighbours> {
  const { k, metric, threads, engine } = options
  const index = await createIndex(corpus, { metric, threads, engine })
  try {
    const { ids, scores } = await index.search(queries, { topK: k })
    return { k, ids, distances: toDistances(scores, metric) }
  } finally {
    index.close()
  }
}

function toDistances(scores: Float32Array, metric: DistanceMetric): Float32Array {
  return metric === 'l2' ? scores.map((score) => -score) : scores.map((score) => Math.max(0, 1 - score))
}
