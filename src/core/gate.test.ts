import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { InvalidVectorError, PassportMismatchError } from '../spec/errors.ts'
import { createMatrix } from '../spec/matrix.ts'
import { fakeModel } from '../testing/fake-model.ts'
import { assertVectors } from './gate.ts'

const { passport } = fakeModel({ dimensions: 2 })
const rows = (...values: number[]) => createMatrix(values.length / 2, 2, Float32Array.from(values), passport)
const refusesRow = (row: number | undefined) => (error: unknown) =>
  error instanceof InvalidVectorError && error.row === row

test('one finite unit row a text passes', () => {
  assertVectors(rows(1, 0, 0.6, 0.8), ['a', 'b'], passport)
  assertVectors(rows(), [], passport)
})

test('a wrong count and wrong dimensions are refused', () => {
  assert.throws(() => assertVectors(rows(1, 0), ['a', 'b'], passport), refusesRow(undefined))
  assert.throws(() => assertVectors(createMatrix(1, 3, Float32Array.of(1, 0, 0)), ['a'], passport), InvalidVectorError)
})

test('NaN, infinities, 1e39 in float32, zeros and wrong length name their row', () => {
  for (const bad of [NaN, Infinity, -Infinity, 1e39])
    assert.throws(() => assertVectors(rows(1, 0, bad, 0), ['a', 'b'], passport), refusesRow(1))
  assert.throws(() => assertVectors(rows(1, 0, 0, -0), ['a', 'b'], passport), refusesRow(1))
  assert.throws(() => assertVectors(rows(1, 0, 0.6, 0.9), ['a', 'b'], passport), refusesRow(1))
})

test('tiny and huge rows pass where no unit length is promised', () => {
  const loose = { ...passport, normalized: false }
  const plain = (x: number, y: number) => createMatrix(1, 2, Float32Array.of(x, y))
  fc.assert(
    fc.property(fc.double({ min: 1e-30, max: 1e30, noNaN: true }), (scale) =>
      assertVectors(plain(scale, -scale), ['a'], loose),
    ),
  )
})

test('one vector for all unlike texts is refused, for texts that share a word it is not', () => {
  const same = rows(1, 0, 1, 0)
  assert.throws(() => assertVectors(same, ['a cat', 'some dogs'], passport), refusesRow(0))
  assertVectors(same, ['A cat', 'cat!'], passport)
  assertVectors(same, ['the cat', 'cat the the'], passport)
  assertVectors(same, ['!', '?'], passport)
  assertVectors(rows(1, 0, 1, 0, 0, 1), ['a cat', 'some dogs', 'birds'], passport)
})

test("another model's vectors are refused", () => {
  const other = fakeModel({ dimensions: 2, seed: 1 }).passport
  assert.throws(() => assertVectors(rows(1, 0), ['a'], other), PassportMismatchError)
})
