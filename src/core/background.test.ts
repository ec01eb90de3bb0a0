import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryStore } from '../../test/support/memory-store.ts'
import { cosineSimilarity } from '../kernels/compare.ts'
import { createMatrix, rowOf } from '../spec/matrix.ts'
import type { Store } from '../spec/store.ts'
import { fakeModel } from '../testing/fake-model.ts'
import { backgroundOf, percentileOf } from './background.ts'
import { foreignQuestions } from './foreign-questions.ts'

const model = fakeModel({ dimensions: 8 })

async function storeOf(sources: readonly (readonly string[])[]): Promise<Store> {
  const store = await memoryStore(model.passport)
  await addTo(store, sources, 's')
  return store
}

async function addTo(store: Store, sources: readonly (readonly string[])[], prefix: string): Promise<void> {
  const texts = sources.flat()
  const { vectors } =
    texts.length === 0 ? { vectors: createMatrix(0, 8) } : await model.embed(texts, { task: 'document' })
  await store.write({
    put: sources.map((passages, i) => ({
      id: `${prefix}${i}`,
      kind: 'record',
      title: undefined,
      digest: '',
      metadata: {},
      file: undefined,
      passages: passages.map((text) => ({
        start: 0,
        end: text.length,
        text,
        line: 1,
        headings: [],
        tokens: 1,
        hasVector: true,
      })),
    })),
    vectors,
    remove: [],
  })
}

test('three passages of two sources, by hand: the two pairs across sources', async () => {
  const store = await storeOf([['a', 'b'], ['c']])
  const vectors = await store.vectors(await store.keys())
  const pairs = [0, 1].map((i) => cosineSimilarity(rowOf(vectors, i), rowOf(vectors, 2))).sort((a, b) => a - b)
  const background = await backgroundOf(store, model, 'passages')
  for (const [i, cosine] of pairs.entries()) assert.ok(Math.abs(background!.cosines[i]! - cosine) < 1e-6)
  assert.ok(Math.abs(background!.mean - (pairs[0]! + pairs[1]!) / 2) < 1e-6)
})

test('a percentile has the digits its pairs support, and none is told from fewer than 100', () => {
  const of = (pairs: number, cosine: number) =>
    percentileOf({ mean: 0, cosines: Float64Array.from({ length: pairs }, (_, i) => i / pairs) }, cosine)
  assert.equal(of(99, 1), undefined)
  assert.equal(of(100, 1), 99)
  assert.equal(of(100, 0), 0)
  assert.equal(of(100, 0.505), 50)
  assert.equal(of(999, 1), 99)
  assert.equal(of(1000, 1), 99.9)
  assert.equal(of(5000, 1), 99.9)
  assert.equal(of(5000, 0.9875), 98.7)
})

test('one source has no background', async () => {
  assert.equal(await backgroundOf(await storeOf([['a', 'b', 'c']]), model, 'passages'), undefined)
  assert.equal(await backgroundOf(await storeOf([]), model, 'passages'), undefined)
})

test('large collections draw 5,000 pairs, the same for the same collection', async () => {
  const sources = Array.from({ length: 300 }, (_, i) => [`text ${i}`])
  const [a, b] = [
    await backgroundOf(await storeOf(sources), model, 'passages'),
    await backgroundOf(await storeOf(sources), model, 'passages'),
  ]
  assert.equal(a!.cosines.length, 5000)
  assert.deepEqual(a, b)
})

test('it is kept, and drawn again once the collection grew by over a fifth', async () => {
  let reads = 0
  const counting = await memoryStore(model.passport, (store) => ({
    vectors: (keys) => {
      reads++
      return store.vectors(keys)
    },
  }))
  await addTo(
    counting,
    Array.from({ length: 20 }, (_, i) => [`text ${i}`]),
    's',
  )
  const first = await backgroundOf(counting, model, 'passages')
  const again = await backgroundOf(counting, model, 'passages')
  assert.equal(reads, 1)
  assert.equal(first!.cosines.length, again!.cosines.length)
  await addTo(counting, [['a'], ['b'], ['c'], ['d']], 'more')
  await backgroundOf(counting, model, 'passages')
  assert.equal(reads, 1)
  await addTo(counting, [['e']], 'last')
  await backgroundOf(counting, model, 'passages')
  assert.equal(reads, 2)
})

test('questions are measured against passages, from one source on', async () => {
  const background = await backgroundOf(await storeOf([['a']]), model, 'questions')
  assert.equal(background!.cosines.length, foreignQuestions.length)
  assert.equal(await backgroundOf(await storeOf([]), model, 'questions'), undefined)
  const many = await storeOf(Array.from({ length: 300 }, (_, i) => [`text ${i}`]))
  assert.equal((await backgroundOf(many, model, 'questions'))!.cosines.length, 5000)
})
