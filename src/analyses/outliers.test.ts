import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom } from '../kernels/random.ts'
import { createMatrix, type Matrix } from '../spec/matrix.ts'
import { outliers } from './outliers.ts'

/** Rows around topics, each as wide as its spread says, and strangers in directions of their own behind them. */
function planted(seed: number, { rows, strangers }: { rows: number; strangers: number }): Matrix {
  const columns = 32
  const random = createRandom(seed)
  const direction = () => Float64Array.from({ length: columns }, () => random.normal())
  const topics = Array.from({ length: 8 }, direction)
  const matrix = createMatrix(rows + strangers, columns)
  for (let row = 0; row < rows + strangers; row++) {
    const topic = topics[row % topics.length] as Float64Array
    const noise = direction()
    const values = row < rows ? topic.map((value, j) => value + 0.5 * (noise[j] as number)) : noise
    const length = Math.hypot(...values)
    matrix.data.set(
      values.map((value) => value / length),
      row * columns,
    )
  }
  return matrix
}

test('strangers among several topics are found, and first', async () => {
  const { flagged, distances } = await outliers(planted(1, { rows: 990, strangers: 10 }))
  assert.deepEqual(new Set(flagged.slice(0, 10)), new Set(Array.from({ length: 10 }, (_, i) => 990 + i)))
  // A tenth of the flagged may be none.
  assert.ok(flagged.length <= 11, `${flagged.length}`)
  assert.ok((distances[990] as number) > (distances[0] as number))
})

test('a clean set has none, or a few', async () => {
  for (const seed of [1, 2, 3]) {
    const { flagged, pValues } = await outliers(planted(seed, { rows: 1000, strangers: 0 }))
    assert.ok(flagged.length <= 2, `${flagged.length}`)
    assert.ok(pValues?.every((p) => p >= 0 && p <= 1))
  }
})

test('the global distance is that to the mean direction', async () => {
  const vectors = createMatrix(3, 2, Float32Array.from([1, 0, 0, 1, Math.SQRT1_2, Math.SQRT1_2]))
  const { distances } = await outliers(vectors, { method: 'global' })
  assert.ok(Math.abs((distances[0] as number) - (1 - Math.SQRT1_2)) < 1e-6)
  assert.ok(Math.abs(distances[2] as number) < 1e-6)
})

test('the local distance is the mean cosine distance to the neighbours, worked by hand', async () => {
  const vectors = createMatrix(3, 2, Float32Array.from([1, 0, 0, 1, 0.6, 0.8]))
  const { distances, neighbours } = await outliers(vectors, { nNeighbors: 1 })
  assert.deepEqual(
    Array.from(distances, (value) => Number(value.toFixed(6))),
    [0.4, 0.2, 0.2],
  )
  assert.equal(neighbours.ids[0], 2)
})

test('of two rows equally far out the one of foreign words is odder, and a text without words keeps its distance', async () => {
  const vectors = planted(1, { rows: 200, strangers: 2 })
  const twins = createMatrix(203, vectors.columns)
  twins.data.set(vectors.data)
  twins.data.set(vectors.data.subarray(201 * vectors.columns), 202 * vectors.columns)
  const topics = ['boats', 'castles', 'apples', 'rivers', 'clouds', 'engines', 'violins', 'deserts']
  const texts = Array.from(
    { length: 203 },
    (_, row) => `${topics[row % topics.length]} and ${topics[(row + 1) % topics.length]}`,
  )
  const { oddness, distances, words } = await outliers(twins, {
    texts: texts.with(201, 'quarks and gluons').with(0, 'and'),
  })
  assert.equal(distances[201], distances[202])
  assert.ok((oddness[201] as number) > (oddness[202] as number))
  assert.equal(words?.unshared[201], 1)
  assert.equal(oddness[0], distances[0])
  assert.deepEqual((await outliers(twins)).oddness, distances)
  await assert.rejects(outliers(twins, { texts: ['one'] }), /options\.texts: expected 203, one a row, got 1/)
})

test('few, equal and no rows are no outliers', async () => {
  for (const rows of [0, 1, 2, 99]) {
    const { flagged, pValues } = await outliers(planted(1, { rows, strangers: 0 }))
    assert.equal(flagged.length, 0)
    assert.equal(pValues, undefined)
  }
  const equal = createMatrix(
    150,
    2,
    new Float32Array(300).map((_, at) => (at % 2 === 0 ? 1 : 0)),
  )
  assert.equal((await outliers(equal)).flagged.length, 0)
})

test('options out of range are refused', async () => {
  const vectors = planted(1, { rows: 5, strangers: 0 })
  await assert.rejects(outliers(vectors, { nNeighbors: 0 }), /options\.nNeighbors: expected an integer ≥ 1, got 0/)
  await assert.rejects(outliers(vectors, { falseDiscoveryRate: 0 }), /options\.falseDiscoveryRate/)
  await assert.rejects(outliers(vectors, { method: 'odd' as never }), /options\.method: expected local, global/)
})
