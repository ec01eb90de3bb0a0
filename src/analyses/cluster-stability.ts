import { createRandom } from '../kernels/random.ts'
import { createMatrix, type Matrix } from '../spec/matrix.ts'
import { partitionOverlap } from './partition-overlap.ts'

export interface StabilityOptions {
  readonly subsamples: number
  readonly seed: number
  readonly signal?: AbortSignal | undefined
  /** Clusters a subsample that is this share of the rows. */
  readonly partition: (vectors: Matrix, share: number, seed: number) => Promise<Int32Array>
}

const subsampleShare = 0.8
/** More rows than this say nothing more about stability: rows, and rows a cluster. */
const enoughRows = 4000
const enoughRowsPerCluster = 50

/**
 * Is it there again when one looks at other items? Clusters subsamples anew and compares.
 *
 * @param labels - Below `k`; −1 for noise.
 * @returns `overall`, the mean adjusted Rand index, and for each cluster the mean overlap (Jaccard) with the most alike
 *   cluster of each subsample; undefined where the rows are too few to sample.
 *
 * Cost: as many clusterings of at most max(4,000, 50 · k) rows as there are subsamples.
 * Source: Hennig 2007, subsetting.
 */
export async function clusterStability(vectors: Matrix, labels: Int32Array, k: number, options: StabilityOptions) {
  const { subsamples, seed, signal, partition } = options
  const most = Math.max(enoughRows, enoughRowsPerCluster * k)
  const size = Math.min(Math.floor(subsampleShare * vectors.rows), most)
  const sums = new Float64Array(k)
  const counts = new Float64Array(k)
  if (k < 2 || size <= k || subsamples === 0)
    return { overall: undefined, clusters: Array<number | undefined>(k).fill(undefined) }
  let total = 0
  for (let s = 0; s < subsamples; s++) {
    signal?.throwIfAborted()
    const random = createRandom(seed).fork(`stability ${s}`)
    const rows = random.sample(vectors.rows, size).sort()
    const found = await partition(rowsOf(vectors, rows), size / vectors.rows, random.uint32())
    const overlap = partitionOverlap(
      rows.map((row) => labels[row]!),
      k,
      found,
    )
    total += overlap.adjustedRand
    overlap.jaccard.forEach((value, label) => {
      if (Number.isNaN(value)) return
      sums[label]! += value
      counts[label]!++
    })
  }
  return {
    overall: total / subsamples,
    clusters: Array.from(sums, (sum, label) => (counts[label] === 0 ? undefined : sum / counts[label]!)),
  }
}

export function rowsOf({ data, columns, passport }: Matrix, rows: ArrayLike<number>): Matrix {
  const chosen = new Float32Array(rows.length * columns)
  for (let i = 0; i < rows.length; i++)
    chosen.set(data.subarray(rows[i]! * columns, (rows[i]! + 1) * columns), i * columns)
  return createMatrix(rows.length, columns, chosen, passport)
}
