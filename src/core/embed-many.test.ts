import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { InvalidArgumentError, InvalidVectorError, ProviderError } from '../spec/errors.ts'
import { createMatrix, type Matrix, rowOf } from '../spec/matrix.ts'
import { fakeModel } from '../testing/fake-model.ts'
import { type EmbeddingCache, embedMany } from './embed-many.ts'

function memoryCache(): EmbeddingCache & { readonly kept: Map<string, Float32Array> } {
  const kept = new Map<string, Float32Array>()
  return {
    kept,
    cached: async (print, task, digests) => digests.map((digest) => kept.get(`${print}:${task}:${digest}`)),
    cache: async (print, task, digests, vectors) => {
      for (const [i, digest] of digests.entries()) kept.set(`${print}:${task}:${digest}`, rowOf(vectors, i).slice())
    },
  }
}

async function oneByOne(texts: readonly string[]): Promise<Matrix> {
  const model = fakeModel()
  const rows = createMatrix(texts.length, model.passport.dimensions)
  for (const [i, text] of texts.entries())
    rows.data.set((await model.embed([text], { task: 'document' })).vectors.data, i * rows.columns)
  return rows
}

const words = fc.array(fc.constantFrom('sea', 'hill', 'tree', 'road', 'lamp', 'stone'), { minLength: 1, maxLength: 9 })
const someTexts = fc.array(
  words.map((list) => list.join(' ')),
  { maxLength: 60 },
)

test('rows are those of each text embedded alone, in order, whatever the packing', async () => {
  await fc.assert(
    fc.asyncProperty(
      someTexts,
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 9, max: 30 }),
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom('negligible' as const, 'compute' as const),
      async (texts, textsPerCall, tokensPerCall, parallelCalls, cost) => {
        const model = fakeModel({ cost, limits: { tokensPerText: 9, textsPerCall, tokensPerCall, parallelCalls } })
        const { vectors, embedded, reused, usage } = await embedMany(texts, {
          model,
          task: 'document',
          cache: memoryCache(),
        })
        assert.deepEqual(vectors.data, (await oneByOne(texts)).data)
        assert.equal(embedded, new Set(texts).size)
        assert.equal(embedded + reused, texts.length)
        assert.deepEqual(model.calls.flatMap((call) => call.texts).sort(), [...new Set(texts)].sort())
        assert.equal(
          usage.tokens,
          [...new Set(texts)].reduce((sum, text) => sum + text.split(' ').length, 0),
        )
      },
    ),
    { numRuns: 50 },
  )
})

test('a stream of texts gives the same rows as the array', async () => {
  const texts = Array.from({ length: 9000 }, (_, i) => `text ${i % 5000}`)
  async function* stream() {
    yield* texts
  }
  const progress: number[] = []
  const model = fakeModel()
  const streamed = await embedMany(stream(), { model, task: 'document', onProgress: ({ done }) => progress.push(done) })
  const packed = await embedMany(texts, { model, task: 'document' })
  assert.deepEqual(streamed.vectors.data, packed.vectors.data)
  assert.equal(progress.at(-1), 9000)
  assert.deepEqual(
    progress,
    progress.toSorted((a, b) => a - b),
  )
})

test('what the cache knows is not asked again, and roles do not mix in it', async () => {
  const cache = memoryCache()
  const model = fakeModel({ cost: 'paid', queryPrompt: 'query ' })
  const first = await embedMany(['a', 'b'], { model, task: 'document', cache })
  const again = await embedMany(['b', 'a', 'c'], { model, task: 'document', cache })
  assert.deepEqual([again.embedded, again.reused], [1, 2])
  assert.deepEqual(rowOf(again.vectors, 1), rowOf(first.vectors, 0))
  const asQuery = await embedMany(['a'], { model, task: 'query', cache })
  assert.equal(asQuery.embedded, 1)
  assert.notDeepEqual(rowOf(asQuery.vectors, 0), rowOf(first.vectors, 0))
})

test('models of negligible cost leave the cache alone', async () => {
  const cache = memoryCache()
  await embedMany(['a'], { model: fakeModel(), task: 'document', cache })
  assert.equal(cache.kept.size, 0)
})

test('a failing call keeps the calls finished before it, and a second run asks only for the rest', async () => {
  const cache = memoryCache()
  const texts = Array.from({ length: 20 }, (_, i) => `text ${i}`)
  const limits = { textsPerCall: 6, parallelCalls: 3 }
  const failing = fakeModel({
    cost: 'paid',
    limits,
    beforeCall: (call) => {
      if (call === 5) throw new ProviderError('fake', 'down')
    },
  })
  await assert.rejects(embedMany(texts, { model: failing, task: 'document', cache }), ProviderError)
  assert.ok(cache.kept.size >= 10)
  const model = fakeModel({ cost: 'paid', limits })
  const { embedded, reused } = await embedMany(texts, { model, task: 'document', cache })
  assert.equal(reused, 20 - embedded)
  assert.ok(embedded <= 10)
})

test('calls of a paid model that are under way together hold no more texts than one call may', async () => {
  for (const [textsPerCall, parallelCalls] of [
    [96, 4],
    [2048, 4],
    [5, 8],
    [1, 4],
    [Infinity, Infinity],
  ] as const) {
    let underWay = 0
    let most = 0
    const model = fakeModel({
      cost: 'paid',
      limits: { textsPerCall, parallelCalls },
      beforeCall: async (_, texts) => {
        underWay += texts.length
        most = Math.max(most, underWay)
        await new Promise((resolve) => setImmediate(resolve))
        underWay -= texts.length
      },
    })
    const texts = Array.from({ length: 3000 }, (_, i) => `text ${i}`)
    const { vectors } = await embedMany(texts, { model, task: 'document' })
    assert.equal(vectors.rows, 3000)
    assert.ok(most <= Math.min(textsPerCall, 1024) && most >= Math.min(textsPerCall, 1024) / 2, `${most}`)
  }
})

test('a refused text is named, and the other texts of its call are kept', async () => {
  const cache = memoryCache()
  const model = fakeModel({ cost: 'compute', refusesWordless: true, limits: { parallelCalls: 1 } })
  const refused = await embedMany(['one', '…', 'two', '!', 'three'], { model, task: 'document', cache }).catch((e) => e)
  assert.match(refused.message, /^texts\[1\]/)
  assert.equal(cache.kept.size, 3)
})

test('an abort stops before the next call and keeps finished ones', async () => {
  const cache = memoryCache()
  const controller = new AbortController()
  const model = fakeModel({
    cost: 'compute',
    limits: { textsPerCall: 1, parallelCalls: 1 },
    beforeCall: (call) => {
      if (call === 2) controller.abort()
    },
  })
  await assert.rejects(
    embedMany(['a', 'b', 'c', 'd'], { model, task: 'document', cache, signal: controller.signal }),
    (error) => (error as Error).name === 'AbortError',
  )
  assert.deepEqual([cache.kept.size, model.calls.length], [2, 3])
})

test('a text over the window is refused by its place, before anything is sent', async () => {
  const model = fakeModel({ limits: { tokensPerText: 3 }, documentPrompt: 'doc ' })
  await embedMany(['a b'], { model, task: 'document' })
  const sent = model.calls.length
  await assert.rejects(
    embedMany(['a', 'a b c'], { model, task: 'document' }),
    (error) => error instanceof InvalidArgumentError && error.argument === 'texts[1]',
  )
  assert.equal(model.calls.length, sent)
})

test('every answer passes the gate, and a refused answer is not kept', async () => {
  const cache = memoryCache()
  const swaps: ((vectors: Matrix) => Matrix)[] = [
    (vectors) => createMatrix(vectors.rows - 1, vectors.columns),
    (vectors) => ({ ...vectors, data: vectors.data.fill(NaN, 32, 33) }),
    (vectors) => ({ ...vectors, data: vectors.data.fill(0, 0, 32) }),
    (vectors) => ({ ...vectors, data: vectors.data.map((_, i) => vectors.data[i % 32] as number) }),
  ]
  for (const swap of swaps) {
    const model = fakeModel({ cost: 'paid', afterCall: ({ vectors, usage }) => ({ vectors: swap(vectors), usage }) })
    await assert.rejects(
      embedMany(['one', 'two'], { model, task: 'document', cache, onNoVector: 'skip' }),
      InvalidVectorError,
    )
  }
  assert.equal(cache.kept.size, 0)
})

test('texts without a vector are named and never given one, or refused', async () => {
  const model = fakeModel({ refusesWordless: true })
  const texts = ['sea', '!', 'hill', '!', '?']
  const { vectors, without } = await embedMany(texts, { model, task: 'document', onNoVector: 'skip' })
  assert.deepEqual(without, [1, 3, 4])
  assert.ok(rowOf(vectors, 1).every((value) => value === 0))
  assert.deepEqual(rowOf(vectors, 2), rowOf((await embedMany(['hill'], { model, task: 'document' })).vectors, 0))
  await assert.rejects(
    embedMany(texts, { model, task: 'document' }),
    (error) => error instanceof InvalidVectorError && error.row === 1,
  )
})

test('no texts give no rows and no call', async () => {
  const model = fakeModel()
  const { vectors } = await embedMany([], { model, task: 'query' })
  assert.deepEqual([vectors.rows, vectors.columns, model.calls.length], [0, 32, 0])
})
