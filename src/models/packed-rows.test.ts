import assert from 'node:assert/strict'
import test from 'node:test'
import { createRandom } from '../kernels/random.ts'
import { packRows, unpackRows } from './packed-rows.ts'

test('codes, scale and spread of a row worked by hand', () => {
  const table = new Int8Array(40)
  const codes = new Uint8Array(16).fill(0x88)
  codes[0] = 0xf1 // Column 0: 1 − 8; column 16: 15 − 8.
  const spreads = new Uint8Array(32).fill(64)
  unpackRows({ codes, scales: Uint8Array.of(128), spreads }, table, 4, 40)
  // −7 · 128 · 64 / 4096 = −14; 7 · 128 · 64 / 4096 = 14.
  assert.deepEqual(
    [...table],
    Array.from({ length: 40 }, (_, i) => (i === 4 ? -14 : i === 20 ? 14 : 0)),
  )
})

test('packed rows stay near their rows, large and small ones alike', () => {
  const random = createRandom(2)
  const [rows, columns] = [200, 64]
  const table = Int8Array.from({ length: rows * columns }, (_, i) => {
    const size = 4 + 20 * ((Math.floor(i / columns) % 5) / 4)
    return Math.max(-127, Math.min(127, Math.round(size * random.normal() * (1 - (i % columns) / 100))))
  })
  const back = new Int8Array(table.length)
  unpackRows(packRows(table, columns), back, 0, columns)
  for (let row = 0; row < rows; row++) {
    let [error, all] = [0, 0]
    for (let i = row * columns; i < (row + 1) * columns; i++) {
      error += (back[i]! - table[i]!) ** 2
      all += table[i]! ** 2
    }
    assert.ok(error < 0.04 * all, `row ${row}: ${error} of ${all}`)
  }
})

test('a row of zeros comes back as zeros', () => {
  const rows = new Int8Array(64)
  rows.fill(5, 32)
  const back = new Int8Array(64).fill(9)
  unpackRows(packRows(rows, 32), back, 0, 32)
  assert.deepEqual([...back.subarray(0, 32)], new Array(32).fill(0))
  assert.deepEqual([...back.subarray(32)], new Array(32).fill(5))
})
