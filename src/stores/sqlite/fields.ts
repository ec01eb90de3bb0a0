import { CorruptDataError } from '../../spec/errors.ts'
import type { Metadata } from '../../spec/filter.ts'
import { bytesChecksum, rowChecksum } from './checksum.ts'
import { assertCount, type CollectionRow } from './collection-row.ts'
import type { Connection, Row, SqlValue } from './connection.ts'
import { storedValues } from './filter-sql.ts'
import type { CollectionTables } from './schema.ts'

/** Sums of checksums stay below 2^48, exact in a double even before they are cut. */
const modulus = 2 ** 48

interface FieldSum {
  count: number
  sum: number
}

/**
 * Keeps the table of fields in step with the sources' metadata, and with it a count and an order-free checksum a field.
 * Changes are gathered and the sums written once, by `finish`.
 */
export class FieldWriter {
  readonly #connection: Connection
  readonly #t: CollectionTables
  readonly #insert: (...values: SqlValue[]) => void
  readonly #delete: (...values: SqlValue[]) => void
  readonly #changes = new Map<string, FieldSum>()

  constructor(connection: Connection, t: CollectionTables) {
    this.#connection = connection
    this.#t = t
    this.#insert = connection.runner(`INSERT INTO ${t.fields}(field, type, value, source) VALUES(?, ?, ?, ?)`)
    this.#delete = connection.runner(`DELETE FROM ${t.fields} WHERE field=? AND type=? AND value=? AND source=?`)
  }

  insert(source: number, metadata: Metadata): void {
    this.#each(source, metadata, 1, this.#insert)
  }

  delete(source: number, metadata: Metadata): void {
    this.#each(source, metadata, -1, this.#delete)
  }

  /** @returns by how many fields there are more. */
  finish(): number {
    let more = 0
    for (const [field, change] of this.#changes) {
      const before = storedSum(this.#connection, this.#t, field)
      const count = before.count + change.count
      const sum = (((before.sum + change.sum) % modulus) + modulus) % modulus
      more += Number(count > 0) - Number(before.count > 0)
      if (count === 0) this.#connection.run(`DELETE FROM ${this.#t.fieldSums} WHERE field=?`, field)
      else
        this.#connection.run(
          `INSERT OR REPLACE INTO ${this.#t.fieldSums}(field, count, sum, crc) VALUES(?, ?, ?, ?)`,
          field,
          count,
          sum,
          rowChecksum([field, count, sum]),
        )
    }
    return more
  }

  #each(
    source: number,
    metadata: Metadata,
    sign: 1 | -1,
    change: (field: string, type: string, value: string | number, source: number) => void,
  ): void {
    for (const [field, value] of Object.entries(metadata)) {
      const gathered = this.#changes.get(field) ?? { count: 0, sum: 0 }
      for (const row of distinct(storedValues(value))) {
        change(field, row.type, row.value, source)
        gathered.count += sign
        gathered.sum = (gathered.sum + sign * fieldChecksum(row.type, row.value, source)) % modulus
      }
      this.#changes.set(field, gathered)
    }
  }
}

/**
 * Check all rows of a field against their sum, so that a filter can't silently miss a source or take a wrong one.
 *
 * @throws {CorruptDataError} naming the field.
 */
export function assertField(connection: Connection, t: CollectionTables, field: string): void {
  const expected = storedSum(connection, t, field)
  let count = 0
  let sum = 0
  for (const row of connection.rows(`SELECT type, value, source FROM ${t.fields} WHERE field=?`, field)) {
    count++
    sum = (sum + fieldChecksum(String(row['type']), row['value'] as string | number, Number(row['source']))) % modulus
  }
  if (count !== expected.count || sum !== expected.sum)
    throw new CorruptDataError(
      `${connection.place}, values of field ${JSON.stringify(field)}`,
      `${expected.count} rows with their checksum`,
      `${count} rows with ${sum === expected.sum ? 'the same' : 'another'}`,
      { remedy: 'Run `vecino repair`, which makes them anew from the sources.' },
    )
}

/** Names of all fields, sorted, each checked. */
export function fieldNames(connection: Connection, t: CollectionTables, collection: CollectionRow): string[] {
  const rows = connection.all(`SELECT field, count, sum, crc FROM ${t.fieldSums}`)
  assertCount(`${connection.place}, fields`, collection.fields, rows.length)
  return rows.map((row) => checkedSum(row, connection.place).field).sort()
}

function storedSum(connection: Connection, t: CollectionTables, field: string): FieldSum {
  const row = connection.get(`SELECT field, count, sum, crc FROM ${t.fieldSums} WHERE field=?`, field)
  return row === undefined ? { count: 0, sum: 0 } : checkedSum(row, connection.place)
}

function checkedSum(row: Row, place: string): FieldSum & { field: string } {
  const field = String(row['field'])
  const count = Number(row['count'])
  const sum = Number(row['sum'])
  if (rowChecksum([field, count, sum]) !== row['crc'])
    throw new CorruptDataError(`${place}, sum of field ${JSON.stringify(field)}`, 'its checksum', 'another')
  return { field, count, sum }
}

function distinct(
  rows: { type: string; value: string | number }[],
): Iterable<{ type: string; value: string | number }> {
  if (rows.length === 1) return rows
  return new Map(rows.map((row) => [`${row.type}${row.value}`, row])).values()
}

function fieldChecksum(type: string, value: string | number, source: number): number {
  return bytesChecksum(`${type}${value}`, source)
}
