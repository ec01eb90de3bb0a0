import assert from 'node:assert/strict'
import { test } from 'node:test'
import { binomialInterval } from './binomial-interval.ts'

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
