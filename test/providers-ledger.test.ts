import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { embed } from '../src/embed.ts'
import { open } from '../src/open.ts'
import { type HostedOptions, openaiCompatibleModel, openaiModel } from '../src/providers/index.ts'
import { BudgetError, type VecinoError } from '../src/spec/errors.ts'
import { createMatrix } from '../src/spec/matrix.ts'
import type { EmbeddingModel } from '../src/spec/model.ts'
import type { Receipt, Tariff } from '../src/spec/usage.ts'
import { type FaultServer, type FaultServerOptions, fakeModel, startFaultServer } from '../src/testing/index.ts'
import { hostedRecords, plantedKey, virtualClock } from './support/hosted.ts'

const servers: FaultServer[] = []
const folder = mkdtempSync(join(tmpdir(), 'vecino-ledger-'))
after(async () => {
  await Promise.all(servers.map((server) => server.close()))
  rmSync(folder, { recursive: true })
})

async function start(serverOptions: FaultServerOptions = {}, modelOptions: HostedOptions = {}) {
  const server = await startFaultServer({ dimensions: 64, ...serverOptions })
  servers.push(server)
  const model = await openaiModel('text-embedding-3-small', {
    apiKey: plantedKey,
    baseUrl: server.baseUrl('openai'),
    dimensions: 64,
    clock: virtualClock(),
    usdPerMillionTokens: 100,
    ...modelOptions,
  })
  return { server, model }
}

let files = 0
const newPath = () => join(folder, `${files++}.vecino`)

test('the receipt of an add holds every token, byte and host, and the file keeps the sum', async () => {
  const { server, model } = await start()
  const path = newPath()
  const collection = await open(path, { model })
  const first = await collection.add(hostedRecords(300))
  assert.equal(first.receipt.tokens, server.meter.tokens)
  assert.equal(first.receipt.requests, server.meter.requests)
  assert.equal(first.receipt.usd, (server.meter.tokens * 100) / 1e6)
  assert.equal(first.receipt.counted, 'exact')
  const bytes = server.requests.reduce((sum, { body }) => sum + Buffer.byteLength(JSON.stringify(body)), 0)
  assert.deepEqual(first.receipt.hosts, [
    { host: new URL(server.url).host, requests: server.meter.requests, bytesSent: bytes },
  ])
  assert.equal(first.receipt.leftTheMachine, false)
  const second = await collection.add(hostedRecords(310))
  await collection.close()
  const again = await open(path, { model })
  const { paid } = await again.status()
  assert.equal(paid?.tokens, server.meter.tokens)
  assert.equal(paid?.tokens, first.receipt.tokens + second.receipt.tokens)
  assert.equal(paid?.lostTokens, 0)
  await again.close()
})

test('two adds at once and one after them are all in the sum that the file keeps', async () => {
  const { server, model } = await start()
  const path = newPath()
  const collection = await open(path, { model })
  const records = hostedRecords(300)
  const reports = await Promise.all([collection.add(records.slice(0, 150)), collection.add(records.slice(150))])
  const third = await collection.add([{ id: 'one more', text: 'after the two' }])
  const { paid } = await collection.status()
  const spent = [...reports, third].map(({ receipt }) => receipt)
  assert.equal(
    paid?.tokens,
    spent.reduce((sum, { tokens }) => sum + tokens, 0),
  )
  assert.equal(paid?.tokens, server.meter.tokens)
  assert.equal(paid?.requests, server.meter.requests)
  assert.equal(paid?.lostTokens, 0)
  await collection.close()
})

test('a run stops before the call that could exceed its bound, and what was paid for is kept', async () => {
  const { server, model } = await start()
  const path = newPath()
  const collection = await open(path, { model })
  let receipt: Receipt | undefined
  const maxUsd = 1.2
  const error = await collection
    .add(hostedRecords(3000), { maxUsd, onReceipt: (one) => (receipt = one) })
    .catch((reason) => reason)
  assert.ok(error instanceof BudgetError)
  assert.match(error.message, /^options\.maxUsd: expected to spend at most \$1\.20, got \$[\d.]+ spent and up to \$/)
  const paid = (server.meter.tokens * 100) / 1e6
  assert.ok(paid <= maxUsd && paid > maxUsd / 4, String(paid))
  assert.equal(receipt?.usd, paid)
  assert.equal((await collection.status()).paid?.tokens, server.meter.tokens)
  await collection.add(hostedRecords(3000))
  const twice = [...server.meter.texts].filter(([text, times]) => times > 1 && text.startsWith('Record'))
  assert.deepEqual(twice, [])
  await collection.close()
})

test('embed begins nothing that the bound does not cover in full', async () => {
  const { server, model } = await start()
  const texts = hostedRecords(1000).map(({ text }) => text)
  await assert.rejects(embed(texts, { model, maxUsd: 0.5 }), BudgetError)
  assert.equal(server.requests.length, 0)
  const receipts: Receipt[] = []
  await embed(texts, { model, maxUsd: 5, onReceipt: (one) => receipts.push(one) })
  assert.equal(receipts[0]?.tokens, server.meter.tokens)
})

test('answers that could not be used, and those that never came, stand apart', async () => {
  const { server, model } = await start({ faults: [{ kind: 'zeros' }, { kind: 'truncated-json' }] })
  const receipts: Receipt[] = []
  await embed(['one text', 'two texts here'], { model, onReceipt: (one) => receipts.push(one) })
  const [receipt] = receipts
  assert.equal(receipt?.tokens, server.meter.tokens - server.meter.unheardTokens)
  assert.equal(receipt?.lostRequests, 1)
  assert.ok((receipt?.lostTokens ?? 0) > 0)
  const broken = await start({ faults: () => ({ kind: 'one-missing' }) })
  await embed(['one', 'two'], { model: broken.model, onReceipt: (one) => receipts.push(one) }).catch(() => {})
  assert.equal(receipts[1]?.unusableTokens, receipts[1]?.tokens)
  assert.equal(receipts[1]?.tokens, broken.server.meter.tokens)
})

test('a refused request costs nothing and counts as bytes sent', async () => {
  const { server, model } = await start({ faults: [{ kind: 'status', status: 429 }] })
  const receipts: Receipt[] = []
  await embed('one text', { model, onReceipt: (one) => receipts.push(one) })
  assert.equal(receipts[0]?.tokens, server.meter.tokens)
  assert.equal(receipts[0]?.requests, 1)
  assert.equal(receipts[0]?.lostRequests, 0)
  assert.equal(receipts[0]?.hosts[0]?.bytesSent, 2 * Buffer.byteLength(JSON.stringify(server.requests[0]?.body)))
})

test('a search pays for its query once, and says so', async () => {
  const { server, model } = await start()
  const collection = await open(newPath(), { model })
  await collection.add(hostedRecords(40))
  const receipts: Receipt[] = []
  const onReceipt = (one: Receipt) => receipts.push(one)
  const before = server.meter.tokens
  await collection.search('a question never asked', { onReceipt })
  assert.equal(receipts[0]?.tokens, server.meter.tokens - before)
  await collection.search('a question never asked', { onReceipt })
  assert.equal(receipts[1]?.requests, 0)
  await assert.rejects(collection.search('something else again', { maxUsd: 1e-9 }), BudgetError)
  await collection.close()
})

test('a model in this process sends nothing and says so', async () => {
  const collection = await open(':memory:')
  const { receipt, tokens } = await collection.add(hostedRecords(3))
  assert.deepEqual([receipt.hosts, receipt.leftTheMachine, receipt.usd, receipt.requests], [[], false, 0, 0])
  assert.ok(receipt.tokens >= tokens)
  await collection.add(hostedRecords(4), { maxUsd: 0.01 })
  await collection.close()
})

/** As somebody writes a model around a service of his own. */
function ownModel(): EmbeddingModel {
  const own = fakeModel()
  return {
    ...own,
    passport: { ...own.passport, weightsDigest: '' },
    async embed(texts, options) {
      const { vectors, usage } = await own.embed(texts, options)
      return { vectors: createMatrix(vectors.rows, vectors.columns, vectors.data), usage }
    },
  }
}

test('into a model of the caller nobody here can see', async () => {
  const model = ownModel()
  const receipts: Receipt[] = []
  await embed('a text', { model, onReceipt: (one) => receipts.push(one) })
  assert.equal(receipts[0]?.leftTheMachine, null)
  assert.equal(receipts[0]?.usd, null)
})

test('a bound without a price, and bounds out of range, are refused', async () => {
  const server = await startFaultServer()
  servers.push(server)
  const model = ownModel()
  const isRefused = (pattern: RegExp) => (error: VecinoError) => {
    assert.equal(error.code, 'invalid-argument')
    assert.match(error.message, pattern)
    return true
  }
  await assert.rejects(embed('a', { model, maxUsd: 1 }), isRefused(/maxUsd: expected a model whose price is known/))
  await embed('a', { model, maxUsd: 1, usdPerMillionTokens: 1 })
  for (const maxUsd of [0, -1, Number.NaN, Infinity])
    await assert.rejects(embed('a', { maxUsd }), isRefused(/maxUsd: expected US dollars > 0/))
  await assert.rejects(embed('a', { usdPerMillionTokens: -1 }), isRefused(/usdPerMillionTokens/))
  await assert.rejects(
    openaiCompatibleModel('bge-m3', { baseUrl: server.baseUrl('openai'), usdPerMillionTokens: -1 }),
    isRefused(/usdPerMillionTokens/),
  )
})

test('a quote counts what add then pays for, and sends fixed sentences only', async () => {
  const made = await start({}, { countTokens: (text) => text.match(/[\p{L}\p{N}]+/gu)?.length ?? 0 })
  const { server } = made
  const tariff = { ...(made.model.tariff as Tariff), isHere: false }
  const model = { ...made.model, tariff }
  const path = newPath()
  const collection = await open(path, { model })
  await collection.add(hostedRecords(100))
  const before = server.requests.length
  const records = [...hostedRecords(500), { id: 'twin', text: hostedRecords(500)[499]?.text ?? '' }]
  const quote = await collection.quote(records)
  assert.ok(server.requests.slice(before).every(({ texts }) => texts.every((text) => !text.startsWith('Record'))))
  assert.deepEqual([quote.sources, quote.unchanged, quote.passages, quote.texts, quote.reused], [401, 100, 401, 400, 1])
  assert.equal(quote.counted, 'exact')
  assert.equal(quote.usd, (quote.tokens * 100) / 1e6)
  assert.equal(quote.host, new URL(server.url).host)
  assert.ok(quote.etaMs > 0 && quote.calls > 0)
  assert.equal((await collection.status()).sources, 100)
  const sizeBefore = (await collection.status()).sizeBytes
  const { receipt } = await collection.add(records)
  const grown = (await collection.status()).sizeBytes - sizeBefore
  assert.equal(receipt.tokens, quote.tokens)
  assert.ok(quote.diskBytes > grown / 2 && quote.diskBytes < grown * 2, `${quote.diskBytes} for ${grown}`)
  assert.deepEqual((await collection.quote(records)).texts, 0)
  await collection.close()
})

test('a quote for the model in the package is exact and asks nobody', async () => {
  const collection = await open(':memory:')
  const records = hostedRecords(50)
  const quote = await collection.quote(records)
  assert.deepEqual([quote.host, quote.usd, quote.counted, quote.probe.leftTheMachine], [null, 0, 'exact', false])
  assert.equal(quote.tokens, (await collection.add(records)).tokens)
  await assert.rejects(collection.quote(records, { sync: true }), /options\.sync/)
  await assert.rejects(collection.quote(records, { maxUsd: 1 }), /options\.maxUsd/)
  await collection.close()
})
