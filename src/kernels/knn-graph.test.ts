import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeSet, type SetName } from '../../test/support/adversarial-sets.ts'
import { InvalidArgumentError, InvalidVectorError } from '../spec/errors.ts'
import { createMatrix, type Matrix, toMatrix } from '../spec/matrix.ts'
import { createIndex } from './exact-index.ts'
import { knnGraph } from './knn-graph.ts'
import type { Metric } from './metric.ts'

async function byBruteForce(matrix: Matrix, k: number, metric: Metric) {
  const index = await createIndex(matrix, { metric, engine: 'typescript' })
  return index.search(matrix, { topK: k, exclude: Int32Array.from({ length: matrix.rows }, (_, i) => i) })
}

test('three points on a line: the nearest others, ties by the smaller id', async () => {
  const graph = await knnGraph(toMatrix([[0], [1], [2]]), { k: 3, metric: 'l2' })
  assert.deepEqual([...graph.ids], [1, 2, -1, 0, 2, -1, 1, 0, -1])
  assert.deepEqual([...graph.scores.subarray(0, 3)], [-1, -2, Number.NaN])
})

test('the graph is that of brute force, on 1 and 2 threads, with and without relaxed SIMD', async () => {
  const sets: [SetName, Metric][] = [
    ['clusters', 'cosine'],
    ['unlike norms', 'l2'],
    ['random', 'ip'],
    ['near-ties', 'cosine'],
    ['duplicates', 'cosine'],
  ]
  for (const [i, [name, metric]] of sets.entries()) {
    const { corpus } = makeSet(name, { rows: 2060, queries: 1, columns: 8 + 3 * i, seed: i })
    const expected = await byBruteForce(corpus, 6, metric)
    for (const [threads, engine] of [
      [1, 'simd'],
      [2, undefined],
    ] as const) {
      const graph = await knnGraph(corpus, { k: 6, metric, threads, engine })
      assert.deepEqual(graph.ids, expected.ids, `${name} ${metric}`)
      assert.deepEqual(graph.scores, expected.scores, `${name} ${metric}`)
    }
  }
})

test('an equal row is a neighbour, the row itself is not', async () => {
  const graph = await knnGraph(toMatrix([[1, 1], [1, 1], [1, 0]]), { k: 1 }) // biome-ignore format: rows
  assert.deepEqual([...graph.ids], [1, 0, 0])
})

test('no rows, one row, zero rows under cosine and bad options', async () => {
  assert.equal((await knnGraph(createMatrix(0, 3))).ids.length, 0)
  assert.deepEqual([...(await knnGraph(toMatrix([[1, 2]]), { k: 2 })).ids], [-1, -1])
  await assert.rejects(knnGraph(createMatrix(2, 3)), InvalidVectorError)
  await assert.rejects(knnGraph(toMatrix([[1]]), { k: 0 }), InvalidArgumentError)
})
