import assert from 'node:assert/strict'
import { test } from 'node:test'
import { open } from '../open.ts'
import { InvalidArgumentError, InvalidVectorError } from '../spec/errors.ts'
import type { Reranker } from '../spec/reranker.ts'
import { fakeModel } from '../testing/fake-model.ts'

const texts = ['sea and hill', 'tree by the road', 'lamp on the hill', 'road to the sea']

async function collectionOf() {
  const collection = await open(':memory:', { model: fakeModel({ dimensions: 8 }) })
  await collection.add(texts.map((text, i) => ({ id: `r${i}`, text })))
  return collection
}

/** Longer texts are better, whatever is asked. */
const byLength: Reranker = {
  model: 'by-length',
  rerank: async (_query, given) => ({ scores: Float64Array.from(given, (text) => text.length) }),
}

test('a reranker decides the order, the score and the explanation of the candidates', async () => {
  const collection = await collectionOf()
  const plain = await collection.search('sea', { mode: 'semantic', topK: 4 })
  const hits = await collection.search('sea', { mode: 'semantic', topK: 4, rerank: byLength, explain: true })
  assert.deepEqual(
    hits.map(({ score }) => score),
    texts.map((text) => text.length).sort((a, b) => b - a),
  )
  for (const hit of hits) {
    assert.equal(hit.score, hit.text.length)
    const before = plain.findIndex(({ id }) => id === hit.id) + 1
    assert.deepEqual(hit.explain?.rerank, { model: 'by-length', score: hit.score, before })
    assert.equal(hit.percentile, plain[before - 1]?.percentile)
  }
  await collection.close()
})

test('pages are cut after reranking, from the candidates only', async () => {
  const collection = await collectionOf()
  const all = await collection.search('sea', { mode: 'semantic', rerank: byLength })
  const second = await collection.search('sea', { mode: 'semantic', topK: 2, offset: 1, rerank: byLength })
  assert.deepEqual(
    second.map(({ id }) => id),
    all.slice(1, 3).map(({ id }) => id),
  )
  const two = await collection.search('sea', { mode: 'semantic', topK: 2, rerank: byLength, candidates: 2 })
  const first = await collection.search('sea', { mode: 'semantic', topK: 2 })
  assert.deepEqual(new Set(two.map(({ id }) => id)), new Set(first.map(({ id }) => id)))
  await collection.close()
})

test('too few candidates, candidates without a reranker and broken scores are refused', async () => {
  const collection = await collectionOf()
  await assert.rejects(collection.search('sea', { topK: 5, rerank: byLength, candidates: 4 }), InvalidArgumentError)
  await assert.rejects(collection.search('sea', { candidates: 20 }), InvalidArgumentError)
  await assert.rejects(collection.search('sea', { rerank: 'x' as unknown as Reranker }), InvalidArgumentError)
  const giving = (scores: number[]): Reranker => ({
    model: 'm',
    rerank: async () => ({ scores: Float64Array.from(scores) }),
  })
  await assert.rejects(collection.search('sea', { mode: 'semantic', rerank: giving([1]) }), InvalidVectorError)
  await assert.rejects(
    collection.search('sea', { mode: 'semantic', rerank: giving([1, 2, 3, NaN]) }),
    InvalidVectorError,
  )
  await collection.close()
})
