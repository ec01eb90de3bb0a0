import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom } from '../../kernels/random.ts'
import { overlap, placeLabels } from './place-labels.ts'

const bounds = { x0: 0, y0: 0, x1: 400, y1: 300 }

test('no two labels overlap and none leaves the picture, whatever the dots', () => {
  for (let seed = 0; seed < 20; seed++) {
    const random = createRandom(seed)
    const dots = Float64Array.from({ length: 120 }, (_, at) => random.float64() * (at % 2 === 0 ? 400 : 300))
    const wishes = Array.from({ length: 60 }, (_, i) => ({
      ...{ x: dots[i * 2]!, y: dots[i * 2 + 1]!, height: 12, gap: i % 4 === 0 ? 0 : 6 },
      width: 20 + random.below(100),
    }))
    const placed = placeLabels(wishes, dots, { bounds, radius: 4, mostCovered: 3 })
    assert.ok(placed.length > 5)
    for (const [i, { box }] of placed.entries()) {
      assert.ok(box.x0 >= 0 && box.y0 >= 0 && box.x1 <= 400 && box.y1 <= 300)
      for (const other of placed.slice(i + 1)) assert.ok(!overlap(box, other.box))
    }
  }
})

test('a lone label stands right of its dot, left at the right edge, and hides no dot where one place is free', () => {
  const wish = (x: number, y: number) => ({ x, y, width: 50, height: 10, gap: 5 })
  const place = (x: number, y: number, dots: number[]) =>
    placeLabels([wish(x, y)], Float64Array.from(dots), { bounds, radius: 3, mostCovered: 0 })[0]?.box
  assert.deepEqual(place(100, 100, [100, 100]), { x0: 105, y0: 95, x1: 155, y1: 105 })
  assert.deepEqual(place(390, 100, [390, 100])?.x1, 385)
  assert.equal(place(100, 100, [100, 100, 130, 100])?.x1, 95)
})
