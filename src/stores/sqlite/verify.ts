import { CorruptDataError, describe, VecinoError } from '../../spec/errors.ts'
import type { StoreFault } from '../../spec/store.ts'
import { assertCodes } from './coded-shards.ts'
import { assertCount, listCollections, readCollection } from './collection-row.ts'
import type { Connection, Row } from './connection.ts'
import { assertField, fieldNames } from './fields.ts'
import {
  isSoundVector,
  readFile,
  readPassage,
  readSource,
  type SourceRow,
  selectFiles,
  selectPassages,
  selectSources,
  selectVectors,
} from './rows.ts'
import { tablesOf } from './schema.ts'
import { readSetting, settingNames } from './settings.ts'
import { cacheEntries } from './vector-cache.ts'
import { assertWords } from './word-sums.ts'

/**
 * Read a collection from end to end and list what is wrong: SQLite's own structure, every row's checksum, every count,
 * and whether the derived tables still hold what was written.
 *
 * Cost: one pass over the file.
 */
export function verifyCollection(connection: Connection, id: number): StoreFault[] {
  const faults: StoreFault[] = []
  /** Go on after a fault: the next one matters too. */
  const attempt = (place: string, check: () => void, sources: () => readonly string[] = () => []) => {
    try {
      check()
    } catch (error) {
      if (!VecinoError.isInstance(error)) throw error
      faults.push({
        place: error instanceof CorruptDataError ? error.place : place,
        problem: error.message,
        sources: sources(),
      })
    }
  }
  const t = tablesOf(id)
  const { place } = connection

  attempt(place, () => {
    for (const row of connection.all('PRAGMA integrity_check(100)')) {
      const said = String(Object.values(row)[0])
      if (said !== 'ok') faults.push({ place: `${place}, structure`, problem: said, sources: [] })
    }
  })
  attempt(place, () => listCollections(connection))

  const owners = new OwnerMap()
  const scan = (what: string, sql: string, check: (row: Row) => void, sourceOf: (row: Row) => readonly string[]) =>
    attempt(`${place}, ${what}`, () => {
      for (const row of connection.rows(sql))
        attempt(
          `${place}, ${what}`,
          () => check(row),
          () => sourceOf(row),
        )
    })
  const ownerOf = (row: Row) => owners.of(Number(row['key']))

  let sources = 0
  scan(
    'sources',
    `${selectSources(t)} ORDER BY key`,
    (row) => {
      sources++
      owners.add(readSource(row, place))
    },
    (row) => [String(row['id'])],
  )
  let passages = 0
  scan(
    'passages',
    `${selectPassages(t)} ORDER BY key`,
    (row) => {
      passages++
      readPassage(row, place, () => ownerOf(row)[0] ?? 'unknown')
    },
    ownerOf,
  )
  let embedded = 0
  let dimensions = 0
  attempt(place, () => {
    dimensions = readCollection(connection, id).passport.dimensions
  })
  scan(
    'vectors',
    `${selectVectors(t)} ORDER BY key`,
    (row) => {
      embedded++
      if (!isSoundVector(row['key'], row['vector'], row['crc'], dimensions))
        throw new CorruptDataError(`${place}, vector ${row['key']}`, 'what was written', 'other bytes')
    },
    ownerOf,
  )
  attempt(place, () => {
    const row = readCollection(connection, id)
    const lengths = connection.number(`SELECT count(*) FROM ${t.words}_docsize`)
    const counted: [string, number, number][] = [
      ['sources', sources, row.sources],
      ['passages', passages, row.passages],
      ['vectors', embedded, row.embedded],
      ['passages in the full-text index', lengths, row.passages],
      ['passages of all sources', owners.passages, row.passages],
    ]
    for (const [what, got, expected] of counted)
      if (got !== expected)
        faults.push({ place: `${place}, ${what}`, problem: `expected ${expected}, got ${got}.`, sources: [] })
  })
  scan(
    'files',
    selectFiles(t),
    (row) => void readFile(row, place),
    () => [],
  )
  attempt(`${place}, codes for search`, () => assertCodes(connection, t))
  attempt(`${place}, full-text index`, () => assertWords(connection, t))
  attempt(`${place}, fields`, () => {
    for (const row of connection.all(`SELECT DISTINCT field FROM ${t.fields} UNION SELECT field FROM ${t.fieldSums}`))
      attempt(`${place}, fields`, () => assertField(connection, t, String(row['field'])))
  })
  attempt(`${place}, fields`, () => void fieldNames(connection, t, readCollection(connection, id)))
  attempt(`${place}, files`, () =>
    assertCount(
      `${place}, files`,
      readCollection(connection, id).files,
      connection.number(`SELECT count(*) FROM ${t.files}`),
    ),
  )
  attempt(`${place}, settings`, () => {
    for (const name of settingNames(connection, id))
      attempt(`${place}, settings`, () => void readSetting(connection, id, name))
  })
  attempt(`${place}, cache`, () => {
    for (const { digest, vector } of cacheEntries(connection))
      if (vector === undefined)
        faults.push({
          place: `${place}, cache`,
          problem: `entry ${describe(digest)} is not what was written.`,
          sources: [],
        })
  })
  return faults
}

/** Which source a passage key belongs to, from rows in any order. */
class OwnerMap {
  passages = 0
  readonly #rows: SourceRow[] = []

  add(row: SourceRow): void {
    this.passages += row.count
    this.#rows.push(row)
  }

  of(key: number): readonly string[] {
    const row = this.#rows.find(({ first, count }) => key >= first && key < first + count)
    return row === undefined ? [] : [row.id]
  }
}
