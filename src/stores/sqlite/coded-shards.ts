import { decodeIndex } from '../../kernels/exact-file.ts'
import { CorruptDataError } from '../../spec/errors.ts'
import { bytesChecksum, rowChecksum } from './checksum.ts'
import type { Connection } from './connection.ts'
import type { CollectionTables } from './schema.ts'
import { toBytes } from './vector-bytes.ts'
import { lowerBound } from './vector-index.ts'

/** A run of keys whose vectors are coded together; vectors never change under their key, so its codes stay true. */
export interface Shard {
  /** It stands for every vector with a key from here to `last`. */
  readonly first: number
  readonly last: number
  /** Keys of the rows coded, ascending. */
  readonly keys: Int32Array
  /** Places in `keys` of those removed since, ascending. */
  readonly gone: Int32Array
  readonly crc: number
}

export interface CodedShards {
  /** In order of keys; every vector up to the last key is in one of them. */
  readonly shards: readonly Shard[]
  /** Keys beyond it are not coded yet; 0 where nothing is. */
  readonly last: number
  /** Vectors still there that are coded. */
  readonly live: number
}

export const noShards: CodedShards = { shards: [], last: 0, live: 0 }

/**
 * What is coded of a collection, without the codes themselves.
 *
 * @throws {CorruptDataError} when a row is not what was written. That none is missing shows in the count of vectors.
 */
export function readShards(connection: Connection, t: CollectionTables): CodedShards {
  const gone = readGone(connection, t)
  const shards = connection
    .all(`SELECT first, last, keys, crc FROM ${t.codes} ORDER BY first`)
    .map(({ first, last, keys, crc }): Shard => {
      const bytes = keys instanceof Uint8Array ? keys : new Uint8Array(0)
      if (shardChecksum(Number(first), Number(last), bytes) !== crc) throw damaged(connection.place)
      const own = toKeys(bytes)
      return { first: Number(first), last: Number(last), keys: own, gone: placesOf(own, gone), crc: Number(crc) }
    })
  return {
    shards,
    last: shards.at(-1)?.last ?? 0,
    live: shards.reduce((sum, { keys, gone }) => sum + keys.length - gone.length, 0),
  }
}

/** @returns undefined where the shard was coded anew since. */
export function readCodes(connection: Connection, t: CollectionTables, { first, crc }: Shard): Uint8Array | undefined {
  const row = connection.get(`SELECT bytes FROM ${t.codes} WHERE first=? AND crc=?`, first, crc)
  if (row === undefined) return undefined
  // A flipped bit makes a text of them; that is damage, which reading again won't mend.
  return row['bytes'] instanceof Uint8Array ? row['bytes'] : new Uint8Array(0)
}

/** Mark a shard's codes with what they were made of, so that no others are taken for them. */
export function shardTag({ first, last }: Pick<Shard, 'first' | 'last'>): string {
  return `${first}-${last}`
}

export function writeShard(
  connection: Connection,
  t: CollectionTables,
  { first, last, keys }: Pick<Shard, 'first' | 'last' | 'keys'>,
  codes: Uint8Array,
): void {
  dropShards(connection, t, first, last)
  const bytes = toBytes(keys)
  connection.run(
    `INSERT INTO ${t.codes}(first, last, keys, crc, bytes) VALUES(?, ?, ?, ?, ?)`,
    first,
    last,
    bytes,
    shardChecksum(first, last, bytes),
    codes,
  )
}

/** Forget the codes of shards within these keys, and what was removed from them alone: a source may end in the next. */
export function dropShards(connection: Connection, t: CollectionTables, first: number, last: number): void {
  connection.run(`DELETE FROM ${t.codes} WHERE first>=? AND last<=?`, first, last)
  connection.run(`DELETE FROM ${t.gone} WHERE first>=? AND first+count<=?`, first, last + 1)
}

export function dropAllShards(connection: Connection, t: CollectionTables): void {
  connection.run(`DELETE FROM ${t.codes}`)
  connection.run(`DELETE FROM ${t.gone}`)
}

/** Note, with their removal, passages that may be coded. */
export function noteGone(
  connection: Connection,
  t: CollectionTables,
  removed: readonly { readonly first: number; readonly count: number }[],
): void {
  if (removed.length === 0) return
  const last = connection.number(`SELECT max(last) FROM ${t.codes}`)
  for (const { first, count } of removed)
    if (first <= last && count > 0)
      connection.run(
        `INSERT INTO ${t.gone}(first, count, crc) VALUES(?, ?, ?)`,
        first,
        count,
        rowChecksum([first, count]),
      )
}

/**
 * Read all codes and compare them with their checksums, and with the vectors there are.
 *
 * @throws {CorruptDataError} when some are not what was written, or are missing.
 */
export function assertCodes(connection: Connection, t: CollectionTables): void {
  const { shards, last, live } = readShards(connection, t)
  for (const shard of shards) assertCodesOf(connection, t, shard)
  if (connection.number(`SELECT count(*) FROM ${t.vectors} WHERE key<=?`, last) !== live)
    throw damaged(connection.place)
}

/** @throws {CorruptDataError} when the codes of this shard are not what was written. */
export function assertCodesOf(connection: Connection, t: CollectionTables, shard: Shard): void {
  const { header } = decodeIndex(readCodes(connection, t, shard) ?? new Uint8Array(0))
  if (header.tag !== shardTag(shard) || header.rows !== shard.keys.length) throw damaged(connection.place)
}

interface Range {
  readonly first: number
  readonly count: number
}

function readGone(connection: Connection, t: CollectionTables): Range[] {
  return connection.all(`SELECT first, count, crc FROM ${t.gone} ORDER BY first`).map(({ first, count, crc }) => {
    if (rowChecksum([Number(first), Number(count)]) !== crc) throw damaged(connection.place)
    return { first: Number(first), count: Number(count) }
  })
}

function placesOf(keys: Int32Array, ranges: readonly Range[]): Int32Array {
  const places: number[] = []
  for (const { first, count } of ranges)
    for (let place = lowerBound(keys, first); place < keys.length && (keys[place] as number) < first + count; place++)
      places.push(place)
  return Int32Array.from(places)
}

function shardChecksum(first: number, last: number, keys: Uint8Array): number {
  return bytesChecksum(keys, rowChecksum([first, last]))
}

function toKeys(bytes: Uint8Array): Int32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Int32Array.from({ length: bytes.length >> 2 }, (_, i) => view.getInt32(4 * i, true))
}

function damaged(place: string): CorruptDataError {
  return new CorruptDataError(`${place}, codes for search`, 'what was written', 'other bytes', {
    remedy: 'They are made anew by the next `add`; until then a search compares the vectors themselves.',
  })
}
