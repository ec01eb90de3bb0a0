import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import type { SourceRecord } from '../spec/collection.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import { recordDocument } from './record.ts'

test('a record becomes a document with its own id, title and metadata', () => {
  const document = recordDocument({ id: 'a', text: 'x\ny', title: 'T', metadata: { n: 1, tags: ['p', 2] } }, 0)
  assert.equal(document.id, 'a')
  assert.equal(document.kind, 'record')
  assert.equal(document.title, 'T')
  assert.deepEqual({ ...document.metadata }, { n: 1, tags: ['p', 2] })
  assert.equal(document.lineAt(2), 2)
})

test('without an id a record is named by the digest of its text', () => {
  const digest = createHash('sha256').update('grüße').digest('hex').slice(0, 16)
  assert.equal(recordDocument({ text: 'grüße' }, 0).id, `sha256-${digest}`)
})

test('hostile metadata keys are but keys', () => {
  const metadata = JSON.parse('{"__proto__": "x", "constructor": 1, "toString": true}')
  const document = recordDocument({ text: 'x', metadata }, 0)
  assert.equal(Object.getPrototypeOf(document.metadata), null)
  assert.deepEqual(Object.keys(document.metadata).sort(), ['__proto__', 'constructor', 'toString'])
  assert.equal(JSON.stringify(document.metadata), '{"__proto__":"x","constructor":1,"toString":true}')
})

const bad: readonly [string, unknown, RegExp][] = [
  ['no object', 'text', /^records\[7\]: expected an object/],
  ['null', null, /^records\[7\]: expected an object/],
  ['no text', {}, /^records\[7\]\.text: expected a string, got undefined/],
  ['an empty text', { text: '' }, /^records\[7\]\.text: expected text that is not empty/],
  ['a text of white space', { text: ' \n\t' }, /not empty/],
  ['half a surrogate pair', { text: 'a\ud800' }, /well-formed Unicode/],
  ['a number as id', { id: 1, text: 'x' }, /^records\[7\]\.id: expected a string, got 1/],
  ['an empty id', { id: '', text: 'x' }, /an id that is not empty/],
  ['an id with NUL', { id: 'a\0b', text: 'x' }, /without NUL/],
  ['a long id', { id: 'x'.repeat(1025), text: 'x' }, /at most 1024 characters, got 1025/],
  ['a title that is no string', { title: 1, text: 'x' }, /\.title: expected a string/],
  ['a misspelt field', { text: 'x', metdata: {} }, /got "metdata"/],
  ['metadata that is a list', { text: 'x', metadata: [1] }, /\.metadata: expected an object/],
  ['a nested object', { text: 'x', metadata: { a: { b: 1 } } }, /\.metadata\["a"\]: expected a string/],
  ['a nested list', { text: 'x', metadata: { a: [[1]] } }, /\.metadata\["a"\]\[0\]/],
  ['null in a list', { text: 'x', metadata: { a: [null] } }, /\.metadata\["a"\]\[0\]/],
  ['NaN', { text: 'x', metadata: { a: Number.NaN } }, /finite number or a boolean, got NaN/],
  ['an infinite number', { text: 'x', metadata: { a: [Infinity] } }, /got Infinity/],
  ['a date', { text: 'x', metadata: { a: new Date(0) } }, /toISOString/],
  ['a bigint', { text: 'x', metadata: { a: 1n } }, /got 1\./],
  ['a function', { text: 'x', metadata: { a: () => 1 } }, /got a function/],
  ['half a surrogate pair in a key', { text: 'x', metadata: { 'a\udc00': 1 } }, /a key of well-formed Unicode/],
]
for (const [what, record, message] of bad)
  test(`${what} is refused with the record and the field`, () => {
    assert.throws(
      () => recordDocument(record as SourceRecord, 7),
      (error: unknown) => error instanceof InvalidArgumentError && message.test(error.message),
    )
  })

test('an absent metadata value is no value', () => {
  const record = { text: 'x', metadata: { a: undefined, b: null } } as unknown as SourceRecord
  assert.deepEqual({ ...recordDocument(record, 0).metadata }, { b: null })
})
