import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { makeSet } from '../../test/support/adversarial-sets.ts'
import { InvalidArgumentError, InvalidVectorError } from '../spec/errors.ts'
import { createRandom } from './random.ts'
import { fastSymmetricEigen, symmetricEigen } from './symmetric-eigen.ts'

const close = (got: number, want: number, tolerance: number) =>
  assert.ok(Math.abs(got - want) <= tolerance, `${got} is not ${want}`)

function randomSymmetric(size: number, seed: number, rank = size): Float64Array {
  const random = createRandom(seed)
  const factors = Float64Array.from({ length: rank * size }, () => random.normal())
  const matrix = new Float64Array(size * size)
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++)
      for (let r = 0; r < rank; r++)
        matrix[i * size + j]! += (r % 2 === 0 ? 1 : -1) * factors[r * size + i]! * factors[r * size + j]!
  return matrix
}

function assertOrthonormal(vectors: Float64Array, count: number, size: number) {
  for (let i = 0; i < count; i++)
    for (let j = 0; j <= i; j++) {
      let dot = 0
      for (let c = 0; c < size; c++) dot += vectors[i * size + c]! * vectors[j * size + c]!
      close(dot, i === j ? 1 : 0, 1e-12)
    }
}

test('the eigenvectors of [[2, 1], [1, 2]] are the diagonals with eigenvalues 3 and 1', () => {
  const { values, vectors } = symmetricEigen(Float64Array.of(2, 1, 1, 2), 2)
  close(values[0]!, 3, 1e-15)
  close(values[1]!, 1, 1e-15)
  close(Math.abs(vectors[0]!), Math.SQRT1_2, 1e-15)
  close(vectors[0]! - vectors[1]!, 0, 1e-15)
})

test('what rounding leaves of equal rows less their mean is solved too', () => {
  const [rows, columns, size] = [300, 55, 64]
  for (let seed = 20; seed < 30; seed++) {
    const { corpus } = makeSet('all equal', { rows, queries: 1, columns, seed })
    const mean = new Float64Array(columns)
    for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) mean[j]! += corpus.data[i * columns + j]! / rows
    const gram = new Float64Array(size * size)
    for (let i = 0; i < rows; i++)
      for (let a = 0; a < columns; a++)
        for (let b = 0; b <= a; b++)
          gram[a * size + b]! += (corpus.data[i * columns + a]! - mean[a]!) * (corpus.data[i * columns + b]! - mean[b]!)
    assertOrthonormal(symmetricEigen(gram, size).vectors, size, size)
  }
})

test('eigenvectors are orthonormal, in order, and rebuild the matrix', () => {
  const arbitrary = fc.record({
    size: fc.integer({ min: 1, max: 24 }),
    seed: fc.nat(),
    rank: fc.integer({ min: 0, max: 24 }),
  })
  fc.assert(
    fc.property(arbitrary, ({ size, seed, rank }) => {
      const matrix = randomSymmetric(size, seed, rank)
      const { values, vectors } = symmetricEigen(matrix, size)
      assertOrthonormal(vectors, size, size)
      const scale = Math.max(1, Math.abs(values[0]!), Math.abs(values[size - 1]!))
      for (let i = 1; i < size; i++) assert.ok(values[i]! <= values[i - 1]!)
      for (let i = 0; i < size; i++)
        for (let j = 0; j < size; j++) {
          let sum = 0
          for (let v = 0; v < size; v++) sum += values[v]! * vectors[v * size + i]! * vectors[v * size + j]!
          close(sum, matrix[i * size + j]!, 1e-12 * scale * size)
        }
    }),
    { seed: 1 },
  )
})

test('matrices without work to do keep their eigenvalues: zero, identity, diagonal, one value, none', () => {
  assert.deepEqual([...symmetricEigen(new Float64Array(9), 3).values], [0, 0, 0])
  assert.deepEqual([...symmetricEigen(Float64Array.of(1, 0, 0, 1), 2).values], [1, 1])
  assert.deepEqual([...symmetricEigen(Float64Array.of(1, 0, 0, 0, 5, 0, 0, 0, -2), 3).values], [5, 1, -2])
  assert.deepEqual([...symmetricEigen(Float64Array.of(-4), 1).values], [-4])
  assert.deepEqual([...symmetricEigen(new Float64Array(0), 0).values], [])
})

test('huge and tiny entries neither overflow nor vanish', () => {
  for (const scale of [1e150, 1e-150]) {
    const matrix = randomSymmetric(8, 3).map((value) => value * scale)
    const { values, vectors } = symmetricEigen(matrix, 8)
    assertOrthonormal(vectors, 8, 8)
    close(values[0]! / scale, symmetricEigen(randomSymmetric(8, 3), 8).values[0]!, 1e-12)
  }
})

test('the compiled kernel gives the same bytes', async () => {
  for (const size of [1, 2, 31, 32, 33, 50, 67]) {
    const matrix = randomSymmetric(size, size, Math.max(1, size - 3))
    for (const engine of ['typescript', 'simd', 'relaxed'] as const)
      assert.deepEqual(await fastSymmetricEigen(matrix, size, { engine }), symmetricEigen(matrix, size))
  }
})

test('what has no eigenvectors is refused', async () => {
  assert.throws(() => symmetricEigen(Float64Array.of(1, 0, Number.NaN, 1), 2), InvalidVectorError)
  assert.throws(() => symmetricEigen(Float64Array.of(1, 2, 3), 2), InvalidArgumentError)
  await assert.rejects(fastSymmetricEigen(new Float64Array(40 * 40).fill(Number.NaN), 40, { engine: 'simd' }), {
    row: 0,
  })
})
