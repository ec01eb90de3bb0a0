import { CorruptDataError, FormatVersionError } from '../../spec/errors.ts'
import {
  assertCodesOf,
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
  /** True where a search has met codes it could not use. */
  readonly isDamageKnown: boolean
  /** Whether the collection is still as `row` says: another task of this process may write in between. */
  readonly isCurrent: () => boolean
  /** Runs its work in one transaction. */
  readonly write: (work: (connection: Connection) => void) => Promise<void>
}

/**
 * Code for search what is not coded yet, where that is worth it, and anew what is damaged or has lost many rows, small
 * neighbours together. In the writer's place; one call at a time. Ends early when the collection is written to meanwhile:
 * the next call goes on.
 *
 * @throws {CorruptDataError} when a vector is not what was written.
 *
 * Cost: about 40 µs a vector of 256 dimensions, and memory for 16,384 vectors; next to nothing where fewer than 2,048 are new:
 * the codes of one shard are compared with their checksum, another one each time, and all where damage is known.
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

async function codeBeyond(place: CodingPlace, coded: CodedShards): Promise<void> {
  const { reader, tables, row, write } = place
  const runs = runsToCode(coded.shards, damagedShards(place, coded.shards))
  for (const run of runs) {
    if (run.rows > 0) {
      if (!(await code(place, run))) return
    } else await write((connection) => dropShards(connection, tables, run.first, run.last))
  }
  const { shards, last, live } = runs.length > 0 ? readShards(reader, tables) : coded
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

interface Run {
  readonly first: number
  readonly last: number
  readonly rows: number
}

/** What is to be coded anew, each run with as many neighbours as fit where one of them is worn or small. */
export function runsToCode(shards: readonly Shard[], damaged: ReadonlySet<Shard>): Run[] {
  const isSpent = (shard: Shard) => damaged.has(shard) || shard.gone.length > worn * shard.keys.length
  const runs: Run[] = []
  for (let start = 0, end = 0; start < shards.length; start = end) {
    let rows = 0
    while (end < shards.length && (end === start || rows + liveRows(shards[end] as Shard) <= mostTogether))
      rows += liveRows(shards[end++] as Shard)
    const together = shards.slice(start, end)
    const isWorthIt = together.some((shard) => isSpent(shard) || (together.length > 1 && liveRows(shard) < codedFrom))
    if (isWorthIt) runs.push({ first: (together[0] as Shard).first, last: (together.at(-1) as Shard).last, rows })
  }
  return runs
}

function damagedShards({ reader, tables, row, isDamageKnown }: CodingPlace, shards: readonly Shard[]): Set<Shard> {
  const suspects = isDamageKnown ? shards : shards.filter((_, i) => i === row.generation % shards.length)
  return new Set(
    suspects.filter((shard) => {
      try {
        assertCodesOf(reader, tables, shard)
        return false
      } catch (error) {
        if (error instanceof CorruptDataError || error instanceof FormatVersionError) return true
        throw error
      }
    }),
  )
}

/** @returns false where the collection was written to meanwhile, so that these codes may be of rows that are gone. */
async function code(
  { reader, tables, row: { passport }, isCurrent, write }: CodingPlace,
  { first, last, rows }: Run,
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
