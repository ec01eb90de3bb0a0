import type { Filter } from '../../spec/filter.ts'
import type { CollectionRow } from './collection-row.ts'
import type { Connection, SqlValue } from './connection.ts'
import { assertField, fieldNames } from './fields.ts'
import { compileFilter } from './filter-sql.ts'
import { readSource, selectSources } from './rows.ts'
import type { CollectionTables } from './schema.ts'
import type { SourceRows } from './source-rows.ts'
import { lowerBound } from './vector-index.ts'

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

  /** One byte a key (ascending): 1 where it is among these. */
  among(keys: Int32Array): Uint8Array {
    const taken = new Uint8Array(keys.length)
    for (const [i, first] of this.#first.entries())
      taken.fill(1, lowerBound(keys, first), lowerBound(keys, this.#end[i] as number))
    return taken
  }
}

/** Turns filters into SQL over checked fields, and remembers the last answer: a search asks twice. */
export class SourceFilter {
  readonly #t: CollectionTables
  readonly #sourceRows: SourceRows
  readonly #checked = new Set<string>()
  #last: { name: string; selection: PassageSelection } | undefined

  constructor(t: CollectionTables, sourceRows: SourceRows) {
    this.#t = t
    this.#sourceRows = sourceRows
  }

  /**
   * A condition for `WHERE` over the rows of sources; `1` without a filter.
   *
   * @throws {CorruptDataError} when the values of a field it reads are not those that were written.
   */
  condition(
    connection: Connection,
    filter: Filter | undefined,
    row: CollectionRow,
  ): { sql: string; values: readonly SqlValue[] } {
    if (filter === undefined) return { sql: '1', values: [] }
    this.#sourceRows.assertWhole(connection, row)
    const { sql, values, fields } = compileFilter(filter, this.#t)
    if (fields.size > 0 && this.#checked.size === 0) fieldNames(connection, this.#t, row)
    for (const field of fields) {
      if (this.#checked.has(field)) continue
      assertField(connection, this.#t, field)
      this.#checked.add(field)
    }
    return { sql, values }
  }

  select(connection: Connection, filter: Filter, row: CollectionRow): PassageSelection {
    const name = `${row.generation} ${JSON.stringify(filter)}`
    if (this.#last?.name !== name) {
      const { sql, values } = this.condition(connection, filter, row)
      const rows = connection.rows(`${selectSources(this.#t)} WHERE ${sql}`, ...values)
      const ranges = Array.from(rows, (found) => readSource(found, connection.place))
      this.#last = { name, selection: new PassageSelection(ranges) }
    }
    return this.#last.selection
  }
}
