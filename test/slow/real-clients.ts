/**
 * The providers' own clients and the AI SDK over the wire, beside our providers, against one server that speaks their
 * contracts: both send the same bodies and get the same vectors. The clients are installed into a folder of their own,
 * at pinned versions and without their scripts; without a registry the suite says so and is skipped.
 *
 * node test/slow/real-clients.ts
 */
import assert from 'node:assert/strict'
import { embed } from '../../src/embed.ts'
import {
  cohereModel,
  cohereReranker,
  fromAiSdk,
  fromAiSdkReranker,
  ollamaModel,
  openaiModel,
  toAiSdk,
  voyageModel,
  voyageReranker,
} from '../../src/providers/index.ts'
import { type Matrix, rowOf } from '../../src/spec/matrix.ts'
import type { EmbeddingModel } from '../../src/spec/model.ts'
import { fakeModel, plantedId, readPlantedId, startFaultServer } from '../../src/testing/index.ts'
import { ClientPackages } from './support/client-packages.ts'
import { Ledger } from './support/harness.ts'

const versions = {
  openai: '7.55.0',
  ollama: '0.6.4',
  'cohere-ai': '8.1.0',
  voyageai: '0.4.0',
  ai: '7.0.173',
  '@ai-sdk/openai': '4.0.118',
  '@ai-sdk/cohere': '4.0.52',
}
const clients = new ClientPackages('real-clients', versions)
const reason = clients.install()
if (reason !== undefined) {
  console.log(`skipped: the clients cannot be installed (${reason})`)
  process.exit(0)
}
const load = (name: string) => clients.load(name)

const ledger = new Ledger()
const server = await startFaultServer({ dimensions: 256 })
const key = 'sk-planted-9f8e7d6c5b4a'
const texts = ['a cat sat', 'two dogs run', 'ünïcode 東京 🙂', 'line\nbreaks "and" quotes']
const lastBody = () => server.requests.at(-1)?.body

/** Every row is that of its text. */
function assertRows(rows: readonly ArrayLike<number>[]) {
  assert.equal(rows.length, texts.length)
  for (const [i, text] of texts.entries())
    assert.equal(readPlantedId(rows[i] as ArrayLike<number>), plantedId(text), `row ${i}`)
}

function rowsOf(matrix: Matrix): Float32Array[] {
  return Array.from({ length: matrix.rows }, (_, i) => rowOf(matrix, i))
}

/** The client's body is ours, field by field, and both get the rows of their texts. */
async function same(theirs: () => Promise<readonly ArrayLike<number>[]>, ours: EmbeddingModel) {
  assertRows(await theirs())
  const body = lastBody()
  assertRows(rowsOf((await ours.embed(texts, { task: 'document' })).vectors))
  assert.deepEqual(lastBody(), body)
}

await ledger.trial('openai', async () => {
  const { default: OpenAI } = await load('openai')
  const client = new OpenAI({ apiKey: key, baseURL: server.baseUrl('openai') })
  const model = 'text-embedding-3-small'
  const ours = await openaiModel(model, { apiKey: key, baseUrl: server.baseUrl('openai'), dimensions: 256 })
  const ask = async (more: object) => {
    const { data } = await client.embeddings.create({ model, input: texts, dimensions: 256, ...more })
    return data.map((item: { embedding: number[] }) => item.embedding)
  }
  await same(() => ask({ encoding_format: 'float' }), ours)
  // What it asks for unless told otherwise is base64, which must decode to the same.
  assertRows(await ask({}))
  assert.equal((lastBody() as { encoding_format: string }).encoding_format, 'base64')
})

await ledger.trial('ollama', async () => {
  const { Ollama } = await load('ollama')
  const client = new Ollama({ host: server.url })
  const model = 'all-minilm'
  const ours = await ollamaModel(model, { baseUrl: server.url, dimensions: 256 })
  await same(
    async () => (await client.embed({ model, input: texts, truncate: false, dimensions: 256 })).embeddings,
    ours,
  )
})

await ledger.trial('cohere-ai', async () => {
  const { CohereClientV2, CohereClient } = await load('cohere-ai')
  const client = new (CohereClientV2 ?? CohereClient)({ token: key, environment: server.url })
  const model = 'embed-v4.0'
  const ours = await cohereModel(model, { apiKey: key, baseUrl: server.baseUrl('cohere'), dimensions: 256 })
  await same(
    async () =>
      (
        await client.embed({
          model,
          texts,
          inputType: 'search_document',
          embeddingTypes: ['float'],
          truncate: 'NONE',
          outputDimension: 256,
        })
      ).embeddings.float,
    ours,
  )
  const question = { model: 'rerank-v3.5', query: 'cat', documents: texts, maxTokensPerDoc: 4096 }
  const { results } = await client.rerank(question)
  const body = lastBody()
  const reranker = cohereReranker('rerank-v3.5', { apiKey: key, baseUrl: server.baseUrl('cohere') })
  const { scores } = await reranker.rerank('cat', texts)
  assert.deepEqual(lastBody(), body)
  for (const { index, relevanceScore } of results) assert.equal(scores[index], relevanceScore)
})

await ledger.trial('voyageai', async () => {
  const { VoyageAIClient } = await load('voyageai')
  const client = new VoyageAIClient({ apiKey: key, environment: server.baseUrl('voyage') })
  const model = 'voyage-4'
  const ours = await voyageModel(model, { apiKey: key, baseUrl: server.baseUrl('voyage'), dimensions: 256 })
  await same(async () => {
    const asked = { model, input: texts, inputType: 'document', truncation: false, outputDimension: 256 }
    const { data } = await client.embed(asked)
    return data.map((item: { embedding: number[] }) => item.embedding)
  }, ours)
  const { data } = await client.rerank({ model: 'rerank-2.5', query: 'cat', documents: texts, truncation: false })
  const body = lastBody()
  const reranker = voyageReranker('rerank-2.5', { apiKey: key, baseUrl: server.baseUrl('voyage') })
  const { scores } = await reranker.rerank('cat', texts)
  assert.deepEqual(lastBody(), body)
  for (const { index, relevanceScore } of data) assert.equal(scores[index], relevanceScore)
})

await ledger.trial('ai: its OpenAI model as ours, and its own call beside ours', async () => {
  const [{ embedMany }, { createOpenAI }] = [await load('ai'), await load('@ai-sdk/openai')]
  const theirs = createOpenAI({ apiKey: key, baseURL: server.baseUrl('openai') }).textEmbeddingModel(
    'text-embedding-3-small',
  )
  const ours = await fromAiSdk(theirs, { dimensions: 256 })
  await same(
    async () =>
      (await embedMany({ model: theirs, values: texts, providerOptions: { openai: { dimensions: 256 } } })).embeddings,
    ours,
  )
})

await ledger.trial('ai: its Cohere model and reranker as ours tell the role', async () => {
  const { createCohere } = await load('@ai-sdk/cohere')
  const cohere = createCohere({ apiKey: key, baseURL: `${server.url}/v2` })
  const ours = await fromAiSdk(cohere.textEmbeddingModel('embed-v4.0'), { dimensions: 256 })
  for (const task of ['document', 'query'] as const) {
    assertRows(rowsOf(await embed(texts, { model: ours, task })))
    assert.equal((lastBody() as { input_type: string }).input_type, `search_${task}`)
    assert.equal((lastBody() as { output_dimension: number }).output_dimension, 256)
  }
  const reranker = fromAiSdkReranker(cohere.reranking('rerank-v3.5'))
  assert.equal((await reranker.rerank('cat', texts)).scores.length, texts.length)
})

await ledger.trial('ai: embed, embedMany and a model of ours', async () => {
  const { embed: embedOne, embedMany } = await load('ai')
  const model = fakeModel({ limits: { textsPerCall: 3 } })
  const ours = toAiSdk(model)
  const expected = rowsOf(await embed(texts, { model })).map((row) => Array.from(row))
  const { embeddings, usage } = await embedMany({ model: ours, values: texts })
  assert.deepEqual(embeddings, expected)
  assert.ok(Number.isFinite(usage.tokens))
  const options = { vecino: { task: 'query' } }
  assert.equal((await embedOne({ model: ours, value: 'a cat', providerOptions: options })).embedding.length, 32)
  assert.equal(model.calls.at(-1)?.task, 'query')
})

await server.close()
ledger.close()
