import type { Matrix } from '../spec/matrix.ts'
import type { Sweeper } from './k-means-sweep.ts'
import type { Random } from './random.ts'

/** Rows a cluster that seeding draws from, where there are more: k distances to each row would cost as much as a sweep. */
const seedRowsPerCluster = 16

/**
 * k-means++: each further centroid is a row drawn with probability proportional to its squared distance from the
 * nearest centroid so far. Where all distances are zero (fewer different rows than centroids) any row is drawn.
 */
export function seedCentroids(points: Matrix, k: number, random: Random, sweeper: Sweeper): Float32Array {
  const { data, rows, columns } = points
  const count = Math.min(rows, k * seedRowsPerCluster)
  const list = random.fork('rows').sample(rows, count).sort()
  const nearest = new Float64Array(count).fill(Number.POSITIVE_INFINITY)
  const centroids = new Float32Array(k * columns)
  let chosen = random.below(count)
  for (let c = 0; c < k; c++) {
    const row = list[chosen]!
    centroids.set(data.subarray(row * columns, (row + 1) * columns), c * columns)
    const distances = sweeper.seedDistances(list, row)
    let farthest = 0
    for (let i = 0; i < count; i++) {
      if (distances[i]! < nearest[i]!) nearest[i] = distances[i]!
      if (nearest[i]! > farthest) farthest = nearest[i]!
    }
    chosen = farthest > 0 ? random.weighted(nearest) : random.below(count)
  }
  return centroids
}
