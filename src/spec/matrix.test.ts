import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InvalidArgumentError, InvalidVectorError } from './errors.ts'
import { assertComparable, assertFinite, createMatrix, rowOf, toMatrix } from './matrix.ts'

test('rows are packed in order and read back as views', () => {
  const matrix = toMatrix([
    [1, 2],
    [3, 4],
  ])
  assert.deepEqual([...rowOf(matrix, 1)], [3, 4])
  rowOf(matrix, 1)[0] = 9
  assert.equal(matrix.data[2], 9)
})

test('rows of unlike length are refused by name', () => {
  assert.throws(() => toMatrix([[1, 2], [3]]), /row 1: expected 2 values like row 0, got 1/)
})

test('a value that float32 cannot hold is refused after rounding, naming its row', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 1e39])
    assert.throws(
      () =>
        toMatrix([
          [0, 1],
          [2, value],
        ]),
      (error: unknown) => error instanceof InvalidVectorError && error.row === 1,
    )
  assert.doesNotThrow(() => assertFinite(toMatrix([[1e-45, -0, 3.4e38]])))
})

test('data of another size than rows × columns is refused', () => {
  assert.throws(() => createMatrix(2, 3, new Float32Array(5)), InvalidArgumentError)
  assert.throws(() => createMatrix(-1, 3), InvalidArgumentError)
  assert.throws(() => createMatrix(1.5, 3), InvalidArgumentError)
})

test('matrices of unlike width are not compared', () => {
  assert.throws(() => assertComparable(createMatrix(1, 3), createMatrix(1, 4)), /expected 3 dimensions, got 4/)
})
