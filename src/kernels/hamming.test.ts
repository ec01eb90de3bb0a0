import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeSet } from '../../test/support/adversarial-sets.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import { createMatrix, toMatrix } from '../spec/matrix.ts'
import { topK } from './compare.ts'
import { createHammingIndex, recallOf } from './hamming.ts'
import { quantize } from './quantize.ts'

test('rows are ranked by the bits that differ, ties by the smaller id', async () => {
  const rows = toMatrix([[1, 1, 1], [-1, 1, 1], [1, -1, 1], [-1, -1, -1]]) // biome-ignore format: rows
  for (const precision of ['binary', 'ubinary'] as const)
    for (const engine of ['typescript', 'simd'] as const) {
      const index = await createHammingIndex(quantize(rows, { precision }), { engine })
      const found = index.search(toMatrix([[2, 3, 4]]), { topK: 5 })
      assert.deepEqual([...found.ids], [0, 1, 2, 3, -1])
      assert.deepEqual([...found.scores], [0, -1, -1, -3, Number.NaN])
      assert.deepEqual([...index.search(rows, { topK: 1, filter: Int32Array.of(2, 3) }).ids], [2, 2, 2, 3])
    }
})

test('both engines agree on any number of dimensions', async () => {
  for (const columns of [1, 7, 64, 130, 1030]) {
    const { corpus, queries } = makeSet('random', { rows: 300, queries: 5, columns, seed: columns })
    const codes = quantize(corpus, { precision: 'ubinary' })
    const expected = (await createHammingIndex(codes, { engine: 'typescript' })).search(queries, { topK: 20 })
    assert.deepEqual((await createHammingIndex(codes)).search(queries, { topK: 20 }), expected)
  }
})

test('rescoring by true scores raises the recall, to 1 when every row is rescored', async () => {
  const { corpus, queries } = makeSet('random', { rows: 1000, queries: 20, columns: 64, seed: 4 })
  const exact = topK(queries, corpus, { topK: 10 })
  const index = await createHammingIndex(quantize(corpus, { precision: 'ubinary' }))
  const recall = (rescoreMultiplier: number) =>
    recallOf(index.search(queries, { topK: 10, rows: corpus, rescoreMultiplier }), exact, 10)
  const plain = recallOf(index.search(queries, { topK: 10 }), exact, 10)
  assert.ok(recall(4) > plain + 0.1, `${plain} → ${recall(4)}`)
  assert.ok(recall(4) > 0.5)
  assert.deepEqual(index.search(queries, { topK: 10, rows: corpus, rescoreMultiplier: 100 }), exact)
})

test('recall counts each query’s neighbours, and padding is no neighbour', () => {
  const nearest = (...ids: number[]) => ({ ids: Int32Array.from(ids), scores: new Float32Array(ids.length) })
  assert.equal(recallOf(nearest(2, 1, 5, -1), nearest(1, 3, 5, -1), 2), 2 / 3)
  assert.equal(recallOf(nearest(-1), nearest(-1), 1), 1)
  assert.throws(() => recallOf(nearest(1), nearest(1, 2), 1), InvalidArgumentError)
})

test('codes that are no bits, and rows that are not theirs, are refused', async () => {
  const rows = toMatrix([[1, 2], [3, 4]]) // biome-ignore format: rows
  await assert.rejects(createHammingIndex(quantize(rows, { precision: 'int8' })), InvalidArgumentError)
  const index = await createHammingIndex(quantize(rows, { precision: 'binary' }))
  assert.throws(() => index.search(createMatrix(1, 3)), InvalidArgumentError)
  assert.throws(() => index.search(rows, { rows: createMatrix(1, 2) }), /expected 2 rows, got 1/)
  assert.throws(() => index.search(rows, { rows, rescoreMultiplier: 0.5 }), InvalidArgumentError)
})
