import assert from 'node:assert/strict'
import { test } from 'node:test'
import { colorsOf, itemColors, palette, rampColors } from './coloring.ts'

test('groups stand by size, the thirteenth and rarer share a colour, items without a value have their own', () => {
  const values = Array.from({ length: 14 }, (_, group) => Array.from({ length: 20 - group }, () => `g${group}`)).flat()
  const colors = colorsOf({ name: 'topic', values: [...values, undefined, ['g0', 'g1']] }, values.length + 2)
  assert.ok(colors.kind === 'groups')
  assert.deepEqual(colors.groups.map(({ name, count }) => [name, count]).slice(0, 2), [
    ['g0', 21],
    ['g1', 19],
  ])
  assert.deepEqual(
    colors.groups.slice(12).map(({ name, count }) => [name, count]),
    [
      ['other (2 more)', 15],
      ['none', 1],
    ],
  )
  assert.equal(itemColors(colors, values.length + 2)[0], palette[0])
})

test('many numbers and dates are a scale from the least to the greatest; few numbers are groups', () => {
  const numbers = colorsOf({ name: 'price', values: [...Array(11).keys(), null] }, 12)
  assert.ok(numbers.kind === 'scale')
  assert.deepEqual(
    [numbers.least, numbers.greatest, numbers.of[0], numbers.of[5], numbers.of[10], numbers.missing[11]],
    ['0', '10', 0, 128, 255, 1],
  )
  const days = Array.from({ length: 10 }, (_, i) => `2024-01-${String(i + 1).padStart(2, '0')}`)
  const dates = colorsOf({ name: 'date', values: days }, 10)
  assert.ok(dates.kind === 'scale')
  assert.deepEqual([dates.least, dates.greatest], ['2024-01-01', '2024-01-10'])
  assert.equal(colorsOf({ name: 'n', values: [1, 2, 1] }, 3).kind, 'groups')
  assert.equal(rampColors().length, 256)
})
