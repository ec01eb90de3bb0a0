import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, test } from 'node:test'
import { embedMany } from '../src/core/embed-many.ts'
import { embed } from '../src/embed.ts'
import { open } from '../src/open.ts'
import {
  cohereModel,
  knownHostedModels,
  ollamaModel,
  openaiCompatibleModel,
  openaiModel,
  voyageModel,
} from '../src/providers/index.ts'
import { namedModel, namedReranker } from '../src/registry.ts'
import type { VecinoError } from '../src/spec/errors.ts'
import { rowOf } from '../src/spec/matrix.ts'
import { plantedId, readPlantedId, startFaultServer, type WireContract } from '../src/testing/index.ts'
import { allOf, plantedKey, virtualClock } from './support/hosted.ts'

const server = await startFaultServer({ dimensions: 64 })
after(() => server.close())

function to(contract: WireContract, more: object = {}) {
  return { apiKey: plantedKey, baseUrl: server.baseUrl(contract), clock: virtualClock(), ...more }
}

function lastRequest() {
  const request = server.requests.at(-1)
  assert.ok(request)
  return request
}

const isCode = (code: string, pattern: RegExp) => (error: VecinoError) => {
  assert.equal(error.code, code, error.message)
  assert.match(error.message, pattern)
  return true
}

test('OpenAI is asked for floats of the dimensions wanted, with the key as a bearer', async () => {
  const model = await openaiModel('text-embedding-3-small', to('openai', { dimensions: 64 }))
  const { vectors, usage } = await model.embed(['a cat', 'two dogs run'], { task: 'query' })
  assert.deepEqual(lastRequest().body, {
    model: 'text-embedding-3-small',
    input: ['a cat', 'two dogs run'],
    encoding_format: 'float',
    dimensions: 64,
  })
  assert.equal(lastRequest().headers.authorization, `Bearer ${plantedKey}`)
  assert.equal(usage.tokens, 5)
  assert.equal(readPlantedId(rowOf(vectors, 1)), plantedId('two dogs run'))
})

test('OpenAI models that give one size are not sent dimensions', async () => {
  const model = await openaiModel('text-embedding-ada-002', to('openai'))
  assert.equal(model.passport.dimensions, 1536)
  await assert.rejects(model.embed(['a'], { task: 'document' }), isCode('invalid-vector', /1536 dimensions, got 64/))
  assert.deepEqual(lastRequest().body, { model: 'text-embedding-ada-002', input: ['a'], encoding_format: 'float' })
})

test('Ollama is asked not to cut, and texts carry the prompts of the model by role', async () => {
  const nomic = await ollamaModel('nomic-embed-text', {
    ...to('ollama', { dimensions: 64 }),
    apiKey: undefined,
    environment: {},
  })
  await nomic.embed(['a cat'], { task: 'query' })
  assert.deepEqual(lastRequest().body, {
    model: 'nomic-embed-text',
    input: ['search_query: a cat'],
    truncate: false,
    dimensions: 64,
  })
  assert.equal(lastRequest().headers.authorization, undefined)
  for (const [task, prompt] of [
    ['document', 'search_document: '],
    ['clustering', 'clustering: '],
    ['classification', 'classification: '],
    ['similarity', 'search_document: '],
  ] as const) {
    await nomic.embed(['a cat'], { task })
    assert.deepEqual(lastRequest().texts, [`${prompt}a cat`])
  }
  const mxbai = await ollamaModel('mxbai-embed-large:latest', to('ollama', { dimensions: 64 }))
  await mxbai.embed(['a cat'], { task: 'query' })
  assert.deepEqual(lastRequest().texts, ['Represent this sentence for searching relevant passages: a cat'])
  await mxbai.embed(['a cat'], { task: 'document' })
  assert.deepEqual(lastRequest().texts, ['a cat'])
})

test('Cohere is told the role as its input type, and never to cut', async () => {
  const model = await cohereModel('embed-v4.0', to('cohere', { dimensions: 256 }))
  for (const [task, type] of [
    ['document', 'search_document'],
    ['query', 'search_query'],
    ['similarity', 'search_document'],
    ['classification', 'classification'],
    ['clustering', 'clustering'],
  ] as const) {
    await model.embed(['a cat'], { task })
    assert.deepEqual(lastRequest().body, {
      model: 'embed-v4.0',
      texts: ['a cat'],
      input_type: type,
      embedding_types: ['float'],
      truncate: 'NONE',
      output_dimension: 256,
    })
  }
  assert.equal(model.limits.textsPerCall, 96)
})

test('Voyage is told the role as its input type, and never to cut', async () => {
  const model = await voyageModel('voyage-4', to('voyage', { dimensions: 256 }))
  for (const [task, type] of [
    ['document', 'document'],
    ['query', 'query'],
    ['clustering', null],
  ] as const) {
    await model.embed(['a cat'], { task })
    assert.deepEqual(lastRequest().body, {
      model: 'voyage-4',
      input: ['a cat'],
      input_type: type,
      truncation: false,
      output_dimension: 256,
    })
  }
  assert.equal(model.limits.textsPerCall, 128)
})

test('an unknown model of a compatible server is asked once for its dimensions, and not where they are known', async () => {
  const options = to('openai', { apiKey: undefined, environment: {} })
  const model = await openaiCompatibleModel('my-own-model', options)
  assert.equal(model.passport.dimensions, 64)
  const before = server.requests.length
  await openaiCompatibleModel('my-own-model', { ...options, passport: model.passport })
  await openaiCompatibleModel('BAAI/bge-m3', options)
  assert.equal(server.requests.length, before)
})

test('an unknown model of Ollama tells its window and dimensions itself', async () => {
  const model = await ollamaModel('my-own-model', to('ollama', { environment: {} }))
  assert.equal(model.passport.dimensions, 64)
  assert.equal(model.limits.tokensPerText, 512)
})

test('dimensions that a model does not give are refused', async () => {
  const refused = isCode('invalid-argument', /options\.dimensions/)
  await assert.rejects(openaiModel('text-embedding-3-small', to('openai', { dimensions: 1537 })), refused)
  await assert.rejects(openaiModel('text-embedding-ada-002', to('openai', { dimensions: 512 })), refused)
  await assert.rejects(cohereModel('embed-v4.0', to('cohere', { dimensions: 300 })), refused)
  await assert.rejects(voyageModel('voyage-4', to('voyage', { dimensions: 0 })), refused)
})

test('a chat model asked for vectors is explained, with a real embedder as the remedy', async () => {
  const explained = isCode('unsupported', /chat model.*Take .*text-embedding-3-small|chat model.*Take .*embed/)
  await assert.rejects(openaiModel('gpt-4o', to('openai')), explained)
  await assert.rejects(ollamaModel('llama3.2:3b', to('ollama')), explained)
  await assert.rejects(openaiCompatibleModel('meta-llama/Llama-3.1-8B-Instruct', to('openai')), explained)
  await assert.rejects(cohereModel('command-r-plus', to('cohere')), explained)
  for (const name of ['gpt-4o', 'claude-sonnet-4', 'anthropic:claude-sonnet-4', 'openai:o3', 'ollama:llama3'])
    await assert.rejects(namedModel(name), explained, name)
  const chat = await startFaultServer({ capabilities: ['completion'] })
  await assert.rejects(ollamaModel('some-writer', to('ollama', { baseUrl: chat.url })), explained)
  await chat.close()
})

test('embedders whose names hold a chat model are taken', async () => {
  for (const name of [
    'Qwen/Qwen3-Embedding-0.6B',
    'intfloat/e5-mistral-7b-instruct',
    'embeddinggemma',
    'llama-embed-nemotron-8b',
  ])
    await openaiCompatibleModel(name, to('openai', { dimensions: 64 }))
})

test('a missing key is an error that names its variable', async () => {
  const environment = {}
  const names = (variable: string) => isCode('invalid-argument', new RegExp(`^${variable}: expected an API key`))
  await assert.rejects(openaiModel('text-embedding-3-small', { environment }), names('OPENAI_API_KEY'))
  await assert.rejects(cohereModel('embed-v4.0', { environment }), names('COHERE_API_KEY'))
  await assert.rejects(voyageModel('voyage-4', { environment: { VOYAGE_API_KEY: ' ' } }), names('VOYAGE_API_KEY'))
  await assert.rejects(
    openaiCompatibleModel('m', { environment }),
    isCode('invalid-argument', /^OPENAI_COMPATIBLE_BASE_URL/),
  )
})

test('a key or address that no header or URL can take is refused without being shown', async () => {
  const bad = [
    { apiKey: `${plantedKey}\r\nx: y` },
    { apiKey: `${plantedKey}é` },
    { baseUrl: `http://user:${plantedKey}@x/` },
    { baseUrl: `${plantedKey}` },
  ]
  for (const options of bad)
    await assert.rejects(
      openaiModel('text-embedding-3-small', { ...to('openai'), ...options }),
      (error: VecinoError) => {
        assert.equal(error.code, 'invalid-argument')
        assert.ok(!allOf(error).includes(plantedKey))
        return true
      },
    )
  await assert.rejects(
    namedModel(`openai:text-embedding-3-small?key=${plantedKey}`),
    (error) => !allOf(error).includes(plantedKey),
  )
})

test('a text that is too long or empty is refused before anything is sent', async () => {
  const model = await cohereModel('embed-english-v3.0', to('cohere'))
  const before = server.requests.length
  await assert.rejects(
    model.embed(['word '.repeat(600)], { task: 'document' }),
    isCode('invalid-argument', /at most 512 tokens/),
  )
  await assert.rejects(model.embed(['a', ' '], { task: 'document' }), isCode('invalid-vector', /texts\[1\]/))
  await assert.rejects(
    model.embed(
      Array.from({ length: 97 }, () => 'a'),
      { task: 'document' },
    ),
    isCode('invalid-argument', /at most 96/),
  )
  assert.equal((await model.embed([], { task: 'document' })).vectors.rows, 0)
  assert.equal(server.requests.length, before)
})

test('names find hosted models, and say what to write where they do not', async () => {
  const restore = withEnvironment({ OPENAI_API_KEY: plantedKey, OPENAI_BASE_URL: server.baseUrl('openai') })
  try {
    const vectors = await embed(['a cat'], { model: 'openai:text-embedding-3-small?dimensions=64' })
    assert.equal(vectors.passport?.provider, 'openai')
    assert.equal(readPlantedId(rowOf(vectors, 0)), plantedId('a cat'))
    await assert.rejects(
      namedModel('text-embedding-3-small'),
      isCode('not-found', /Write openai:text-embedding-3-small/),
    )
    await assert.rejects(namedModel('nomic-embed-text'), isCode('not-found', /Write ollama:nomic-embed-text/))
    await assert.rejects(namedModel('acme:model'), isCode('not-found', /begin with openai:/))
    for (const name of ['cohere:', 'openai:rerank', 'nowhere'])
      await assert.rejects(
        namedReranker(name),
        isCode('not-found', /a hosted one: openai-compatible:…, cohere:…, voyage:…\./),
      )
    await assert.rejects(namedModel('openai:'), isCode('invalid-argument', /openai:<model>/))
    await assert.rejects(namedModel('openai:text-embedding-9'), isCode('invalid-argument', /text-embedding-3-small/))
  } finally {
    restore()
  }
})

test('a collection made by a hosted model opens again by its remembered name, also without a key', async (t) => {
  const { mkdtempSync, rmSync } = await import('node:fs')
  const { tmpdir } = await import('node:os')
  const { join } = await import('node:path')
  const folder = mkdtempSync(join(tmpdir(), 'vecino-hosted-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'docs.vecino')
  const restore = withEnvironment({ OPENAI_API_KEY: plantedKey, OPENAI_BASE_URL: server.baseUrl('openai') })
  try {
    const made = await open(path, { model: 'openai:text-embedding-3-small?dimensions=64' })
    await made.add([
      { id: 'a', text: 'the cat sat on the mat' },
      { id: 'b', text: 'ships sail over the sea' },
    ])
    await made.close()
    const again = await open(path)
    const [hit] = await again.search('the cat sat on the mat', { mode: 'semantic', topK: 1 })
    assert.equal(hit?.id.split('#')[0], 'a')
    await again.close()
    await assert.rejects(open(path, { model: 'starter' }), isCode('passport-mismatch', /provider "openai" here/))

    delete process.env['OPENAI_API_KEY']
    const keyless = await open(path)
    assert.equal((await keyless.search('ships', { mode: 'keyword' })).length, 1)
    await assert.rejects(keyless.search('ships'), isCode('invalid-argument', /^OPENAI_API_KEY/))
    await keyless.close()

    process.env['OPENAI_API_KEY'] = plantedKey
    server.setWeights(1)
    const swapped = await open(path)
    await assert.rejects(
      swapped.search('a question never asked'),
      isCode('passport-mismatch', /behind this name has changed/),
    )
    await swapped.close()
  } finally {
    server.setWeights(0)
    restore()
  }
})

test('calls of a hosted model that are under way together fill one call of its limits', async () => {
  const model = await cohereModel('embed-v4.0', to('cohere', { dimensions: 256 }))
  const before = server.requests.length
  const texts = Array.from({ length: 200 }, (_, i) => `text number ${i}`)
  const { vectors } = await embedMany(texts, { model, task: 'document' })
  assert.deepEqual(
    server.requests
      .slice(before)
      .map(({ texts }) => texts.length)
      .sort((a, b) => a - b),
    [8, ...Array.from({ length: 8 }, () => 24)],
  )
  for (const [i, text] of texts.entries()) assert.equal(readPlantedId(rowOf(vectors, i)), plantedId(text))
})

test('the documented limits and prices are those of the table', () => {
  const page = readFileSync(new URL('../docs/models.md', import.meta.url), 'utf8')
  const rows = page
    .slice(page.indexOf('## Limits and prices'))
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim()))
  for (const { model, dimensions, maxTokens, usdPerMillionTokens, pricedOn } of knownHostedModels) {
    const names = [model, `…${model.slice(model.indexOf('-'))}`]
    const row = rows.find(([, name = '']) =>
      names.some((one) => name.includes(`:${one}\``) || name.includes(`\`${one}\``)),
    )
    assert.ok(row, model)
    assert.equal(Number.parseInt(row[2] as string, 10), dimensions, model)
    assert.equal(row[3], maxTokens.toLocaleString('en'), model)
    assert.equal(row[4], usdPerMillionTokens?.toFixed(2) ?? 'none published', model)
    assert.equal(row[5], pricedOn, model)
  }
})

function withEnvironment(values: Record<string, string>): () => void {
  const before = Object.keys(values).map((name) => [name, process.env[name]] as const)
  Object.assign(process.env, values)
  return () => {
    for (const [name, value] of before)
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
  }
}
