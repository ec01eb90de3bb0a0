import { InvalidArgumentError } from './errors.ts'

/** What metadata may hold. Keys are any string; a nested object is refused at the door. */
export type MetadataValue = string | number | boolean | null | readonly (string | number | boolean)[]
export type Metadata = Readonly<Record<string, MetadataValue>>

/**
 * Metadata filter: a small typed tree. Fields are metadata keys; `$source` is the source's id.
 * On an array field, `eq`, `in` and the ranges hold when any element satisfies them.
 * A missing field satisfies nothing but `not`, `ne` and `exists: false`.
 * Ranges compare numbers with numbers and strings with strings (by code point); unlike types satisfy nothing.
 */
export type Filter =
  | { readonly field: string; readonly eq: string | number | boolean | null }
  | { readonly field: string; readonly ne: string | number | boolean | null }
  | { readonly field: string; readonly in: readonly (string | number | boolean)[] }
  | {
      readonly field: string
      readonly gt?: number | string
      readonly gte?: number | string
      readonly lt?: number | string
      readonly lte?: number | string
    }
  | { readonly field: string; readonly exists: boolean }
  | { readonly and: readonly Filter[] }
  | { readonly or: readonly Filter[] }
  | { readonly not: Filter }

const scalarOperators = ['eq', 'ne', 'in', 'exists'] as const
const rangeOperators = ['gt', 'gte', 'lt', 'lte'] as const
/** Deep enough for any honest filter, shallow enough for every back end's parser. */
const maxDepth = 32

/**
 * Check a filter that came from outside (JSON, a flag, a caller without types).
 *
 * @throws {InvalidArgumentError} naming the path of the first part that is not a filter.
 */
export function assertFilter(filter: unknown, path = 'filter', depth = 0): asserts filter is Filter {
  if (depth > maxDepth) throw new InvalidArgumentError(path, `at most ${maxDepth} levels`, depth)
  if (typeof filter !== 'object' || filter === null || Array.isArray(filter))
    throw new InvalidArgumentError(path, 'an object such as { field, eq }', filter)
  const keys = Object.keys(filter)
  const part = filter as Record<string, unknown>
  const [first] = keys
  if (keys.length === 1 && (first === 'and' || first === 'or')) {
    const parts = part[first]
    if (!Array.isArray(parts)) throw new InvalidArgumentError(`${path}.${first}`, 'an array of filters', parts)
    for (const [i, inner] of parts.entries()) assertFilter(inner, `${path}.${first}[${i}]`, depth + 1)
    return
  }
  if (keys.length === 1 && first === 'not') return assertFilter(part['not'], `${path}.not`, depth + 1)
  assertFieldFilter(part, keys, path)
}

function assertFieldFilter(part: Record<string, unknown>, keys: readonly string[], path: string): void {
  if (typeof part['field'] !== 'string')
    throw new InvalidArgumentError(
      `${path}.field`,
      'the name of a metadata field',
      part['field'],
      "Such as { field: 'lang', eq: 'en' }.",
    )
  if (!part['field'].isWellFormed())
    throw new InvalidArgumentError(`${path}.field`, 'well-formed Unicode', 'a lone surrogate')
  const operators = keys.filter((key) => key !== 'field')
  const isRange = operators.length > 0 && operators.every((key) => (rangeOperators as readonly string[]).includes(key))
  const isScalar = operators.length === 1 && (scalarOperators as readonly string[]).includes(operators[0] as string)
  if (!isRange && !isScalar)
    throw new InvalidArgumentError(
      path,
      'one of eq, ne, in, exists, or gt/gte/lt/lte',
      operators.join(', ') || 'no operator',
    )
  for (const key of operators) assertOperand(key, part[key], `${path}.${key}`)
}

function assertOperand(operator: string, value: unknown, path: string): void {
  if (typeof value === 'string' && !value.isWellFormed())
    throw new InvalidArgumentError(path, 'well-formed Unicode', 'a lone surrogate')
  const isScalar =
    typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))
  if (operator === 'exists') {
    if (typeof value !== 'boolean') throw new InvalidArgumentError(path, 'true or false', value)
  } else if (operator === 'in') {
    if (!Array.isArray(value)) throw new InvalidArgumentError(path, 'an array of strings, numbers or booleans', value)
    for (const [i, item] of value.entries()) {
      if (item === null) throw new InvalidArgumentError(`${path}[${i}]`, 'a string, number or boolean', item)
      assertOperand('eq', item, `${path}[${i}]`)
    }
  } else if (operator === 'eq' || operator === 'ne') {
    if (!isScalar && value !== null)
      throw new InvalidArgumentError(path, 'a string, finite number, boolean or null', value)
  } else if (typeof value === 'boolean' || !isScalar) {
    throw new InvalidArgumentError(path, 'a finite number or a string', value)
  }
}

/** The meaning of a filter, in plain JavaScript: the oracle every back end is tested against. */
export function matchesFilter(filter: Filter, source: string, metadata: Metadata): boolean {
  if ('and' in filter) return filter.and.every((part) => matchesFilter(part, source, metadata))
  if ('or' in filter) return filter.or.some((part) => matchesFilter(part, source, metadata))
  if ('not' in filter) return !matchesFilter(filter.not, source, metadata)
  const value =
    filter.field === '$source' ? source : Object.hasOwn(metadata, filter.field) ? metadata[filter.field] : undefined
  if ('exists' in filter) return (value !== undefined) === filter.exists
  if ('ne' in filter) return !anyElement(value, (x) => x === filter.ne)
  if ('eq' in filter) return anyElement(value, (x) => x === filter.eq)
  if ('in' in filter) return anyElement(value, (x) => (filter.in as readonly unknown[]).includes(x))
  return anyElement(value, (x) => inRange(x, filter))
}

function anyElement(value: MetadataValue | undefined, test: (x: unknown) => boolean): boolean {
  if (value === undefined) return false
  return Array.isArray(value) ? value.some(test) : test(value)
}

function inRange(
  x: unknown,
  { gt, gte, lt, lte }: { gt?: number | string; gte?: number | string; lt?: number | string; lte?: number | string },
): boolean {
  const holds = (bound: number | string | undefined, compare: (x: number | string, b: number | string) => boolean) =>
    bound === undefined || (typeof x === typeof bound && compare(x as number | string, bound))
  return (
    (typeof x === 'number' || typeof x === 'string') &&
    holds(gt, (a, b) => compare(a, b) > 0) &&
    holds(gte, (a, b) => compare(a, b) >= 0) &&
    holds(lt, (a, b) => compare(a, b) < 0) &&
    holds(lte, (a, b) => compare(a, b) <= 0)
  )
}

function compare(a: number | string, b: number | string): number {
  return typeof a === 'string' ? compareCodePoints(a, b as string) : a - (b as number)
}

/** Order of two strings by code point, which is the order of their UTF-8 bytes; JavaScript's `<` goes by UTF-16 unit. */
export function compareCodePoints(a: string, b: string): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return rankOfUnit(x) - rankOfUnit(y)
  }
  return a.length - b.length
}

/** Surrogates stand for code points above all others, yet lie below U+E000 as units. */
function rankOfUnit(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}

/**
 * Check metadata that came from outside: scalars, null, or arrays of scalars; finite numbers; well-formed Unicode.
 *
 * @throws {InvalidArgumentError} naming the field.
 */
export function assertMetadata(metadata: unknown, path = 'metadata'): asserts metadata is Metadata {
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata))
    throw new InvalidArgumentError(path, 'an object of scalars and arrays of scalars', metadata)
  for (const [key, value] of Object.entries(metadata)) {
    const place = `${path}[${JSON.stringify(key.length > 60 ? `${key.slice(0, 57)}…` : key)}]`
    if (!key.isWellFormed()) throw new InvalidArgumentError(place, 'a name in well-formed Unicode', 'a lone surrogate')
    if (value === null) continue
    for (const item of Array.isArray(value) ? value : [value]) assertScalar(item, place)
  }
}

function assertScalar(value: unknown, place: string): void {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new InvalidArgumentError(place, 'a finite number', value)
  if (typeof value === 'string' && !value.isWellFormed())
    throw new InvalidArgumentError(place, 'well-formed Unicode', 'a lone surrogate', 'Mend it: text.toWellFormed().')
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    throw new InvalidArgumentError(place, 'a string, number, boolean, null, or an array of these without null', value)
}
