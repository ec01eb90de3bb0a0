import assert from 'node:assert/strict'
import test from 'node:test'
import { Phrases } from './phrases.ts'

test('phrases take the place of their tokens from the left, each token once', () => {
  const phrases = new Phrases(Uint16Array.of(1, 2, 2, 3, 4, 4))
  const join = (...ids: number[]) => {
    const list = Int32Array.from(ids)
    return [...list.subarray(0, phrases.join(list, list.length, 100))]
  }
  assert.deepEqual(join(1, 2, 3), [100, 3])
  assert.deepEqual(join(5, 2, 3, 1), [5, 101, 1])
  assert.deepEqual(join(4, 4, 4), [102, 4])
  assert.deepEqual(join(2), [2])
  assert.deepEqual(join(), [])
})
