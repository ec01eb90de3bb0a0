import assert from 'node:assert/strict'
import { test } from 'node:test'
import { binomialInterval, predictionInterval } from './binomial-interval.ts'
import { createRandom } from './random.ts'

test('bounds agree with the closed forms where there are any', () => {
  // None of n: high is 1 − 0.025^(1/n); all of n: low is 0.025^(1/n).
  for (const n of [1, 7, 100, 5000]) {
    const bound = 0.025 ** (1 / n)
    assert.equal(binomialInterval(0, n).low, 0)
    assert.ok(Math.abs(binomialInterval(0, n).high - (1 - bound)) < 1e-10)
    assert.ok(Math.abs(binomialInterval(n, n).low - bound) < 1e-10)
    assert.equal(binomialInterval(n, n).high, 1)
  }
})

test('each bound is where the tail of the binomial distribution is 2.5 %', () => {
  const [successes, trials] = [7, 60]
  const { low, high } = binomialInterval(successes, trials)
  const probability = (p: number, wanted: (k: number) => boolean) => {
    let sum = 0
    let choose = 1
    for (let k = 0; k <= trials; k++) {
      if (wanted(k)) sum += choose * p ** k * (1 - p) ** (trials - k)
      choose = (choose * (trials - k)) / (k + 1)
    }
    return sum
  }
  assert.ok(Math.abs(probability(low, (k) => k >= successes) - 0.025) < 1e-9)
  assert.ok(Math.abs(probability(high, (k) => k <= successes) - 0.025) < 1e-9)
})

test('without a trial nothing is known; counts that cannot be are refused', () => {
  assert.deepEqual(binomialInterval(0, 0), { low: 0, high: 1 })
  assert.throws(() => binomialInterval(3, 2), /successes: expected an integer from 0 to 2, got 3/)
  assert.throws(() => binomialInterval(1, 2, 95), /confidence/)
})

test('a prediction allows for the chance on both sides: worked by hand where nothing was seen', () => {
  // None of n, n to come: a share of at most y / n, where ½^y = 0.025.
  const { low, high } = predictionInterval(0, 1000, 1000)
  assert.equal(low, 0)
  assert.ok(Math.abs(high - Math.log(0.025) / Math.log(0.5) / 1000) < 1e-9)
  assert.deepEqual(predictionInterval(0, 0, 10), { low: 0, high: 1 })
  assert.throws(() => predictionInterval(1, 2, 0), /further: expected an integer ≥ 1, got 0/)
})

test('of predictions 95 % and more hold, and with many trials to come they become the interval of the probability', () => {
  const random = createRandom(1)
  const draw = (trials: number, probability: number) => {
    let successes = 0
    for (let trial = 0; trial < trials; trial++) successes += random.float64() < probability ? 1 : 0
    return successes
  }
  let inside = 0
  for (let run = 0; run < 1000; run++) {
    const { low, high } = predictionInterval(draw(500, 0.02), 500, 1500)
    const share = draw(1500, 0.02) / 1500
    if (low <= share && share <= high) inside++
  }
  assert.ok(inside >= 940 && inside < 1000, `${inside}`)
  const [far, sure] = [predictionInterval(7, 1000, 1e9), binomialInterval(7, 1000)]
  assert.ok(Math.abs(far.low - sure.low) < 0.05 * sure.low && Math.abs(far.high - sure.high) < 0.05 * sure.high)
})
