import assert from 'node:assert/strict'
import test from 'node:test'
import { createRandom } from '../../kernels/random.ts'
import { choosePhrases } from './choose-phrases.ts'
import { withPhrases } from './token-lists.ts'

const tokens = ['new', 'york', 'the', 'of', '.', 'cat']

/** `new york` always together, `the of` by chance, `york .` at every end. */
function lists() {
  const random = createRandom(4)
  const ids: number[] = []
  const starts = [0]
  for (let text = 0; text < 400; text++) {
    for (let i = random.below(6); i >= 0; i--) ids.push(2 + random.below(2), random.below(2) === 0 ? 5 : 3)
    ids.push(0, 1, 4)
    starts.push(ids.length)
  }
  return { ids: Int32Array.from(ids), starts: Int32Array.from(starts), count: 400 }
}

test('tokens that stand together more than chance become a phrase, marks of punctuation never', () => {
  const { pairs } = choosePhrases(lists(), tokens, 10)
  assert.deepEqual([...pairs.subarray(0, 2)], [0, 1])
  assert.ok(!pairs.includes(4))
})

test('lists with phrases hold their rows in the place of their tokens', () => {
  const whole = lists()
  const phrases = choosePhrases(whole, tokens, 1)
  const joined = withPhrases(whole, phrases, tokens.length)
  assert.equal(joined.ids.length, whole.ids.length - 400)
  assert.deepEqual([...joined.ids.subarray(joined.starts[9]! - 2, joined.starts[9])], [6, 4])
})
