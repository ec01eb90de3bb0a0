import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeSet } from '../../test/support/adversarial-sets.ts'
import { turnedWidth, turnVector } from './exact-turning.ts'
import { orthonormalize } from './linear-algebra.ts'
import { createRandom } from './random.ts'
import { similarityJoin } from './similarity-join.ts'

/** `count` orthonormal axes for rows of `width` columns, a line a column. */
function axesOf(count: number, width: number): Float32Array {
  const random = createRandom(3)
  const vectors = Float64Array.from({ length: count * width }, () => random.normal())
  orthonormalize(vectors, count, width)
  return Float32Array.from({ length: count * width }, (_, i) => vectors[(i % count) * width + Math.floor(i / count)]!)
}

const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0)

test('rows turned along some axes or all keep their inner products', () => {
  const random = createRandom(4)
  const width = 32
  const [a, b] = [0, 1].map(() => Float64Array.from({ length: width }, () => random.normal())) as [
    Float64Array,
    Float64Array,
  ]
  for (const count of [5, width]) {
    const axes = axesOf(count, width)
    const [turnedA, turnedB] = [turnVector(a, axes, width), turnVector(b, axes, width)]
    assert.equal(turnedA.length, turnedWidth(axes, width))
    assert.equal(turnedA.length, count === width ? width : width + count)
    assert.ok(Math.abs(dot(turnedA, turnedB) - dot(a, b)) < 1e-5 * Math.sqrt(dot(a, a) * dot(b, b)))
  }
})

test('a join of many columns, which turns along the leading axes alone, finds the pairs of brute force', async () => {
  const { corpus } = makeSet('clusters', { rows: 3000, queries: 1, columns: 200, seed: 5 })
  const expected = await similarityJoin(corpus, undefined, { threshold: 0.7, engine: 'typescript' })
  assert.ok(expected.first.length > 0)
  for (const engine of ['simd', undefined] as const)
    assert.deepEqual(await similarityJoin(corpus, undefined, { threshold: 0.7, engine }), expected)
})
