import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rateOf } from './rate.ts'

test('speed and time left follow from what is done and the clock, and nothing is said of the first moment', () => {
  let now = 1000
  const rate = rateOf(() => now)
  now += 0.05
  assert.deepEqual(rate(1000, 4000), { perSecond: undefined, etaMs: undefined })
  now = 3000
  assert.deepEqual(rate(1000, 4000), { perSecond: 500, etaMs: 6000 })
  assert.deepEqual(rate(0, 4000), { perSecond: undefined, etaMs: undefined })
  assert.equal(rate(1000, undefined).etaMs, undefined)
})
