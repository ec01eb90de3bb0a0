import type { Matrix } from '../spec/matrix.ts'

/**
 * Mean silhouette of unit rows by cosine distance, from the clusters' sums: exact, without comparing pairs of rows.
 *
 * @param labels - 0 … k − 1. A row alone in its cluster counts 0.
 * @returns In [−1, 1]; 0 for one cluster.
 *
 * Cost: O(rows · k · columns).
 * Source: Rousseeuw 1987; agrees with `sklearn.metrics.silhouette_score(metric='cosine')`.
 */
export function silhouette({ data, rows, columns }: Matrix, labels: Int32Array, k: number): number {
  const sums = new Float64Array(k * columns)
  const sizes = new Float64Array(k)
  for (let i = 0; i < rows; i++) {
    const label = labels[i]!
    sizes[label]!++
    for (let j = 0; j < columns; j++) sums[label * columns + j]! += data[i * columns + j]!
  }
  let total = 0
  for (let i = 0; i < rows; i++) {
    const label = labels[i]!
    if (sizes[label] === 1) continue
    let within = 0
    let between = Number.POSITIVE_INFINITY
    for (let c = 0; c < k; c++) {
      if (sizes[c] === 0) continue
      let product = 0
      for (let j = 0; j < columns; j++) product += data[i * columns + j]! * sums[c * columns + j]!
      if (c === label) within = 1 - (product - 1) / (sizes[c]! - 1)
      else between = Math.min(between, 1 - product / sizes[c]!)
    }
    const larger = Math.max(within, between)
    if (Number.isFinite(between) && larger > 0) total += (between - within) / larger
  }
  return total / rows
}
