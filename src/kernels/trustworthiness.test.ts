import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InvalidVectorError } from '../spec/errors.ts'
import { createMatrix, toMatrix } from '../spec/matrix.ts'
import { createRandom } from './random.ts'
import { trustworthiness } from './trustworthiness.ts'

const normal = (rows: number, columns: number, seed: number) => {
  const random = createRandom(seed)
  return createMatrix(
    rows,
    columns,
    Float32Array.from({ length: rows * columns }, () => random.normal()),
  )
}

test('a layout that is the vectors has score and recall 1', async () => {
  const matrix = normal(60, 2, 1)
  assert.deepEqual(await trustworthiness(matrix, matrix), { score: 1, recall: 1, sampledRows: 60 })
})

test('one wrong neighbour costs its rank, worked by hand', async () => {
  // Line 0 1 3 7 15 30; in the layout row 0 stands beside row 30, whose nearest neighbour it then is, and the other way round.
  const vectors = toMatrix([[0], [1], [3], [7], [15], [30]])
  const layout = toMatrix([[31], [1], [3], [7], [15], [30]])
  const { score, recall } = await trustworthiness(vectors, layout, { nNeighbors: 1 })
  // Row 0 sees row 5 (rank 5), row 5 sees row 0 (rank 5), row 1 sees row 2 (rank 2), the others see their nearest.
  const penalty = 4 + 4 + 1
  assert.ok(Math.abs(score - (1 - (2 * penalty) / (6 * 1 * (12 - 3 - 1)))) < 1e-12, `${score}`)
  assert.equal(recall, 3 / 6)
})

test('both engines agree, and a sample comes near the whole', async () => {
  const [vectors, layout] = [normal(300, 19, 1), normal(300, 2, 2)]
  const whole = await trustworthiness(vectors, layout)
  assert.deepEqual(await trustworthiness(vectors, layout, { engine: 'typescript' }), whole)
  assert.ok(whole.score > 0.4 && whole.score < 0.6, `a random layout scores ${whole.score}`)
  const sampled = await trustworthiness(vectors, layout, { sample: 150 })
  assert.equal(sampled.sampledRows, 150)
  assert.ok(Math.abs(sampled.score - whole.score) < 0.05)
})

test('rows far from the origin are told apart', async () => {
  const matrix = normal(60, 4, 1)
  const far = createMatrix(
    60,
    4,
    matrix.data.map((value) => value + 4096),
  )
  assert.ok((await trustworthiness(far, matrix)).score > 0.9999)
})

test('equal rows and cosine have a score; too few rows and bad options are refused', async () => {
  const equal = createMatrix(8, 2, new Float32Array(16).fill(1))
  assert.equal((await trustworthiness(equal, equal)).score, 1)
  assert.ok((await trustworthiness(normal(20, 5, 1), normal(20, 2, 2), { metric: 'cosine' })).score < 1)
  await assert.rejects(trustworthiness(normal(3, 2, 1), normal(3, 2, 1)), /at least 4 rows, got 3/)
  await assert.rejects(trustworthiness(createMatrix(8, 2), equal, { metric: 'cosine' }), InvalidVectorError)
  await assert.rejects(
    trustworthiness(equal, equal, { nNeighbors: 4 }),
    /options.nNeighbors: expected an integer from 1 to 3/,
  )
  await assert.rejects(trustworthiness(equal, createMatrix(7, 2)), /8 rows like the vectors/)
})
