import type { ExactIndex } from '../../kernels/exact-index.ts'
import { dot } from '../../kernels/metric.ts'
import { bitmapBytes, setBit } from '../../kernels/selection.ts'
import type { Matrix } from '../../spec/matrix.ts'
import type { Ranked } from '../../spec/store.ts'

export interface IndexedRows {
  readonly topK: number
  /** One byte a row, 0 to leave it out; all where undefined. */
  readonly accepts: Uint8Array | undefined
  readonly keys: Int32Array
  /** Row-major values of at least the rows that the index finds. */
  readonly values: Float32Array
}

/** Nearest keys by an index over their rows, with the scores that brute force in float64 gives. */
export async function rankedByIndex(
  index: ExactIndex,
  queries: Matrix,
  { topK, accepts, keys, values }: IndexedRows,
): Promise<Ranked[]> {
  const { columns } = queries
  const { ids } = await index.search(queries, { topK, filter: accepts === undefined ? undefined : toBits(accepts) })
  return Array.from({ length: queries.rows }, (_, query) => {
    const found = ids.subarray(query * topK, (query + 1) * topK).filter((row) => row >= 0)
    return {
      keys: found.map((row) => keys[row] as number),
      scores: Float64Array.from(found, (row) => dot(queries.data, query * columns, values, row * columns, columns)),
    }
  })
}

function toBits(accepts: Uint8Array): Uint8Array {
  const bits = new Uint8Array(bitmapBytes(accepts.length))
  for (const [row, isTaken] of accepts.entries()) if (isTaken === 1) setBit(bits, row)
  return bits
}
