import type { Methods } from './kernel-runner.ts'

const f = Math.fround

/** Rows whose products are summed in float32 before they join the float64 sums. */
export const runRows = 256
/** Columns are taken in strips of so many. */
export const strip = 8

/**
 * The specification of `wasm/assembly/gram.ts`: same memory, same arithmetic in the same order, same bits.
 *
 * `sumColumns(rows, count, columns, sums)`: adds the rows to the float64 sums; returns the largest size of a value.
 * `multiply(rows, count, columns, means, factor, panel, products, first, last)`: adds to the float64 `products`, for the
 * columns of strips [first, last) and every column of the same strip or a later one, those of the rows less `means`,
 * times `factor`, in float32.
 */
export function createGramSteps(memory: WebAssembly.Memory): Methods<'sumColumns' | 'multiply'> {
  const floats = new Float32Array(memory.buffer)
  const doubles = new Float64Array(memory.buffer)

  function sumColumns(...call: number[]): number {
    const [rows, count, columns, sums] = call as [number, number, number, number]
    let largest = 0
    for (let i = 0; i < count; i++)
      for (let j = 0; j < columns; j++) {
        const value = floats[rows / 4 + i * columns + j]!
        largest = Math.max(largest, Math.abs(value))
        doubles[sums / 8 + j]! += value
      }
    return largest
  }

  function multiply(...call: number[]): void {
    const [rows, count, columns, means, factor] = call as [number, number, number, number, number]
    const [panel, products, first, last] = call.slice(5).map(Number) as [number, number, number, number]
    const width = Math.ceil(columns / strip) * strip
    const [x, to] = [panel / 4, products / 8]
    for (let start = 0; start < count; start += runRows) {
      const depth = Math.min(runRows, count - start)
      // Column by column, the opposite of how the rows lie.
      for (let j = first * strip; j < columns; j++)
        for (let k = 0; k < depth; k++) {
          const value = floats[rows / 4 + (start + k) * columns + j]!
          floats[x + (j - first * strip) * runRows + k] = (value - doubles[means / 8 + j]!) * factor
        }
      for (let i = first * strip; i < Math.min(columns, last * strip); i++)
        for (let j = i - (i % strip); j < columns; j++) {
          const [left, right] = [x + (i - first * strip) * runRows, x + (j - first * strip) * runRows]
          let sum = 0
          for (let k = 0; k < depth; k++) sum = f(sum + f(floats[left + k]! * floats[right + k]!))
          doubles[to + i * width + j]! += sum
        }
    }
  }

  return { sumColumns, multiply }
}
