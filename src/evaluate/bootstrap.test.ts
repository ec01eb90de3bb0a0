import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom } from '../kernels/random.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import { bootstrapReplicates, countedMean, percentileInterval } from './bootstrap.ts'
import { pairedBootstrap } from './paired-bootstrap.ts'

test('every draw has as many items as there are, and a seed fixes them', () => {
  const draws: number[][] = []
  const measure = (counts: Int32Array) => draws.push([...counts])
  bootstrapReplicates(5, measure, { resamples: 3, seed: 4 })
  assert.ok(draws.every((counts) => counts.reduce((sum, count) => sum + count, 0) === 5))
  const again = bootstrapReplicates(5, (counts) => counts[0] as number, { resamples: 3, seed: 4 })
  assert.deepEqual(
    [...again],
    draws.slice(0, 3).map(([first]) => first),
  )
})

test('the percentile interval is R-7: worked by hand', () => {
  const { low, high, level } = percentileInterval(Float64Array.from([4, 1, 3, 2, 5]), 0.5)
  assert.deepEqual([low, high, level], [2, 4, 0.5])
  const narrow = percentileInterval(Float64Array.from([10, 20]), 0.5)
  assert.deepEqual([narrow.low, narrow.high], [12.5, 17.5])
})

test('a 95 % interval of a mean holds the true mean about 95 times in 100', () => {
  const random = createRandom(3)
  let held = 0
  for (let run = 0; run < 200; run++) {
    const values = Float64Array.from({ length: 80 }, () => random.normal())
    const { low, high } = percentileInterval(
      bootstrapReplicates(80, (counts) => countedMean(values, counts), { resamples: 400, seed: run }),
    )
    if (low <= 0 && 0 <= high) held++
  }
  assert.ok(held >= 180 && held <= 199, `${held} of 200`)
})

test('a paired difference cancels what is hard for both', () => {
  const random = createRandom(1)
  const hardness = Float64Array.from({ length: 100 }, () => random.float64())
  const better = hardness.map((score) => score + 0.02 + 0.01 * random.normal())
  const { difference, interval, isDetectable } = pairedBootstrap(better, hardness)
  assert.ok(isDetectable && interval.low > 0 && difference > 0.01 && difference < 0.03)
  assert.equal(pairedBootstrap(hardness, hardness).isDetectable, false)
})

test('what cannot be drawn or compared is refused', () => {
  assert.throws(() => bootstrapReplicates(0, () => 0), InvalidArgumentError)
  assert.throws(() => bootstrapReplicates(1, () => 0, { resamples: 0.5 }), InvalidArgumentError)
  assert.throws(() => percentileInterval(Float64Array.of(1), 1), InvalidArgumentError)
  assert.throws(() => percentileInterval(Float64Array.of(1, Number.NaN)), InvalidArgumentError)
  assert.throws(() => pairedBootstrap([1], [1, 2]), /b: expected 1 scores like a, got 2/)
  assert.throws(() => pairedBootstrap([Number.NaN], [1]), /item 0/)
})
