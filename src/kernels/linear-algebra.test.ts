import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { InvalidArgumentError } from '../spec/errors.ts'
import { cholesky, orthonormalize, solveCholesky } from './linear-algebra.ts'
import { createRandom } from './random.ts'

const close = (got: number, want: number, tolerance: number) =>
  assert.ok(Math.abs(got - want) <= tolerance, `${got} is not ${want}`)

function assertOrthonormal(vectors: Float64Array, count: number, size: number) {
  for (let i = 0; i < count; i++)
    for (let j = 0; j <= i; j++) {
      let dot = 0
      for (let c = 0; c < size; c++) dot += vectors[i * size + c]! * vectors[j * size + c]!
      close(dot, i === j ? 1 : 0, 1e-12)
    }
}

test('orthonormalising keeps the span of each prefix and replaces dependent rows', () => {
  const vectors = Float64Array.of(3, 0, 0, 0, 6, 0, 0, 0, 1, 2, 0, 0)
  orthonormalize(vectors, 3, 4)
  assertOrthonormal(vectors, 3, 4)
  assert.deepEqual([...vectors.subarray(0, 4)], [1, 0, 0, 0])
  const zeros = new Float64Array(16)
  orthonormalize(zeros, 4, 4)
  assertOrthonormal(zeros, 4, 4)
  assert.throws(() => orthonormalize(new Float64Array(4), 4, 1), InvalidArgumentError)
})

test('Cholesky solves what it factored', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.nat(), (size, seed) => {
      const random = createRandom(seed)
      const factors = Float64Array.from({ length: size * size }, () => random.normal())
      const matrix = new Float64Array(size * size)
      for (let i = 0; i < size; i++)
        for (let j = 0; j < size; j++) {
          matrix[i * size + j] = i === j ? 1 : 0
          for (let r = 0; r < size; r++) matrix[i * size + j]! += factors[i * size + r]! * factors[j * size + r]!
        }
      const want = Float64Array.from({ length: size }, () => random.normal())
      const right = want.map((_, i) => want.reduce((sum, value, j) => sum + matrix[i * size + j]! * value, 0))
      solveCholesky(cholesky(matrix, size), right).forEach((value, i) => {
        close(value, want[i]!, 1e-9)
      })
    }),
    { seed: 2 },
  )
})

test('what cannot be decomposed is refused by row', () => {
  assert.throws(() => cholesky(Float64Array.of(1, 2, 2, 1), 2), { code: 'invalid-vector', row: 1 })
  assert.throws(() => cholesky(Float64Array.of(1), 2), InvalidArgumentError)
  assert.throws(() => solveCholesky(Float64Array.of(1), Float64Array.of(1, 2)), InvalidArgumentError)
})
