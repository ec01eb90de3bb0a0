import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { toMatrix } from '../spec/matrix.ts'
import { fuzzyUnion, memberships, type SparseRows, toSparseRows } from './fuzzy-set.ts'
import { neighboursWithin } from './neighbour-distances.ts'
import { trustworthiness } from './trustworthiness.ts'
import { affinities } from './tsne-affinities.ts'
import { fitCurve } from './umap-curve.ts'
import { WordVectors } from './word-vectors.ts'

interface Reference {
  rows: number[][]
  curves: [number, number, number, number][]
  umapGraph: number[][]
  tsneAffinities: number[][]
  trustworthiness: Record<string, number>
  mostSimilar: [string, number][]
}

const reference: Reference = JSON.parse(
  readFileSync(new URL('../../test/reference/maps/maps.json', import.meta.url), 'utf8'),
)
const matrix = toMatrix(reference.rows)

function largestDifference(graph: SparseRows, expected: readonly (readonly number[])[]): number {
  const dense = expected.map((row) => Float64Array.from(row))
  for (let i = 0; i < graph.rows; i++)
    for (let e = graph.starts[i]!; e < graph.starts[i + 1]!; e++) dense[i]![graph.columns[e]!]! -= graph.weights[e]!
  return Math.max(...dense.flatMap((row) => Array.from(row, Math.abs)))
}

test('the fuzzy graph is the one umap-learn builds', async () => {
  const neighbours = await neighboursWithin(matrix, { k: 9, metric: 'l2', threads: 1 })
  const graph = fuzzyUnion(toSparseRows(neighbours, memberships(neighbours)))
  assert.ok(largestDifference(graph, reference.umapGraph) < 2e-4)
})

test('the curve is the one umap-learn fits', () => {
  for (const [spread, minDist, a, b] of reference.curves) {
    const fitted = fitCurve(spread, minDist)
    assert.ok(Math.abs(fitted.a - a) < 2e-6 && Math.abs(fitted.b - b) < 2e-6, `${fitted.a}, ${fitted.b}`)
  }
})

test('the affinities are the ones of openTSNE', async () => {
  const neighbours = await neighboursWithin(matrix, { k: 24, metric: 'l2', threads: 1 })
  assert.ok(largestDifference(affinities(neighbours, 8), reference.tsneAffinities) < 1e-7)
})

test('trustworthiness is the one of scikit-learn', async () => {
  const layout = toMatrix(reference.rows.map((row) => row.slice(0, 2)))
  for (const [nNeighbors, expected] of Object.entries(reference.trustworthiness)) {
    const { score } = await trustworthiness(matrix, layout, { nNeighbors: Number(nNeighbors) })
    assert.ok(Math.abs(score - expected) < 1e-9, `${nNeighbors}: ${score}, expected ${expected}`)
  }
})

test('the most similar words are the ones of gensim, with its cosines', () => {
  const words = ['king', 'queen', 'man', 'woman', 'apple', 'pear']
  const vectors = new WordVectors(words, toMatrix(reference.rows.slice(0, 6)))
  const found = vectors.mostSimilar({ positive: ['king', 'woman'], negative: ['man'], topK: 3 })
  assert.deepEqual(
    found.map(({ word }) => word),
    reference.mostSimilar.map(([word]) => word),
  )
  for (const [i, { score }] of found.entries()) assert.ok(Math.abs(score - reference.mostSimilar[i]![1]) < 1e-6)
})
