import type { TransformerConfig } from './transformer-config.ts'

/**
 * One vector from the hidden states of one text's tokens.
 *
 * @param states - `length × columns` float32, row-major; the rows of the text's real tokens, padding left out.
 * @param output - `columns` values, overwritten. Sums run in doubles.
 */
export function pool(
  states: Float32Array,
  columns: number,
  pooling: TransformerConfig['pooling'],
  output: Float32Array,
): void {
  const length = states.length / columns
  if (pooling === 'cls' || pooling === 'last-token') {
    const row = pooling === 'cls' ? 0 : length - 1
    output.set(states.subarray(row * columns, (row + 1) * columns))
    return
  }
  const weighted = pooling === 'weighted-mean'
  const divisor = weighted ? (length * (length + 1)) / 2 : pooling === 'mean-sqrt-length' ? Math.sqrt(length) : length
  for (let column = 0; column < columns; column++) {
    let total = pooling === 'max' ? Number.NEGATIVE_INFINITY : 0
    for (let row = 0; row < length; row++) {
      const value = states[row * columns + column] as number
      if (pooling === 'max') total = Math.max(total, value)
      else total += weighted ? (row + 1) * value : value
    }
    output[column] = pooling === 'max' ? total : total / divisor
  }
}

/** Divide by the Euclidean norm. A zero row stays zero: the caller's gate names it. */
export function normalizeRow(row: Float32Array): void {
  let squares = 0
  for (let i = 0; i < row.length; i++) squares += (row[i] as number) * (row[i] as number)
  if (squares === 0) return
  const scale = 1 / Math.sqrt(squares)
  for (let i = 0; i < row.length; i++) row[i] = (row[i] as number) * scale
}
