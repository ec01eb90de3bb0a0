import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { InvalidArgumentError, InvalidVectorError, PassportMismatchError } from '../spec/errors.ts'
import { createMatrix, toMatrix } from '../spec/matrix.ts'
import type { Passport } from '../spec/passport.ts'
import { cosineSimilarity, similarityMatrix, topK } from './compare.ts'
import { setBit } from './selection.ts'

const passport: Passport = {
  provider: 'test',
  model: 'one',
  weightsDigest: '',
  tokenizerDigest: '',
  dimensions: 2,
  pooling: 'none',
  queryPrompt: '',
  documentPrompt: '',
  normalized: false,
  maxTokens: null,
  dtype: 'float32',
}

test('cosine of (3, 4) and (4, 3) is 24/25', () => {
  assert.equal(cosineSimilarity([3, 4], [4, 3]), 24 / 25)
  assert.equal(cosineSimilarity([1, 0], [0, 1]), 0)
  assert.equal(cosineSimilarity([1, 2], [-1, -2]), -1)
})

test('cosine does not depend on the scale of either vector, from 1e-30 to 1e30 and beyond', () => {
  for (const scale of [1e-300, 1e-30, 1, 1e30, 1e300])
    assert.ok(Math.abs(cosineSimilarity([3 * scale, 4 * scale], [4, 3]) - 0.96) < 1e-15)
  assert.equal(cosineSimilarity([5e-324, 0], [5e-324, 0]), 1)
  assert.equal(cosineSimilarity(new Float32Array([1e-30, 0]), new Float32Array([1e30, 0])), 1)
})

test('a vector is exactly 1 alike to itself and the cosine is symmetric and within [-1, 1]', () => {
  const vector = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 3, maxLength: 3 })
  fc.assert(
    fc.property(vector, vector, (a, b) => {
      fc.pre(a.some((x) => x !== 0) && b.some((x) => x !== 0))
      assert.equal(cosineSimilarity(a, a), 1)
      const both = cosineSimilarity(a, b)
      assert.equal(both, cosineSimilarity(b, a))
      assert.ok(both >= -1 && both <= 1)
    }),
  )
})

test('a zero vector, NaN and infinities have no cosine', () => {
  assert.throws(() => cosineSimilarity([0, 0], [1, 0]), InvalidVectorError)
  assert.throws(() => cosineSimilarity([Number.NaN, 0], [1, 0]), InvalidVectorError)
  assert.throws(() => cosineSimilarity([1, 0], [Infinity, 0]), InvalidVectorError)
  assert.throws(() => cosineSimilarity([1, 0], [1, 0, 0]), InvalidArgumentError)
  const zero = createMatrix(2, 2, new Float32Array([1, 0, 0, 0]))
  assert.throws(() => cosineSimilarity(zero, zero), /row 1: expected a vector other than zero/)
  assert.throws(() => similarityMatrix(zero), InvalidVectorError)
})

test('matrices are compared row by row', () => {
  const a = toMatrix([[3, 4], [1, 0]]) // biome-ignore format: rows
  const b = toMatrix([[4, 3], [-2, 0]]) // biome-ignore format: rows
  assert.deepEqual([...cosineSimilarity(a, b)], [24 / 25, -1])
})

test('the similarity matrix holds each pair, in the metric asked for', () => {
  const a = toMatrix([[3, 4], [1, 0]]) // biome-ignore format: rows
  const b = toMatrix([[0, 0], [3, 0], [4, 3]]) // biome-ignore format: rows
  assert.deepEqual([...similarityMatrix(a, b, { metric: 'ip' }).data], [0, 9, 24, 0, 3, 4])
  assert.deepEqual([...similarityMatrix(a, b, { metric: 'l2' }).data].slice(0, 2), [-5, -4])
  assert.deepEqual([...similarityMatrix(a).data], [1, Math.fround(0.6), Math.fround(0.6), 1])
})

test('vectors of two models never meet', () => {
  const a = createMatrix(1, 2, new Float32Array([1, 0]), passport)
  const b = createMatrix(1, 2, new Float32Array([1, 0]), { ...passport, model: 'other' })
  for (const call of [() => cosineSimilarity(a, b), () => similarityMatrix(a, b), () => topK(a, b)])
    assert.throws(call, PassportMismatchError)
})

test('top k ranks equal scores by the smaller id and pads with -1 and NaN', () => {
  const corpus = toMatrix([[0, 1], [1, 0], [1, 0], [2, 0]]) // biome-ignore format: rows
  const query = toMatrix([[1, 0]])
  assert.deepEqual([...topK(query, corpus, { topK: 4, metric: 'ip' }).ids], [3, 1, 2, 0])
  assert.deepEqual([...topK(query, corpus, { topK: 2, metric: 'l2' }).ids], [1, 2])
  const padded = topK(query, corpus, { topK: 6, metric: 'cosine' })
  assert.deepEqual([...padded.ids], [1, 2, 3, 0, -1, -1])
  assert.deepEqual([...padded.scores], [1, 1, 1, 0, Number.NaN, Number.NaN])
})

test('a filter is a bitmap or a list of ids, and one that does not fit is refused', () => {
  const corpus = toMatrix([[0, 1], [1, 0], [1, 0], [2, 0]]) // biome-ignore format: rows
  const query = toMatrix([[1, 0]])
  const bitmap = new Uint8Array(1)
  setBit(bitmap, 0)
  setBit(bitmap, 2)
  const options = { topK: 3, metric: 'ip' } as const
  assert.deepEqual([...topK(query, corpus, { ...options, filter: bitmap }).ids], [2, 0, -1])
  assert.deepEqual([...topK(query, corpus, { ...options, filter: Int32Array.of(2, 0) }).ids], [2, 0, -1])
  assert.throws(() => topK(query, corpus, { filter: new Uint8Array(2) }), /a bitmap of 1 bytes for 4 rows/)
  assert.throws(() => topK(query, corpus, { filter: Int32Array.of(4) }), /ids from 0 to 3/)
})

test('bad numbers and options are refused', () => {
  const query = toMatrix([[1, 0]])
  const bad = createMatrix(1, 2, new Float32Array([1e39, 0]))
  assert.throws(() => topK(query, bad), InvalidVectorError)
  assert.throws(() => topK(bad, query), InvalidVectorError)
  for (const k of [0, -1, 1.5, Number.NaN]) assert.throws(() => topK(query, query, { topK: k }), InvalidArgumentError)
  // @ts-expect-error an unknown metric
  assert.throws(() => topK(query, query, { metric: 'cosin' }), InvalidArgumentError)
})

test('top k agrees with sorting every score', () => {
  const value = fc.integer({ min: -3, max: 3 })
  const rows = fc.array(fc.array(value, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 8 }), (values, k) => {
      const corpus = toMatrix(values)
      const query = toMatrix([[1, 2, -1]])
      const expected = values
        .map((row, id) => ({ id, score: (row[0] as number) + 2 * (row[1] as number) - (row[2] as number) }))
        .sort((a, b) => b.score - a.score || a.id - b.id)
        .slice(0, k)
      const found = topK(query, corpus, { topK: k, metric: 'ip' })
      assert.deepEqual([...found.ids].slice(0, expected.length), expected.map((row) => row.id)) // biome-ignore format: one line
    }),
  )
})
