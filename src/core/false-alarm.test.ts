import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom } from '../kernels/random.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import { assertFalseAlarmRate, quantileFromAbove } from './false-alarm.ts'
import { foreignQuestions } from './foreign-questions.ts'

test('there are at least 200 foreign questions, each once', () => {
  assert.ok(foreignQuestions.length >= 200)
  assert.equal(new Set(foreignQuestions).size, foreignQuestions.length)
  for (const question of foreignQuestions) assert.match(question, /^[A-Z].*\?$/)
})

test('above the upper tenth the quantile is read off', () => {
  const scores = Array.from({ length: 100 }, (_, i) => i)
  assert.equal(quantileFromAbove(scores, 0.5), 49)
  assert.equal(quantileFromAbove(scores, 0.1), 89)
})

test('rates below one in the number of questions come from the fitted tail, and fall as it says', () => {
  const random = createRandom(1)
  const scores = Array.from({ length: 2000 }, () => -Math.log(1 - random.float64()))
  for (const rate of [0.2, 0.05, 0.01, 0.001])
    assert.ok(Math.abs(quantileFromAbove(scores, rate) + Math.log(rate)) < 0.35, String(rate))
  const few = scores.slice(0, 238)
  let last = -Infinity
  for (const rate of [0.5, 0.2, 0.1, 0.09, 0.05, 0.02, 0.01, 0.001, 1e-6]) {
    const threshold = quantileFromAbove(few, rate)
    assert.ok(threshold >= last, `${rate}: ${threshold} after ${last}`)
    last = threshold
  }
})

test('a rate that is no share is refused', () => {
  for (const rate of [0, -1, 0.51, 1, Number.NaN, Infinity])
    assert.throws(() => assertFalseAlarmRate(rate), InvalidArgumentError)
  assertFalseAlarmRate(undefined)
  assertFalseAlarmRate(0.5)
})
