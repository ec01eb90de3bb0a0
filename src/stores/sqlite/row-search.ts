import { BestList } from '../../kernels/best-list.ts'
import type { ExactIndex } from '../../kernels/exact-index.ts'
import { dot } from '../../kernels/metric.ts'
import type { Matrix } from '../../spec/matrix.ts'
import type { Ranked } from '../../spec/store.ts'
import { rankedByIndex } from './ranked-by-index.ts'
import type { VectorIndex } from './vector-index.ts'

/** Queries by brute force before rows are coded: coding takes about as long as so many of them. */
const codedAfter = 100
/** Rows from which coding is worth it at all. */
export const codedFrom = 2048

/**
 * Exact nearest neighbours among vectors in memory: the first queries by brute force, because a program that asks once
 * should not wait for an index; where more follow, through codes, which give the same answers sooner.
 */
export class RowSearch {
  readonly #rows: VectorIndex
  #asked = 0
  #coding: Promise<void> | undefined
  #coded: ExactIndex | undefined
  #isOpen = true

  constructor(rows: VectorIndex) {
    this.#rows = rows
  }

  get keys(): Int32Array {
    return this.#rows.keys
  }

  /**
   * By inner product in float64, ties by key.
   *
   * @param accepts - One byte a row, 0 to leave it out; all where undefined.
   *
   * Cost: O(queries · rows · dimensions) until the rows are coded.
   */
  async nearest(queries: Matrix, topK: number, accepts: Uint8Array | undefined): Promise<Ranked[]> {
    const { keys, vectors } = this.#rows
    this.#asked += queries.rows
    if (vectors.rows >= codedFrom && this.#asked > codedAfter) {
      this.#coding ??= this.#code()
      await this.#coding
    }
    if (this.#coded !== undefined && topK < vectors.rows)
      return rankedByIndex(this.#coded, queries, { topK, accepts, keys, values: vectors.data })
    return this.#byBruteForce(queries, topK, accepts)
  }

  close(): void {
    this.#isOpen = false
    this.#coded?.close()
    this.#coded = undefined
  }

  async #code(): Promise<void> {
    const { createIndex } = await import('../../kernels/exact-index.ts')
    const coded = await createIndex(this.#rows.vectors, { metric: 'ip', threads: 1 })
    if (this.#isOpen) this.#coded = coded
    else coded.close()
  }

  #byBruteForce(queries: Matrix, topK: number, accepts: Uint8Array | undefined): Ranked[] {
    const { keys, vectors } = this.#rows
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
