import assert from 'node:assert/strict'
import test from 'node:test'
import { createRandom } from '../../kernels/random.ts'
import { targetsOf, teacherAxes } from './teacher-space.ts'

const [rows, columns] = [700, 12]

/** Vectors that vary much along the first columns and little along the last ones. */
function teacher() {
  const random = createRandom(6)
  const codes = Int8Array.from({ length: rows * columns }, (_, i) => 25 * random.normal() * 0.8 ** (i % columns))
  return { codes, scales: new Float32Array(rows).fill(0.01), rows, columns }
}

/** Mean square of each column, the largest first. */
function spread(targets: Float32Array, dimensions: number): number[] {
  const squares = new Array<number>(dimensions).fill(0)
  targets.forEach((value, i) => {
    squares[i % dimensions]! += value * value
  })
  return squares.sort((a, b) => b - a)
}

test('targets are unit rows with the cosines of the teacher where nothing is flattened', async () => {
  const vectors = teacher()
  const targets = await targetsOf(vectors, teacherAxes(vectors, columns, 0).axes, columns)
  for (const [a, b] of [
    [0, 1],
    [5, 699],
  ] as const) {
    let [dot, ab, aa, bb] = [0, 0, 0, 0]
    for (let i = 0; i < columns; i++) {
      dot += targets[a * columns + i]! * targets[b * columns + i]!
      ab += vectors.codes[a * columns + i]! * vectors.codes[b * columns + i]!
      aa += vectors.codes[a * columns + i]! ** 2
      bb += vectors.codes[b * columns + i]! ** 2
    }
    assert.ok(Math.abs(dot - ab / Math.sqrt(aa * bb)) < 1e-5)
  }
})

test('the more axes are flattened, the less the first of them says more than the last', async () => {
  const vectors = teacher()
  const ratios: number[] = []
  for (const flatten of [0, 0.25, 1]) {
    const { axes, kept } = teacherAxes(vectors, 8, flatten)
    assert.ok(kept > 0.8 && kept < 1)
    const squares = spread(await targetsOf(vectors, axes, 8), 8)
    ratios.push(squares[0]! / squares[7]!)
  }
  assert.ok(ratios[0]! > ratios[1]! && ratios[1]! > ratios[2]! && ratios[2]! < 1.5)
})
