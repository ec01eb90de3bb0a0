import { BestList } from '../../kernels/best-list.ts'
import { dot } from '../../kernels/metric.ts'
import { CorruptDataError } from '../../spec/errors.ts'
import { createMatrix, type Matrix } from '../../spec/matrix.ts'
import type { Ranked } from '../../spec/store.ts'
import type { CollectionRow } from './collection-row.ts'
import type { Connection } from './connection.ts'
import { damagedSource, isSoundVector, selectVectors } from './rows.ts'
import type { CollectionTables } from './schema.ts'
import { copyVector } from './vector-bytes.ts'

/** All vectors of a collection at one generation, in memory, in ascending order of keys. */
export interface VectorIndex {
  readonly generation: number
  readonly keys: Int32Array
  readonly vectors: Matrix
}

/**
 * Read every vector and check its checksum and their number.
 *
 * @throws {CorruptDataError} naming the source of the first damaged row.
 *
 * Cost: one pass over `rows × dimensions` float32 values, and as much memory.
 */
export function loadVectors(connection: Connection, t: CollectionTables, row: CollectionRow): VectorIndex {
  const { dimensions } = row.passport
  const keys = new Int32Array(row.embedded)
  const vectors = createMatrix(row.embedded, dimensions, undefined, row.passport)
  let count = 0
  let damaged: number | undefined
  connection.each(`${selectVectors(t)} ORDER BY key`, [], ([key, bytes, crc]) => {
    if (!isSoundVector(key, bytes, crc, dimensions)) damaged ??= Number(key)
    else if (count < row.embedded) {
      keys[count] = Number(key)
      copyVector(bytes, vectors.data, count * dimensions)
    }
    count++
  })
  if (damaged !== undefined) throw damagedVector(connection, t, damaged)
  if (count !== row.embedded)
    throw new CorruptDataError(`${connection.place}, vectors`, `${row.embedded} rows`, `${count}`)
  return { generation: row.generation, keys, vectors }
}

/** The error for a vector that is missing or not what was written, naming its source. */
export function damagedVector(connection: Connection, t: CollectionTables, key: number): CorruptDataError {
  const source = connection.get(`SELECT id FROM ${t.sources} WHERE first<=? AND first+count>?`, key, key)
  return damagedSource(connection.place, String(source?.['id'] ?? 'unknown'), `passage ${key} with a damaged vector`)
}

/**
 * Exact nearest passages of each query row by inner product, in float64; ties by key.
 *
 * @param accepts - One byte a row of the index, 0 to leave it out; all where undefined.
 *
 * Cost: O(queries · rows · dimensions).
 */
export function nearestVectors(
  index: VectorIndex,
  queries: Matrix,
  topK: number,
  accepts: Uint8Array | undefined,
): Ranked[] {
  const { keys, vectors } = index
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

/** Position of the first key that is not below `key`. */
export function lowerBound(keys: Int32Array, key: number): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((keys[middle] as number) < key) low = middle + 1
    else high = middle
  }
  return low
}
