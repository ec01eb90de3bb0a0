import { InvalidArgumentError } from '../../spec/errors.ts'
import type { Filter, MetadataValue } from '../../spec/filter.ts'
import type { SqlValue } from './connection.ts'
import type { CollectionTables } from './schema.ts'

/** SQLite takes 32,766 bound values a statement; the rest is for the query around the filter. */
const maxValues = 32_000

/** A condition on `sources`, with every name and value of the user's as a bound parameter. */
export interface SqlCondition {
  readonly sql: string
  readonly values: readonly SqlValue[]
  /** Metadata fields it reads. */
  readonly fields: ReadonlySet<string>
}

/** Type letters in the table of fields; an array is its elements, and a row of type `array` when it has none. */
const fieldType = { string: 's', number: 'n', boolean: 'b', null: 'z', array: 'a' } as const

type Scalar = string | number | boolean | null

/** How a value stands in the table of fields. */
function storedValue(value: Scalar): { type: string; value: string | number } {
  if (value === null) return { type: fieldType.null, value: '' }
  if (typeof value === 'boolean') return { type: fieldType.boolean, value: value ? 1 : 0 }
  return { type: typeof value === 'number' ? fieldType.number : fieldType.string, value }
}

/** The rows of one metadata field. */
export function storedValues(value: MetadataValue): { type: string; value: string | number }[] {
  if (!Array.isArray(value)) return [storedValue(value as Scalar)]
  return value.length === 0 ? [{ type: fieldType.array, value: '' }] : value.map(storedValue)
}

/**
 * Compile a filter to a condition on the rows of `sources`.
 *
 * @throws {InvalidArgumentError} when it holds more values than one statement takes.
 */
export function compileFilter(filter: Filter, t: CollectionTables): SqlCondition {
  const values: SqlValue[] = []
  const fields = new Set<string>()

  const compile = (part: Filter): string => {
    if ('and' in part) return combine(part.and.map(compile), 'AND', '1')
    if ('or' in part) return combine(part.or.map(compile), 'OR', '0')
    if ('not' in part) return `NOT ${compile(part.not)}`
    return part.field === '$source' ? onSourceId(part) : onField(part)
  }

  const onField = (part: FieldFilter): string => {
    fields.add(part.field)
    values.push(part.field)
    const holds = (condition: string) => `(key IN (SELECT source FROM ${t.fields} WHERE field=?${condition}))`
    if ('exists' in part) return part.exists ? holds('') : `(NOT ${holds('')})`
    if ('ne' in part) return `(NOT ${holds(` AND ${equals(part.ne)}`)})`
    if ('eq' in part) return holds(` AND ${equals(part.eq)}`)
    if ('in' in part) return holds(` AND ${among(part.in)}`)
    return holds(` AND ${inRange(part)}`)
  }

  const equals = (value: Scalar): string => {
    const stored = storedValue(value)
    values.push(stored.type, stored.value)
    return '(type=? AND value=?)'
  }

  const among = (list: readonly Scalar[]): string => {
    const byType = Map.groupBy(list.map(storedValue), ({ type }) => type)
    const parts = Array.from(byType, ([type, stored]) => {
      values.push(type, ...stored.map(({ value }) => value))
      return `(type=? AND value IN (${stored.map(() => '?').join()}))`
    })
    return `(${combine(parts, 'OR', '0')})`
  }

  const inRange = (part: RangeFilter): string => {
    const bounds = boundsOf(part)
    const types = new Set(bounds.map(([, bound]) => storedValue(bound).type))
    // One element would have to be a number and a string.
    if (types.size !== 1) return '0'
    values.push(...types, ...bounds.map(([, bound]) => bound))
    return `(type=?${bounds.map(([operator]) => ` AND value${operator}?`).join('')})`
  }

  const onSourceId = (part: FieldFilter): string => {
    if ('exists' in part) return part.exists ? '1' : '0'
    const same = (value: Scalar) => {
      if (typeof value !== 'string') return '0'
      values.push(value)
      return '(id=?)'
    }
    if ('ne' in part) return `(NOT ${same(part.ne)})`
    if ('eq' in part) return same(part.eq)
    if ('in' in part) {
      const ids = part.in.filter((value) => typeof value === 'string')
      values.push(...ids)
      return `(id IN (${ids.map(() => '?').join()}))`
    }
    const bounds = boundsOf(part)
    if (bounds.some(([, bound]) => typeof bound !== 'string')) return '0'
    values.push(...bounds.map(([, bound]) => bound))
    return `(${bounds.map(([operator]) => `id${operator}?`).join(' AND ')})`
  }

  const sql = compile(filter)
  if (values.length > maxValues)
    throw new InvalidArgumentError('filter', `at most ${maxValues} names and values in all`, values.length)
  return { sql, values, fields }
}

type FieldFilter = Extract<Filter, { field: string }>
type RangeFilter = Exclude<FieldFilter, { eq: unknown } | { ne: unknown } | { in: unknown } | { exists: unknown }>

function boundsOf({ gt, gte, lt, lte }: RangeFilter): [string, number | string][] {
  const bounds: [string, number | string | undefined][] = [
    ['>', gt],
    ['>=', gte],
    ['<', lt],
    ['<=', lte],
  ]
  return bounds.filter((bound): bound is [string, number | string] => bound[1] !== undefined)
}

/** Joined as a balanced tree, because SQLite limits how deep an expression may be. */
function combine(parts: readonly string[], operator: 'AND' | 'OR', none: string): string {
  if (parts.length <= 1) return parts[0] ?? none
  const half = parts.length >> 1
  return `(${combine(parts.slice(0, half), operator, none)} ${operator} ${combine(parts.slice(half), operator, none)})`
}
