import type { SourceDocument, SourceRecord } from '../spec/collection.ts'
import { describe, InvalidArgumentError } from '../spec/errors.ts'
import type { Metadata, MetadataValue } from '../spec/filter.ts'
import { sha256Hex } from '../spec/sha256.ts'
import { lineIndex } from './line-index.ts'
import { newMetadata } from './read-source.ts'

const maxIdLength = 1024
const fields = ['id', 'text', 'title', 'metadata']

/**
 * A caller's record as a document. Without an id it is named by its text: `sha256-` and the first 16 hex digits of the
 * digest, so that the same text added twice is one source.
 *
 * @param position - Place in the caller's list, for messages.
 * @throws {InvalidArgumentError} naming the record and the field: text that is empty or not well-formed Unicode, an id
 *   that is no string of 1 to 1,024 characters without NUL, metadata that is no flat object, a field that is none of ours.
 */
export function recordDocument(record: SourceRecord, position: number): SourceDocument {
  const where = `records[${position}]`
  if (typeof record !== 'object' || record === null || Array.isArray(record))
    throw new InvalidArgumentError(where, 'an object { id?, text, title?, metadata? }', record)
  for (const key of Object.keys(record))
    if (!fields.includes(key))
      throw new InvalidArgumentError(
        where,
        `the fields ${fields.join(', ')}`,
        key,
        'Put other fields under `metadata`.',
      )
  const { id, text, title, metadata } = record
  assertText(text, `${where}.text`)
  if (text.trim() === '')
    throw new InvalidArgumentError(`${where}.text`, 'text that is not empty', text, 'Leave the record out.')
  if (title !== undefined) assertText(title, `${where}.title`)
  if (id !== undefined) assertId(id, `${where}.id`)
  return {
    id: id ?? `sha256-${sha256Hex(text).slice(0, 16)}`,
    kind: 'record',
    format: 'record',
    title: title === undefined || title.trim() === '' ? undefined : title,
    text,
    metadata: checkedMetadata(metadata, `${where}.metadata`),
    file: undefined,
    lineAt: lineIndex(text),
  }
}

function assertText(value: unknown, where: string): asserts value is string {
  if (typeof value !== 'string') throw new InvalidArgumentError(where, 'a string', value)
  if (!value.isWellFormed())
    throw new InvalidArgumentError(
      where,
      'well-formed Unicode',
      'half a surrogate pair',
      'Cut texts between characters, or mend them with toWellFormed().',
    )
}

/** @throws {InvalidArgumentError} for an id that no store would keep exactly. */
export function assertId(id: unknown, where: string): asserts id is string {
  assertText(id, where)
  if (id === '')
    throw new InvalidArgumentError(where, 'an id that is not empty', id, 'Leave it out to be named by its text.')
  if (id.length > maxIdLength) throw new InvalidArgumentError(where, `at most ${maxIdLength} characters`, id.length)
  if (id.includes('\0')) throw new InvalidArgumentError(where, 'an id without NUL characters', id)
}

function checkedMetadata(metadata: unknown, where: string): Metadata {
  const checked = newMetadata()
  if (metadata === undefined) return checked
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata))
    throw new InvalidArgumentError(where, 'an object of strings, numbers, booleans, null and flat arrays', metadata)
  for (const [key, value] of Object.entries(metadata)) {
    if (value === undefined) continue
    const at = `${where}[${describe(key)}]`
    if (!key.isWellFormed()) throw new InvalidArgumentError(at, 'a key of well-formed Unicode', 'half a surrogate pair')
    if (Array.isArray(value)) {
      for (const [i, item] of value.entries()) assertScalar(item, `${at}[${i}]`)
      checked[key] = [...value]
    } else {
      if (value !== null) assertScalar(value, at)
      checked[key] = value as MetadataValue
    }
  }
  return checked
}

function assertScalar(value: unknown, where: string): void {
  if (typeof value === 'string') {
    assertText(value, where)
    return
  }
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return
  throw new InvalidArgumentError(
    where,
    'a string, a finite number or a boolean',
    value,
    value instanceof Date ? 'Give the date as a string: toISOString().' : undefined,
  )
}
