import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom } from '../kernels/random.ts'
import { PairTail } from './pair-tail.ts'

/** Cosines of random pairs as models have them: a bell with a tail to the right. */
function background(pairs: number, seed = 1): Float64Array {
  const random = createRandom(seed)
  return Float64Array.from({ length: pairs }, () => 0.05 + 0.1 * random.normal()).sort()
}

function shareAbove(cosines: Float64Array, threshold: number): number {
  return cosines.filter((cosine) => cosine >= threshold).length / cosines.length
}

test('the threshold of a rate lets through about that share of fresh pairs, counted or extrapolated', () => {
  const tail = new PairTail({ cosines: background(20_000) })
  const fresh = background(1_000_000, 2)
  for (const [rate, factor] of [
    [0.1, 1.1],
    [0.01, 1.2],
    [0.001, 1.6],
    [0.0001, 4],
  ] as const) {
    const realised = shareAbove(fresh, tail.threshold(rate))
    assert.ok(realised > rate / factor && realised < rate * factor, `${rate}: ${realised}`)
  }
})

test('the interval of a threshold holds the share of fresh pairs', () => {
  const tail = new PairTail({ cosines: background(20_000) })
  const fresh = background(1_000_000, 2)
  for (const threshold of [0.2, 0.3, 0.35, 0.45]) {
    const { low, high, rate, support } = tail.falseAlarms(threshold)
    const realised = shareAbove(fresh, threshold)
    assert.ok(low <= realised && realised <= high, `${threshold}: ${realised} outside ${low}–${high}`)
    assert.ok(low <= rate && rate <= high)
    assert.equal(support, threshold < 0.4 ? 'counted' : 'extrapolated')
  }
})

test('duplicates among the random pairs do not raise the threshold', () => {
  const clean = background(20_000)
  const mixed = clean.slice()
  for (let i = 0; i < 100; i++) mixed[i * 200] = 0.97
  mixed.sort()
  const [pure, dirty] = [new PairTail({ cosines: clean }), new PairTail({ cosines: mixed })]
  assert.ok(Math.abs(pure.threshold(0.001) - dirty.threshold(0.001)) < 0.01)
  assert.ok(dirty.threshold(1e-6) < 0.97)
})

test('larger rates have smaller thresholds, down to the rarest', () => {
  const tail = new PairTail({ cosines: background(5000) })
  let before = Number.POSITIVE_INFINITY
  for (let rate = 1e-9; rate <= 0.5; rate *= 1.7) {
    const threshold = tail.threshold(rate)
    assert.ok(threshold <= before, `${rate}`)
    before = threshold
  }
})

test('too few pairs and impossible rates are refused', () => {
  assert.throws(
    () => new PairTail({ cosines: background(99) }),
    /cosines: expected those of at least 100 pairs, got 99/,
  )
  const tail = new PairTail({ cosines: background(100) })
  for (const rate of [0, -1, 0.6, Number.NaN]) assert.throws(() => tail.threshold(rate), /falseAlarmRate/)
})

test('pairs all alike have one threshold', () => {
  const tail = new PairTail({ cosines: new Float64Array(500).fill(0.5) })
  assert.ok(Math.abs(tail.threshold(0.01) - 0.5) < 1e-6)
})

test('pairs of the same few items say less than pairs of many: their interval is wider', () => {
  const n = 150
  const random = createRandom(1)
  const lean = Float64Array.from({ length: n }, () => 0.2 * random.normal())
  const [cosines, first, second]: number[][] = [[], [], []]
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++) {
      cosines?.push(0.1 * random.normal() + (lean[i] as number) * (lean[j] as number))
      first?.push(i)
      second?.push(j)
    }
  const drawn = Float64Array.from(cosines as number[])
  const plain = new PairTail({ cosines: drawn }).falseAlarms(0.2)
  const aware = new PairTail({
    cosines: drawn,
    first: Int32Array.from(first as number[]),
    second: Int32Array.from(second as number[]),
  }).falseAlarms(0.2)
  assert.equal(aware.rate, plain.rate)
  assert.ok(aware.high - aware.low > 1.2 * (plain.high - plain.low))
})

test('copies of one thing say it once: their interval is wider than that of as many things', () => {
  const n = 160
  const random = createRandom(2)
  const things = Array.from({ length: n }, () => Float64Array.from({ length: n }, () => 0.1 + 0.1 * random.normal()))
  const intervalOf = (copies: number) => {
    const [cosines, first, second]: number[][] = [[], [], []]
    for (let i = 0; i < n; i++)
      for (let j = i + 1; j < n; j++) {
        const [a, b] = [Math.floor(i / copies), Math.floor(j / copies)]
        cosines?.push(a === b ? 0.99 : (things[a]?.[b] as number))
        first?.push(i)
        second?.push(j)
      }
    const tail = new PairTail({
      cosines: Float64Array.from(cosines as number[]),
      first: Int32Array.from(first as number[]),
      second: Int32Array.from(second as number[]),
    })
    const { low, high, rate } = tail.falseAlarms(0.25)
    return (high - low) / rate
  }
  assert.ok(intervalOf(2) > 1.2 * intervalOf(1))
})
