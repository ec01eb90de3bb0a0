import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { embedMany } from '../src/core/embed-many.ts'
import { openaiModel } from '../src/providers/index.ts'
import { RateLimiter, resetAfterMs } from '../src/providers/rate-limiter.ts'
import { rowOf } from '../src/spec/matrix.ts'
import {
  type FaultServer,
  type FaultServerOptions,
  plantedId,
  readPlantedId,
  startFaultServer,
} from '../src/testing/index.ts'
import { plantedKey, virtualClock } from './support/hosted.ts'

const servers: FaultServer[] = []
after(() => Promise.all(servers.map((server) => server.close())))

const texts = Array.from({ length: 200 }, (_, i) => `text number ${i} of the planted corpus, which says ${i * 7919}`)

async function start(serverOptions: FaultServerOptions, modelOptions: object = {}) {
  const clock = virtualClock()
  const arrivals: { readonly at: number; readonly texts: number }[] = []
  const server = await startFaultServer({
    dimensions: 64,
    ...serverOptions,
    onRequest: (request) => arrivals.push({ at: clock.now(), texts: server.requests[request]?.texts.length ?? 0 }),
  })
  servers.push(server)
  const model = await openaiModel('text-embedding-3-small', {
    apiKey: plantedKey,
    baseUrl: server.baseUrl('openai'),
    dimensions: 64,
    clock,
    ...modelOptions,
  })
  return { server, model, clock, arrivals }
}

/** The most that arrived in any 60 seconds, ends excluded. */
function mostInAMinute(arrivals: readonly { at: number; texts: number }[], size: (one: { texts: number }) => number) {
  return Math.max(
    ...arrivals.map(({ at }) =>
      arrivals.filter((one) => one.at >= at && one.at < at + 60_000).reduce((sum, one) => sum + size(one), 0),
    ),
  )
}

test('no minute holds more requests, texts or tokens than are allowed', async () => {
  const small = { parallelCalls: 4 }
  const requests = await start({}, { ...small, requestsPerMinute: 3 })
  for (let i = 0; i < 10; i++) await requests.model.embed([texts[i] as string], { task: 'document' })
  assert.equal(
    mostInAMinute(requests.arrivals, () => 1),
    3,
  )
  assert.equal(requests.arrivals.length, 10)

  const counted = await start({}, { ...small, textsPerMinute: 50 })
  for (let i = 0; i < 200; i += 20) await counted.model.embed(texts.slice(i, i + 20), { task: 'document' })
  assert.equal(
    mostInAMinute(counted.arrivals, (one) => one.texts),
    40,
  )

  const tokens = await start({}, { ...small, tokensPerMinute: 1000, countTokens: () => 30 })
  for (let i = 0; i < 200; i += 20) await tokens.model.embed(texts.slice(i, i + 20), { task: 'document' })
  assert.equal(
    mostInAMinute(tokens.arrivals, (one) => one.texts * 30),
    600,
  )
})

test('a request larger than a minute allows goes out alone', () => {
  const clock = virtualClock()
  const limiter = new RateLimiter(clock, {}, { tokensPerMinute: 100 })
  assert.equal(limiter.take({ tokens: 60, texts: 1 }), 0)
  assert.equal(limiter.take({ tokens: 500, texts: 1 }), 60_000)
  clock.sleep(60_000)
  assert.equal(limiter.take({ tokens: 500, texts: 1 }), 0)
  assert.equal(limiter.take({ tokens: 1, texts: 1 }), 60_000)
})

test('what the server tells of its limits replaces what was known, and never exceeds what was asked', () => {
  const clock = virtualClock()
  const limiter = new RateLimiter(clock, { requestsPerMinute: 1 }, { requestsPerMinute: 3 })
  limiter.learn(new Headers({ 'x-ratelimit-limit-requests': '10' }))
  for (let i = 0; i < 3; i++) assert.equal(limiter.take({ tokens: 1, texts: 1 }), 0)
  assert.equal(limiter.take({ tokens: 1, texts: 1 }), 60_000)
})

test('what the server says is left is not exceeded before it is full again', () => {
  const forms: readonly Record<string, string>[] = [
    { 'x-ratelimit-remaining-tokens': '100', 'x-ratelimit-reset-tokens': '6.5s' },
    { 'ratelimit-remaining': '1', 'ratelimit-reset': '6.5' },
  ]
  for (const headers of forms) {
    const clock = virtualClock()
    const limiter = new RateLimiter(clock)
    limiter.learn(new Headers(headers))
    assert.equal(limiter.take({ tokens: 60, texts: 1 }), 0)
    assert.equal(limiter.take({ tokens: 60, texts: 1 }), 6500)
    clock.sleep(6500)
    assert.equal(limiter.take({ tokens: 60, texts: 1 }), 0)
    assert.equal(limiter.take({ tokens: 60, texts: 1 }), 0)
  }
})

const exhausted: Record<string, string> = { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '2s' }

test('a client waits where the headers of an answer say that nothing is left', async () => {
  const { model, arrivals } = await start({
    headers: (request) => (request === 0 ? exhausted : {}),
  })
  for (let i = 0; i < 2; i++) await model.embed([texts[i] as string], { task: 'document' })
  assert.equal((arrivals[1]?.at ?? 0) - (arrivals[0]?.at ?? 0), 2000)
})

test('the time until a limit is full again is read in every form', () => {
  const now = Date.parse('2026-05-01T12:00:00Z')
  for (const [header, expected] of [
    ['1s', 1000],
    ['20ms', 20],
    ['1m0.5s', 60_500],
    ['6m0s', 120_000],
    ['59', 59_000],
    ['0', 0],
    [String(now / 1000 + 7), 7000],
    [String(now + 7000), 7000],
    ['2026-05-01T12:00:09Z', 9000],
    ['soon', undefined],
    ['', undefined],
  ] as const)
    assert.equal(resetAfterMs(header, now), expected, header)
  assert.equal(resetAfterMs(null, now), undefined)
})

test('after a request was too large, the next are as small as the server takes', async () => {
  const { model, server } = await start({ wordsPerRequest: 300 })
  for (let i = 0; i < 200; i += 100) await model.embed(texts.slice(i, i + 100), { task: 'document' })
  const refused = server.requests.filter(({ texts }) => texts.length * 10 > 300).length
  const half = server.requests.findIndex(({ texts: [first] }) => first === texts[100])
  assert.ok(refused > 0)
  assert.ok(
    server.requests.slice(half).every(({ texts }) => texts.length * 10 <= 300),
    'none is refused any more',
  )
})

test('a server that refuses a long text with status 500 is not asked the same again', async () => {
  const { model, server } = await start({
    faults: (_, { texts: asked }) =>
      asked.some((text) => text.includes('long'))
        ? { kind: 'status', status: 500, message: 'input is too large to process. increase the physical batch size' }
        : undefined,
  })
  const some = [...texts.slice(0, 20), 'a long text']
  const { vectors, without } = await embedMany(some, { model, task: 'document', onNoVector: 'skip' })
  assert.deepEqual(without, [20])
  for (let i = 0; i < 20; i++) assert.equal(readPlantedId(rowOf(vectors, i)), plantedId(some[i] as string))
  assert.ok(server.requests.length < 16, String(server.requests.length))
})

test('waits are those of the seed', async () => {
  const { systemClock } = await import('../src/providers/clock.ts')
  const draw = (seed: number) => Array.from({ length: 4 }, systemClock(seed).random)
  assert.deepEqual(draw(7), draw(7))
  assert.notDeepEqual(draw(7), draw(8))
})
