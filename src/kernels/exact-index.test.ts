import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adversarialSets, makeSet, type SetName } from '../../test/support/adversarial-sets.ts'
import {
  CorruptDataError,
  FormatVersionError,
  InvalidArgumentError,
  InvalidVectorError,
  NotFoundError,
  PassportMismatchError,
} from '../spec/errors.ts'
import { createMatrix, type Matrix, rowOf } from '../spec/matrix.ts'
import type { Passport } from '../spec/passport.ts'
import { topK } from './compare.ts'
import { createIndex, type ExactIndex, loadIndex } from './exact-index.ts'
import type { Metric } from './metric.ts'
import { bitmapBytes, setBit } from './selection.ts'
import { type Engine, features } from './wasm/features.ts'

const engines: Engine[] = ['typescript', 'simd', 'relaxed']
const metrics: Metric[] = ['ip', 'cosine', 'l2']

function skipReason(engine: Engine): string | false {
  return engine === 'relaxed' && !features().relaxedSimd ? 'no relaxed SIMD in this runtime' : false
}

async function assertExact(index: ExactIndex, queries: Matrix, corpus: Matrix, k = 10): Promise<void> {
  const found = await index.search(queries, { topK: k })
  const expected = topK(queries, corpus, { topK: k, metric: index.metric })
  assert.deepEqual(found.ids, expected.ids)
  assert.deepEqual(found.scores, expected.scores)
}

for (const engine of engines)
  test(`${engine}: ids, order and scores are those of brute force on sets made to break bounds`, {
    skip: skipReason(engine),
  }, async () => {
    const names = Object.keys(adversarialSets) as SetName[]
    const turn = engines.indexOf(engine)
    for (const [i, name] of names.entries()) {
      const metric = metrics[(i + turn) % 3] as Metric
      const columns = [24, 33, 16][(i + turn) % 3] as number
      const { corpus, queries } = makeSet(name, { rows: 2100, queries: 7, columns, seed: 7 * i + turn })
      const index = await createIndex(corpus, { metric, engine, threads: 1, compact: i % 2 === 0 })
      await assertExact(index, queries, corpus)
      // One or two queries pass the packed codes, more the unpacked ones.
      for (const count of [1, 2])
        await assertExact(index, createMatrix(count, columns, queries.data.subarray(0, count * columns)), corpus)
      index.close()
    }
  })

test('2 and 3 threads give the answer of one, for odd numbers of queries too', async () => {
  const { corpus, queries } = makeSet('clusters', { rows: 4000, queries: 35, columns: 40, seed: 3 })
  for (const threads of [1, 2, 3]) {
    const index = await createIndex(corpus, { metric: 'ip', threads })
    await assertExact(index, queries, corpus)
    index.close()
  }
})

test('many dimensions, coded in 4 bits or turned or not, are exact', async () => {
  for (const [i, columns] of [1, 2, 17, 130, 1100].entries()) {
    const { corpus, queries } = makeSet('random', { rows: 2060, queries: 2, columns, seed: columns })
    const index = await createIndex(corpus, { metric: 'cosine', threads: 1, compact: i % 2 === 0 })
    await assertExact(index, queries, corpus)
    index.close()
  }
})

test('none, one and few rows, and more neighbours than rows', async () => {
  const query = createMatrix(1, 3, Float32Array.of(1, 2, 3))
  const empty = await createIndex(createMatrix(0, 3), { metric: 'ip' })
  assert.deepEqual([...(await empty.search(query, { topK: 2 })).ids], [-1, -1])
  await empty.add(query)
  assert.deepEqual([...(await empty.search(query, { topK: 2 })).ids], [0, -1])
  assert.deepEqual([...(await empty.search(query, { topK: 2 })).scores], [14, Number.NaN])
  assert.deepEqual((await empty.search(createMatrix(0, 3))).ids.length, 0)
  const { corpus, queries } = makeSet('integers', { rows: 2100, queries: 3, columns: 8, seed: 1 })
  const index = await createIndex(corpus, { metric: 'ip', threads: 1 })
  await assertExact(index, queries, corpus, 2500)
})

test('rows added in parts are found under ids that follow on', async () => {
  const { corpus, queries } = makeSet('clusters', { rows: 5000, queries: 12, columns: 32, seed: 5 })
  const part = (from: number, to: number) => createMatrix(to - from, 32, corpus.data.subarray(from * 32, to * 32))
  const index = await createIndex(part(0, 100), { metric: 'l2', threads: 1 })
  let end = 100
  for (const count of [1, 2500, 3, 17, 1, 1000, 1378]) {
    await index.add(part(end, end + count))
    end += count
    await assertExact(index, queries, part(0, end))
  }
  assert.equal(index.rows, 5000)
})

test('rows added later may be far longer than those the basis was made from', async () => {
  const { corpus, queries } = makeSet('random', { rows: 2500, queries: 6, columns: 32, seed: 6 })
  const longer = createMatrix(
    4,
    32,
    corpus.data.slice(0, 128).map((value, i) => value * [1e3, 1e12, 1e30, 1][i >> 5]!),
  )
  for (const metric of metrics) {
    const index = await createIndex(corpus, { metric, threads: 1 })
    await index.add(longer)
    const both = createMatrix(2504, 32, Float32Array.of(...corpus.data, ...longer.data))
    await assertExact(index, queries, both)
  }
})

test('removed, filtered and excluded rows are not returned, and the others are', async () => {
  const { corpus, queries } = makeSet('random', { rows: 3000, queries: 5, columns: 16, seed: 8 })
  for (const engine of engines.filter((name) => skipReason(name) === false)) {
    const index = await createIndex(corpus, { metric: 'ip', engine, threads: 1 })
    await index.remove(Int32Array.of(0, 5, 2999))
    const filter = new Uint8Array(bitmapBytes(3000))
    const without = new Uint8Array(bitmapBytes(3000))
    for (let id = 0; id < 3000; id++) {
      if (id % 3 !== 0) setBit(filter, id)
      if (id % 3 !== 0 && id !== 5 && id !== 2999) setBit(without, id)
    }
    const found = await index.search(queries, { topK: 7, filter })
    assert.deepEqual(found.ids, topK(queries, corpus, { topK: 7, metric: 'ip', filter: without }).ids)
    const best = Int32Array.from({ length: 5 }, (_, i) => found.ids[i * 7] as number)
    const others = await index.search(queries, { topK: 6, filter, exclude: best })
    for (let i = 0; i < 5; i++)
      assert.deepEqual(others.ids.subarray(i * 6, i * 6 + 6), found.ids.subarray(i * 7 + 1, i * 7 + 7))
    const few = Int32Array.of(1, 4, 10)
    const chosen = await index.search(queries, { topK: 4, filter: few })
    assert.deepEqual(chosen.ids, topK(queries, corpus, { topK: 4, metric: 'ip', filter: few }).ids)
    assert.equal(index.size, 2997)
    await assert.rejects(index.remove(Int32Array.of(1, 5)), NotFoundError)
    assert.equal(index.size, 2997)
  }
})

test('rows may be read from elsewhere, and unaligned views are rows like others', async () => {
  const { corpus, queries } = makeSet('clusters', { rows: 2600, queries: 8, columns: 24, seed: 9 })
  let reads = 0
  const source = {
    rows: 2600,
    columns: 24,
    read: async (ids: Int32Array) => {
      reads += ids.length
      return Float32Array.from([...ids].flatMap((id) => [...rowOf(corpus, id)]))
    },
  }
  const index = await createIndex(source, { metric: 'cosine', threads: 1 })
  const built = reads
  await assertExact(index, queries, corpus)
  assert.ok(reads - built < 8 * 400, `${reads - built} rows read for 8 queries`)
  const shifted = new Float32Array(new ArrayBuffer(4 * (2600 * 24 + 1)), 4)
  shifted.set(corpus.data)
  await assertExact(await createIndex(createMatrix(2600, 24, shifted), { metric: 'ip' }), queries, corpus)
})

test('searches asked for at once are answered each for itself', async () => {
  const { corpus, queries } = makeSet('random', { rows: 3000, queries: 10, columns: 32, seed: 10 })
  const index = await createIndex(corpus, { metric: 'ip', threads: 2 })
  const expected = topK(queries, corpus, { topK: 5, metric: 'ip' })
  const found = await Promise.all(
    Array.from({ length: 10 }, (_, i) => index.search(createMatrix(1, 32, rowOf(queries, i)), { topK: 5 })),
  )
  found.forEach((nearest, i) => {
    assert.deepEqual(nearest.ids, expected.ids.subarray(i * 5, i * 5 + 5))
  })
  index.close()
})

test('bad rows, queries and options are refused and leave the index as it was', async () => {
  const { corpus } = makeSet('random', { rows: 50, queries: 2, columns: 4, seed: 11 })
  const index = await createIndex(corpus)
  const bad = (value: number) => createMatrix(2, 4, Float32Array.of(1, 2, 3, 4, 0, value, 0, 0))
  for (const value of [Number.NaN, Infinity, 1e39]) {
    await assert.rejects(index.add(bad(value)), /row 1: expected finite/)
    await assert.rejects(index.search(bad(value)), InvalidVectorError)
  }
  await assert.rejects(index.add(bad(0)), /row 1: expected a vector other than zero/)
  await assert.rejects(index.search(bad(0)), InvalidVectorError)
  await assert.rejects(index.add(createMatrix(1, 5)), InvalidArgumentError)
  await assert.rejects(index.search(corpus, { topK: 0 }), InvalidArgumentError)
  await assert.rejects(index.search(corpus, { exclude: Int32Array.of(1) }), InvalidArgumentError)
  await assert.rejects(index.search(corpus, { filter: Int32Array.of(50) }), InvalidArgumentError)
  assert.equal(index.rows, 50)
  // @ts-expect-error an unknown metric
  await assert.rejects(createIndex(corpus, { metric: 'dot' }), InvalidArgumentError)
  await assert.rejects(createIndex(corpus, { threads: 0 }), InvalidArgumentError)
})

test('an index refuses rows and queries of another model', async () => {
  const passport = { provider: 'test', model: 'one', dimensions: 2 } as Passport
  const other = { ...passport, model: 'two' }
  const matrix = (of: Passport) => createMatrix(1, 2, Float32Array.of(1, 2), of)
  const index = await createIndex(matrix(passport))
  await assert.rejects(index.search(matrix(other)), PassportMismatchError)
  await assert.rejects(index.add(matrix(other)), PassportMismatchError)
  assert.equal((await index.search(matrix(passport), { topK: 1 })).ids[0], 0)
})

test('a saved index answers the same after loading, and reads only the rows it needs', async () => {
  for (const [metric, rows, compact] of [
    ['cosine', 2500, true],
    ['l2', 2500, false],
    ['ip', 100, false],
  ] as const) {
    // biome-ignore format: one line
    const { corpus, queries } = makeSet('clusters', { rows, queries: 6, columns: 20, seed: 12 })
    const index = await createIndex(corpus, { metric, compact, threads: 1 })
    await index.remove(Int32Array.of(3, 4))
    const expected = await index.search(queries, { topK: 5 })
    const loaded = await loadIndex(await index.save({ tag: 'first' }), corpus, { tag: 'first' })
    assert.deepEqual(await loaded.search(queries, { topK: 5 }), expected)
    assert.equal(loaded.size, rows - 2)
    await loaded.add(queries)
    assert.equal((await loaded.search(queries, { topK: 3 })).ids.includes(rows + 5), true)
  }
})

test('damaged bytes, and bytes of other rows, are refused on loading', async () => {
  const { corpus } = makeSet('random', { rows: 2100, queries: 1, columns: 8, seed: 13 })
  const saved = await (await createIndex(corpus, { threads: 1 })).save()
  for (const at of [0, 30, 5000, saved.length - 1]) {
    const damaged = saved.slice()
    damaged[at]! ^= 4
    await assert.rejects(loadIndex(damaged, corpus), CorruptDataError)
  }
  await assert.rejects(loadIndex(saved.subarray(0, saved.length >> 1), corpus), CorruptDataError)
  await assert.rejects(loadIndex(new Uint8Array(0), corpus), CorruptDataError)
  await assert.rejects(loadIndex(saved, corpus, { tag: 'other' }), /tag other/)
  const fewer = createMatrix(2099, 8, corpus.data.subarray(0, 2099 * 8))
  await assert.rejects(loadIndex(saved, fewer), /rows 2099/)
  const later = saved.slice()
  later[8] = 9
  await assert.rejects(loadIndex(later, corpus), FormatVersionError)
})
