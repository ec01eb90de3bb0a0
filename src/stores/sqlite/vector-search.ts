import { BestList } from '../../kernels/best-list.ts'
import type { ExactIndex } from '../../kernels/exact-index.ts'
import { dot } from '../../kernels/metric.ts'
import { bitmapBytes, setBit } from '../../kernels/selection.ts'
import type { Matrix } from '../../spec/matrix.ts'
import type { Ranked } from '../../spec/store.ts'
import type { VectorIndex } from './vector-index.ts'

/** Queries by brute force over one generation before its rows are coded: coding takes about as long as so many of them. */
const codedAfter = 100
/** Rows from which coding is worth it at all. */
const codedFrom = 2048

/**
 * Exact nearest neighbours among the vectors of one generation: the first queries by brute force, because a program that
 * asks once should not wait for an index; where more follow, through the coded index, which gives the same answers sooner.
 */
export class VectorSearch {
  readonly vectors: VectorIndex
  #asked = 0
  #coding: Promise<void> | undefined
  #coded: ExactIndex | undefined
  #isOpen = true

  constructor(vectors: VectorIndex) {
    this.vectors = vectors
  }

  /**
   * By inner product in float64, ties by key.
   *
   * @param accepts - One byte a row, 0 to leave it out; all where undefined.
   *
   * Cost: O(queries · rows · dimensions) until the rows are coded.
   */
  async nearest(queries: Matrix, topK: number, accepts: Uint8Array | undefined): Promise<Ranked[]> {
    const { rows } = this.vectors.vectors
    this.#asked += queries.rows
    if (rows >= codedFrom && this.#asked > codedAfter) {
      this.#coding ??= this.#code()
      await this.#coding
    }
    if (this.#coded !== undefined && topK < rows) return this.#byCodes(this.#coded, queries, topK, accepts)
    return this.#byBruteForce(queries, topK, accepts)
  }

  close(): void {
    this.#isOpen = false
    this.#coded?.close()
    this.#coded = undefined
  }

  async #code(): Promise<void> {
    const { createIndex } = await import('../../kernels/exact-index.ts')
    const coded = await createIndex(this.vectors.vectors, { metric: 'ip', threads: 1 })
    if (this.#isOpen) this.#coded = coded
    else coded.close()
  }

  async #byCodes(index: ExactIndex, queries: Matrix, topK: number, accepts: Uint8Array | undefined): Promise<Ranked[]> {
    const { keys, vectors } = this.vectors
    const { columns } = vectors
    const { ids } = await index.search(queries, { topK, filter: accepts === undefined ? undefined : toBits(accepts) })
    return Array.from({ length: queries.rows }, (_, query) => {
      const found = ids.subarray(query * topK, (query + 1) * topK).filter((row) => row >= 0)
      return {
        keys: found.map((row) => keys[row] as number),
        scores: Float64Array.from(found, (row) =>
          dot(queries.data, query * columns, vectors.data, row * columns, columns),
        ),
      }
    })
  }

  #byBruteForce(queries: Matrix, topK: number, accepts: Uint8Array | undefined): Ranked[] {
    const { keys, vectors } = this.vectors
    const { data, rows, columns } = vectors
    const best = new BestList(Math.min(topK, rows))
    return Array.from({ length: queries.rows }, (_, query) => {
      for (let row = 0; row < rows; row++)
        if (accepts === undefined || accepts[row] === 1)
          best.offer(dot(queries.data, query * columns, data, row * columns, columns), row)
      const found = best.drain()
      return { keys: found.ids.map((row) => keys[row] as number), scores: found.scores }
    })
  }
}

function toBits(accepts: Uint8Array): Uint8Array {
  const bits = new Uint8Array(bitmapBytes(accepts.length))
  for (const [row, isTaken] of accepts.entries()) if (isTaken === 1) setBit(bits, row)
  return bits
}
