import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMatrix } from '../../spec/matrix.ts'
import { sampleBatch, samplePassport, sampleSource, sampleVectors } from '../../testing/store-samples.ts'
import { openSqliteStore } from './store.ts'

test('many queries get the answers that one gets, to the last bit, also once the rows are coded', async (t) => {
  const passport = samplePassport({ dimensions: 16 })
  const store = await openSqliteStore(':memory:', { passport })
  t.after(() => store.close())
  const put = Array.from({ length: 2500 }, (_, i) => sampleSource(`s${i}`, ['x'], { metadata: { odd: i % 2 === 1 } }))
  const batch = sampleBatch(put, passport)
  // Equal vectors, so that there are ties.
  batch.vectors.data.copyWithin(0, 16 * 1000, 16 * 1100)
  await store.write(batch)
  const queries = sampleVectors(30, passport, 5)
  const one = (row: number) => createMatrix(1, 16, queries.data.slice(row * 16, (row + 1) * 16), passport)
  for (const filter of [undefined, { field: 'odd', eq: true }]) {
    const alone = []
    for (let row = 0; row < queries.rows; row++) alone.push(...(await store.nearest(one(row), { topK: 20, filter })))
    for (let round = 0; round < 5; round++) assert.deepEqual(await store.nearest(queries, { topK: 20, filter }), alone)
  }
  const all = await store.nearest(one(0), { topK: 10_000 })
  assert.equal(all[0]?.keys.length, 2500)
  await store.write(sampleBatch([sampleSource('new', ['x'])], passport, 77))
  assert.equal((await store.nearest(one(0), { topK: 10_000 }))[0]?.keys.length, 2501)
})
