import { InvalidVectorError, ProviderError } from '../spec/errors.ts'

/** An answer that came whole and is none to what was asked. */
export class AnswerError extends ProviderError {
  constructor(provider: string, expected: string, got: string) {
    super(provider, `expected ${expected}, got ${got}.`, {
      remedy: 'Nothing of this answer was kept. The server, or a proxy before it, is broken.',
    })
  }
}

/** A row at unit length, or why it has no direction. */
export type DecodedRow = { readonly values: Float32Array } | { readonly problem: string }

/**
 * The items of an OpenAI-shaped answer in the order of their `index`.
 *
 * @throws {AnswerError} unless there is exactly one item for each index from 0 to `count` − 1.
 */
export function inIndexOrder(provider: string, data: unknown, count: number): unknown[] {
  const items = listOf(provider, 'data', data, count)
  const rows: unknown[] = new Array(count)
  const seen = new Uint8Array(count)
  for (const item of items) {
    if (!isObject(item)) throw new AnswerError(provider, 'an object for each vector', 'something else')
    const index = item['index']
    if (index === undefined) throw new AnswerError(provider, 'an index with each vector', 'a vector without one')
    if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= count)
      throw new AnswerError(provider, `indices from 0 to ${count - 1}`, 'another')
    if (seen[index] === 1) throw new AnswerError(provider, 'each index once', `index ${index} twice`)
    seen[index] = 1
    rows[index] = item['embedding']
  }
  return rows
}

/** @throws {AnswerError} unless `value` is an array of `count`. */
export function listOf(provider: string, name: string, value: unknown, count: number): unknown[] {
  if (!Array.isArray(value)) throw new AnswerError(provider, `an array \`${name}\``, 'none')
  if (value.length !== count) throw new AnswerError(provider, `${count} vectors, one a text`, `${value.length}`)
  return value
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A member of a member, undefined where one of them is not there. */
export function memberOf(value: unknown, ...names: readonly string[]): unknown {
  let at = value
  for (const name of names) at = isObject(at) ? at[name] : undefined
  return at
}

/**
 * A vector as numbers, or as base64 of little-endian float32, scaled to unit length: servers round, and some do not
 * normalise.
 *
 * @throws {AnswerError} for what is neither, and for base64 that is not `dimensions` float32 values.
 * @throws {InvalidVectorError} for another number of dimensions: the model is another.
 */
export function decodeRow(provider: string, value: unknown, dimensions: number): DecodedRow {
  const values = typeof value === 'string' ? fromBase64(provider, value, dimensions) : fromNumbers(provider, value)
  if (values === undefined) return { problem: 'values that are no numbers' }
  if (values.length === 0) return { problem: 'an empty vector' }
  if (values.length !== dimensions)
    throw new InvalidVectorError(`answer of ${provider}`, `${dimensions} dimensions`, `${values.length}`, {
      remedy: 'Another model answers under this name, or it gives other dimensions: add the texts to a new collection.',
    })
  let squared = 0
  for (const one of values) squared += one * one
  if (squared - squared !== 0) return { problem: 'NaN or an infinity' }
  if (squared === 0) return { problem: 'zeros' }
  const length = Math.sqrt(squared)
  for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) / length
  return { values }
}

function fromNumbers(provider: string, value: unknown): Float32Array | undefined {
  if (value === null) return undefined
  if (!Array.isArray(value)) throw new AnswerError(provider, 'a vector as an array or base64', 'something else')
  return value.every((one) => typeof one === 'number') ? Float32Array.from(value) : undefined
}

function fromBase64(provider: string, text: string, dimensions: number): Float32Array {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw new AnswerError(provider, 'a vector in base64', 'other characters')
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length % 4 !== 0 || bytes.length === dimensions) {
    const quarter = bytes.length === dimensions ? ': a quarter, as when each value were one byte' : ''
    throw new AnswerError(
      provider,
      `${dimensions} float32 values in base64 (${dimensions * 4} bytes)`,
      `${bytes.length} bytes${quarter}`,
    )
  }
  const values = new Float32Array(bytes.length / 4)
  for (let i = 0; i < values.length; i++) values[i] = bytes.readFloatLE(4 * i)
  return values
}
