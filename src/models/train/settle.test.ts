import assert from 'node:assert/strict'
import test from 'node:test'
import { createRandom } from '../../kernels/random.ts'
import { settle } from './settle.ts'

const [rows, columns, width] = [400, 3, 5]

/** Rows that are a linear map of their features; the last 100 have learnt something else. */
function world() {
  const random = createRandom(2)
  const features = Float64Array.from({ length: rows * width }, () => random.normal())
  const map = Float64Array.from({ length: columns * (width + 1) }, () => random.normal())
  const lawful = new Float32Array(rows * columns)
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      let value = map[column * (width + 1) + width]!
      for (let i = 0; i < width; i++) value += features[row * width + i]! * map[column * (width + 1) + i]!
      lawful[row * columns + column] = value
    }
  const table = lawful.map((value, i) => (i < (rows - 100) * columns ? value : random.normal()))
  const of = (row: number, output: Float64Array) => output.set(features.subarray(row * width, (row + 1) * width))
  return { lawful, table, of }
}

const all = { from: 0, to: rows }

test('a row that was never met becomes what its features foretell, one met often stays', () => {
  const { lawful, table, of } = world()
  const met = Float64Array.from({ length: rows }, (_, row) => (row < rows - 100 ? 1e6 : 0))
  settle(table, columns, all, met, 10, width, of)
  // The ridge takes a thousandth.
  for (let i = 0; i < table.length; i++) assert.ok(Math.abs(table[i]! - lawful[i]!) < 0.02, `value ${i}`)
})

test('after `halfway` meetings a row is half its own; rows outside the range are left alone', () => {
  const { lawful, table, of } = world()
  const met = Float64Array.from({ length: rows }, (_, row) => (row === rows - 1 ? 10 : row < rows - 100 ? 1e6 : 0))
  const before = table.slice()
  settle(table, columns, { from: 0, to: rows - 1 }, met, 10, width, of)
  assert.deepEqual(table.slice((rows - 1) * columns), before.slice((rows - 1) * columns))
  const again = before.slice()
  settle(again, columns, all, met, 10, width, of)
  for (let i = (rows - 1) * columns; i < again.length; i++)
    assert.ok(Math.abs(again[i]! - (before[i]! + lawful[i]!) / 2) < 0.1)
})

test('a table no row of which was met is left as it is', () => {
  const { table, of } = world()
  const before = table.slice()
  settle(table, columns, all, new Float64Array(rows), 10, width, of)
  assert.deepEqual(table, before)
})
