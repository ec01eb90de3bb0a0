import { assertFinite, type Matrix } from '../spec/matrix.ts'
import { createGramSteps, runRows, strip } from './gram-steps.ts'
import { createRunner } from './kernel-runner.ts'
import { Arena } from './wasm/arena.ts'
import type { Engine } from './wasm/features.ts'
import { defaultThreads } from './wasm/pool.ts'

export interface Gram {
  /** `columns × columns`, symmetric. */
  readonly products: Float64Array
  /** Of the columns, summed in float64. */
  readonly means: Float64Array
}

/** Rows brought into the kernel's memory together, in bytes: they stay in the processor's cache. */
const chunkBytes = 1 << 22
/** Parts of a chunk summed apart, a fixed number so that threads don't decide the order of a sum. */
const sumParts = 4

/**
 * Inner products of all pairs of columns, less their means where `centred`.
 *
 * Products are summed in float32 over 256 rows at a time, these sums in float64: entry (i, j) errs by at most
 * 260 · 2⁻²⁴ · ‖xᵢ‖ ‖xⱼ‖ for columns xᵢ and xⱼ, and by about 2⁻²⁴ of it where the errors' signs vary. The same bytes on every
 * engine and any number of threads. Values may have any size: rows are scaled by a power of two on the way.
 *
 * @param matrix - At least one row and one column.
 * @throws {InvalidVectorError} when a value is not finite (names the row of `matrix`).
 *
 * Cost: rows · columns² / 2 multiply-adds, 0.1 s a thread at 20,000 × 384; 4 MB and 8 · columns² bytes.
 */
export async function gramOfColumns(
  matrix: Matrix,
  options: { readonly centred: boolean; readonly engine?: Engine | undefined; readonly threads?: number | undefined },
): Promise<Gram> {
  const { data, rows, columns } = matrix
  const { centred, engine, threads = defaultThreads() } = options
  const strips = Math.ceil(columns / strip)
  const width = strips * strip
  const chunkRows = Math.min(rows, Math.max(1, Math.floor(chunkBytes / (4 * columns * runRows))) * runRows)
  const arena = new Arena({ shared: threads > 1 })
  const shares = equalShares(strips, threads)
  const atRows = arena.alloc(chunkRows * columns * 4)
  const atMeans = arena.alloc(columns * 8)
  const atProducts = arena.alloc(width * width * 8)
  const panels = shares.map(([first]) => arena.alloc(runRows * (strips - first) * strip * 4))
  const sums = Array.from({ length: sumParts }, () => arena.alloc(columns * 8))
  const doubles = (at: number, length: number) => new Float64Array(arena.memory.buffer, at, length)
  for (const at of sums) doubles(at, columns).fill(0)
  doubles(atProducts, width * width).fill(0)
  const runner = createRunner(arena, 'gram', createGramSteps, { threads, engine })

  let loaded = -1
  async function overChunks(visit: (count: number) => Promise<unknown>): Promise<void> {
    for (let start = 0; start < rows; start += chunkRows) {
      const count = Math.min(chunkRows, rows - start)
      if (loaded !== start)
        arena.float32(atRows, count * columns).set(data.subarray(start * columns, (start + count) * columns))
      loaded = start
      await visit(count)
    }
  }
  try {
    let largest = 0
    await overChunks(async (count) => {
      const size = Math.ceil(count / sumParts)
      const calls = sums.map((at, part) => {
        const from = Math.min(count, part * size)
        return [atRows + from * columns * 4, Math.min(count, from + size) - from, columns, at]
      })
      for (const part of await runner.run('sumColumns', calls)) largest = Math.max(largest, part)
    })
    const totals = sums.map((at) => doubles(at, columns))
    const means = Float64Array.from(
      { length: columns },
      (_, j) => totals.reduce((sum, part) => sum + part[j]!, 0) / rows,
    )
    if (!means.every(Number.isFinite)) assertFinite(matrix, 'matrix')

    const factor = powerOfTwoFor(largest)
    doubles(atMeans, columns).set(centred ? means : new Float64Array(columns))
    await overChunks((count) =>
      runner.run(
        'multiply',
        shares.map(([first, last], i) => [
          ...[atRows, count, columns, atMeans, factor, panels[i]!, atProducts, first, last],
        ]),
      ),
    )
    const found = doubles(atProducts, width * width)
    const products = new Float64Array(columns * columns)
    for (let i = 0; i < columns; i++)
      for (let j = i; j < columns; j++)
        products[i * columns + j] = products[j * columns + i] = found[i * width + j]! / factor / factor
    return { products, means }
  } finally {
    runner.close()
  }
}

/** Ranges of strips whose parts of the upper triangle are about equally large. */
function equalShares(strips: number, parts: number): (readonly [number, number])[] {
  const shares: (readonly [number, number])[] = []
  let first = 0
  for (let part = 1; part <= parts; part++) {
    const last = Math.round(strips * (1 - Math.sqrt(1 - part / parts)))
    if (last > first) shares.push([first, last])
    first = Math.max(first, last)
  }
  return shares
}

/** The power of two that brings `largest` to about 1; 1 where it is 0. */
function powerOfTwoFor(largest: number): number {
  let factor = 1
  if (largest > 0) {
    while (largest * factor < 0.5) factor *= 2
    while (largest * factor >= 1) factor /= 2
  }
  return factor
}
