import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { HttpClient, type HttpOptions } from '../src/providers/http.ts'
import { mostRetryAfterMs, retryAfterMs } from '../src/providers/retry-after.ts'
import { VecinoError } from '../src/spec/errors.ts'
import { type Fault, type FaultServer, startFaultServer } from '../src/testing/index.ts'
import { allOf, plantedKey, virtualClock } from './support/hosted.ts'

const servers: FaultServer[] = []
after(() => Promise.all(servers.map((server) => server.close())))

async function failing(faults: readonly (Fault | undefined)[] | (() => Fault), more: Partial<HttpOptions> = {}) {
  const clock = virtualClock()
  const arrivals: number[] = []
  const server = await startFaultServer({ faults, onRequest: () => arrivals.push(clock.now()) })
  servers.push(server)
  const client = new HttpClient({
    provider: 'openai',
    baseUrl: server.baseUrl('openai'),
    apiKey: () => plantedKey,
    clock,
    ...more,
  })
  const post = (signal?: AbortSignal) => client.post('embeddings', { model: 'm', input: ['private words'] }, { signal })
  return { server, client, clock, arrivals, post }
}

/** The provider's error of a promise, checked for leaks. */
async function errorOf(promise: Promise<unknown>) {
  const error = await promise.then(
    () => assert.fail('expected an error'),
    (reason: unknown) => reason,
  )
  assert.ok(VecinoError.isInstance(error), String(error))
  assert.ok(!allOf(error).includes(plantedKey))
  assert.ok(!allOf(error).includes('private words'))
  return error as VecinoError & { status?: number; isRetryable?: boolean; retryAfterMs?: number }
}

const tooMany = (headers: Record<string, string>): Fault => ({ kind: 'status', status: 429, headers })

test('Retry-After is read in every form it comes in', () => {
  const now = Date.parse('2026-05-01T12:00:00Z')
  const read = (headers: Record<string, string>) => retryAfterMs(new Headers(headers), now)
  assert.equal(read({}), undefined)
  assert.equal(read({ 'retry-after': '7' }), 7000)
  assert.equal(read({ 'retry-after': '1.5' }), 1500)
  assert.equal(read({ 'retry-after': '0' }), 0)
  assert.equal(read({ 'retry-after': '-5' }), undefined)
  assert.equal(read({ 'retry-after': 'soon' }), undefined)
  assert.equal(read({ 'retry-after': '1000000000' }), mostRetryAfterMs)
  assert.equal(read({ 'retry-after': 'Fri, 01 May 2026 12:00:30 GMT' }), 30_000)
  assert.equal(read({ 'retry-after': 'Fri, 01 May 2026 11:00:00 GMT' }), 0)
  assert.equal(read({ 'retry-after': 'Fri, 01 May 2099 11:00:00 GMT' }), mostRetryAfterMs)
  assert.equal(read({ 'retry-after-ms': '250', 'retry-after': '7' }), 250)
})

test('no attempt begins before the time the server asked for', async () => {
  const date = (ms: number) => new Date(1_800_000_000_000 + ms).toUTCString()
  for (const [headers, leastMs] of [
    [{ 'retry-after': '7' }, 7000],
    [{ 'retry-after-ms': '4321' }, 4321],
    [{ 'retry-after': date(9000) }, 9000],
    [{ 'retry-after': '1000000000' }, mostRetryAfterMs],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': '-3' }, 0],
  ] as const) {
    const { arrivals, post } = await failing([tooMany(headers)])
    await post()
    assert.equal(arrivals.length, 2)
    const waited = (arrivals[1] as number) - (arrivals[0] as number)
    assert.ok(waited >= leastMs && waited <= leastMs + 1000, `${JSON.stringify(headers)}: ${waited}`)
  }
})

test('a wait that the server asks of one call holds back all', async () => {
  const { arrivals, post, clock } = await failing([tooMany({ 'retry-after': '20' })])
  const begun = clock.now()
  await post()
  await Promise.all([post(), post()])
  assert.ok(arrivals.slice(1).every((at) => at >= begun + 20_000))
})

test('408, 409, 429, 5xx and broken connections are tried again with growing, jittered waits', async () => {
  const faults: Fault[] = [408, 409, 429, 500].map((status) => ({ kind: 'status', status }))
  const { arrivals, post, clock } = await failing([...faults, { kind: 'reset' }])
  await post()
  assert.equal(arrivals.length, 6)
  assert.equal(new Set(clock.sleeps).size, clock.sleeps.length)
  for (const status of [502, 503, 529]) {
    const { server, post } = await failing([{ kind: 'status', status }])
    await post()
    assert.equal(server.requests.length, 2, String(status))
  }
})

test('what waiting cannot mend is not tried again', async () => {
  for (const [fault, pattern] of [
    [{ kind: 'status', status: 400 }, /status 400/],
    [{ kind: 'status', status: 401, code: 'invalid_api_key' }, /401 \(invalid_api_key\).*Check the API key/],
    [{ kind: 'status', status: 404 }, /status 404/],
    [{ kind: 'status', status: 429, code: 'insufficient_quota' }, /insufficient_quota.*no credit/],
    [{ kind: 'status', status: 503, headers: { 'x-should-retry': 'false' } }, /status 503/],
  ] as const) {
    const { server, post } = await failing([fault])
    assert.match((await errorOf(post())).message, pattern)
    assert.equal(server.requests.length, 1)
  }
})

test('the server may ask for a retry where we would make none', async () => {
  const { server, post } = await failing([{ kind: 'status', status: 400, headers: { 'x-should-retry': 'true' } }])
  await post()
  assert.equal(server.requests.length, 2)
})

test('attempts end, and the error says whether to come back', async () => {
  const { server, post } = await failing(() => ({ kind: 'status', status: 503 }), { maxRetries: 3 })
  const error = await errorOf(post())
  assert.equal(error.code, 'provider')
  assert.equal(error.status, 503)
  assert.equal(error.isRetryable, true)
  assert.equal(server.requests.length, 4)
})

test('the deadline covers all attempts and waits', async () => {
  const { clock, post } = await failing(() => tooMany({ 'retry-after': '50' }), { deadlineMs: 120_000, maxRetries: 99 })
  const begun = clock.now()
  const error = await errorOf(post())
  assert.equal(error.retryAfterMs, 50_000)
  assert.ok(clock.now() - begun < 120_000)
})

test('a server that keeps failing is left in peace, then tried by one call alone', async () => {
  const { server, post, clock } = await failing(() => ({ kind: 'status', status: 500 }), { maxRetries: 0 })
  for (let i = 0; i < 5; i++) await errorOf(post())
  const [before, sleeps] = [server.requests.length, clock.sleeps.length]
  await errorOf(post())
  assert.equal(server.requests.length, before + 1)
  assert.ok(clock.sleeps.slice(sleeps).some((ms) => ms >= 1900))
})

test('an answer that stalls or drips is given up, and tried again', async () => {
  for (const fault of [{ kind: 'stall' }, { kind: 'drip', everyMs: 50 }] as const) {
    const { server, post } = await failing([fault], { timeoutMs: 300 })
    await post()
    assert.equal(server.requests.length >= 2, true)
  }
  const { post } = await failing(() => ({ kind: 'stall' }), { timeoutMs: 50, maxRetries: 1 })
  assert.match((await errorOf(post())).message, /none within 50 ms/)
})

test('what is no JSON is an error, however friendly its status', async () => {
  for (const [kind, pattern] of [
    ['html', /got a web page with status 200/],
    ['wrong-type', /another content type/],
    ['truncated-json', /JSON that breaks off/],
  ] as const) {
    const { post } = await failing(() => ({ kind }), { maxRetries: 1 })
    assert.match((await errorOf(post())).message, pattern)
  }
})

test('a body is cut off as soon as it is longer than allowed', async () => {
  const { post } = await failing([{ kind: 'huge', bytes: 2 ** 40 }], { maxBodyBytes: 1 << 20 })
  assert.match((await errorOf(post())).message, /at most 1048576 bytes, got a longer one/)
})

test('a redirect to another origin is refused, and the key never goes there', async () => {
  const other = await startFaultServer()
  servers.push(other)
  for (const status of [301, 302, 303, 307, 308]) {
    const { post } = await failing([{ kind: 'redirect', status, location: `${other.url}/v1/embeddings` }])
    const error = await errorOf(post())
    assert.match(error.message, /a redirect to another host/)
    assert.equal(error.isRetryable, false)
  }
  assert.equal(other.requests.length, 0)
})

test('a redirect within the server is followed when it keeps the body', async () => {
  const { server, post } = await failing([{ kind: 'redirect', status: 308, location: '/v1/embeddings' }])
  await post()
  assert.equal(server.requests.length, 2)
  const circle = await failing(() => ({ kind: 'redirect', status: 307, location: '/v1/embeddings' }))
  assert.match((await errorOf(circle.post())).message, /got a redirect\./)
})

test('nothing that the server says reaches a message, for it may repeat the key or the text', async () => {
  const message = `Incorrect API key provided: ${plantedKey}; input was private words`
  const { post } = await failing([{ kind: 'status', status: 401, message }])
  await errorOf(post())
})

test('a server that does not run is named by its address at once, with the remedy', async () => {
  const absentRemedy = 'Start it.'
  const gone = await startFaultServer()
  await gone.close()
  const { client, clock } = await failing([], { baseUrl: gone.baseUrl('openai'), absentRemedy })
  const error = await errorOf(client.post('embeddings', { input: ['private words'] }))
  assert.match(error.message, /from 127\.0\.0\.1:\d+, got a broken connection \(ECONNREFUSED\)\. Start it\.$/)
  assert.deepEqual(clock.sleeps, [])
})

test('a server that answered before and is gone is waited for', async () => {
  const { server, post, clock } = await failing([], { maxRetries: 2 })
  await post()
  await server.close()
  assert.equal((await errorOf(post())).isRetryable, true)
  assert.equal(clock.sleeps.length, 2)
})

test('an abort ends a call at once with its own reason', async () => {
  const reason = new Error('enough')
  const { post } = await failing(() => ({ kind: 'stall' }))
  await assert.rejects(post(AbortSignal.abort(reason)), reason)
  const controller = new AbortController()
  const running = post(controller.signal)
  setTimeout(() => controller.abort(reason), 50)
  await assert.rejects(running, reason)
})
