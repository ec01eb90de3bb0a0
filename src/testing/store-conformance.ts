import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ErrorCode, VecinoError } from '../spec/errors.ts'
import { compareCodePoints, type Filter, type Metadata } from '../spec/filter.ts'
import { createMatrix } from '../spec/matrix.ts'
import { type Passport, passportFields } from '../spec/passport.ts'
import type { Store, WriteBatch } from '../spec/store.ts'
import { StoreModel } from './store-model.ts'
import { otherPassport, removal, sampleBatch, samplePassport, sampleSource, sampleVectors } from './store-samples.ts'

/** A place for one store. `open` may be called again after `close`, and gives what was written there. */
export interface StorePlace {
  open(passport: Passport): Promise<Store>
  /** False where everything is gone with `close`. */
  readonly isDurable: boolean
  dispose(): Promise<void>
}

/**
 * Register the tests that hold a back end to the contract of `Store`, with `node:test`.
 *
 * @param name - Of the back end, for the titles.
 * @param makePlace - A fresh, empty place each time.
 */
export function storeConformance(name: string, makePlace: () => Promise<StorePlace>): void {
  const passport = samplePassport()
  const check = (title: string, run: (store: Store, place: StorePlace) => Promise<void>) =>
    test(`${name}: ${title}`, async () => {
      const place = await makePlace()
      const store = await place.open(passport)
      try {
        await run(store, place)
      } finally {
        await store.close()
        await place.dispose()
      }
    })

  check('an empty collection answers everything with nothing', async (store) => {
    assert.deepEqual(await store.counts(), { sources: 0, passages: 0, tokens: 0 })
    assert.deepEqual(await collect(store.digests()), [])
    assert.deepEqual(await collect(store.files()), [])
    assert.deepEqual(await store.fields(), [])
    assert.deepEqual(await store.sources({ offset: 0, limit: 10 }), [])
    assert.equal(await store.source('none'), undefined)
    assert.deepEqual(await store.digestsOf(['none']), [undefined])
    assert.deepEqual([...(await store.keys())], [])
    const [ranked] = await store.nearest(sampleVectors(1, passport), { topK: 5 })
    assert.equal(ranked?.keys.length, 0)
    assert.equal((await store.keyword('word', { topK: 5 })).keys.length, 0)
    assert.equal(await store.setting('none'), undefined)
    assert.deepEqual(await store.verify(), [])
  })

  check('a snapshot stays what it was while others write', async (store) => {
    await store.write(sampleBatch([sampleSource('a', ['one']), sampleSource('b', ['two'])], passport))
    let isWritten = false
    const { keys, passages, rows, sources } = await store.asSnapshot(async (reading) => {
      const { sources } = await reading.counts()
      const keys = await reading.keys('embedded')
      if (!isWritten) await store.write(removal(['a'], passport))
      isWritten = true
      const { rows } = await reading.vectors(keys)
      return { keys, rows, sources, passages: await reading.passages(keys) }
    })
    assert.deepEqual([passages.length, rows], [keys.length, keys.length])
    assert.equal(new Set(passages.map(({ source }) => source)).size, sources)
    assert.equal((await store.counts()).sources, 1)
    await assert.rejects(
      store.asSnapshot(() => Promise.reject(new Error('own'))),
      /own/,
    )
  })

  check('what is put comes back exactly, whatever the signs', async (store) => {
    const metadata: Metadata = {
      plain: 'x',
      number: -1.5e-7,
      yes: true,
      none: null,
      list: ['a', 2, false],
      empty: [],
      ['__proto__']: 'own',
      'a"]': "'; DROP TABLE sources; --",
      '': 'nameless',
    }
    const texts = ['Zwölf Boxkämpfer 😀 ', '日本語のテキスト ', '', '\ufffd"\' ; --']
    const file = { path: '/a/b.md', modifiedMs: 1_700_000_000_000.25, sizeBytes: 12 }
    const source = sampleSource('s/1 "x"', texts, { title: 'T \u0001', metadata, file, kind: 'file' })
    const batch = sampleBatch([source, sampleSource('empty', [])], passport)
    await store.write(batch)

    const stored = await store.source('s/1 "x"')
    assert.equal(stored?.title, 'T \u0001')
    assert.deepEqual(stored?.metadata, metadata)
    assert.ok(Object.hasOwn(stored?.metadata ?? {}, '__proto__'))
    assert.deepEqual(
      stored?.passages.map(({ text }) => text),
      texts,
    )
    assert.deepEqual(
      stored?.passages.map(({ hasVector }) => hasVector),
      [true, true, false, true],
    )
    for (const [ordinal, passage] of (stored?.passages ?? []).entries())
      assert.deepEqual(passage, {
        ...source.passages[ordinal],
        key: passage.key,
        ordinal,
        siblings: 4,
        source: 's/1 "x"',
        title: 'T \u0001',
        metadata,
      })
    assert.deepEqual((await store.source('empty'))?.passages, [])
    assert.deepEqual(await collect(store.digests()), [
      { id: 's/1 "x"', digest: source.digest, file },
      { id: 'empty', digest: 'digest of empty', file: undefined },
    ])
    const embedded = await store.keys('embedded')
    assert.deepEqual((await store.vectors(embedded)).data, batch.vectors.data)
    assert.deepEqual(await store.fields(), Object.keys(metadata).sort())
    assert.deepEqual(await store.verify(), [])
  })

  check('a NUL is kept like any other sign, or refused', async (store) => {
    const source = sampleSource('a\u0000b', ['c\u0000d'], { metadata: { 'e\u0000f': 'g\u0000h' } })
    try {
      await store.write(sampleBatch([source], passport))
    } catch (error) {
      assert.ok(VecinoError.isInstance(error) && error.code === 'unsupported')
      return
    }
    const stored = await store.source('a\u0000b')
    assert.equal(stored?.passages[0]?.text, 'c\u0000d')
    assert.deepEqual(stored?.metadata, { 'e\u0000f': 'g\u0000h' })
    const filter = { field: 'e\u0000f', eq: 'g\u0000h' }
    assert.equal((await store.sources({ offset: 0, limit: 9, filter })).length, 1)
    assert.equal((await store.sources({ offset: 0, limit: 9, filter: { ...filter, eq: 'g\u0000i' } })).length, 0)
  })

  check('a source that is put again is replaced whole, in its place, under new keys', async (store) => {
    await store.write(sampleBatch([sampleSource('a', ['one ', 'two']), sampleSource('b', ['three'])], passport))
    const before = await store.keys()
    await store.write(sampleBatch([sampleSource('a', ['four'], { metadata: { now: 1 } })], passport, 2))
    assert.deepEqual(
      (await collect(store.digests())).map(({ id }) => id),
      ['a', 'b'],
    )
    assert.deepEqual(await store.counts(), { sources: 2, passages: 2, tokens: 9 })
    const after = await store.keys()
    const old = before.filter((key) => !after.includes(key))
    assert.equal(old.length, 2)
    await rejects(store.passages(old), 'not-found')
    await rejects(store.vectors(old), 'not-found')
    assert.equal((await store.keyword('one', { topK: 5 })).keys.length, 0)
    assert.equal((await store.keyword('four', { topK: 5 })).keys.length, 1)
    assert.deepEqual(await store.fields(), ['now'])
    assert.deepEqual(await store.verify(), [])
  })

  check('a removed source is gone from every answer, and its keys are never given again', async (store) => {
    await store.write(sampleBatch([sampleSource('a', ['one ', 'two'])], passport))
    const old = await store.keys()
    await store.write(removal(['a'], passport))
    assert.deepEqual(await store.counts(), { sources: 0, passages: 0, tokens: 0 })
    assert.equal(await store.source('a'), undefined)
    assert.equal((await store.nearest(sampleVectors(1, passport), { topK: 5 }))[0]?.keys.length, 0)
    assert.equal((await store.keyword('one two', { topK: 5 })).keys.length, 0)
    await store.write(sampleBatch([sampleSource('a', ['one ', 'two'])], passport))
    for (const key of await store.keys()) assert.ok(!old.includes(key))
    assert.deepEqual(await store.verify(), [])
  })

  check('a batch that is refused leaves everything as it was', async (store) => {
    await store.write(sampleBatch([sampleSource('a', ['one'])], passport))
    const { generation } = store
    const good = sampleSource('b', ['two'])
    const vectors = sampleVectors(1, passport)
    const withNaN = sampleVectors(1, passport)
    withNaN.data[2] = Number.NaN
    const refused: [WriteBatch, ErrorCode][] = [
      [{ ...removal(['a', 'unknown'], passport) }, 'not-found'],
      [{ put: [good, good], vectors: sampleVectors(2, passport), remove: [] }, 'invalid-argument'],
      [{ put: [good], vectors: sampleVectors(2, passport), remove: [] }, 'invalid-argument'],
      [{ put: [good], vectors: withNaN, remove: ['a'] }, 'invalid-vector'],
      [{ put: [good], vectors: createMatrix(1, 5), remove: ['a'] }, 'invalid-vector'],
      [{ put: [{ ...good, metadata: { a: { b: 1 } } as never }], vectors, remove: [] }, 'invalid-argument'],
      [{ put: [{ ...good, metadata: { a: Number.POSITIVE_INFINITY } }], vectors, remove: [] }, 'invalid-argument'],
      [{ put: [sampleSource('b', ['lone \ud800'])], vectors, remove: [] }, 'invalid-argument'],
      [{ put: [sampleSource('\udc00', ['two'])], vectors, remove: [] }, 'invalid-argument'],
    ]
    for (const [batch, code] of refused) await rejects(store.write(batch), code)
    assert.equal(store.generation, generation)
    assert.deepEqual(await store.counts(), { sources: 1, passages: 1, tokens: 3 })
    assert.deepEqual(await store.verify(), [])
  })

  check('vectors of another model are refused, whichever field tells it', async (store) => {
    const batch = sampleBatch([sampleSource('a', ['one'])], passport)
    for (const field of passportFields) {
      const vectors = { ...batch.vectors, passport: otherPassport(passport, field) }
      await rejects(store.write({ ...batch, vectors }), 'passport-mismatch')
      await rejects(store.nearest(vectors, { topK: 1 }), 'passport-mismatch')
    }
    assert.equal((await store.counts()).sources, 0)
  })

  check('the nearest are those of brute force, ties by key, within the filter', async (store) => {
    const model = new StoreModel()
    const put = Array.from({ length: 40 }, (_, i) =>
      sampleSource(`s${i}`, ['one ', i % 7 === 0 ? '' : 'two'], { metadata: { group: i % 4 } }),
    )
    const batch = sampleBatch(put, passport)
    // Equal vectors, so that there are ties.
    batch.vectors.data.copyWithin(4 * 8, 0, 4 * 4)
    model.apply(batch)
    await store.write(batch)
    const queries = sampleVectors(3, passport, 9)
    for (const filter of [undefined, { field: 'group', eq: 2 }, { field: 'group', eq: 99 }])
      for (const topK of [1, 7, 1e9]) await assertNearest(store, model, queries, topK, filter)
    await rejects(store.nearest(queries, { topK: 0 }), 'invalid-argument')
    await rejects(store.nearest(queries, { topK: 1.5 }), 'invalid-argument')
    await rejects(store.nearest(createMatrix(1, 3), { topK: 1 }), 'invalid-vector')
  })

  check('filters mean what the contract says', async (store) => {
    const model = new StoreModel()
    const batch = sampleBatch(
      hostileMetadata.map((metadata, i) => sampleSource(`s${i}`, ['x'], { metadata })),
      passport,
    )
    model.apply(batch)
    await store.write(batch)
    for (const filter of hostileFilters) {
      const found = await store.sources({ offset: 0, limit: 1000, filter })
      const ids = found.map(({ id }) => id).sort(compareCodePoints)
      assert.deepEqual(ids, model.matching(filter), JSON.stringify(filter))
    }
    await rejects(store.sources({ offset: 0, limit: 1, filter: { field: 'a' } as never }), 'invalid-argument')
  })

  check('words are found in any form, order and script', async (store) => {
    const texts = [
      'The parcels were returned. ',
      'A café in Zürich ',
      '東京都に住んでいます ',
      'ภาษาไทยง่าย',
      'e-mail: C3PO',
    ]
    await store.write(sampleBatch([sampleSource('a', texts, { title: 'Willkommen' })], passport))
    const found = async (query: string) => {
      const { keys } = await store.keyword(query, { topK: 10 })
      return (await store.passages(keys)).map(({ ordinal }) => ordinal).sort()
    }
    assert.deepEqual(await found('return'), [0])
    assert.deepEqual(await found('CAFE zurich'), [1])
    assert.deepEqual(await found('住んで'), [2])
    assert.deepEqual(await found('都'), [2])
    assert.deepEqual(await found('ไทย'), [3])
    assert.deepEqual(await found('parc*'), [0])
    assert.deepEqual(await found('parcel café nowhere'), [0, 1])
    assert.deepEqual(await found('willkommen'), [0, 1, 2, 3, 4])
    assert.deepEqual(await found('nowhere'), [])
  })

  check('any string is a query', async (store) => {
    await store.write(sampleBatch([sampleSource('a', ['NEAR and OR not a b c'])], passport))
    const hostile = [
      '"',
      'a AND',
      '* ',
      'NEAR(',
      'text:x',
      '{a b}: c',
      '-',
      '^a',
      "'; DROP TABLE x; --",
      '\u0000',
      '()',
      '😀',
      '',
    ]
    for (const query of [...hostile, 'word '.repeat(2000)]) {
      const { keys, scores, best } = await store.keyword(query, { topK: 3 })
      assert.equal(keys.length, scores.length)
      assert.ok(best >= 0)
      assert.equal((await store.matches(query, ['a b c'])).length, 1)
    }
    assert.equal((await store.keyword('near', { topK: 3 })).keys.length, 1)
  })

  check('BM25 ranks the passage that holds more of the words first, below the best possible', async (store) => {
    const filler = Array.from({ length: 30 }, (_, i) => sampleSource(`f${i}`, [`filler number ${i}`]))
    await store.write(
      sampleBatch([...filler, sampleSource('both', ['red apple']), sampleSource('one', ['red pear'])], passport),
    )
    const ranked = await store.keyword('red apple', { topK: 10 })
    const ids = (await store.passages(ranked.keys)).map(({ source }) => source)
    assert.deepEqual(ids, ['both', 'one'])
    assert.ok((ranked.scores[0] as number) > (ranked.scores[1] as number))
    assert.ok((ranked.scores[0] as number) <= ranked.best)
    assert.ok((ranked.scores[1] as number) > 0)
    const all = await store.keys()
    const { also } = await store.keyword('red apple', { topK: 1, also: all })
    for (const [i, key] of all.entries()) {
      const at = ranked.keys.indexOf(key)
      assert.equal(also[i], at === -1 ? 0 : ranked.scores[at])
    }
    const filtered = await store.keyword('red', { topK: 10, filter: { field: '$source', eq: 'one' } })
    assert.equal(filtered.keys.length, 1)
  })

  check('matches are the exact places of the words', async (store) => {
    const text = 'Returned CAFÉS; 東京都。 cafe\u0301 x'
    const [found] = await store.matches('return cafés 京都 nothing', [text])
    assert.deepEqual(
      found?.spans.map(({ start, end }) => text.slice(start, end)),
      ['Returned', 'CAFÉS', '京都', 'cafe\u0301'],
    )
    assert.deepEqual(found?.words.sort(), ['cafés', 'return', '京都'])
    assert.deepEqual(await store.matches('', ['a']), [{ spans: [], words: [] }])
  })

  check('the cache gives back what was kept, by model, task and digest', async (store) => {
    const vectors = sampleVectors(2, passport, 3)
    await store.cache('f1', 'document', ['d1', 'd2'], vectors)
    const [known, unknown, second] = await store.cached('f1', 'document', ['d1', 'none', 'd2'])
    assert.deepEqual(known, vectors.data.slice(0, 4))
    assert.equal(unknown, undefined)
    assert.deepEqual(second, vectors.data.slice(4))
    assert.deepEqual(await store.cached('f1', 'query', ['d1']), [undefined])
    assert.deepEqual(await store.cached('f2', 'document', ['d1']), [undefined])
    await store.cache('f1', 'document', ['d1'], sampleVectors(1, passport, 4))
    assert.deepEqual((await store.cached('f1', 'document', ['d1']))[0], sampleVectors(1, passport, 4).data)
  })

  check('files and settings are kept by name', async (store) => {
    const file = { path: '/a.md', modifiedMs: 5.5, sizeBytes: 6, settings: 's', sources: 2 }
    const nothing = removal([], passport)
    await store.write({ ...nothing, files: [file, { ...file, path: '/b.md' }] })
    await store.write({ ...nothing, files: [{ ...file, sources: 3 }], forgetFiles: ['/b.md', '/unknown'] })
    assert.deepEqual(await collect(store.files()), [{ ...file, sources: 3 }])
    await store.setSetting('x', { deep: [1, 'ü'] })
    await store.setSetting('x', { deep: [2] })
    assert.deepEqual(await store.setting('x'), { deep: [2] })
  })

  check('the writer may keep its place over several writes', async (store) => {
    const answer = await store.asWriter(async () => {
      await store.write(sampleBatch([sampleSource('a', ['one'])], passport))
      await store.asWriter(() => store.write(sampleBatch([sampleSource('b', ['two'])], passport)))
      return 42
    })
    assert.equal(answer, 42)
    await Promise.all(['c', 'd', 'e'].map((id) => store.write(sampleBatch([sampleSource(id, ['x'])], passport))))
    assert.equal((await store.counts()).sources, 5)
    await assert.rejects(
      store.asWriter(async () => {
        throw new Error('inside')
      }),
      /inside/,
    )
    await store.write(sampleBatch([sampleSource('f', ['x'])], passport))
  })

  check('any sequence of writes leaves what a Map would hold, also after it is opened again', async (first, place) => {
    let store = first
    const model = new StoreModel()
    const random = sampleVectors(4000, passport, 7).data
    let at = 0
    const next = (n: number) => Math.floor(((random[at++] as number) / 2 + 0.5) * n)
    for (let step = 0; step < 60; step++) {
      const ids = [...new Set(Array.from({ length: 1 + next(4) }, () => `s${next(12)}`))]
      const known = ids.filter((id) => model.sources.has(id))
      const put = ids.map((id) =>
        sampleSource(
          id,
          Array.from({ length: next(4) }, (_, i) => (next(9) === 0 ? '' : `word${next(6)} ${i} `)),
          { metadata: { n: next(5), tags: [`t${next(3)}`] }, digest: `d${step}` },
        ),
      )
      const batch = next(3) === 0 ? removal(known, passport) : sampleBatch(put, passport, step + 1)
      model.apply(batch)
      await store.write(batch)
      if (step % 10 !== 9) continue
      if (place.isDurable) {
        await store.close()
        store = await place.open(passport)
      }
      await assertSame(store, model)
    }
    if (store !== first) await store.close()
  })

  check('a closed store is refused, and closing twice is nothing', async (store) => {
    await store.write(sampleBatch([sampleSource('a', ['one'])], passport))
    const { generation } = store
    await store.close()
    await store.close()
    assert.equal(store.generation, generation)
    await rejects(store.counts(), 'invalid-argument')
    await rejects(store.write(removal([], passport)), 'invalid-argument')
  })
}

async function assertSame(store: Store, model: StoreModel): Promise<void> {
  assert.deepEqual(await store.counts(), model.counts())
  assert.deepEqual(await store.verify(), [])
  for (const [id, { source }] of model.sources) {
    const stored = await store.source(id)
    assert.deepEqual(
      stored?.passages.map(({ text }) => text),
      source.passages.map(({ text }) => text),
    )
    assert.deepEqual(stored?.metadata, source.metadata)
  }
  const passport = samplePassport()
  const queries = sampleVectors(2, passport, 11)
  for (const filter of [undefined, { field: 'n', gte: 2 }, { field: 'tags', eq: 't1' }] as const)
    await assertNearest(store, model, queries, 5, filter)
  for (let word = 0; word < 6; word++) {
    const { keys } = await store.keyword(`word${word}`, { topK: 1000 })
    const expected = [...model.sources.values()].flatMap(({ source }) =>
      source.passages.flatMap(({ text }, i) => (text.includes(`word${word} `) ? [`${source.id}/${i}`] : [])),
    )
    const found = (await store.passages(keys)).map(({ source, ordinal }) => `${source}/${ordinal}`)
    assert.deepEqual(found.sort(), expected.sort())
  }
}

async function assertNearest(
  store: Store,
  model: StoreModel,
  queries: ReturnType<typeof sampleVectors>,
  topK: number,
  filter: Filter | undefined,
): Promise<void> {
  const rankings = await store.nearest(queries, { topK, filter })
  assert.equal(rankings.length, queries.rows)
  for (const [row, { keys, scores }] of rankings.entries()) {
    const expected = model.nearest(queries, row, filter)
    assert.equal(keys.length, Math.min(topK, expected.length))
    const names = (await store.passages(keys)).map(({ source, ordinal }) => `${source}/${ordinal}`)
    const byName = new Map(expected.map(({ name, score }) => [name, score]))
    for (const [i, name] of names.entries()) {
      assert.equal(scores[i], byName.get(name))
      assert.equal(scores[i], expected[i]?.score)
      if (i > 0 && scores[i] === scores[i - 1]) assert.ok((keys[i] as number) > (keys[i - 1] as number))
    }
  }
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

async function rejects(promise: Promise<unknown>, code: ErrorCode): Promise<void> {
  await assert.rejects(promise, (error: unknown) => {
    assert.ok(VecinoError.isInstance(error), `expected one of our errors, got ${error}`)
    assert.equal(error.code, code)
    return true
  })
}

const hostileMetadata: readonly Metadata[] = [
  {},
  { a: 1 },
  { a: '1' },
  { a: true },
  { a: null },
  { a: [] },
  { a: [1, '1', true] },
  { a: 0.1 + 0.2, b: 'x' },
  { a: -0, b: 'X' },
  { a: 2 ** 53, b: 'x\u0001y' },
  { a: 1e300, b: '\u{10000}' },
  { a: 'é', b: '\uffff' },
  { ['__proto__']: 1, constructor: 'x' },
  { 'a"]': 1, "a' OR 1=1 --": 2, '$.a': 3, '': 4 },
]

const values = [1, '1', true, null, 0, 0.3, 0.1 + 0.2, 2 ** 53, 'x', 'X', 'x\u0001y', 'x\u0000y', '\u{10000}', '\uffff']
const names = ['a', 'b', '__proto__', 'constructor', 'toString', 'a"]', "a' OR 1=1 --", '$.a', '', '$source']
const hostileFilters: readonly Filter[] = names.flatMap((field): Filter[] => [
  { field, exists: true },
  { field, exists: false },
  ...values.flatMap((value): Filter[] => [
    { field, eq: value },
    { field, ne: value },
    { not: { and: [{ field, eq: value }, { or: [] }] } },
    ...(typeof value === 'number' || typeof value === 'string'
      ? [
          { field, gt: value },
          { field, lte: value },
          { field, gte: 0, lt: value },
          { field, in: [value, 's1', true] },
        ]
      : []),
  ]),
  { or: [{ field, eq: 's2' }, { and: [{ field, exists: true }, { not: { field, eq: 1 } }] }, { and: [] }] },
])
