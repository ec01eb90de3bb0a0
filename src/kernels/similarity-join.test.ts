import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeSet, type SetName } from '../../test/support/adversarial-sets.ts'
import { InvalidArgumentError, InvalidVectorError } from '../spec/errors.ts'
import { createMatrix, toMatrix } from '../spec/matrix.ts'
import type { Metric } from './metric.ts'
import { type Pairs, similarityJoin } from './similarity-join.ts'

test('pairs within one set are listed once, at the threshold or above it', async () => {
  const matrix = toMatrix([[3, 4], [4, 3], [0, 1], [6, 8]]) // biome-ignore format: rows
  const pairs = await similarityJoin(matrix, undefined, { threshold: 0.96 })
  assert.deepEqual([...pairs.first], [0, 0, 1])
  assert.deepEqual([...pairs.second], [1, 3, 3])
  assert.deepEqual([...pairs.scores], [Math.fround(0.96), 1, Math.fround(0.96)])
  const near = await similarityJoin(matrix, undefined, { threshold: -Math.sqrt(2), metric: 'l2' })
  assert.deepEqual([...near.second], [1])
})

test('pairs across two sets', async () => {
  const a = toMatrix([[1, 0], [0, 1]]) // biome-ignore format: rows
  const pairs = await similarityJoin(a, toMatrix([[2, 0], [0, 3], [1, 1]]), { threshold: 1, metric: 'ip' }) // biome-ignore format: rows
  assert.deepEqual([...pairs.first], [0, 0, 1, 1])
  assert.deepEqual([...pairs.second], [0, 2, 1, 2])
})

test('every engine and number of threads finds the pairs of brute force', async () => {
  const sets: [SetName, Metric, number][] = [
    ['clusters', 'cosine', 0.9],
    ['unlike norms', 'ip', 0.5],
    ['random', 'l2', -1.1],
    ['unlike norms', 'l2', -1e-3],
    ['duplicates', 'cosine', 1],
    ['one dominant dimension', 'ip', 1e6],
  ]
  for (const [i, [name, metric, threshold]] of sets.entries()) {
    const { corpus, queries } = makeSet(name, { rows: 2060, queries: 530, columns: 8 + 3 * i, seed: i })
    for (const b of i % 2 === 0 ? [undefined, queries] : [queries]) {
      const [a, other] = b === undefined ? [corpus, undefined] : [queries, corpus]
      const expected = await similarityJoin(a, other, { threshold, metric, engine: 'typescript' })
      for (const [threads, engine] of [[1, 'simd'], [2, undefined]] as const) // biome-ignore format: one line
        assert.deepEqual(await similarityJoin(a, other, { threshold, metric, threads, engine }), expected, name)
    }
  }
})

test('all rows equal: every pair, more than one part of memory holds', async () => {
  const { corpus } = makeSet('all equal', { rows: 2100, queries: 1, columns: 8, seed: 1 })
  let count = 0
  let last = -1
  const onPairs = async ({ first, second }: Pairs) => {
    count += first.length
    for (let p = 0; p < first.length; p++) {
      const place = (first[p] as number) * 2100 + (second[p] as number)
      assert.ok(place > last)
      last = place
    }
  }
  const result = await similarityJoin(corpus, undefined, { threshold: 0.999, onPairs, threads: 2 })
  assert.equal(count, (2100 * 2099) / 2)
  assert.deepEqual([result.count, result.first.length], [count, 0])
})

test('no rows, zero rows under cosine, bad thresholds and cancellation', async () => {
  assert.equal((await similarityJoin(createMatrix(0, 3), undefined, { threshold: 0.5 })).count, 0)
  await assert.rejects(similarityJoin(createMatrix(2, 3), undefined, { threshold: 0.5 }), InvalidVectorError)
  const rows = toMatrix([[1], [1]])
  for (const threshold of [Number.NaN, Infinity])
    await assert.rejects(similarityJoin(rows, undefined, { threshold }), InvalidArgumentError)
  await assert.rejects(similarityJoin(rows, undefined, { threshold: 1, metric: 'l2' }), /expected a number ≤ 0/)
  const signal = AbortSignal.abort()
  await assert.rejects(similarityJoin(rows, undefined, { threshold: 0.5, signal }), /abort/i)
})
