/** How two labellings of the same rows agree. */
export interface PartitionOverlap {
  /** Agreement over pairs of rows, corrected for chance: 1 equal, 0 what chance gives. */
  readonly adjustedRand: number
  /** For each label of the first: Jaccard overlap with the most alike label of the second; NaN where no row has it. */
  readonly jaccard: Float64Array
}

/**
 * Compare two partitions. Negative labels (noise) count as one part of their own in the Rand index.
 *
 * @param a - Labels below `k`. @param b - Labels of the same rows.
 *
 * Source: Hubert & Arabie 1985; Hennig 2007.
 */
export function partitionOverlap(a: Int32Array, k: number, b: Int32Array): PartitionOverlap {
  const wide = b.reduce((most, label) => Math.max(most, label), -1) + 2
  const table = new Float64Array((k + 1) * wide)
  const sizesA = new Float64Array(k + 1)
  const sizesB = new Float64Array(wide)
  for (let i = 0; i < a.length; i++) {
    const row = a[i]! + 1
    const column = b[i]! + 1
    table[row * wide + column]!++
    sizesA[row]!++
    sizesB[column]!++
  }
  const jaccard = new Float64Array(k).fill(Number.NaN)
  for (let label = 0; label < k; label++) {
    const size = sizesA[label + 1]!
    if (size === 0) continue
    let best = 0
    for (let other = 1; other < wide; other++) {
      const both = table[(label + 1) * wide + other]!
      best = Math.max(best, both / (size + sizesB[other]! - both))
    }
    jaccard[label] = best
  }
  const pairs = (counts: Float64Array) => counts.reduce((sum, count) => sum + (count * (count - 1)) / 2, 0)
  const [together, inA, inB] = [pairs(table), pairs(sizesA), pairs(sizesB)]
  const expected = (inA * inB) / ((a.length * (a.length - 1)) / 2)
  const most = (inA + inB) / 2
  return { adjustedRand: a.length < 2 || most === expected ? 1 : (together - expected) / (most - expected), jaccard }
}
