import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { embedMany } from '../src/core/embed-many.ts'
import { embed } from '../src/embed.ts'
import { type HostedOptions, openaiCompatibleModel, openaiModel } from '../src/providers/index.ts'
import type { ProviderError } from '../src/spec/errors.ts'
import { type FaultServer, type FaultServerOptions, plantedId, startFaultServer } from '../src/testing/index.ts'
import { allOf, memoryCache, plantedKey, virtualClock } from './support/hosted.ts'

const servers: FaultServer[] = []
after(() => Promise.all(servers.map((server) => server.close())))

async function start(serverOptions: FaultServerOptions, modelOptions: HostedOptions = {}) {
  const server = await startFaultServer(serverOptions)
  servers.push(server)
  const options = {
    apiKey: plantedKey,
    baseUrl: server.baseUrl('openai'),
    dimensions: 64,
    clock: virtualClock(),
    ...modelOptions,
  }
  return { server, options, model: await openaiModel('text-embedding-3-small', options) }
}

test('a wrong key is told once, with the remedy and without the key', async () => {
  const message = `Incorrect API key provided: ${plantedKey}`
  const { server, model } = await start({
    faults: () => ({ kind: 'status', status: 401, message, code: 'invalid_api_key' }),
  })
  const error: ProviderError = await embed(['a', 'b'], { model }).catch((reason) => reason)
  assert.equal(error.code, 'provider')
  assert.equal(error.status, 401)
  assert.match(error.message, /invalid_api_key.*Check the API key/)
  assert.ok(!allOf(error).includes(plantedKey))
  assert.equal(server.requests.length, 1)
})

test('a model that a compatible server does not know is told, with the remedy', async () => {
  const { options } = await start({
    faults: () => ({ kind: 'status', status: 404, message: 'no such model', code: 'model_not_found' }),
  })
  const made = openaiCompatibleModel('nobody-knows-it', { ...options, dimensions: undefined })
  await assert.rejects(made, /status 404 \(model_not_found\)\. Check the name of the model/)
})

test('an empty list is no request and no vector', async () => {
  const { server, model } = await start({})
  const matrix = await embed([], { model })
  assert.deepEqual([matrix.rows, matrix.columns], [0, 64])
  assert.equal(server.requests.length, 0)
})

test('an abort in mid-batch keeps the calls that were answered, and the next run asks only for the rest', async () => {
  const controller = new AbortController()
  const { server, model } = await start(
    {
      onRequest: (request) => {
        if (request === 5) controller.abort(new Error('enough'))
      },
    },
    { parallelCalls: 2 },
  )
  const small = { ...model, limits: { ...model.limits, textsPerCall: 20 } }
  const texts = Array.from({ length: 200 }, (_, i) => `text number ${i}`)
  const cache = memoryCache()
  const options = { model: small, task: 'document', cache } as const
  await assert.rejects(embedMany(texts, { ...options, signal: controller.signal }), /enough/)
  assert.ok(cache.rows.size >= 40 && cache.rows.size < 200, String(cache.rows.size))
  const kept = cache.rows.size
  const { embedded, vectors } = await embedMany(texts, options)
  assert.equal(embedded, 200 - kept)
  assert.equal(new Set(texts.map(plantedId)).size, vectors.rows)
  const again = [...server.meter.texts.values()].reduce((sum, times) => sum + times - 1, 0)
  assert.ok(again <= 20, `${again} paid again`)
})

test('a hundred thousand equal texts are one', async () => {
  const { server, model } = await start({})
  const { vectors, reused } = await embedMany(
    Array.from({ length: 100_000 }, () => 'the same text'),
    { model, task: 'document' },
  )
  assert.deepEqual([vectors.rows, reused, server.meter.texts.size], [100_000, 99_999, 1])
})
