import { CorruptDataError } from '../../spec/errors.ts'
import { createMatrix, type Matrix } from '../../spec/matrix.ts'
import type { Passport } from '../../spec/passport.ts'
import type { Connection } from './connection.ts'
import { damagedSource, isSoundVector, selectVectors } from './rows.ts'
import type { CollectionTables } from './schema.ts'
import { copyVector } from './vector-bytes.ts'

/** Vectors of a run of keys, in ascending order of keys. */
export interface VectorIndex {
  readonly keys: Int32Array
  readonly vectors: Matrix
}

/**
 * Read the vectors of the keys beyond `after` up to `last`, and check their checksums and their number.
 *
 * @throws {CorruptDataError} naming the source of the first damaged row, or the number where it is another.
 *
 * Cost: one pass over `rows × dimensions` float32 values, and as much memory.
 */
export function loadVectors(
  connection: Connection,
  t: CollectionTables,
  { passport, after, last, rows }: { passport: Passport; after: number; last: number; rows: number },
): VectorIndex {
  const { dimensions } = passport
  const assertRows = (count: number) => {
    if (count !== rows) throw new CorruptDataError(`${connection.place}, vectors`, `${rows} rows`, `${count}`)
  }
  // More rows are coded than there are, where a note of a removal was lost.
  if (rows < 0) assertRows(0)
  const keys = new Int32Array(rows)
  const vectors = createMatrix(rows, dimensions, undefined, passport)
  let count = 0
  let damaged: number | undefined
  connection.each(`${selectVectors(t)} WHERE key>? AND key<=? ORDER BY key`, [after, last], ([key, bytes, crc]) => {
    // A damaged pointer may lead to one page twice and to another never, with as many rows.
    const isNext = count === 0 || Number(key) > (keys[Math.min(count, rows) - 1] ?? after)
    if (!isNext || !isSoundVector(key, bytes, crc, dimensions)) damaged ??= Number(key)
    else if (count < rows) {
      keys[count] = Number(key)
      copyVector(bytes, vectors.data, count * dimensions)
    }
    count++
  })
  if (damaged !== undefined) throw damagedVector(connection, t, damaged)
  assertRows(count)
  return { keys, vectors }
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
