import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createMatrix, toMatrix } from '../spec/matrix.ts'
import { gramOfColumns } from './gram.ts'
import { createRandom } from './random.ts'

const engines = ['typescript', 'simd', 'relaxed'] as const

test('the products of (1, 3), (2, 5) are 5, 13 and 34, and less their means 0.5, 1 and 2', async () => {
  const matrix = toMatrix([
    [1, 3],
    [2, 5],
  ])
  for (const engine of engines) {
    assert.deepEqual((await gramOfColumns(matrix, { centred: false, engine })).products, Float64Array.of(5, 13, 13, 34))
    const { products, means } = await gramOfColumns(matrix, { centred: true, engine })
    assert.deepEqual(products, Float64Array.of(0.5, 1, 1, 2))
    assert.deepEqual(means, Float64Array.of(1.5, 4))
  }
})

test('products are those of float64 within the promised error, on every shape', async () => {
  const shape = fc.record({
    rows: fc.integer({ min: 1, max: 700 }),
    columns: fc.integer({ min: 1, max: 40 }),
    centred: fc.boolean(),
    scale: fc.constantFrom(1e-30, 1e-3, 1, 1e30),
    offset: fc.constantFrom(0, 1, -30),
    seed: fc.nat(),
  })
  await fc.assert(
    fc.asyncProperty(shape, async ({ rows, columns, centred, scale, offset, seed }) => {
      const random = createRandom(seed)
      const data = Float32Array.from({ length: rows * columns }, () => (random.normal() + offset) * scale)
      const { products } = await gramOfColumns(createMatrix(rows, columns, data), { centred })
      const means = new Float64Array(columns)
      if (centred) for (let at = 0; at < data.length; at++) means[at % columns]! += data[at]! / rows
      const want = new Float64Array(columns * columns)
      for (let k = 0; k < rows; k++)
        for (let i = 0; i < columns; i++)
          for (let j = 0; j < columns; j++)
            want[i * columns + j]! += (data[k * columns + i]! - means[i]!) * (data[k * columns + j]! - means[j]!)
      const norms = Array.from({ length: columns }, (_, i) => Math.sqrt(want[i * columns + i]!))
      for (let i = 0; i < columns; i++)
        for (let j = 0; j < columns; j++) {
          const error = Math.abs(products[i * columns + j]! - want[i * columns + j]!)
          const bound = 260 * 2 ** -24 * norms[i]! * norms[j]!
          // What the mean's own rounding leaves where all rows are nearly the same.
          const rounding = rows * (2 ** -50 * scale * (4 + Math.abs(offset))) ** 2
          assert.ok(error <= bound + rounding, `${error} at ${i}, ${j}`)
          assert.equal(products[i * columns + j], products[j * columns + i])
        }
    }),
    { seed: 6, numRuns: 60 },
  )
})

test('engines and threads give the same bytes, in one chunk and in several', async () => {
  for (const [rows, columns] of [
    [3, 1],
    [257, 9],
    [700, 33],
    [3000, 410],
  ] as const) {
    const random = createRandom(rows)
    const matrix = createMatrix(
      rows,
      columns,
      Float32Array.from({ length: rows * columns }, () => random.normal()),
    )
    const first = await gramOfColumns(matrix, { centred: true, engine: 'typescript' })
    for (const engine of ['simd', 'relaxed'] as const)
      for (const threads of [1, 2, 3])
        assert.deepEqual(await gramOfColumns(matrix, { centred: true, engine, threads }), first)
  }
})

test('a row that is not finite is named', async () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const matrix = createMatrix(500, 3, new Float32Array(1500).fill(1))
    matrix.data[1201] = value
    await assert.rejects(gramOfColumns(matrix, { centred: true }), { row: 400 })
  }
})
