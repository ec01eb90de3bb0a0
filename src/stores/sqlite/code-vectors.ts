import { CorruptDataError } from '../../spec/errors.ts'
import {
  type CodedShards,
  dropAllShards,
  dropShards,
  noShards,
  readShards,
  type Shard,
  shardTag,
  writeShard,
} from './coded-shards.ts'
import { assertCount, type CollectionRow } from './collection-row.ts'
import type { Connection } from './connection.ts'
import { codedFrom } from './row-search.ts'
import type { CollectionTables } from './schema.ts'
import { loadVectors } from './vector-index.ts'

/** Rows coded together at most, which bounds the memory it takes. */
const mostTogether = 16_384
/** Share of removed rows from which a shard is coded anew. */
const worn = 0.25

export interface CodingPlace {
  readonly reader: Connection
  readonly tables: CollectionTables
  readonly row: CollectionRow
  /** Whether the collection is still as `row` says: another task of this process may write in between. */
  readonly isCurrent: () => boolean
  /** Runs its work in one transaction. */
  readonly write: (work: (connection: Connection) => void) => Promise<void>
}

/**
 * Code for search what is not coded yet, where that is worth it, and anew what has lost many rows. In the writer's place;
 * one call at a time. Ends early when the collection is written to meanwhile: the next call goes on.
 *
 * @throws {CorruptDataError} when a vector is not what was written.
 *
 * Cost: about 40 µs a vector of 256 dimensions, and memory for 16,384 vectors; next to nothing where fewer than 2,048 are new.
 */
export async function codeVectors(place: CodingPlace): Promise<void> {
  const { reader, tables, row, isCurrent } = place
  try {
    const coded = readShards(reader, tables)
    const left = reader.number(`SELECT count(*) FROM ${tables.vectors} WHERE key>?`, coded.last)
    assertCount(`${reader.place}, vectors not coded`, row.embedded - coded.live, left)
    await codeBeyond(place, coded)
  } catch (error) {
    if (!(error instanceof CorruptDataError)) throw error
    if (!isCurrent()) return
    await place.write((connection) => dropAllShards(connection, tables))
    await codeBeyond(place, noShards)
  }
}

async function codeBeyond(place: CodingPlace, { shards, last, live }: CodedShards): Promise<void> {
  const { reader, tables, row, write } = place
  for (const shard of shards) {
    if (shard.gone.length <= worn * shard.keys.length) continue
    if (liveRows(shard) > 0) {
      if (!(await code(place, { ...shard, rows: liveRows(shard) }))) return
    } else await write((connection) => dropShards(connection, tables, shard.first, shard.last))
  }
  let left = row.embedded - live
  if (left < codedFrom) return
  let first = last + 1
  const end = shards.at(-1)
  if (end !== undefined && liveRows(end) + left <= mostTogether) {
    first = end.first
    left += liveRows(end)
  }
  while (left >= codedFrom) {
    const rows = Math.min(left, mostTogether)
    const nth = `SELECT key FROM ${tables.vectors} WHERE key>=? ORDER BY key LIMIT 1 OFFSET ?`
    const lastOfThese = reader.number(nth, first, rows - 1)
    if (!(await code(place, { first, last: lastOfThese, rows }))) return
    first = lastOfThese + 1
    left -= rows
  }
}

/** @returns false where the collection was written to meanwhile, so that these codes may be of rows that are gone. */
async function code(
  { reader, tables, row: { passport }, isCurrent, write }: CodingPlace,
  { first, last, rows }: { first: number; last: number; rows: number },
): Promise<boolean> {
  const { createIndex } = await import('../../kernels/exact-index.ts')
  const { keys, vectors } = loadVectors(reader, tables, { passport, after: first - 1, last, rows })
  const index = await createIndex(vectors, { metric: 'ip', threads: 1 })
  const codes = await index.save({ tag: shardTag({ first, last }) })
  index.close()
  let isWritten = false
  await write((connection) => {
    isWritten = isCurrent()
    if (isWritten) writeShard(connection, tables, { first, last, keys }, codes)
  })
  return isWritten
}

function liveRows({ keys, gone }: Shard): number {
  return keys.length - gone.length
}
