/**
 * Rows to int8, each with its own scale: `row ≈ codes · scale`, the largest value at ±127.
 *
 * @param rows - `count × columns`, row-major, finite.
 * @returns `codes` (count × columns) and `scales` (count, ≥ 0; 0 for a row of zeros).
 */
export function quantizeRows(rows: Float32Array, columns: number): { codes: Int8Array; scales: Float32Array } {
  const codes = new Int8Array(rows.length)
  const scales = new Float32Array(rows.length / columns)
  for (let row = 0; row < scales.length; row++) {
    const from = row * columns
    let largest = 0
    for (let i = from; i < from + columns; i++) largest = Math.max(largest, Math.abs(rows[i] as number))
    if (largest === 0) continue
    scales[row] = largest / 127
    for (let i = from; i < from + columns; i++) codes[i] = Math.round(((rows[i] as number) * 127) / largest)
  }
  return { codes, scales }
}
