import { CorruptDataError } from '../../spec/errors.ts'
import { bytesChecksum } from './checksum.ts'
import type { Connection, Row } from './connection.ts'
import { changedKeys } from './patchset.ts'
import type { CollectionTables } from './schema.ts'

/** FTS5's own tables behind the index: blocks of terms, their directory, and the lengths of the passages. */
const part = { blocks: 1, directory: 2, lengths: 3 } as const
/** Passage lengths are a few bytes each, so many share one sum. */
const lengthsPerSum = 256

/**
 * Apply changes to the full-text index and bring the checksums of its blocks up to date, within one transaction.
 * FTS5 keeps none of its own: a flipped bit in a block would change ranks and nothing else.
 */
export function changeWords(
  connection: Connection,
  t: CollectionTables,
  keys: Iterable<number>,
  change: () => void,
): void {
  const [blocks = empty, directory = empty] = connection.recordChanges([`${t.words}_data`, `${t.words}_idx`], () => {
    change()
    // FTS5 gathers changes in memory; a savepoint makes it write them, so that they are all recorded.
    connection.exec('SAVEPOINT words; RELEASE words')
  })
  for (const id of changedKeys(blocks)) refresh(connection, t, part.blocks, id)
  for (const id of changedKeys(directory)) refresh(connection, t, part.directory, id)
  const groups = new Set<number>()
  for (const key of keys) groups.add(Math.floor(key / lengthsPerSum))
  for (const group of groups) refresh(connection, t, part.lengths, BigInt(group))
}

/** Checksums of the blocks that a new, empty index begins with. */
export function beginWordSums(connection: Connection, t: CollectionTables): void {
  for (const row of connection.all(`SELECT id FROM ${t.words}_data`))
    refresh(connection, t, part.blocks, BigInt(Number(row['id'])))
}

const empty = new Uint8Array()

function refresh(connection: Connection, t: CollectionTables, which: number, id: bigint): void {
  const sum = currentSum(connection, t, which, id)
  if (sum === undefined) connection.run(`DELETE FROM ${t.wordSums} WHERE part=? AND id=?`, which, String(id))
  else connection.run(`INSERT OR REPLACE INTO ${t.wordSums}(part, id, crc) VALUES(?, ?, ?)`, which, String(id), sum)
}

function currentSum(connection: Connection, t: CollectionTables, which: number, id: bigint): number | undefined {
  if (which === part.blocks)
    return contentSum(connection.get(`SELECT block FROM ${t.words}_data WHERE id=?`, id)?.['block'])
  if (which === part.directory)
    return contentSum(
      connection.get(
        `SELECT group_concat(hex(term) || ' ' || pgno) AS content FROM ${t.words}_idx WHERE segid=?`,
        id,
      )?.['content'],
    )
  const first = id * BigInt(lengthsPerSum)
  return contentSum(
    connection.get(
      `SELECT group_concat(id || ' ' || hex(sz) || ' ' || origin) AS content FROM ${t.words}_docsize WHERE id>=? AND id<?`,
      first,
      first + BigInt(lengthsPerSum),
    )?.['content'],
  )
}

/** Undefined where there is no content: such a part has no sum. */
function contentSum(content: Row[string] | undefined): number | undefined {
  if (content === undefined || content === null) return undefined
  return bytesChecksum(content instanceof Uint8Array ? content : String(content))
}

/**
 * Read the whole index and compare it with its checksums. Cost: one pass over its bytes, about 250 a passage.
 *
 * @throws {CorruptDataError} when a block is not what was written, is missing, or should not be there.
 */
export function assertWords(connection: Connection, t: CollectionTables): void {
  const place = `${connection.place}, full-text index`
  const expected = new Map<string, number>()
  connection.each(`SELECT part, id, crc FROM ${t.wordSums}`, [], ([which, id, crc]) => {
    expected.set(`${which}/${id}`, Number(crc))
  })
  const check = (which: number, id: string, sum: number | undefined) => {
    const name = `${which}/${id}`
    if (sum === undefined || expected.get(name) !== sum) throw damaged(place, `block ${name} with another checksum`)
    expected.delete(name)
  }
  const toInteger = (id: Row[string] | undefined): bigint => {
    if (typeof id === 'number' && Number.isSafeInteger(id)) return BigInt(id)
    throw damaged(place, 'a block without a number')
  }
  // Ids of FTS5's blocks use all 64 bits.
  connection.each(`SELECT CAST(id AS TEXT), block FROM ${t.words}_data`, [], ([id, block]) =>
    check(part.blocks, String(id), contentSum(block)),
  )
  for (const row of connection.all(`SELECT DISTINCT segid AS id FROM ${t.words}_idx`))
    check(part.directory, String(row['id']), currentSum(connection, t, part.directory, toInteger(row['id'])))
  for (const row of connection.all(`SELECT DISTINCT id/${lengthsPerSum} AS id FROM ${t.words}_docsize`))
    check(part.lengths, String(row['id']), currentSum(connection, t, part.lengths, toInteger(row['id'])))
  if (expected.size > 0) throw damaged(place, `${expected.size} blocks missing`)
}

function damaged(place: string, got: string): CorruptDataError {
  return new CorruptDataError(place, 'the blocks that were written', got, {
    remedy: 'Run `vecino repair`, which makes it anew from the texts. Search by meaning goes on meanwhile.',
  })
}
