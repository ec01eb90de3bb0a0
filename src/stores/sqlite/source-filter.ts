import type { Filter } from '../../spec/filter.ts'
import type { Connection, SqlValue } from './connection.ts'
import { assertField } from './fields.ts'
import { compileFilter } from './filter-sql.ts'
import type { CollectionTables } from './schema.ts'
import { lowerBound, type VectorIndex } from './vector-index.ts'

/** Passages of the sources that a filter takes: ranges of keys, ascending, without overlap. */
export class PassageSelection {
  readonly #first: Int32Array
  readonly #end: Int32Array

  constructor(ranges: readonly { first: number; count: number }[]) {
    const sorted = ranges.filter(({ count }) => count > 0).toSorted((a, b) => a.first - b.first)
    this.#first = Int32Array.from(sorted, ({ first }) => first)
    this.#end = Int32Array.from(sorted, ({ first, count }) => first + count)
  }

  has(key: number): boolean {
    const at = lowerBound(this.#first, key + 1) - 1
    return at >= 0 && key < (this.#end[at] as number)
  }

  /** One byte a row of the index: 1 where its key is among these. */
  rowsOf(index: VectorIndex): Uint8Array {
    const rows = new Uint8Array(index.keys.length)
    for (const [i, first] of this.#first.entries())
      rows.fill(1, lowerBound(index.keys, first), lowerBound(index.keys, this.#end[i] as number))
    return rows
  }
}

/** Turns filters into SQL over checked fields, and remembers the last answer: a search asks twice. */
export class SourceFilter {
  readonly #t: CollectionTables
  readonly #checked = new Set<string>()
  #last: { name: string; selection: PassageSelection } | undefined

  constructor(t: CollectionTables) {
    this.#t = t
  }

  /**
   * A condition for `WHERE` over the rows of sources; `1` without a filter.
   *
   * @throws {CorruptDataError} when the values of a field it reads are not those that were written.
   */
  condition(connection: Connection, filter: Filter | undefined): { sql: string; values: readonly SqlValue[] } {
    if (filter === undefined) return { sql: '1', values: [] }
    const { sql, values, fields } = compileFilter(filter, this.#t)
    for (const field of fields) {
      if (this.#checked.has(field)) continue
      assertField(connection, this.#t, field)
      this.#checked.add(field)
    }
    return { sql, values }
  }

  select(connection: Connection, filter: Filter, generation: number): PassageSelection {
    const name = `${generation} ${JSON.stringify(filter)}`
    if (this.#last?.name !== name) {
      const { sql, values } = this.condition(connection, filter)
      const ranges: { first: number; count: number }[] = []
      for (const row of connection.rows(`SELECT first, count FROM ${this.#t.sources} WHERE ${sql}`, ...values))
        ranges.push({ first: Number(row['first']), count: Number(row['count']) })
      this.#last = { name, selection: new PassageSelection(ranges) }
    }
    return this.#last.selection
  }
}
