import type { Matrix } from '../spec/matrix.ts'
import type { Sweeper } from './k-means-sweep.ts'
import type { Random } from './random.ts'

/** Rows a cluster that seeding draws from, where there are more: k distances to each row would cost as much as a sweep. */
const seedRowsPerCluster = 16
/** Distances that may be spent on trying several candidates a step; beyond some 500 clusters there is one. */
const mostDistances = 4_000_000

interface Seeding {
  readonly points: Matrix
  readonly k: number
  readonly sweeper: Sweeper
  readonly seedCandidates: number | undefined
}

/**
 * k-means++: each further centroid is a row drawn with probability proportional to its squared distance from the
 * nearest centroid so far; of several drawn (2 + ⌊ln k⌋ by default) the one that brings the rows nearest. Where all distances are zero
 * (fewer different rows than centroids) any row is drawn.
 *
 * Source: Arthur & Vassilvitskii 2007; the choice among several as in its section 6 and scikit-learn's KMeans.
 */
export function seedCentroids({ points, k, sweeper, seedCandidates }: Seeding, random: Random): Float32Array {
  const { data, rows, columns } = points
  const count = Math.min(rows, k * seedRowsPerCluster)
  const list = random.fork('rows').sample(rows, count).sort()
  const affordable = Math.floor(mostDistances / (k * count))
  const candidates = seedCandidates ?? Math.max(1, Math.min(2 + Math.floor(Math.log(k)), affordable))
  let nearest = new Float64Array(count).fill(Number.POSITIVE_INFINITY)
  let candidate = new Float64Array(count)
  let best = new Float64Array(count)
  const centroids = new Float32Array(k * columns)
  for (let c = 0; c < k; c++) {
    const isWeighted = c > 0 && nearest.some((distance) => distance > 0)
    const draws = Array.from({ length: isWeighted ? candidates : 1 }, () =>
      isWeighted ? random.weighted(nearest) : random.below(count),
    )
    const distances = sweeper.seedDistances(
      list,
      draws.map((draw) => list[draw]!),
    )
    let [least, chosen] = [Number.POSITIVE_INFINITY, 0]
    for (const [i, draw] of draws.entries()) {
      let sum = 0
      for (let row = 0; row < count; row++) {
        candidate[row] = Math.min(nearest[row]!, distances[i * count + row]!)
        sum += candidate[row]!
      }
      if (sum >= least) continue
      ;[least, chosen] = [sum, list[draw]!]
      ;[best, candidate] = [candidate, best]
    }
    ;[nearest, best] = [best, nearest]
    centroids.set(data.subarray(chosen * columns, (chosen + 1) * columns), c * columns)
  }
  return centroids
}
