import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { InvalidArgumentError } from '../spec/errors.ts'
import { createRandom, xoshiro128 } from './random.ts'

test("the bare generator gives the stream of the authors' C code", () => {
  // xoshiro128starstar.c 1.1 with state 1, 2, 3, 4.
  const next = xoshiro128(1, 2, 3, 4)
  const stream = Array.from({ length: 8 }, next)
  assert.deepEqual(stream, [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849])
})

test('a seed fixes the stream for good', () => {
  const random = createRandom(42)
  assert.deepEqual(
    [random.uint32(), random.uint32(), random.below(1000), random.float64(), random.normal(), random.normal()],
    [3844048114, 3515182704, 429, 0.7467585176683944, -0.594311160921335, 0.3415433936800909],
  )
})

test('near seeds, and seeds that differ in the high bits only, give unlike streams', () => {
  const first = new Set([0, 1, 2, 2 ** 32, 2 ** 33, -1, 2 ** 52].map((seed) => createRandom(seed).uint32()))
  assert.equal(first.size, 7)
})

test('uniform numbers have the mean and variance of the uniform distribution', () => {
  const random = createRandom(1)
  let sum = 0
  let squares = 0
  for (let i = 0; i < 100_000; i++) {
    const u = random.float64()
    assert.ok(u >= 0 && u < 1)
    sum += u
    squares += (u - 0.5) ** 2
  }
  assert.ok(Math.abs(sum / 100_000 - 0.5) < 0.005)
  assert.ok(Math.abs(squares / 100_000 - 1 / 12) < 0.002)
})

test('normal numbers have the moments and the tails of the normal distribution', () => {
  const random = createRandom(2)
  const moments = [0, 0, 0, 0]
  let beyondThree = 0
  for (let i = 0; i < 200_000; i++) {
    const z = random.normal()
    for (let p = 0; p < 4; p++) moments[p]! += z ** (p + 1) / 200_000
    if (Math.abs(z) > 3) beyondThree++
  }
  assert.ok(Math.abs(moments[0]!) < 0.01)
  assert.ok(Math.abs(moments[1]! - 1) < 0.01)
  assert.ok(Math.abs(moments[2]!) < 0.05)
  assert.ok(Math.abs(moments[3]! - 3) < 0.1)
  assert.ok(Math.abs(beyondThree / 200_000 - 0.0027) < 0.0006)
})

test('below(n) reaches each value equally often', () => {
  const random = createRandom(3)
  const counts = new Int32Array(7)
  for (let i = 0; i < 70_000; i++) counts[random.below(7)]!++
  // Chi-square with 6 degrees of freedom: 22.5 is the 99.9 % quantile.
  const chiSquare = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)
  assert.ok(chiSquare < 22.5, `chi-square ${chiSquare}`)
  assert.ok(createRandom(4).below(2 ** 32) >= 0)
  assert.equal(createRandom(4).below(1), 0)
})

test('shuffling keeps the values and reaches all six orders of three equally often', () => {
  const random = createRandom(5)
  const counts = new Map<string, number>()
  for (let i = 0; i < 6000; i++) {
    const order = random.shuffle(['a', 'b', 'c']).join('')
    counts.set(order, (counts.get(order) ?? 0) + 1)
  }
  assert.equal(counts.size, 6)
  for (const count of counts.values()) assert.ok(Math.abs(count - 1000) < 130)
})

test('a sample holds distinct integers of the range', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 60 }), fc.nat(), fc.nat(), (n, part, seed) => {
      const count = part % (n + 1)
      const drawn = createRandom(seed).sample(n, count)
      assert.equal(new Set(drawn).size, count)
      assert.ok(drawn.every((value) => value >= 0 && value < n))
    }),
    { seed: 6 },
  )
})

test('weighted drawing follows the weights and never takes a weight of zero', () => {
  const random = createRandom(7)
  const counts = [0, 0, 0, 0]
  for (let i = 0; i < 40_000; i++) counts[random.weighted([0, 1, 3, 0])]!++
  assert.equal(counts[0], 0)
  assert.equal(counts[3], 0)
  assert.ok(Math.abs(counts[2]! / 40_000 - 0.75) < 0.01)
})

test('a fork depends on seed and label, not on what was drawn before', () => {
  const early = createRandom(8)
  const late = createRandom(8)
  for (let i = 0; i < 10; i++) late.normal()
  assert.equal(early.fork('centroids').uint32(), late.fork('centroids').uint32())
  assert.notEqual(early.fork('a').uint32(), early.fork('b').uint32())
  assert.notEqual(early.fork(1).uint32(), early.fork(2).uint32())
  assert.notEqual(early.fork('').uint32(), createRandom(8).uint32())
})

test('arguments out of range are refused by name', () => {
  const random = createRandom()
  for (const call of [
    () => createRandom(0.5),
    () => createRandom(Number.NaN),
    () => random.below(0),
    () => random.below(2 ** 32 + 1),
    () => random.sample(3, 4),
    () => random.sample(-1, 0),
    () => random.weighted([]),
    () => random.weighted([0, 0]),
    () => random.weighted([1, -1]),
    () => random.weighted([Number.NaN]),
  ])
    assert.throws(call, InvalidArgumentError)
})
