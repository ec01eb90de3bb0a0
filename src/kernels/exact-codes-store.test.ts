import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeSet } from '../../test/support/adversarial-sets.ts'
import { rowOf } from '../spec/matrix.ts'
import { topK } from './compare.ts'
import { sampleIds, trainBasis } from './exact-basis.ts'
import { CodeStore } from './exact-codes-store.ts'
import { Arena } from './wasm/arena.ts'
import { features } from './wasm/features.ts'
import { Pool } from './wasm/pool.ts'

async function storeOf(rows: number, before: number) {
  const { corpus, queries } = makeSet('random', { rows, queries: 5, columns: 16, seed: 2 })
  const arena = new Arena()
  arena.alloc(before)
  const basis = await trainBasis(corpus, { metric: 'ip', rows, unit: 1, nibbles: false, engine: 'simd' })
  const store = await CodeStore.create(basis, arena, new Pool(arena, 1), 'simd')
  await store.append(corpus, rows)
  const prepared = Array.from({ length: 5 }, (_, i) => Float64Array.from(rowOf(queries, i)))
  const found = await store.candidates(prepared, { topK: 4, allowed: undefined, excluded: [] })
  return { found, expected: topK(queries, corpus, { topK: 4, metric: 'ip' }).ids, arena }
}

test('the candidates hold the whole answer and leave out most rows', async () => {
  const { found, expected } = await storeOf(2000, 0)
  for (const [i, ids] of found.entries()) {
    assert.ok(ids !== undefined && ids.length < 200)
    for (const id of expected.subarray(i * 4, i * 4 + 4)) assert.ok(ids.includes(id))
  }
})

test('one instruction a product or several, in bytes and in nibbles: the same candidates', {
  skip: features().relaxedSimd ? false : 'no relaxed SIMD in this runtime',
}, async () => {
  const { corpus, queries } = makeSet('clusters', { rows: 3000, queries: 5, columns: 48, seed: 4 })
  const prepared = Array.from({ length: 5 }, (_, i) => Float64Array.from(rowOf(queries, i)))
  for (const metric of ['ip', 'l2'] as const)
    for (const nibbles of [false, true]) {
      const basis = await trainBasis(corpus, { metric, rows: 3000, unit: 1, nibbles, engine: 'relaxed' })
      const found = []
      for (const fusedDot of [false, true]) {
        const arena = new Arena()
        const store = await CodeStore.create(basis, arena, new Pool(arena, 1), 'relaxed', fusedDot)
        await store.append(corpus, 3000)
        const options = { topK: 4, allowed: undefined, excluded: [] }
        // Alone, two at a time, and more over unpacked nibbles.
        for (const count of [1, 2, 5]) found.push(await store.candidates(prepared.slice(0, count), options))
      }
      assert.ok(found[0]?.[0] !== undefined && found[0][0].length >= 4)
      assert.deepEqual(found.slice(3), found.slice(0, 3))
    }
})

test('codes that lie beyond 2 GB are read as well as those below', async () => {
  const { found, arena } = await storeOf(600, 2 ** 31 + 2 ** 20)
  assert.ok(arena.mark() > 2 ** 31)
  assert.deepEqual(found, (await storeOf(600, 0)).found)
})

test('a sample of ids is ascending, distinct and spread over all rows', () => {
  for (const rows of [0, 1, 1536, 100_000]) {
    const ids = sampleIds(rows)
    assert.equal(new Set(ids).size, ids.length)
    assert.ok(ids.every((id, i) => id < rows && (i === 0 || id > (ids[i - 1] as number))))
  }
})
