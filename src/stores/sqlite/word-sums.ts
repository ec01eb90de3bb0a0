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

const empty = new Uint8Array()

function refresh(connection: Connection, t: CollectionTables, which: number, id: bigint): void {
  const sum = sumOf(rowsOf(connection, t, which, id))
  if (sum === undefined) connection.run(`DELETE FROM ${t.wordSums} WHERE part=? AND id=?`, which, String(id))
  else connection.run(`INSERT OR REPLACE INTO ${t.wordSums}(part, id, crc) VALUES(?, ?, ?)`, which, String(id), sum)
}

function rowsOf(connection: Connection, t: CollectionTables, which: number, id: bigint): Row[] {
  if (which === part.blocks)
    return connection.all(`SELECT CAST(id AS TEXT) AS id, block FROM ${t.words}_data WHERE id=?`, id)
  if (which === part.directory)
    return connection.all(`SELECT segid, term, pgno FROM ${t.words}_idx WHERE segid=? ORDER BY segid, term`, id)
  const first = id * BigInt(lengthsPerSum)
  return connection.all(
    `SELECT id, sz, origin FROM ${t.words}_docsize WHERE id>=? AND id<? ORDER BY id`,
    first,
    first + BigInt(lengthsPerSum),
  )
}

function sumOf(rows: readonly Row[]): number | undefined {
  if (rows.length === 0) return undefined
  let sum = 0
  for (const row of rows) for (const value of Object.values(row)) sum = valueSum(value, sum)
  return sum
}

function valueSum(value: Row[string] | undefined, seed: number): number {
  if (value instanceof Uint8Array) return bytesChecksum(value, seed)
  return bytesChecksum(`${value}|`, seed)
}

/**
 * Read the whole index and compare it with its checksums. Cost: one pass over its bytes, about 250 a passage.
 *
 * @throws {CorruptDataError} when a block is not what was written, is missing, or should not be there.
 */
export function assertWords(connection: Connection, t: CollectionTables): void {
  const place = `${connection.place}, full-text index`
  const expected = new Map<string, number>()
  for (const row of connection.rows(`SELECT part, id, crc FROM ${t.wordSums}`))
    expected.set(`${row['part']}/${row['id']}`, Number(row['crc']))
  const check = (which: number, id: string, sum: number) => {
    const name = `${which}/${id}`
    if (expected.get(name) !== sum) throw damaged(place, `block ${name} with another checksum`)
    expected.delete(name)
  }
  for (const row of connection.rows(`SELECT CAST(id AS TEXT) AS id, block FROM ${t.words}_data ORDER BY id`))
    check(part.blocks, String(row['id']), sumOf([row]) ?? 0)
  const directory = connection.rows(`SELECT segid, term, pgno FROM ${t.words}_idx ORDER BY segid, term`)
  for (const { id, sum } of grouped(directory, (row) => String(row['segid']))) check(part.directory, id, sum)
  const lengths = connection.rows(`SELECT id, sz, origin FROM ${t.words}_docsize ORDER BY id`)
  for (const { id, sum } of grouped(lengths, (row) => String(Math.floor(Number(row['id']) / lengthsPerSum))))
    check(part.lengths, id, sum)
  if (expected.size > 0) throw damaged(place, `${expected.size} blocks missing`)
}

/** Checksums of rows that come in order of their group. */
function* grouped(rows: Iterable<Row>, groupOf: (row: Row) => string): Generator<{ id: string; sum: number }> {
  let id: string | undefined
  let sum = 0
  for (const row of rows) {
    const group = groupOf(row)
    if (id !== undefined && group !== id) {
      yield { id, sum }
      sum = 0
    }
    id = group
    for (const value of Object.values(row)) sum = valueSum(value, sum)
  }
  if (id !== undefined) yield { id, sum }
}

function damaged(place: string, got: string): CorruptDataError {
  return new CorruptDataError(place, 'the blocks that were written', got, {
    remedy: 'Run `vecino repair`, which makes it anew from the texts. Search by meaning goes on meanwhile.',
  })
}
