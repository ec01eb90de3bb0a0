import { CorruptDataError } from '../../spec/errors.ts'
import { createMatrix, type Matrix } from '../../spec/matrix.ts'
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
