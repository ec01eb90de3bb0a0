import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMatrix } from '../../spec/matrix.ts'
import { heatMap } from './heat-map.ts'
import { encodePng } from './png.ts'
import { rasterize } from './rasterize.ts'
import { escapeXml, toSvg } from './svg.ts'

const options = { title: 'a <b>', unit: 'cosine', low: 0, high: 1 }

function matrix(n: number, value: (i: number, j: number) => number) {
  return createMatrix(
    n,
    n,
    Float32Array.from({ length: n * n }, (_, at) => value(Math.floor(at / n), at % n)),
  )
}

test('each cell has its value and a colour that means the same in every picture', () => {
  const cells = (values: number[]) =>
    heatMap(['x', 'y'], createMatrix(2, 2, Float32Array.from(values)), options).marks.flatMap((mark) =>
      mark.kind === 'rectangle' && mark.height > 10 ? [mark.color] : [],
    )
  const [same, half, below] = cells([1, 0.5, -0.5, 1])
  assert.equal(same, '#08306b')
  assert.equal(cells([0.5, 0, 0, 0])[0], half)
  assert.notEqual(below, half)
  const svg = toSvg(
    heatMap(
      ['x', 'y'],
      matrix(2, (i, j) => (i === j ? 1 : -0.25)),
      options,
    ),
  )
  assert.equal(svg.match(/>1\.00</g)?.length, 3)
  assert.equal(svg.match(/>-0\.25</g)?.length, 2)
})

test('markup and control characters in labels stay text', () => {
  const svg = toSvg(
    heatMap(
      ['<script>', '"&\u0000\ud800'],
      matrix(2, () => 0),
      options,
    ),
  )
  assert.ok(!svg.includes('<script'))
  assert.ok(svg.includes('&lt;script&gt;'))
  assert.ok(svg.includes('<title>a &lt;b&gt;</title>'))
  assert.equal(escapeXml('\u0000\ud800\u001b\'"'), '\ufffd\ufffd\ufffd&#39;&quot;')
})

test('texts stay inside the picture, however long, and the picture comes out the same every time', () => {
  const scene = heatMap(
    ['word '.repeat(100), 'b', '東京'.repeat(50)],
    matrix(3, () => 0.3),
    options,
  )
  for (const mark of scene.marks) assert.ok(mark.x >= 0 && mark.x < scene.width && mark.y < scene.height)
  const png = () => {
    const { width, height, rgba } = rasterize(scene, 1)
    return Buffer.from(encodePng(width, height, rgba))
  }
  assert.ok(png().equals(png()))
})

test('many rows have no numbers in their cells', () => {
  const svg = toSvg(
    heatMap(
      Array.from({ length: 50 }, (_, i) => `t${i}`),
      matrix(50, () => 0.5),
      options,
    ),
  )
  assert.ok(!svg.includes('>0.50<'))
})
