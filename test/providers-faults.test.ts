import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { embedMany } from '../src/core/embed-many.ts'
import { RunLedger, withLedger } from '../src/core/run-ledger.ts'
import { cohereModel, ollamaModel, openaiModel, voyageModel } from '../src/providers/index.ts'
import { VecinoError } from '../src/spec/errors.ts'
import { rowOf } from '../src/spec/matrix.ts'
import type { EmbeddingModel } from '../src/spec/model.ts'
import {
  type Fault,
  type FaultServer,
  type FaultServerOptions,
  plantedId,
  plantedVector,
  readPlantedId,
  startFaultServer,
  type WireContract,
} from '../src/testing/index.ts'
import { allOf, memoryCache, plantedKey, virtualClock } from './support/hosted.ts'

const servers: FaultServer[] = []
after(() => Promise.all(servers.map((server) => server.close())))

const dimensions = 256
const open = {
  openai: (options: object) => openaiModel('text-embedding-3-small', options),
  ollama: (options: object) => ollamaModel('all-minilm', options),
  cohere: (options: object) => cohereModel('embed-v4.0', options),
  voyage: (options: object) => voyageModel('voyage-4', options),
}

async function start(contract: WireContract, serverOptions: FaultServerOptions, modelOptions: object = {}) {
  const server = await startFaultServer({ dimensions, ...serverOptions })
  servers.push(server)
  const clock = virtualClock()
  const model = await open[contract]({
    apiKey: plantedKey,
    baseUrl: server.baseUrl(contract),
    dimensions,
    clock,
    ...modelOptions,
  })
  return { server, model, clock }
}

function smallCall({ limits }: EmbeddingModel): number {
  return Math.min(limits.textsPerCall, Math.max(10, Math.floor(inputs / 40)))
}

/** Small calls, so that many meet a fault. */
function inSmallCalls(model: EmbeddingModel): EmbeddingModel {
  return { ...model, limits: { ...model.limits, textsPerCall: smallCall(model) } }
}

async function failureOf(promise: Promise<unknown>): Promise<VecinoError & { row?: number }> {
  const error = await promise.then(
    () => assert.fail('expected an error'),
    (reason: unknown) => reason,
  )
  assert.ok(VecinoError.isInstance(error), String(error))
  assert.ok(!allOf(error).includes(plantedKey))
  return error
}

const status = (code: number, headers: Record<string, string> = {}): Fault => ({
  kind: 'status',
  status: code,
  headers,
})
const elsewhere: Fault = { kind: 'redirect', status: 307, location: 'http://127.0.0.1:9/v1/embeddings' }

const scripts: readonly (readonly [string, WireContract, Fault])[] = [
  ['429 without a time', 'openai', status(429)],
  ['429 with seconds', 'cohere', status(429, { 'retry-after': '3' })],
  ['429 with a date', 'voyage', status(429, { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' })],
  ['429 with 0', 'ollama', status(429, { 'retry-after': '0' })],
  ['429 with a negative time', 'openai', status(429, { 'retry-after': '-30' })],
  ['429 with 30 years', 'cohere', status(429, { 'retry-after': '1000000000' })],
  ['429 with milliseconds', 'voyage', status(429, { 'retry-after-ms': '120' })],
  ['500', 'openai', status(500)],
  ['502', 'voyage', status(502)],
  ['503', 'ollama', status(503)],
  ['529', 'cohere', status(529)],
  ['reset', 'openai', { kind: 'reset' }],
  ['stall', 'cohere', { kind: 'stall' }],
  ['slow drip', 'voyage', { kind: 'drip', everyMs: 40 }],
  ['truncated JSON', 'ollama', { kind: 'truncated-json' }],
  ['HTML with 200', 'openai', { kind: 'html' }],
  ['another content type', 'cohere', { kind: 'wrong-type' }],
  ['redirect elsewhere', 'voyage', elsewhere],
  ['huge body', 'ollama', { kind: 'huge', bytes: 70 << 20 }],
  ['one vector missing', 'cohere', { kind: 'one-missing' }],
  ['one vector more', 'ollama', { kind: 'one-more' }],
  ['shuffled with indices', 'openai', { kind: 'shuffled' }],
  ['an index twice', 'voyage', { kind: 'same-index' }],
  ['no index', 'openai', { kind: 'no-index' }],
  ['index out of range', 'voyage', { kind: 'index-out-of-range' }],
  ['quarter-length base64', 'openai', { kind: 'quarter-base64' }],
  ['base64 unasked', 'voyage', { kind: 'base64' }],
  ['zeros', 'cohere', { kind: 'zeros' }],
  ['zeros for all', 'ollama', { kind: 'all-zeros' }],
  ['NaN', 'openai', { kind: 'nan' }],
  ['nulls', 'cohere', { kind: 'null-values' }],
  ['1e39', 'voyage', { kind: 'overflow' }],
  ['an empty vector', 'ollama', { kind: 'empty-vector' }],
  ['other dimensions', 'openai', { kind: 'wrong-dimensions' }],
  ['another model', 'openai', { kind: 'other-model' }],
]

/** More in the slow suite, which gives each of its processes a part of the scripts. */
const inputs = Number(process.env['VECINO_FAULT_INPUTS'] ?? 200)
const [part = 0, parts = 1] = (process.env['VECINO_FAULT_PART'] ?? '0/1').split('/').map(Number)
const texts = Array.from(
  { length: Math.max(1000, inputs) },
  (_, i) => `text number ${i} of the planted corpus, which says ${i * 7919}`,
)

for (const [number, [name, contract, fault]] of scripts.entries())
  if (number % parts === part)
    test(`${name}: of ${inputs} texts none is lost, doubled or misplaced`, async () => {
      const isSlow = ['huge', 'stall', 'drip'].includes(fault.kind)
      const chance = virtualClock(name.length * 7919 + 17)
      // A fault that ends a run is met some sixty times at most, however many calls there are.
      const rate = Math.min(isSlow ? 0.06 : 0.3, (isSlow ? 12 : 60) / (inputs / 25))
      const { model, server } = await start(
        contract,
        { faults: () => (chance.random() < rate ? fault : undefined) },
        fault.kind === 'stall' || fault.kind === 'drip' ? { timeoutMs: 400 } : {},
      )
      const asked = texts.slice(0, inputs)
      const cache = memoryCache()
      const ledger = new RunLedger(model)
      const options = { model: withLedger(inSmallCalls(model), ledger), task: 'document', cache } as const
      let answer: Awaited<ReturnType<typeof embedMany>> | undefined
      // As a user would: after an error, the same again.
      for (let run = 0; answer === undefined && run < 200; run++)
        try {
          answer = await embedMany(asked, options)
        } catch (error) {
          await failureOf(Promise.reject(error))
        }
      assert.ok(answer, 'never done')
      assert.ok(server.requests.some((request) => request.fault !== undefined))
      assert.equal(answer.vectors.rows, inputs)
      for (const [i, text] of asked.entries()) {
        const row = rowOf(answer.vectors, i)
        assert.equal(readPlantedId(row), plantedId(text), `row ${i}`)
        if (i % 100 === 0) assertNear(row, plantedVector(text, { dimensions }))
      }
      assert.equal(cache.rows.size, inputs)
      assert.deepEqual(cache.twice, [])
      const receipt = ledger.receipt()
      assert.ok(receipt.lostRequests >= server.meter.unheardRequests)
      // On a busy machine the deadline of a slow fault loses whole answers too; the receipt tells of them as lost.
      if (!isSlow || receipt.lostRequests === server.meter.unheardRequests)
        assert.equal(receipt.tokens, server.meter.tokens - server.meter.unheardTokens)
    })

function assertNear(row: Float32Array, expected: readonly number[]) {
  for (const [i, value] of expected.entries()) assert.ok(Math.abs((row[i] as number) - value) < 1e-5)
}

test('faults of an answer that stay are refused by name', async () => {
  for (const [fault, pattern] of [
    ['one-missing', /expected 6 vectors, one a text, got 5/],
    ['one-more', /expected 6 vectors, one a text, got 7/],
    ['no-index', /an index with each vector, got a vector without one/],
    ['same-index', /each index once, got index 0 twice/],
    ['index-out-of-range', /indices from 0 to 5, got another/],
    ['quarter-base64', /256 float32 values in base64 \(1024 bytes\), got 256 bytes: a quarter/],
    ['all-zeros', /a vector with a direction, got zeros, twice/],
    ['wrong-dimensions', /256 dimensions, got 128.*Another model answers/],
    ['other-model', /vectors of text-embedding-3-small, got those of another model/],
  ] as const) {
    const { model, server } = await start('openai', { faults: () => ({ kind: fault }) })
    const error = await failureOf(model.embed(texts.slice(0, 6), { task: 'document' }))
    assert.match(error.message, pattern, fault)
    assert.ok(server.requests.length <= 12, `${fault}: ${server.requests.length} requests`)
  }
})

test('one bad text is found among hundreds, named, and costs only itself', async () => {
  for (const poison of [400, 'zeros'] as const) {
    const { model, server } = await start('openai', { poison: (text) => (text === texts[321] ? poison : undefined) })
    const some = texts.slice(0, 500)
    const skipped = await embedMany(some, { model, task: 'document', cache: memoryCache(), onNoVector: 'skip' })
    assert.deepEqual(skipped.without, [321])
    for (const [i, text] of some.entries())
      if (i !== 321) assert.equal(readPlantedId(rowOf(skipped.vectors, i)), plantedId(text))
    const paidTwice = [...server.meter.texts].filter(([text, times]) => times > 1 && text !== texts[321])
    assert.deepEqual(paidTwice, [])
    const error = await failureOf(embedMany(some, { model, task: 'document' }))
    assert.equal(error.row, 321)
    assert.match(error.message, /^texts\[321\]: expected a text the model takes, got a refusal/)
    assert.ok(!error.message.includes('planted corpus'))
  }
})

test('a request the server finds too large is halved until it fits', async () => {
  const { model, server } = await start('openai', { wordsPerRequest: 300 })
  const { vectors } = await embedMany(texts.slice(0, 200), { model, task: 'document' })
  for (let i = 0; i < 200; i++) assert.equal(readPlantedId(rowOf(vectors, i)), plantedId(texts[i] as string))
  assert.ok([...server.meter.texts.values()].every((times) => times === 1))
})

test('a text over the real window, though not by our estimate, is refused and never cut', async () => {
  const { model } = await start('openai', { window: 30 })
  const long = 'word '.repeat(40)
  const error = await failureOf(embedMany([...texts.slice(0, 20), long], { model, task: 'document' }))
  assert.equal(error.row, 20)
  assert.match(error.message, /context_length_exceeded/)
})

test('a server that cuts silently is seen by its own count', async () => {
  const { model } = await start('openai', { faults: () => ({ kind: 'cut' }) })
  const error = await failureOf(model.embed(texts.slice(0, 60), { task: 'document' }))
  assert.match(error.message, /it cuts texts silently/)
})

test('a server that refuses everything is not asked text by text', async () => {
  const { model, server } = await start('openai', { faults: () => status(400) })
  await failureOf(model.embed(texts.slice(0, 1000), { task: 'document' }))
  assert.ok(server.requests.length <= 13, String(server.requests.length))
})

test('tokens told are those on the invoice, paid but refused answers of a failed call included', async () => {
  const { model, server } = await start('voyage', { poison: (text) => (text === texts[70] ? 'zeros' : undefined) })
  const { usage } = await embedMany(texts.slice(0, 400), { model, task: 'document', onNoVector: 'skip' })
  assert.equal(usage.tokens, server.meter.tokens)
})
