import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diversify } from './diversify.ts'

test('without diversity the best are taken in order; with some, a twin gives way; worked by hand', () => {
  const scores = [0.9, 0.88, 0.5]
  const similarity = (a: number, b: number) => (a + b === 1 ? 0.99 : 0.1)
  assert.deepEqual(diversify(scores, similarity, { topK: 2, diversity: 0 }), [0, 1])
  // 0.7 · 0.88 − 0.3 · 0.99 = 0.319; 0.7 · 0.5 − 0.3 · 0.1 = 0.32.
  assert.deepEqual(diversify(scores, similarity, { topK: 2, diversity: 0.3 }), [0, 2])
  assert.deepEqual(diversify(scores, similarity, { topK: 9, diversity: 1 }), [0, 2, 1])
  assert.deepEqual(diversify([], similarity, { topK: 3, diversity: 0.5 }), [])
})

test('similarities below zero and ties are settled by number, and a share beyond 0 to 1 is refused', () => {
  assert.deepEqual(
    diversify([0, 0, 0], () => -1, { topK: 3, diversity: 0.5 }),
    [0, 1, 2],
  )
  for (const diversity of [-0.1, 1.1, Number.NaN])
    assert.throws(() => diversify([1], () => 0, { topK: 1, diversity }), /options.diversity/)
})
