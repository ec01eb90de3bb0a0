import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { InvalidArgumentError } from '../spec/errors.ts'
import { pack } from './pack.ts'

const unlimited = { tokensPerText: Infinity, textsPerCall: Infinity, tokensPerCall: Infinity }

test('packs by hand: longest first, by tokens and by count', () => {
  const calls = pack([3, 9, 4, 4, 1], { tokensPerText: 10, textsPerCall: 2, tokensPerCall: 10 })
  assert.deepEqual(
    calls.map((call) => [...call]),
    [[1], [2, 3], [0, 4]],
  )
})

test('every text is in exactly one call and no call exceeds a limit', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 300 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 50, max: 400 }),
      (tokens, textsPerCall, tokensPerCall) => {
        const calls = pack(tokens, { tokensPerText: 50, textsPerCall, tokensPerCall })
        const indices = calls.flatMap((call) => [...call]).sort((a, b) => a - b)
        assert.deepEqual(
          indices,
          tokens.map((_, i) => i),
        )
        for (const call of calls) {
          assert.ok(call.length <= textsPerCall)
          assert.ok(call.reduce((sum, i) => sum + (tokens[i] as number), 0) <= tokensPerCall)
        }
      },
    ),
  )
})

test('a text no call can take is refused by its index', () => {
  assert.throws(
    () => pack([5, 11], { ...unlimited, tokensPerText: 10 }),
    (error) => error instanceof InvalidArgumentError && error.argument === 'texts[1]',
  )
  assert.throws(() => pack([11], { ...unlimited, tokensPerCall: 10 }), InvalidArgumentError)
})

test('no texts make no calls', () => {
  assert.deepEqual(pack([], unlimited), [])
})
