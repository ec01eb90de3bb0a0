import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { HeldOut } from './held-out.ts'

test('equal texts fall whatever their case and signs, near ones when four fifths of the words are shared', () => {
  const held = ['A man is playing the guitar on stage.', 'Two dogs run']
  const texts = [
    'a MAN is playing the guitar, on stage!',
    'a man is playing the guitar on the stage',
    'two cats run',
    'A man sings',
    '...',
  ]
  const { keep, exact, near } = new HeldOut(held).check(texts)
  assert.deepEqual([...keep], [0, 0, 1, 1, 0])
  assert.deepEqual([exact, near], [2, 1])
})

test('the index finds exactly the pairs that a comparison of all with all finds', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'), { minLength: 1, maxLength: 9 })
    .map((words) => words.join(' '))
  fc.assert(
    fc.property(fc.array(text, { maxLength: 8 }), fc.array(text, { maxLength: 8 }), (texts, held) => {
      const { keep } = new HeldOut(held).check(texts)
      texts.forEach((one, i) => {
        const own = new Set(one.split(' '))
        const hit = held.some((other) => {
          const set = new Set(other.split(' '))
          const shared = [...own].filter((word) => set.has(word)).length
          return shared >= 0.8 * (own.size + set.size - shared)
        })
        assert.equal(keep[i], hit ? 0 : 1)
      })
    }),
    { numRuns: 500, seed: 3 },
  )
})
