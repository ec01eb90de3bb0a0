/** Shares of the largest value that are tried as the value coded by 127. */
const clipShares = [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.25, 0.2, 0.15]

/**
 * Rows to int8 with one scale for all; the largest values saturate where that makes the whole error smaller.
 *
 * @param rows - `tokens × columns`, row-major, finite, not all zero.
 * @param counts - Weight of each row's squared error. @default 1 each
 * @returns codes from −127 to 127; `row ≈ codes · scale` for a scale that cancels in unit vectors.
 */
export function quantizeTable(rows: Float32Array, columns: number, counts?: Float64Array): Int8Array {
  let largest = 0
  for (const value of rows) largest = Math.max(largest, Math.abs(value))
  let best = 1
  let least = Number.POSITIVE_INFINITY
  for (const share of clipShares) {
    const error = errorOf(rows, columns, (largest * share) / 127, counts)
    if (error < least) {
      least = error
      best = share
    }
  }
  return Int8Array.from(rows, (value) => code(value, (largest * best) / 127))
}

function errorOf(rows: Float32Array, columns: number, scale: number, counts: Float64Array | undefined): number {
  let total = 0
  for (let row = 0; row < rows.length / columns; row++) {
    let error = 0
    for (let i = row * columns; i < (row + 1) * columns; i++) {
      const value = rows[i] as number
      error += (value - code(value, scale) * scale) ** 2
    }
    total += error * (counts?.[row] ?? 1)
  }
  return total
}

function code(value: number, scale: number): number {
  return Math.max(-127, Math.min(127, Math.round(value / scale)))
}
