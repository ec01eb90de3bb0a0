import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dot } from '../../kernels/metric.ts'
import { createMatrix } from '../../spec/matrix.ts'
import type { Ranked, Store } from '../../spec/store.ts'
import { removal, sampleBatch, samplePassport, sampleSource, sampleVectors } from '../../testing/store-samples.ts'
import { repairSqlite } from './repair.ts'
import { openSqliteStore } from './store.ts'
import { freshPath, opened, tamper } from './test-place.ts'

const passport = samplePassport({ dimensions: 16 })
const queries = sampleVectors(4, passport, 5)

const named = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, i) => sampleSource(`${prefix}${i}`, ['x'], { metadata: { third: i % 3 === 0 } }))

/** As `add` writes: batches in the writer's place, after which what is new is coded. */
function added(store: Store, prefix: string, count: number, seed: number): Promise<void> {
  return store.asWriter(() => store.write(sampleBatch(named(prefix, count), passport, seed)))
}

async function byBruteForce(store: Store, topK: number): Promise<Ranked[]> {
  const keys = await store.keys('embedded')
  const vectors = await store.vectors(keys)
  const { columns } = vectors
  return Array.from({ length: queries.rows }, (_, query) => {
    const all = Array.from(keys, (key, i) => ({
      key,
      score: dot(queries.data, query * columns, vectors.data, i * columns, columns),
    }))
    const best = all.sort((a, b) => b.score - a.score || a.key - b.key).slice(0, topK)
    return {
      keys: Int32Array.from(best, ({ key }) => key),
      scores: Float64Array.from(best, ({ score }) => score),
    }
  })
}

async function assertExact(store: Store): Promise<void> {
  for (const topK of [1, 20, 2000])
    assert.deepEqual(await store.nearest(queries, { topK }), await byBruteForce(store, topK))
}

test('coded vectors, those removed and replaced since, and new ones give the answers of brute force', async (t) => {
  const path = freshPath(t)
  const store = await opened(t, path, { passport })
  await added(store, 'a', 100, 1)
  assert.equal((await store.info()).index, 'absent')
  await added(store, 'b', 3000, 2)
  assert.equal((await store.info()).index, 'fresh')
  await assertExact(store)
  await store.write(
    removal(
      Array.from({ length: 300 }, (_, i) => `b${i * 7}`),
      passport,
    ),
  )
  await store.write(sampleBatch(named('b', 50), passport, 3))
  await assertExact(store)
  const filter = { field: 'third', eq: true }
  const [some] = await store.nearest(queries, { topK: 5, filter })
  const [all] = await store.nearest(queries, { topK: 4000 })
  const { passages } = (await store.source('b3'))!
  assert.ok(all!.keys.includes(passages[0]!.key))
  const taken = (await store.passages(some!.keys)).map(({ metadata }) => metadata['third'])
  assert.deepEqual(taken, [true, true, true, true, true])
  // Another process codes it anew, after most of it is gone.
  const other = await opened(t, path, { passport })
  await other.asWriter(() =>
    other.write(
      removal(
        Array.from({ length: 900 }, (_, i) => `b${i * 3 + 100}`).filter((id) => Number(id.slice(1)) % 7 !== 0),
        passport,
      ),
    ),
  )
  await assertExact(other)
  await assertExact(store)
  assert.deepEqual(await store.verify(), [])
})

test('a search that began before another process coded the rows anew answers from what is there now', async (t) => {
  const path = freshPath(t)
  const store = await opened(t, path, { passport })
  await added(store, 'a', 2500, 1)
  const reader = await opened(t, path, { passport })
  const one = createMatrix(1, 16, queries.data.slice(0, 16), passport)
  await reader.nearest(one, { topK: 1 })
  await store.asWriter(() =>
    store.write(
      removal(
        Array.from({ length: 1200 }, (_, i) => `a${i}`),
        passport,
      ),
    ),
  )
  await assertExact(reader)
})

const damages: [title: string, sql: string][] = [
  ['codes', `UPDATE codes_1 SET bytes=zeroblob(length(bytes))`],
  ['codes, which became a text', `UPDATE codes_1 SET bytes=CAST(bytes AS TEXT)`],
  ['codes of other rows', `UPDATE codes_1 SET keys=substr(keys, 5)`],
  ['a run of codes', 'DELETE FROM codes_1'],
  ['the note of a removal', 'UPDATE gone_1 SET count=count+1'],
  ['the place of a removal', 'UPDATE gone_1 SET first=first+1000000'],
  ['all notes of removals', 'DELETE FROM gone_1'],
]

for (const [title, sql] of damages)
  test(`damage to ${title} changes no answer, shows in verify, and is mended by the next add`, async (t) => {
    const path = freshPath(t)
    const before = await openSqliteStore(path, { passport })
    await added(before, 'a', 2500, 1)
    await before.write(removal(['a7'], passport))
    await before.close()
    tamper(path, sql)
    const store = await opened(t, path, { passport })
    await assertExact(store)
    await store.info()
    const faults = await store.verify()
    if (title !== 'a run of codes')
      assert.match(faults.map(({ place }) => place).join(), /codes for search|saved index/)
    await store.asWriter(() => store.write(sampleBatch(named('b', 2100), passport, 9)))
    assert.deepEqual(await store.verify(), [])
    await assertExact(store)
  })

test('damaged codes are mended by an add of a single source', async (t) => {
  const path = freshPath(t)
  const before = await openSqliteStore(path, { passport })
  await added(before, 'a', 2500, 1)
  await before.close()
  tamper(path, 'UPDATE codes_1 SET bytes=zeroblob(length(bytes))')
  const store = await opened(t, path, { passport })
  await added(store, 'b', 1, 2)
  assert.deepEqual(await store.verify(), [])
  assert.equal((await store.info()).index, 'fresh')
  await assertExact(store)
})

test('a repaired collection is coded for search', async (t) => {
  const path = freshPath(t)
  const before = await openSqliteStore(path, { passport })
  await added(before, 'a', 2500, 1)
  await before.close()
  tamper(path, 'UPDATE passages_1 SET crc=crc+1 WHERE key=7')
  const { collections } = await repairSqlite(path)
  assert.equal(collections[0]?.kept, 2499)
  const store = await opened(t, path, { passport })
  assert.equal((await store.info()).index, 'fresh')
  assert.deepEqual(await store.verify(), [])
  await assertExact(store)
})

test('lost notes of removals are mended by an add of a single source', async (t) => {
  const path = freshPath(t)
  const before = await openSqliteStore(path, { passport })
  await added(before, 'a', 2500, 1)
  await before.write(removal(['a7'], passport))
  await before.close()
  tamper(path, 'DELETE FROM gone_1')
  const store = await opened(t, path, { passport })
  await added(store, 'b', 1, 2)
  assert.deepEqual(await store.verify(), [])
  assert.equal((await store.info()).index, 'fresh')
  await assertExact(store)
})

test('more vectors than are coded together are coded in runs, and a source across two stays removed from both', async (t) => {
  const store = await openSqliteStore(':memory:', { passport })
  t.after(() => store.close())
  const sources = [
    ...named('a', 32_760),
    sampleSource(
      'wide',
      Array.from({ length: 20 }, () => 'x'),
    ),
    ...named('b', 2500),
  ]
  await store.asWriter(() => store.write(sampleBatch(sources, passport, 1)))
  assert.equal((await store.info()).index, 'fresh')
  for (const topK of [1, 20]) assert.deepEqual(await store.nearest(queries, { topK }), await byBruteForce(store, topK))
  // So many that the first run is coded anew.
  const worn = Array.from({ length: 8200 }, (_, i) => `a${i}`)
  await store.asWriter(() => store.write(removal(['wide', ...worn], passport)))
  assert.deepEqual(await store.verify(), [])
  assert.deepEqual(await store.nearest(queries, { topK: 20 }), await byBruteForce(store, 20))
})

test('writes of this process while it codes leave no codes of rows that are gone', async (t) => {
  const store = await openSqliteStore(':memory:', { passport })
  t.after(() => store.close())
  await store.write(sampleBatch(named('a', 3000), passport, 1))
  const removeSome = async () => {
    for (let i = 0; i < 100; i++) {
      await new Promise((resolve) => setImmediate(resolve))
      await store.write(removal([`a${i}`], passport))
    }
  }
  let removing: Promise<void> | undefined
  await store.asWriter(async () => {
    // One of them comes between the reading of the vectors and the writing of their codes.
    removing = removeSome()
  })
  await removing
  assert.deepEqual(await store.verify(), [])
  await added(store, 'b', 2100, 2)
  assert.deepEqual(await store.verify(), [])
  assert.equal((await store.info()).index, 'fresh')
  await assertExact(store)
})
