import type { ExactIndex } from '../../kernels/exact-index.ts'
import type { RowSource } from '../../kernels/exact-rows.ts'
import { CorruptDataError, FormatVersionError } from '../../spec/errors.ts'
import type { Matrix } from '../../spec/matrix.ts'
import type { Passport } from '../../spec/passport.ts'
import type { Ranked } from '../../spec/store.ts'
import { readCodes, type Shard, shardTag } from './coded-shards.ts'
import type { Connection, Row } from './connection.ts'
import { rankedByIndex } from './ranked-by-index.ts'
import { isSoundVector, selectVectors } from './rows.ts'
import type { CollectionTables } from './schema.ts'
import { copyVector } from './vector-bytes.ts'
import { damagedVector } from './vector-index.ts'

/** Codes or rows are no longer those that the search began with: another process wrote. Begin again. */
export class Outdated extends Error {}

/** The codes are damaged, or of a later release: compare the vectors themselves. */
export class UnusableCodes extends Error {}

export interface ShardPlace {
  readonly connection: Connection
  readonly tables: CollectionTables
  readonly passport: Passport
  /** Whether the collection is still as it was when the shards were listed. */
  readonly isCurrent: () => boolean
}

/** Exact nearest neighbours among the rows of one shard: its codes rule out most rows, and the few left are read. */
export class ShardSearch {
  readonly shard: Shard
  readonly #place: ShardPlace
  readonly #rows: StoredRows
  #index: Promise<ExactIndex> | undefined

  constructor(shard: Shard, place: ShardPlace) {
    this.shard = shard
    this.#place = place
    this.#rows = new StoredRows(shard, place)
  }

  /**
   * @throws {UnusableCodes} and {Outdated}, after which the search begins again.
   * @throws {CorruptDataError} when a vector is not what was written.
   */
  async nearest(queries: Matrix, topK: number, accepts: Uint8Array | undefined): Promise<Ranked[]> {
    const { keys } = this.shard
    this.#index ??= this.#load()
    const index = await this.#index
    return rankedByIndex(index, queries, {
      topK: Math.min(topK, keys.length),
      accepts,
      keys,
      values: this.#rows.values,
    })
  }

  close(): void {
    this.#index?.then(
      (index) => index.close(),
      () => {},
    )
  }

  async #load(): Promise<ExactIndex> {
    const { connection, tables } = this.#place
    const { loadIndex } = await import('../../kernels/exact-index.ts')
    try {
      const bytes = readCodes(connection, tables, this.shard)
      if (bytes === undefined) throw new Outdated()
      const index = await loadIndex(bytes, this.#rows, { threads: 1, tag: shardTag(this.shard) })
      await index.remove(this.shard.gone)
      return index
    } catch (error) {
      if (error instanceof CorruptDataError || error instanceof FormatVersionError) throw new UnusableCodes()
      throw error
    }
  }
}

/** Rows of a shard, read from the file when a search first needs them, and kept. */
class StoredRows implements RowSource {
  readonly rows: number
  readonly columns: number
  readonly passport: Passport
  /** Row-major; zeros where a row was not read yet. */
  readonly values: Float32Array
  readonly #isRead: Uint8Array
  readonly #keys: Int32Array
  readonly #place: ShardPlace

  constructor({ keys }: Shard, place: ShardPlace) {
    this.rows = keys.length
    this.passport = place.passport
    this.columns = place.passport.dimensions
    this.values = new Float32Array(this.rows * this.columns)
    this.#isRead = new Uint8Array(this.rows)
    this.#keys = keys
    this.#place = place
  }

  read(ids: Int32Array): Float32Array {
    const { columns, values } = this
    const missing = ids.filter((id) => this.#isRead[id] === 0)
    if (missing.length > 0) this.#place.connection.snapshot(() => this.#readMissing(missing))
    const out = new Float32Array(ids.length * columns)
    for (const [i, id] of ids.entries()) out.set(values.subarray(id * columns, (id + 1) * columns), i * columns)
    return out
  }

  #readMissing(missing: Int32Array): void {
    const { connection, tables } = this.#place
    const stored = this.#stored(missing)
    for (const id of missing) {
      const key = this.#keys[id] as number
      const { vector, crc } = stored(key)
      if (!isSoundVector(key, vector, crc, this.columns))
        throw this.#place.isCurrent() ? damagedVector(connection, tables, key) : new Outdated()
      copyVector(vector, this.values, id * this.columns)
      this.#isRead[id] = 1
    }
  }

  /** How to get a row: by a look-up each, or where they stand close together by one pass over them all. */
  #stored(missing: Int32Array): (key: number) => Row {
    const { connection, tables } = this.#place
    const [from, to] = [missing[0] as number, missing.at(-1) as number]
    if (missing.length < 64 || to - from > 4 * missing.length)
      return (key) => connection.get(`${selectVectors(tables)} WHERE key=?`, key) ?? {}
    const rows = new Map<number, Row>()
    const bounds = [this.#keys[from] as number, this.#keys[to] as number]
    connection.each(`${selectVectors(tables)} WHERE key>=? AND key<=?`, bounds, ([key, vector, crc]) => {
      rows.set(Number(key), { vector: vector ?? null, crc: crc ?? null })
    })
    return (key) => rows.get(key) ?? {}
  }
}
