import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { InvalidArgumentError } from '../../spec/errors.ts'
import { compareCodePoints, type Filter, type Metadata, matchesFilter } from '../../spec/filter.ts'
import { sampleBatch, sampleSource } from '../../testing/store-samples.ts'
import { compileFilter } from './filter-sql.ts'
import { tablesOf } from './schema.ts'
import { openSqliteStore } from './store.ts'
import { passport } from './test-place.ts'

const fields = ['a', 'b', 'A', '$source', '__proto__', 'constructor', 'x"]', "' OR 1=1 --", '$.a', '', 'ü', '日本']
const strings = fc.oneof(
  fc.constantFrom(
    '',
    'a',
    'A',
    'ab',
    '1',
    'true',
    'null',
    "'",
    '"',
    '%',
    '_',
    'é',
    'e\u0301',
    '\uffff',
    '\u{10000}',
    's1',
  ),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
)
const numbers = fc.oneof(
  fc.constantFrom(0, -0, 1, -1, 0.1, 0.1 + 0.2, 2 ** 53, 2 ** 63, 1e21, 5e-324, 1.7976931348623157e308),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
)
const scalars = fc.oneof(strings, numbers, fc.boolean())
const field = fc.constantFrom(...fields)
const metadata: fc.Arbitrary<Metadata> = fc
  .array(fc.tuple(field, fc.oneof(scalars, fc.constant(null), fc.array(scalars, { maxLength: 3 }))), { maxLength: 5 })
  .map((entries) => Object.fromEntries(entries))

const filter: fc.Arbitrary<Filter> = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.record({ field, eq: fc.oneof(scalars, fc.constant(null)) }),
    fc.record({ field, ne: fc.oneof(scalars, fc.constant(null)) }),
    fc.record({ field, in: fc.array(scalars, { maxLength: 4 }) }),
    fc.record({ field, exists: fc.boolean() }),
    fc
      .record(
        { field, gt: fc.oneof(numbers, strings), gte: numbers, lt: strings, lte: fc.oneof(numbers, strings) },
        { requiredKeys: ['field'] },
      )
      .map((range) => (Object.keys(range).length > 1 ? range : { ...range, gt: 0 }) as Filter),
    fc.record({ and: fc.array(tie('filter'), { maxLength: 3 }) }),
    fc.record({ or: fc.array(tie('filter'), { maxLength: 3 }) }),
    fc.record({ not: tie('filter') }),
  ),
})).filter

test('a filter in SQL takes the sources that the plain evaluator takes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(metadata, { maxLength: 12 }),
      fc.array(filter, { minLength: 1, maxLength: 12 }),
      async (all, filters) => {
        const store = await openSqliteStore(':memory:', { passport })
        try {
          const put = all.map((own, i) => sampleSource(`s${i}`, ['text'], { metadata: own }))
          await store.write(sampleBatch(put, passport))
          for (const asked of filters) {
            const found = await store.sources({ offset: 0, limit: 100, filter: asked })
            const expected = put.filter(({ id, metadata: own }) => matchesFilter(asked, id, own)).map(({ id }) => id)
            assert.deepEqual(found.map(({ id }) => id).sort(compareCodePoints), expected.sort(compareCodePoints))
          }
        } finally {
          await store.close()
        }
      },
    ),
    { seed: 7, numRuns: 40 },
  )
})

test('nothing of the user stands in the SQL', () => {
  const hostile = "x'; DROP TABLE sources_1; --"
  const { sql, values } = compileFilter(
    {
      and: [
        { field: hostile, eq: hostile },
        { field: '$source', gt: hostile },
        { field: hostile, in: [hostile, 1] },
      ],
    },
    tablesOf(1),
  )
  assert.ok(!sql.includes('DROP'))
  assert.deepEqual(new Set(values), new Set([hostile, 's', 'n', 1]))
})

test('a wide filter is answered, and one too wide for a statement is refused', async (t) => {
  const store = await openSqliteStore(':memory:', { passport })
  t.after(() => store.close())
  await store.write(sampleBatch([sampleSource('a', ['x'], { metadata: { n: 4321 } })], passport))
  const many = Array.from({ length: 10_000 }, (_, n) => n)
  const wide: Filter = { field: 'n', in: many }
  assert.equal((await store.sources({ offset: 0, limit: 9, filter: wide })).length, 1)
  const parts: Filter = { or: many.slice(4000, 4500).map((n) => ({ field: 'n', eq: n })) }
  assert.equal((await store.sources({ offset: 0, limit: 9, filter: parts })).length, 1)
  const tooWide: Filter = { field: 'n', in: [...many, ...many, ...many, ...many] }
  await assert.rejects(store.sources({ offset: 0, limit: 9, filter: tooWide }), InvalidArgumentError)
})
