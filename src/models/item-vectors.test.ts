import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom } from '../kernels/random.ts'
import { itemVectors, parseBaskets } from './item-vectors.ts'

test('items bought together end near each other, whatever their order in the basket', async () => {
  const random = createRandom(1)
  const kinds = [
    ['tent', 'lamp', 'stove', 'mat', 'rope'],
    ['pen', 'paper', 'ink', 'ruler', 'clip'],
  ]
  const baskets = Array.from({ length: 600 }, () => {
    const kind = kinds[random.below(2)]!
    return Array.from(random.sample(5, 3), (i) => kind[i]!)
  })
  const vectors = await itemVectors(baskets, { dimensions: 16 })
  const also = vectors.mostSimilar({ positive: ['tent'], topK: 4 }).map(({ word }) => word)
  assert.deepEqual(also.toSorted(), ['lamp', 'mat', 'rope', 'stove'])
  assert.deepEqual((await itemVectors(baskets, { dimensions: 16 })).vectors.data, vectors.vectors.data)
})

test('baskets are read by line; unknown and empty ids are refused with the line', async () => {
  assert.deepEqual(parseBaskets('a,b, a\n\nb\tc\r\n'), [
    ['a', 'b'],
    ['b', 'c'],
  ])
  const known = new Set(['a', 'b'])
  assert.throws(
    () => parseBaskets('a,b\na,x\n', { known, path: 'orders.csv' }),
    /^UnreadableInputError: orders.csv:2: expected ids of known items, got "x"/,
  )
  assert.throws(
    () => parseBaskets('a,,b'),
    /baskets:1: expected ids with commas or tabs between them, got an empty one/,
  )
  await assert.rejects(itemVectors([['a'], ['b']]), /at least one with two items/)
  await assert.rejects(itemVectors([['a', 'b']]), /at least 2 different words that occur 2 times/)
})
