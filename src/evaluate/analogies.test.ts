import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WordVectors } from '../kernels/word-vectors.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import { createMatrix } from '../spec/matrix.ts'
import { analogyAccuracy, parseAnalogies } from './analogies.ts'

const words = ['man', 'king', 'woman', 'queen', 'apple']
const vectors = new WordVectors(words, createMatrix(5, 2, Float32Array.from([1, 0, 1, 1, 0, 1, 0, 2, -1, -1])))

test('questions are right, wrong or skipped, worked by hand', async () => {
  const questions = parseAnalogies(
    ': family\nMan King Woman Queen\nman king woman apple\n\n: other\nman king duke queen\n',
  )
  const result = await analogyAccuracy(vectors, questions)
  assert.deepEqual(result, {
    accuracy: 0.5,
    correct: 1,
    asked: 2,
    skipped: 1,
    sections: [{ section: 'family', correct: 1, asked: 2 }],
  })
  assert.equal((await analogyAccuracy(vectors, questions, { caseInsensitive: false })).skipped, 2)
  assert.equal((await analogyAccuracy(vectors, questions, { restrict: 3 })).asked, 0)
})

test('the answer is the one mostSimilar gives first', async () => {
  for (const [a, b, c] of [
    ['man', 'king', 'woman'],
    ['king', 'man', 'queen'],
    ['apple', 'queen', 'man'],
  ] as const) {
    const [first] = vectors.mostSimilar({ positive: [b, c], negative: [a], topK: 1 })
    const result = await analogyAccuracy(vectors, [{ section: '', words: [a, b, c, first!.word] }])
    assert.equal(result.correct, 1)
  }
})

test('a line that is no question and a bad restriction are refused', async () => {
  assert.throws(() => parseAnalogies(': x\na b c\n'), /questions, line 2: expected four words, got "3"/)
  await assert.rejects(analogyAccuracy(vectors, [], { restrict: 0 }), InvalidArgumentError)
})
