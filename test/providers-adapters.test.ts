import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { embedMany } from '../src/core/embed-many.ts'
import { embed } from '../src/embed.ts'
import {
  type AiSdkEmbeddingModel,
  cohereReranker,
  fromAiSdk,
  fromAiSdkReranker,
  fromLangChain,
  openaiCompatibleReranker,
  toAiSdk,
  toAiSdkReranker,
  toLangChain,
  voyageReranker,
} from '../src/providers/index.ts'
import type { VecinoError } from '../src/spec/errors.ts'
import { rowOf } from '../src/spec/matrix.ts'
import type { Receipt } from '../src/spec/usage.ts'
import { fakeModel, plantedId, plantedVector, readPlantedId, startFaultServer } from '../src/testing/index.ts'
import { plantedRelevance } from '../src/testing/rerank-contracts.ts'
import { allOf, plantedKey, virtualClock } from './support/hosted.ts'

const server = await startFaultServer()
after(() => server.close())

type Asked = Parameters<AiSdkEmbeddingModel['doEmbed']>[0]

/** A model as the AI SDK's providers make them, and what it was asked. */
function aiSdkModel(more: object = {}, answer?: (asked: Asked) => unknown) {
  const calls: Asked[] = []
  const model = {
    specificationVersion: 'v4',
    provider: 'acme.embedding',
    modelId: 'planted',
    maxEmbeddingsPerCall: 10,
    supportsParallelCalls: true,
    async doEmbed(asked: Asked) {
      calls.push(asked)
      return (
        answer?.(asked) ?? {
          embeddings: asked.values.map((text) => plantedVector(text, { dimensions: 64 })),
          usage: { tokens: 3 * asked.values.length },
          warnings: [],
        }
      )
    },
    ...more,
  } as unknown as AiSdkEmbeddingModel
  return { model, calls }
}

const texts = Array.from({ length: 35 }, (_, i) => `text number ${i}`)
const isCode = (code: string, pattern: RegExp) => (error: VecinoError) => {
  assert.equal(error.code, code, String(error))
  assert.match(error.message, pattern)
  return true
}

test('a model of the AI SDK embeds as one of ours: in order, within its limits, with its tokens', async () => {
  for (const specificationVersion of ['v4', 'v3'] as const) {
    const { model, calls } = aiSdkModel({ specificationVersion })
    const ours = await fromAiSdk(model)
    assert.equal(ours.passport.dimensions, 64)
    const receipts: Receipt[] = []
    const vectors = await embed(texts, { model: ours, onReceipt: (one) => receipts.push(one) })
    for (const [i, text] of texts.entries()) assert.equal(readPlantedId(rowOf(vectors, i)), plantedId(text))
    assert.ok(calls.every(({ values }) => values.length <= 10))
    assert.equal(receipts[0]?.tokens, 3 * texts.length)
    assert.equal(receipts[0]?.leftTheMachine, true)
    assert.ok(calls.every((call) => call.dimensions === undefined))
  }
  const { model, calls } = aiSdkModel()
  await (await fromAiSdk(model, { dimensions: 64 })).embed(['a'], { task: 'document' })
  assert.equal(calls[0]?.dimensions, 64)
  const old = aiSdkModel({ specificationVersion: 'v3', provider: 'openai.embedding' })
  await (await fromAiSdk(old.model, { dimensions: 64 })).embed(['a'], { task: 'document' })
  assert.equal(old.calls[0]?.dimensions, undefined)
  assert.deepEqual(old.calls[0]?.providerOptions, { openai: { dimensions: 64 } })
})

test('the role is told in the words of the provider', async () => {
  for (const [provider, document, query] of [
    ['cohere.textEmbedding', { inputType: 'search_document' }, { inputType: 'search_query' }],
    ['voyage.embedding', { inputType: 'document' }, { inputType: 'query' }],
    ['google.generative-ai', { taskType: 'RETRIEVAL_DOCUMENT' }, { taskType: 'RETRIEVAL_QUERY' }],
  ] as const) {
    const { model, calls } = aiSdkModel({ provider })
    const ours = await fromAiSdk(model, { dimensions: 64, providerOptions: { other: { kept: true } } })
    await ours.embed(['a'], { task: 'document' })
    await ours.embed(['a'], { task: 'query' })
    const key = provider.split('.')[0] as string
    for (const [i, expected] of [document, query].entries()) {
      const told = calls[i]?.providerOptions
      for (const [name, value] of Object.entries(expected)) assert.equal(told?.[key]?.[name], value, provider)
      assert.deepEqual(told?.['other'], { kept: true })
    }
  }
})

test('the bytes a call may hold, and options made for each part, are honoured', async () => {
  const parts: string[][] = []
  const { model, calls } = aiSdkModel({
    [Symbol.for('vercel.ai.embeddingModel.maxInputBytesPerCall')]: 30,
    [Symbol.for('vercel.ai.embeddingModel.providerOptionsTransformer')]: ({ values }: { values: string[] }) => {
      parts.push(values)
      return { acme: { count: values.length } }
    },
  })
  const { vectors } = await embedMany(texts, { model: await fromAiSdk(model, { dimensions: 64 }), task: 'document' })
  for (const [i, text] of texts.entries()) assert.equal(readPlantedId(rowOf(vectors, i)), plantedId(text))
  assert.ok(calls.every(({ values }) => Buffer.byteLength(values.join('')) <= 30))
  assert.deepEqual(
    calls.map(({ providerOptions }) => providerOptions?.['acme']?.['count']),
    parts.map((part) => part.length),
  )
})

test('errors of an AI SDK model are tried again where that helps, and hold nothing of what was sent', async () => {
  let left = 2
  const clock = virtualClock()
  const broken = (statusCode: number, isRetryable: boolean) =>
    Object.assign(new Error(`Incorrect key ${plantedKey}`), {
      statusCode,
      isRetryable,
      responseHeaders: { 'retry-after': '4' },
      responseBody: plantedKey,
    })
  const { model, calls } = aiSdkModel({}, () => {
    if (left-- > 0) throw broken(429, true)
    return undefined
  })
  const ours = await fromAiSdk(model, { dimensions: 64, clock })
  await ours.embed(['a'], { task: 'document' })
  assert.equal(calls.length, 3)
  assert.ok(clock.sleeps.every((ms) => ms >= 4000))
  const locked = await fromAiSdk(aiSdkModel({}, () => Promise.reject(broken(401, false))).model, {
    dimensions: 64,
    clock,
  })
  const error = await locked.embed(['a'], { task: 'document' }).catch((reason) => reason)
  assert.match(error.message, /acme\.embedding: expected an answer .* got status 401.*Check the API key/)
  assert.ok(!allOf(error).includes(plantedKey))
})

test('answers of an AI SDK model pass the same door as any', async () => {
  for (const [embeddings, pattern] of [
    [[], /1 vectors, one a text, got 0/],
    [[[1, Number.NaN]], /a vector with a direction, got NaN/],
    [[[1, 2, 3]], /2 dimensions, got 3/],
  ] as const) {
    const { model } = aiSdkModel({}, () => ({ embeddings, warnings: [] }))
    const ours = await fromAiSdk(model, { dimensions: 2, clock: virtualClock() })
    await assert.rejects(ours.embed(['a'], { task: 'document' }), (error: Error) => pattern.test(error.message))
  }
  await assert.rejects(fromAiSdk({} as never), isCode('invalid-argument', /an EmbeddingModelV4 or V3/))
  await assert.rejects(
    fromAiSdk(aiSdkModel().model, { dimension: 3 } as never),
    isCode('invalid-argument', /dimension/),
  )
})

test('one of our models is an EmbeddingModelV4 and V3', async () => {
  const model = fakeModel({ limits: { textsPerCall: 4, tokensPerCall: 100 }, queryPrompt: 'ask ' })
  const v4 = toAiSdk(model)
  assert.equal(v4.specificationVersion, 'v4')
  assert.equal(toAiSdk(model, { specificationVersion: 'v3' }).specificationVersion, 'v3')
  assert.deepEqual([v4.provider, v4.modelId, v4.maxEmbeddingsPerCall], ['vecino.fake', 'words', 4])
  assert.equal(
    (v4 as never as Record<symbol, number>)[Symbol.for('vercel.ai.embeddingModel.maxInputBytesPerCall')],
    100,
  )
  const { embeddings, usage, warnings } = await v4.doEmbed({ values: texts })
  const { vectors } = await embedMany(texts, { model, task: 'document' })
  assert.deepEqual(
    embeddings,
    texts.map((_, i) => Array.from(rowOf(vectors, i))),
  )
  assert.equal(usage.tokens, 3 * texts.length)
  assert.deepEqual(warnings, [])
  await v4.doEmbed({ values: ['a'], providerOptions: { vecino: { task: 'query' } } })
  assert.equal(model.calls.at(-1)?.task, 'query')
  assert.equal((await v4.doEmbed({ values: ['a'], headers: { x: 'y' } })).warnings[0]?.type, 'unsupported')
  await assert.rejects(v4.doEmbed({ values: ['a'], dimensions: 7 }), isCode('unsupported', /dimensions: expected 32/))
  await v4.doEmbed({ values: ['a'], dimensions: 32 })
  await assert.rejects(
    v4.doEmbed({ values: ['a'], providerOptions: { vecino: { tusk: 'query' } } }),
    isCode('invalid-argument', /tusk/),
  )
  const there = await fromAiSdk(toAiSdk(model), { dimensions: 32 })
  const again = await embedMany(texts, { model: there, task: 'document' })
  for (let i = 0; i < texts.length; i++)
    for (const [j, value] of rowOf(again.vectors, i).entries())
      assert.ok(Math.abs(value - (rowOf(vectors, i)[j] as number)) < 1e-6)
})

test('LangChain embeddings work both ways, documents and queries in their roles', async () => {
  const model = fakeModel({ queryPrompt: 'ask ' })
  const theirs = toLangChain(model)
  const documents = await theirs.embedDocuments(texts)
  const query = await theirs.embedQuery('text number 3')
  assert.equal(model.calls.at(-1)?.task, 'query')
  const back = await fromLangChain(theirs, { model: 'words' })
  assert.equal(back.passport.dimensions, 32)
  const { vectors } = await embedMany(texts, { model: back, task: 'document' })
  const asked = await embedMany(['text number 3'], { model: back, task: 'query' })
  const near = (a: ArrayLike<number>, b: ArrayLike<number>) =>
    Array.from(a).every((value, i) => Math.abs(value - (b[i] as number)) < 1e-6)
  assert.ok(texts.every((_, i) => near(rowOf(vectors, i), documents[i] as number[])))
  assert.ok(near(rowOf(asked.vectors, 0), query))
  const failing = { ...theirs, embedDocuments: () => Promise.reject(new Error(plantedKey)) }
  const broken = await fromLangChain(failing, { model: 'm', dimensions: 32 })
  const error = await broken.embed(['a'], { task: 'document' }).catch((reason) => reason)
  assert.equal(error.code, 'provider')
  assert.ok(!allOf(error).includes(plantedKey))
  await assert.rejects(fromLangChain({} as never, { model: 'm' }), isCode('invalid-argument', /embedDocuments/))
})

const passages = ['the cat sat on the mat', 'ships sail over the sea', 'a cat at sea', 'nothing of it']

test('hosted rerankers score every text in its place, and their bodies are those of their contracts', async () => {
  const to = (base: 'cohere' | 'voyage' | 'openai') => ({ apiKey: plantedKey, baseUrl: server.baseUrl(base) })
  for (const [reranker, path, body, usage] of [
    [
      cohereReranker('rerank-v3.5', to('cohere')),
      '/v2/rerank',
      { model: 'rerank-v3.5', query: 'cat sea', documents: passages, max_tokens_per_doc: 4096 },
      { searches: 1 },
    ],
    [
      voyageReranker('rerank-2.5', to('voyage')),
      '/voyage/v1/rerank',
      { model: 'rerank-2.5', query: 'cat sea', documents: passages, truncation: false },
      { tokens: 26 },
    ],
    [
      openaiCompatibleReranker('bge-reranker-base', to('openai')),
      '/v1/rerank',
      { model: 'bge-reranker-base', query: 'cat sea', documents: passages, top_n: 4 },
      { tokens: 26 },
    ],
  ] as const) {
    const answer = await reranker.rerank('cat sea', passages)
    assert.deepEqual(
      Array.from(answer.scores),
      passages.map((text) => plantedRelevance('cat sea', text)),
    )
    assert.deepEqual(answer.usage, usage)
    assert.deepEqual([server.requests.at(-1)?.path, server.requests.at(-1)?.body], [path, body])
    assert.equal(server.requests.at(-1)?.headers.authorization, `Bearer ${plantedKey}`)
  }
})

test('a ranking that is none is refused, and no text is cut', async () => {
  for (const [kind, pattern] of [
    ['one-missing', /4 scores, one a text, got 3/],
    ['one-more', /4 scores, one a text, got 5/],
    ['same-index', /each index once/],
    ['index-out-of-range', /indices from 0 to 3/],
    ['null-values', /finite scores/],
  ] as const) {
    const wrong = await startFaultServer({ faults: () => ({ kind }) })
    const reranker = openaiCompatibleReranker('m', { baseUrl: wrong.baseUrl('openai'), environment: {} })
    await assert.rejects(reranker.rerank('cat sea', passages), isCode('provider', pattern))
    await wrong.close()
  }
  const reranker = openaiCompatibleReranker('m', { baseUrl: server.baseUrl('openai'), environment: {} })
  const before = server.requests.length
  await assert.rejects(
    reranker.rerank('cat', ['a', 'word '.repeat(600)]),
    isCode('invalid-argument', /texts\[1\].*512 tokens/),
  )
  await assert.rejects(reranker.rerank(' ', ['a']), isCode('invalid-argument', /query/))
  assert.equal((await reranker.rerank('cat', [])).scores.length, 0)
  assert.equal(server.requests.length, before)
  assert.throws(() => cohereReranker('rerank-v3.5', { environment: {} }), isCode('invalid-argument', /COHERE_API_KEY/))
})

test('many texts are packed into calls, each score in its place', async () => {
  const reranker = openaiCompatibleReranker('m', { baseUrl: server.baseUrl('openai'), environment: {} })
  const many = Array.from({ length: 250 }, (_, i) => `${i % 3 === 0 ? 'cat ' : ''}number ${i}`)
  const before = server.requests.length
  const { scores } = await reranker.rerank('cat', many)
  assert.equal(server.requests.length - before, 3)
  assert.deepEqual(
    Array.from(scores),
    many.map((_, i) => (i % 3 === 0 ? 1 : 0)),
  )
})

test('rerankers go both ways with the AI SDK', async () => {
  const reranker = openaiCompatibleReranker('m', { baseUrl: server.baseUrl('openai'), environment: {} })
  const v4 = toAiSdkReranker(reranker)
  const { ranking } = await v4.doRerank({ query: 'cat sea', documents: { type: 'text', values: passages }, topN: 3 })
  assert.deepEqual(ranking, [
    { index: 2, relevanceScore: 1 },
    { index: 0, relevanceScore: 0.5 },
    { index: 1, relevanceScore: 0.5 },
  ])
  const objects = { type: 'object' as const, values: passages.map((text) => ({ text })) }
  assert.equal((await v4.doRerank({ query: 'cat sea', documents: objects })).ranking[0]?.index, 2)
  const back = fromAiSdkReranker(v4)
  assert.deepEqual(Array.from((await back.rerank('cat sea', passages)).scores), [0.5, 0.5, 1, 0])
  const broken = fromAiSdkReranker({ ...v4, doRerank: async () => ({ ranking: [{ index: 0, relevanceScore: 1 }] }) })
  await assert.rejects(broken.rerank('cat', passages), isCode('provider', /4 scores, one a text, got 1/))
  assert.throws(() => fromAiSdkReranker({} as never), isCode('invalid-argument', /RerankingModelV4/))
})
