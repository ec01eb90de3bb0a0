import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { InvalidArgumentError, InvalidVectorError } from '../spec/errors.ts'
import { createMatrix, toMatrix } from '../spec/matrix.ts'
import { type Precision, quantize, rangesOf } from './quantize.ts'

const reference = JSON.parse(readFileSync(new URL('../../test/reference/quantize.json', import.meta.url), 'utf8'))

test('every precision gives the bytes of sentence-transformers', () => {
  const rows = createMatrix(6, 19, Float32Array.from(reference.rows))
  const calibration = createMatrix(50, 19, Float32Array.from(reference.calibration))
  for (const precision of ['int8', 'uint8', 'binary', 'ubinary'] as Precision[])
    assert.deepEqual([...quantize(rows, { precision, calibration }).data], reference[precision], precision)
})

test('levels by hand: 0, 1 and 255 over [0, 255], held within the range, a constant column at the bottom', () => {
  const ranges = { least: Float32Array.of(0, 2), greatest: Float32Array.of(255, 2) }
  const rows = toMatrix([[0, 2], [1.5, 2], [300, 1], [-3, 4]]) // biome-ignore format: rows
  assert.deepEqual([...quantize(rows, { precision: 'uint8', ranges }).data], [0, 0, 1, 0, 255, 0, 0, 2])
  assert.deepEqual([...quantize(rows, { precision: 'int8', ranges }).data].slice(0, 4), [-128, -128, -127, -128])
})

test('bits by hand: the first dimension is the highest bit, zero is no bit, the last byte is padded', () => {
  const rows = toMatrix([[1, 0, -1, 2, 0, 0, 0, 0, 3]])
  assert.deepEqual([...quantize(rows, { precision: 'ubinary' }).data], [0b10010000, 0b10000000])
  assert.deepEqual([...quantize(rows, { precision: 'binary' }).data], [0b10010000 - 128, 0])
})

test('ranges are the least and greatest of each column', () => {
  const { least, greatest } = rangesOf(toMatrix([[1, -2], [0, 5]])) // biome-ignore format: rows
  assert.deepEqual([[...least], [...greatest]], [[0, -2], [1, 5]]) // biome-ignore format: one line
})

test('what has no ranges or is no number is refused, and no rows are no codes', () => {
  const one = toMatrix([[1, 2]])
  assert.throws(() => quantize(one, { precision: 'int8' }), /at least 2 rows to take ranges from, got 1/)
  assert.throws(() => quantize(one, { precision: 'uint8', calibration: toMatrix([[1]]) }), InvalidArgumentError)
  const narrow = { least: new Float32Array(1), greatest: new Float32Array(1) }
  assert.throws(() => quantize(one, { precision: 'int8', ranges: narrow }), InvalidArgumentError)
  // @ts-expect-error an unknown precision
  assert.throws(() => quantize(one, { precision: 'int4' }), InvalidArgumentError)
  const nan = createMatrix(1, 1, Float32Array.of(Number.NaN))
  assert.throws(() => quantize(nan, { precision: 'binary' }), InvalidVectorError)
  assert.equal(quantize(createMatrix(0, 3), { precision: 'int8' }).data.length, 0)
})
