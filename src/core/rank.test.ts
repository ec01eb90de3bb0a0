import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { memoryStore } from '../../test/support/memory-store.ts'
import { InvalidArgumentError, InvalidVectorError, PassportMismatchError } from '../spec/errors.ts'
import { matchesFilter } from '../spec/filter.ts'
import { rowOf } from '../spec/matrix.ts'
import { passportFields } from '../spec/passport.ts'
import type { Store } from '../spec/store.ts'
import { fakeModel } from '../testing/fake-model.ts'
import { StoreCollection } from './collection.ts'
import { contributions } from './fuse.ts'
import { rank } from './rank.ts'
import { search } from './search.ts'

const model = fakeModel({ dimensions: 6, refusesWordless: true })

interface Source {
  readonly passages: readonly string[]
  readonly year: number
}

/** A store of sources `s0`, `s1` …; passages without a word have no vector. */
async function storeOf(sources: readonly Source[]): Promise<Store> {
  const store = await memoryStore(model.passport)
  const texts = sources.flatMap(({ passages }) => passages)
  const hasVector = (text: string) => model.countTokens(text) > 0
  const { vectors } = await model.embed(texts.filter(hasVector), { task: 'document' })
  await store.write({
    put: sources.map(({ passages, year }, i) => {
      let end = 0
      return {
        id: `s${i}`,
        kind: 'record',
        title: undefined,
        digest: '',
        metadata: { year },
        file: undefined,
        passages: passages.map((text) => {
          const start = end
          end += text.length
          return { start, end, text, line: 1, headings: [], tokens: 1, hasVector: hasVector(text) }
        }),
      }
    }),
    vectors,
    remove: [],
  })
  return store
}

const text = fc
  .array(fc.constantFrom('sea', 'hill', 'tree', 'road', 'lamp', '🙂'), { minLength: 1, maxLength: 4 })
  .map((words) => words.join(' '))
const someSources = fc.array(
  fc.record({ passages: fc.array(text, { minLength: 1, maxLength: 4 }), year: fc.integer({ min: 2000, max: 2003 }) }),
  { minLength: 1, maxLength: 80 },
)

/** Every passage scored in full, best first. */
async function bruteForce(store: Store, query: string, mean: number, filter?: { field: string; eq: number }) {
  const keys = await store.keys()
  const passages = await store.passages(keys)
  const { also, best } = await store.keyword(query, { topK: 1, also: keys })
  const { vectors } = await model.embed([query], { task: 'query' })
  const scored = []
  for (const [i, passage] of passages.entries()) {
    if (filter !== undefined && !matchesFilter(filter, passage.source, passage.metadata)) continue
    let cosine: number | undefined
    if (passage.hasVector) {
      const row = rowOf(await store.vectors(keys.subarray(i, i + 1)), 0)
      cosine = row.reduce((sum, value, j) => sum + value * (vectors.data[j] as number), 0)
    }
    const bm25 = also[i] as number
    const { semantic, keyword } = contributions({ cosine, keywordShare: best > 0 ? Math.min(1, bm25 / best) : 0 }, mean)
    if (semantic + keyword === 0) continue
    scored.push({ key: passage.key, score: semantic + keyword })
  }
  return scored.sort((a, b) => b.score - a.score || a.key - b.key)
}

test('hybrid ranking is that of scoring every passage', async () => {
  await fc.assert(
    fc.asyncProperty(
      someSources,
      fc.constantFrom('sea', 'sea hill', 'road lamp', 'moon', 'sea moon'),
      fc.integer({ min: 1, max: 12 }),
      fc.constantFrom(0, 0.3),
      fc.constantFrom(undefined, { field: 'year', eq: 2001 }),
      async (sources, query, limit, mean, filter) => {
        const store = await storeOf(sources)
        const { vectors } = await model.embed([query], { task: 'query' })
        const { passages } = await rank({ store, mode: 'hybrid', query, vector: vectors, mean, filter }, limit)
        const expected = (await bruteForce(store, query, mean, filter)).slice(0, limit)
        assert.deepEqual(
          passages.map(({ score }) => score.toFixed(9)),
          expected.map(({ score }) => score.toFixed(9)),
        )
      },
    ),
    { numRuns: 60 },
  )
})

test('contributions sum to the score in every mode, and weights are those of the mode', async () => {
  await fc.assert(
    fc.asyncProperty(someSources, fc.constantFrom('sea', 'hill tree', 'lamp 🙂'), async (sources, query) => {
      const store = await storeOf(sources)
      for (const mode of ['hybrid', 'semantic', 'keyword'] as const)
        for (const hit of await search({ store, model }, query, { mode, explain: true, topK: 50 })) {
          const { semantic, keyword } = hit.explain!
          assert.equal((semantic?.contribution ?? 0) + (keyword?.contribution ?? 0), hit.score)
          if (mode === 'hybrid' && semantic && keyword) assert.equal(semantic.weight + keyword.weight, 1)
          assert.equal(keyword === undefined || keyword.words.length > 0, true)
          assert.equal(hit.percentile === undefined, semantic === undefined)
        }
    }),
    { numRuns: 30 },
  )
})

test('offset pages through one ranking, and bySource gives each source once with its best', async () => {
  await fc.assert(
    fc.asyncProperty(someSources, fc.integer({ min: 0, max: 6 }), async (sources, offset) => {
      const store = await storeOf(sources)
      const all = await search({ store, model }, 'sea hill', { topK: 1000 })
      const page = await search({ store, model }, 'sea hill', { topK: 3, offset })
      assert.deepEqual(
        page.map(({ id }) => id),
        all.slice(offset, offset + 3).map(({ id }) => id),
      )
      const bySource = await search({ store, model }, 'sea hill', { topK: 1000, bySource: true })
      assert.deepEqual(
        bySource.map(({ id }) => id),
        all.filter((hit, i) => all.findIndex(({ source }) => source === hit.source) === i).map(({ id }) => id),
      )
      const pageBySource = await search({ store, model }, 'sea hill', { topK: 3, offset, bySource: true })
      assert.deepEqual(
        pageBySource.map(({ id }) => id),
        bySource.slice(offset, offset + 3).map(({ id }) => id),
      )
    }),
    { numRuns: 30 },
  )
})

test('passages without a vector are found by words, and never by meaning', async () => {
  const store = await storeOf([
    { passages: ['🙂 🙂'], year: 2000 },
    { passages: ['sea'], year: 2001 },
  ])
  const semantic = await search({ store, model }, 'sea', { mode: 'semantic' })
  assert.deepEqual(
    semantic.map(({ id }) => id),
    ['s1'],
  )
  assert.equal((await search({ store, model }, 'sea'))[0]?.id, 's1')
})

test('what neither words nor a meaning nearer than chance find is no hit, except in semantic mode', async () => {
  const store = await storeOf([
    { passages: ['sea'], year: 2000 },
    { passages: ['hill'], year: 2001 },
  ])
  const { vectors: vector } = await model.embed(['moon'], { task: 'query' })
  const found = async (mode: 'hybrid' | 'semantic' | 'keyword', query: string) =>
    (await rank({ store, mode, query, vector, mean: 0.999999 }, 10)).passages.length
  assert.equal(await found('hybrid', 'moon'), 0)
  assert.equal(await found('hybrid', 'sea'), 1)
  assert.equal(await found('keyword', 'moon'), 0)
  assert.equal(await found('semantic', 'moon'), 2)
})

test('a query without a known word falls back to words in hybrid, and is refused in semantic mode', async () => {
  const store = await storeOf([{ passages: ['sea'], year: 2000 }])
  assert.deepEqual(await search({ store, model }, '🙂'), [])
  await assert.rejects(search({ store, model }, '🙂', { mode: 'semantic' }), InvalidVectorError)
})

test('highlights are spans of the hit: its words, and its nearest sentence', async () => {
  const store = await storeOf([{ passages: ['A lamp stands there.  The sea and a hill. Trees.'], year: 2000 }])
  const [hit] = await search({ store, model }, 'sea hill')
  const shown = hit!.highlights.map(({ start, end, kind }) => [kind, hit!.text.slice(start, end)])
  assert.deepEqual(shown, [
    ['word', 'sea'],
    ['word', 'hill'],
    ['meaning', 'The sea and a hill.'],
  ])
})

test('bad options are refused by name before anything is read', async () => {
  const store = await storeOf([{ passages: ['sea'], year: 2000 }])
  const refused: [string, object, string][] = [
    ['options.topK', { topK: 0 }, 'sea'],
    ['options.topK', { topK: 1e9 }, 'sea'],
    ['options.topK', { topK: 2.5 }, 'sea'],
    ['options.topK', { topK: '3' }, 'sea'],
    ['options.offset', { offset: -1 }, 'sea'],
    ['options.mode', { mode: 'fuzzy' }, 'sea'],
    ['options.falseAlarmRate', { falseAlarmRate: 0 }, 'sea'],
    ['options.falseAlarmRate', { falseAlarmRate: 0.6 }, 'sea'],
    ['options.filter', { filter: { field: 'yaer', eq: 2000 } }, 'sea'],
    ['options.filter', { filter: { and: [{ not: { field: 'colour', exists: true } }] } }, 'sea'],
    ['options.filter', { filter: 'year = 2000' }, 'sea'],
    ['options', { topk: 3 }, 'sea'],
    ['query', {}, ''],
    ['query', {}, ' \n'],
  ]
  for (const [argument, options, query] of refused)
    await assert.rejects(
      search({ store, model }, query, options),
      (error) => error instanceof InvalidArgumentError && error.argument === argument,
      argument,
    )
})

test('the message on an unknown field lists the known ones', async () => {
  const store = await storeOf([{ passages: ['sea'], year: 2000 }])
  await assert.rejects(search({ store, model }, 'sea', { filter: { field: 'yaer', eq: 1 } }), /\$source, year/)
})

test('a query over the window is refused, except by words', async () => {
  const narrow = fakeModel({ dimensions: 6, limits: { tokensPerText: 3 } })
  const store = await memoryStore(narrow.passport)
  await assert.rejects(search({ store, model: narrow }, 'a b c d'), InvalidArgumentError)
  assert.deepEqual(await search({ store, model: narrow }, 'a b c d', { mode: 'keyword' }), [])
})

test('an empty collection has no hits, whatever the filter', async () => {
  const store = await memoryStore(model.passport)
  assert.deepEqual(await search({ store, model }, 'sea', { filter: { field: 'x', eq: 1 }, falseAlarmRate: 0.1 }), [])
})

test('an offset past the end gives nothing', async () => {
  const store = await storeOf([{ passages: ['sea'], year: 2000 }])
  assert.deepEqual(await search({ store, model }, 'sea', { offset: 1e12 }), [])
})

test('a false-alarm rate withholds weak hits, keeps strong ones, and is worked out once a state', async () => {
  const sources = Array.from({ length: 30 }, (_, i) => ({ passages: [`sea hill tree number ${i}`], year: 2000 }))
  const store = await storeOf(sources)
  const wide = fakeModel({ dimensions: 6, refusesWordless: true })
  for (const mode of ['hybrid', 'semantic', 'keyword'] as const) {
    const strong = await search({ store, model: wide }, 'sea hill tree number 7', { mode, falseAlarmRate: 0.05 })
    assert.ok(strong.length > 0, mode)
    const calls = wide.calls.length
    await search({ store, model: wide }, 'sea hill tree number 8', { mode: 'keyword', falseAlarmRate: 0.01 })
    if (mode === 'keyword') assert.equal(wide.calls.length, calls)
  }
  const loose = await search({ store, model }, 'unrelated words altogether', { falseAlarmRate: 0.5 })
  const strict = await search({ store, model }, 'unrelated words altogether', { falseAlarmRate: 0.001 })
  assert.ok(strict.length <= loose.length)
})

test('a store and a model of two passports are never joined, whichever field differs', async () => {
  const store = await memoryStore(model.passport)
  for (const field of passportFields) {
    const value = model.passport[field]
    const other = typeof value === 'number' ? value + 1 : typeof value === 'boolean' ? !value : `${value ?? ''}x`
    const passport = { ...model.passport, [field]: other }
    assert.throws(
      () => new StoreCollection(store, { ...model, passport }),
      (error) => error instanceof PassportMismatchError && error.differences[0]?.field === field,
    )
  }
})
