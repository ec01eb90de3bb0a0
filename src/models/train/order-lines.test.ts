import assert from 'node:assert/strict'
import test from 'node:test'
import { orderForRows } from './order-lines.ts'

test('lines that hold a row met too seldom come first, until it is met often enough', () => {
  const listsOf = (texts: number[][]) => {
    const starts = new Int32Array(texts.length + 1)
    texts.forEach((text, i) => {
      starts[i + 1] = starts[i]! + text.length
    })
    return { ids: Int32Array.from(texts.flat()), starts, count: texts.length }
  }
  const lines = listsOf([[0], [1], [0, 2], [2], [2], [1]])
  // Row 0 is met twice before, row 1 once, row 2 never.
  assert.deepEqual([...orderForRows(lines, listsOf([[0, 0, 1]]), 3, 2)], [1, 2, 3, 0, 4, 5])
})
