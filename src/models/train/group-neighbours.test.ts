import assert from 'node:assert/strict'
import test from 'node:test'
import { createRandom } from '../../kernels/random.ts'
import { groupNeighbours } from './group-neighbours.ts'

const columns = 8

function circle(texts: number): Float32Array {
  const vectors = new Float32Array(texts * columns)
  for (let i = 0; i < texts; i++) {
    vectors[i * columns] = Math.cos((2 * Math.PI * i) / texts)
    vectors[i * columns + 1] = Math.sin((2 * Math.PI * i) / texts)
  }
  return vectors
}

test('runs hold near texts, every text stands in one, and the same seed gives the same order', () => {
  const vectors = circle(256)
  const shuffled = createRandom(1).shuffle(Int32Array.from({ length: 256 }, (_, i) => i))
  const order = shuffled.slice()
  groupNeighbours(order, vectors, columns, 8, createRandom(2))
  assert.deepEqual(order.toSorted(), shuffled.toSorted())
  let apart = 0
  for (let i = 0; i < 256; i++) {
    const around = Math.abs(order[i]! - order[i - (i % 8)]!)
    apart += Math.min(around, 256 - around) / 256
  }
  // Chance alone would give 64 places.
  assert.ok(apart < 12, `${apart} places apart in the mean`)
  const again = shuffled.slice()
  groupNeighbours(again, vectors, columns, 8, createRandom(2))
  assert.deepEqual(again, order)
})

test('equal texts, a last run that is not full, and runs of one are divided too', () => {
  const same = new Float32Array(21 * columns).fill(0.5)
  const order = Int32Array.from({ length: 21 }, (_, i) => i)
  groupNeighbours(order, same, columns, 4, createRandom(3))
  assert.deepEqual(
    order.toSorted(),
    Int32Array.from({ length: 21 }, (_, i) => i),
  )
  const alone = Int32Array.of(2, 0, 1)
  groupNeighbours(alone, same, columns, 1, createRandom(3))
  assert.deepEqual(alone, Int32Array.of(2, 0, 1))
})
