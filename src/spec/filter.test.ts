import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InvalidArgumentError } from './errors.ts'
import { assertFilter, assertMetadata, compareCodePoints, type Filter, type Metadata, matchesFilter } from './filter.ts'

const metadata: Metadata = { price: 12, tags: ['a', 'b'], kind: 'book', sold: false, none: null }

const cases: readonly [string, Filter, boolean][] = [
  ['eq on a string', { field: 'kind', eq: 'book' }, true],
  ['eq does not convert types', { field: 'price', eq: '12' }, false],
  ['eq on an array holds for any element', { field: 'tags', eq: 'b' }, true],
  ['eq null is not a missing field', { field: 'missing', eq: null }, false],
  ['eq null on null', { field: 'none', eq: null }, true],
  ['ne holds for a missing field', { field: 'missing', ne: 1 }, true],
  ['ne on an array means no element', { field: 'tags', ne: 'a' }, false],
  ['in', { field: 'price', in: [1, 12] }, true],
  ['range', { field: 'price', gte: 12, lt: 13 }, true],
  ['range with unlike types', { field: 'price', gt: '1' }, false],
  ['exists', { field: 'none', exists: true }, true],
  ['exists does not see the prototype', { field: 'toString', exists: true }, false],
  ['not', { not: { field: 'sold', eq: true } }, true],
  ['and of nothing', { and: [] }, true],
  ['or of nothing', { or: [] }, false],
  ['$source', { field: '$source', eq: 's1' }, true],
]

for (const [title, filter, expected] of cases)
  test(`filter: ${title}`, () => {
    assertFilter(filter)
    assert.equal(matchesFilter(filter, 's1', metadata), expected)
  })

test('what is not a filter is refused with the path of the wrong part', () => {
  const wrong: [unknown, RegExp][] = [
    [null, /^filter: /],
    [{ field: 'a' }, /no operator/],
    [{ field: 'a', eq: { b: 1 } }, /^filter\.eq/],
    [{ and: [{ field: 'a', in: 'x' }] }, /^filter\.and\[0\]\.in/],
    [{ field: 'a', gt: true }, /^filter\.gt/],
    [{ field: 'a', gt: Number.NaN }, /^filter\.gt/],
    [{ field: 'a', eq: 1, ne: 2 }, /got "eq, ne"/],
    [{ like: 'a' }, /^filter\.field/],
    [{ field: 'a', in: [1, Number.NaN] }, /^filter\.in\[1\]/],
    [{ field: 'a', eq: '\ud800' }, /well-formed/],
  ]
  for (const [filter, message] of wrong)
    assert.throws(
      () => assertFilter(filter),
      (error: unknown) => error instanceof InvalidArgumentError && message.test(error.message),
    )
  let deep: unknown = { field: 'a', eq: 1 }
  for (let i = 0; i < 100; i++) deep = { not: deep }
  assert.throws(() => assertFilter(deep), /at most 32 levels/)
})

test('strings are ordered by code point, not by UTF-16 unit', () => {
  assert.ok(compareCodePoints('\u{10000}', '\uffff') > 0)
  assert.ok('\u{10000}' < '\uffff')
  assert.deepEqual(['b', '', 'ab', 'a'].sort(compareCodePoints), ['', 'a', 'ab', 'b'])
})

test('metadata is scalars, null and arrays of scalars', () => {
  assertMetadata({ a: 1, b: null, c: ['x', 2, true], d: [], ['__proto__']: 'own' })
  const wrong: [unknown, RegExp][] = [
    [[], /^metadata: /],
    [{ a: { b: 1 } }, /^metadata\["a"\]/],
    [{ a: [null] }, /^metadata\["a"\]/],
    [{ a: Number.POSITIVE_INFINITY }, /finite/],
    [{ a: '\udc00' }, /well-formed/],
    [{ a: undefined }, /^metadata\["a"\]/],
  ]
  for (const [metadata, message] of wrong)
    assert.throws(
      () => assertMetadata(metadata),
      (error: unknown) => error instanceof InvalidArgumentError && message.test(error.message),
    )
})
