import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { withCanary } from '../src/core/canary.ts'
import { createRandom } from '../src/kernels/random.ts'
import { type HostedOptions, openaiModel } from '../src/providers/index.ts'
import type { VecinoError } from '../src/spec/errors.ts'
import type { Store } from '../src/spec/store.ts'
import { openSqliteStore } from '../src/stores/sqlite/store.ts'
import { type Fault, harmlessAnswers, startFaultServer } from '../src/testing/index.ts'
import { plantedKey, virtualClock } from './support/hosted.ts'

/** More in the slow suite. */
const swaps = Number(process.env['VECINO_SWAPS'] ?? 40)
const changes = Number(process.env['VECINO_HARMLESS'] ?? 100)

let fault: Fault | undefined
const server = await startFaultServer({ dimensions: 256, faults: () => fault })
const stores: Store[] = []
after(async () => {
  await server.close()
  for (const store of stores) await store.close()
})

function modelOf(options: HostedOptions = {}) {
  const baseUrl = server.baseUrl('openai')
  return openaiModel('text-embedding-3-small', {
    apiKey: plantedKey,
    baseUrl,
    dimensions: 256,
    clock: virtualClock(),
    ...options,
  })
}

/** A collection begun with the weights as they are now. */
async function begun(): Promise<Store> {
  const model = await modelOf()
  const store = await openSqliteStore(':memory:', { passport: model.passport })
  stores.push(store)
  await withCanary(model, store).embed(['begin'], { task: 'document' })
  return store
}

test(`other weights under the same name and dimensions are refused, ${swaps} of ${swaps} times, slight changes too`, async () => {
  const store = await begun()
  const model = await modelOf()
  for (let weights = 1; weights <= swaps; weights++) {
    // From a fine-tuned model, whose cosines to the old one are 0.998, to one that has nothing in common with it.
    server.setWeights(weights, 0.08 + (0.92 * weights) / swaps)
    const before = server.requests.length
    const swapped = withCanary(model, store).embed(['more'], { task: 'document' })
    await assert.rejects(swapped, (error: VecinoError) => error.code === 'passport-mismatch')
    assert.ok(server.requests.slice(before).every(({ texts }) => !texts.includes('more')))
  }
  server.setWeights(0)
  await withCanary(model, store).embed(['more'], { task: 'document' })
})

test(`changes that change no vector are refused 0 of ${changes} times`, async () => {
  const store = await begun()
  const random = createRandom(6)
  const dresses = [undefined, ...harmlessAnswers]
  for (let i = 0; i < changes; i++) {
    const dress = dresses[i % dresses.length]
    fault = dress === undefined ? undefined : { kind: dress }
    const model = await modelOf({
      parallelCalls: 1 + random.below(8),
      timeoutMs: 30_000 + random.below(30_000),
      maxRetries: random.below(8),
      seed: random.below(1000),
    })
    const textsPerCall = 1 + random.below(2048)
    const changed = { ...model, limits: { ...model.limits, textsPerCall } }
    const { vectors } = await withCanary(changed, store).embed([`text ${i}`], { task: 'document' })
    assert.equal(vectors.rows, 1, dress)
  }
  fault = undefined
})
