import { BestList } from '../../kernels/best-list.ts'
import { CorruptDataError } from '../../spec/errors.ts'
import type { Matrix } from '../../spec/matrix.ts'
import type { Ranked } from '../../spec/store.ts'
import { type CodedShards, noShards, readShards } from './coded-shards.ts'
import type { CollectionRow } from './collection-row.ts'
import type { Connection } from './connection.ts'
import { RowSearch } from './row-search.ts'
import type { CollectionTables } from './schema.ts'
import { ShardSearch } from './shard-search.ts'
import type { PassageSelection } from './source-filter.ts'
import { loadVectors } from './vector-index.ts'

/** Exact nearest neighbours among all vectors of one generation: those coded in the file, and those that are not yet. */
export class VectorSearch {
  readonly generation: number
  readonly #shards: readonly ShardSearch[]
  readonly #uncoded: RowSearch

  constructor(generation: number, shards: readonly ShardSearch[], uncoded: RowSearch) {
    this.generation = generation
    this.#shards = shards
    this.#uncoded = uncoded
  }

  /**
   * By inner product in float64, ties by key.
   *
   * @throws {Outdated} when what it has yet to read was changed since.
   * @throws {UnusableCodes} when the codes in the file can't be used.
   */
  async nearest(queries: Matrix, topK: number, selection: PassageSelection | undefined): Promise<Ranked[]> {
    const parts: Ranked[][] = []
    for (const shard of this.#shards) parts.push(await shard.nearest(queries, topK, selection?.among(shard.shard.keys)))
    parts.push(await this.#uncoded.nearest(queries, topK, selection?.among(this.#uncoded.keys)))
    if (parts.length === 1) return parts[0] as Ranked[]
    return Array.from({ length: queries.rows }, (_, query) =>
      bestOf(
        parts.map((part) => part[query] as Ranked),
        topK,
      ),
    )
  }

  close(): void {
    for (const shard of this.#shards) shard.close()
    this.#uncoded.close()
  }
}

/**
 * In the snapshot that is open: list what is coded, and read the vectors that are not.
 *
 * @param isCurrent - Whether the collection is still as it is now.
 * @param withCodes - False to compare the vectors themselves.
 * @throws {CorruptDataError} when a vector is not what was written, or one is missing.
 *
 * Cost: the keys of the coded vectors, and a pass over the others.
 */
export function openVectorSearch(
  connection: Connection,
  tables: CollectionTables,
  row: CollectionRow,
  { isCurrent, withCodes }: { isCurrent: () => boolean; withCodes: boolean },
): VectorSearch {
  const { passport, generation, embedded, lastKey } = row
  const over = ({ shards, last, live }: CodedShards) => {
    const uncoded = loadVectors(connection, tables, { passport, after: last, last: lastKey, rows: embedded - live })
    const place = { connection, tables, passport, isCurrent }
    return new VectorSearch(
      generation,
      shards.map((shard) => new ShardSearch(shard, place)),
      new RowSearch(uncoded),
    )
  }
  if (!withCodes) return over(noShards)
  try {
    return over(readShards(connection, tables))
  } catch (error) {
    // A lost or damaged shard; the vectors are the truth, and say whether they are damaged themselves.
    if (!(error instanceof CorruptDataError)) throw error
    return over(noShards)
  }
}

function bestOf(parts: readonly Ranked[], topK: number): Ranked {
  const best = new BestList(
    Math.min(
      topK,
      parts.reduce((sum, { keys }) => sum + keys.length, 0),
    ),
  )
  for (const { keys, scores } of parts) for (const [i, key] of keys.entries()) best.offer(scores[i] as number, key)
  const { ids, scores } = best.drain()
  return { keys: ids, scores }
}
