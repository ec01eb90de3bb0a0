import { CorruptDataError } from '../../spec/errors.ts'
import { compareCodePoints } from '../../spec/filter.ts'
import { bytesChecksum } from './checksum.ts'
import type { CollectionRow } from './collection-row.ts'
import type { Connection } from './connection.ts'
import { damagedSource, readSource, type SourceRow, selectSources } from './rows.ts'
import type { CollectionTables } from './schema.ts'

/** Sums of checksums are cut to 48 bits, exact in a double. */
const modulus = 2 ** 48

/**
 * Finds sources by id. The index of ids is derived and has no checksum of its own, so before it is believed that an id is
 * not there, it is compared with the table, once for as long as a store is open.
 */
export class SourceRows {
  readonly #t: CollectionTables
  #areChecked = false

  constructor(t: CollectionTables) {
    this.#t = t
  }

  /** @throws {CorruptDataError} when the row, or the index of ids, is not what was written. */
  find(connection: Connection, id: string, collection: () => CollectionRow): SourceRow | undefined {
    const row = connection.get(`${selectSources(this.#t)} WHERE id=?`, id)
    if (row === undefined) {
      this.assertWhole(connection, collection())
      return undefined
    }
    const source = readSource(row, connection.place)
    if (source.id !== id) throw damagedSource(connection.place, id, 'an index that leads to another')
    return source
  }

  /**
   * Check that the table holds as many sources as the collection, and that the index of ids leads to each of them.
   *
   * Cost: two passes over the ids, the first time.
   */
  assertWhole(connection: Connection, { sources }: CollectionRow): void {
    if (this.#areChecked) return
    const { sources: table } = this.#t
    let [count, sum] = [0, 0]
    connection.each(`SELECT key, id FROM ${table} NOT INDEXED ORDER BY key`, [], ([key, id]) => {
      count++
      sum = (sum + bytesChecksum(String(id), Number(key))) % modulus
    })
    let [indexed, indexSum, isOrdered, before] = [0, 0, true, '']
    const index = `sqlite_autoindex_${table}_1`
    connection.each(`SELECT key, id FROM ${table} INDEXED BY ${index} ORDER BY id`, [], ([key, id]) => {
      indexed++
      indexSum = (indexSum + bytesChecksum(String(id), Number(key))) % modulus
      isOrdered &&= indexed === 1 || compareCodePoints(before, String(id)) < 0
      before = String(id)
    })
    const place = `${connection.place}, sources`
    if (count !== sources) throw new CorruptDataError(place, `${sources} rows`, `${count}`)
    if (indexed !== count || indexSum !== sum || !isOrdered)
      throw new CorruptDataError(`${place}, index of ids`, 'one entry a source, in order', 'another index')
    this.#areChecked = true
  }
}
