import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createRandom } from '../kernels/random.ts'
import { createMatrix } from '../spec/matrix.ts'
import { representatives } from './representatives.ts'

function circle(degrees: readonly number[]) {
  const data = degrees.flatMap((angle) => [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)])
  return createMatrix(degrees.length, 2, Float32Array.from(data))
}

const named = (rows: number) => Array.from({ length: rows }, (_, i) => `id${String(i).padStart(3, '0')}`)

test('typical rows are the middles of the crowds, spread ones the ends of the set', async () => {
  const vectors = circle([0, 1, 2, 100, 101, 102, 230])
  const ids = named(7)
  const typical = await representatives(vectors, { size: 2, ids })
  assert.deepEqual([...typical.chosen].sort(), [1, 4])
  const spread = await representatives(vectors, { size: 3, method: 'spread', ids })
  assert.ok(spread.chosen.includes(6))
  assert.equal(typical.nearest[0], [...typical.chosen].indexOf(1))
})

test('the first of a larger sample are the smaller one, and every row knows its nearest chosen one', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 30 }), async (seed, rows) => {
      const random = createRandom(seed)
      const degrees = Array.from({ length: rows }, () => random.below(360))
      const [vectors, ids] = [circle(degrees), named(rows)]
      for (const method of ['typical', 'spread'] as const) {
        const all = await representatives(vectors, { size: rows, method, ids })
        assert.equal(new Set(all.chosen).size, rows)
        const size = 1 + random.below(rows)
        const few = await representatives(vectors, { size, method, ids })
        assert.deepEqual([...few.chosen], [...all.chosen.slice(0, size)])
        for (let row = 0; row < rows; row++) {
          const cosines = [...few.chosen].map((chosen) =>
            Math.cos((((degrees[row] as number) - (degrees[chosen] as number)) * Math.PI) / 180),
          )
          assert.ok(Math.abs((few.cosines[row] as number) - Math.max(...cosines)) < 1e-5)
        }
      }
    }),
    { numRuns: 30 },
  )
})

test('the order of the rows decides nothing', async () => {
  const degrees = Array.from({ length: 40 }, (_, i) => (i * 53) % 211)
  const ids = named(40)
  const order = [...createRandom(3).sample(40, 40)]
  for (const method of ['typical', 'spread'] as const) {
    const plain = await representatives(circle(degrees), { size: 7, method, ids })
    const shuffled = await representatives(circle(order.map((i) => degrees[i] as number)), {
      size: 7,
      method,
      ids: order.map((i) => ids[i] as string),
    })
    assert.deepEqual(
      [...shuffled.chosen].map((row) => ids[order[row] as number]),
      [...plain.chosen].map((row) => ids[row]),
    )
  }
})

test('one row, equal rows and sizes that cannot be', async () => {
  assert.deepEqual([...(await representatives(circle([5]), { size: 1, ids: ['a'] })).chosen], [0])
  const equal = await representatives(circle([5, 5, 5]), { size: 3, ids: named(3) })
  assert.equal(new Set(equal.chosen).size, 3)
  for (const size of [0, 4, 1.5])
    await assert.rejects(
      representatives(circle([1, 2, 3]), { size, ids: named(3) }),
      /options\.size: expected an integer from 1 to 3/,
    )
})
