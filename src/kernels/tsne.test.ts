import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InvalidArgumentError, InvalidVectorError } from '../spec/errors.ts'
import { createMatrix, type Matrix, toMatrix } from '../spec/matrix.ts'
import { neighboursWithin } from './neighbour-distances.ts'
import { createRandom } from './random.ts'
import { trustworthiness } from './trustworthiness.ts'
import { tsne } from './tsne.ts'
import { affinities } from './tsne-affinities.ts'
import { descend } from './tsne-layout.ts'

function clouds(rows: number, columns: number, count: number, seed = 1): Matrix {
  const random = createRandom(seed)
  const centres = Array.from({ length: count * columns }, () => 5 * random.normal())
  const data = Float32Array.from({ length: rows * columns }, (_, at) => {
    const row = Math.floor(at / columns)
    return centres[(row % count) * columns + (at % columns)]! + random.normal()
  })
  return createMatrix(rows, columns, data)
}

const bytes = (matrix: Matrix) => Buffer.from(matrix.data.slice().buffer).toString('base64')

/** KL over all pairs by the definition, with p from the same affinities. */
async function naiveDivergence(matrix: Matrix, embedding: Matrix, perplexity: number): Promise<number> {
  const k = Math.floor(3 * perplexity)
  const joint = affinities(await neighboursWithin(matrix, { k, metric: 'l2', threads: 1 }), perplexity)
  const { rows, data } = embedding
  const q = (i: number, j: number) =>
    1 / (1 + (data[i * 2]! - data[j * 2]!) ** 2 + (data[i * 2 + 1]! - data[j * 2 + 1]!) ** 2)
  let total = 0
  for (let i = 0; i < rows; i++) for (let j = 0; j < rows; j++) if (i !== j) total += q(i, j)
  let sum = 0
  for (let i = 0; i < rows; i++)
    for (let e = joint.starts[i]!; e < joint.starts[i + 1]!; e++)
      sum += joint.weights[e]! * Math.log((joint.weights[e]! * total) / q(i, joint.columns[e]!))
  return sum
}

test('a layout of clouds has floors of trustworthiness and recall, and its divergence is the one of the definition', async () => {
  const matrix = clouds(500, 20, 5)
  const { embedding, klDivergence } = await tsne(matrix, { iterations: 400 })
  const quality = await trustworthiness(matrix, embedding, { nNeighbors: 15 })
  assert.ok(quality.score > 0.95, `trustworthiness ${quality.score}`)
  assert.ok(quality.recall > 0.4, `recall ${quality.recall}`)
  const exact = await naiveDivergence(matrix, embedding, 30)
  assert.ok(Math.abs(klDivergence / exact - 1) < 0.01, `${klDivergence}, by the definition ${exact}`)
})

test('the tree reaches the divergence of the exact sum within 1 %, in the mean of four starts', async () => {
  const matrix = clouds(400, 10, 4)
  let [byTree, exact] = [0, 0]
  // Either may end in a better or worse valley: one start alone differs by up to 3 %.
  for (let seed = 0; seed < 4; seed++) {
    byTree += (await tsne(matrix, { iterations: 300, seed })).klDivergence
    exact += (await tsne(matrix, { iterations: 300, seed, theta: 0 })).klDivergence
  }
  assert.ok(Math.abs(byTree / exact - 1) < 0.01, `${byTree}, ${exact}`)
})

test('forces of one step agree with the gradient by the definition', async () => {
  const rows = 60
  const matrix = clouds(rows, 5, 2)
  const joint = affinities(await neighboursWithin(matrix, { k: 15, metric: 'l2', threads: 1 }), 5)
  const random = createRandom(2)
  const start = Float32Array.from({ length: rows * 2 }, () => random.normal())
  const expected = Float64Array.from(start)
  let total = 0
  const pushes = new Float64Array(rows * 2)
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < rows; j++) {
      if (i === j) continue
      const [dx, dy] = [start[i * 2]! - start[j * 2]!, start[i * 2 + 1]! - start[j * 2 + 1]!]
      const q = 1 / (1 + dx * dx + dy * dy)
      total += q
      pushes[i * 2]! += q * q * dx
      pushes[i * 2 + 1]! += q * q * dy
    }
  // From rest each gain becomes 1.2; a step is minus gain × rate × gradient. The mean then goes to the origin.
  const [rate, exaggeration] = [2, 3]
  for (let i = 0; i < rows; i++) {
    for (const c of [0, 1]) {
      let slope = -pushes[i * 2 + c]! / total
      for (let e = joint.starts[i]!; e < joint.starts[i + 1]!; e++) {
        const j = joint.columns[e]!
        const [dx, dy] = [start[i * 2]! - start[j * 2]!, start[i * 2 + 1]! - start[j * 2 + 1]!]
        slope += (exaggeration * joint.weights[e]! * [dx, dy][c]!) / (1 + dx * dx + dy * dy)
      }
      expected[i * 2 + c]! -= 1.2 * rate * slope
    }
  }
  for (const c of [0, 1]) {
    let mean = 0
    for (let i = 0; i < rows; i++) mean += expected[i * 2 + c]! / rows
    for (let i = 0; i < rows; i++) expected[i * 2 + c]! -= mean
  }
  const phases = [{ iterations: 1, exaggeration, learningRate: rate }]
  await descend(joint, start, { phases, theta: 0, momentum: 0.8, longestStep: 5, threads: 1 })
  for (let at = 0; at < start.length; at++) assert.ok(Math.abs(start[at]! - expected[at]!) < 1e-5, `value ${at}`)
})

test('each row reaches the wished perplexity, and the joint probabilities sum to 1', async () => {
  const matrix = clouds(90, 6, 3)
  const neighbours = await neighboursWithin(matrix, { k: 30, metric: 'l2', threads: 1 })
  const joint = affinities(neighbours, 10)
  const sum = joint.weights.reduce((a, b) => a + b, 0)
  assert.ok(Math.abs(sum - 1) < 1e-5)
  const narrow = affinities(
    { k: 3, ids: Int32Array.from([1, 2, 3, 0, 2, 3, 0, 1, 3, 0, 1, 2]), distances: new Float32Array(12).fill(2) },
    2,
  )
  for (const weight of narrow.weights) assert.ok(Math.abs(weight - 1 / 12) < 1e-6, 'equal distances share equally')
})

test('same seed, same bytes: specification and kernel, one and two threads', async () => {
  for (const rows of [2, 3, 14, 130]) {
    const matrix = clouds(rows, 6, 2)
    const options = { iterations: 40, exaggerationIterations: 15, seed: 3 }
    const specified = await tsne(matrix, { ...options, engine: 'typescript', threads: 1 })
    for (const threads of [1, 2]) {
      const compiled = await tsne(matrix, { ...options, engine: 'simd', threads })
      assert.equal(bytes(compiled.embedding), bytes(specified.embedding), `${rows} rows, ${threads} threads`)
      assert.equal(compiled.klDivergence, specified.klDivergence)
    }
  }
})

test('0, 1, 2 and 3 rows, equal rows and duplicates all have a finite layout', async () => {
  for (const rows of [0, 1, 2, 3, 4, 5, 9]) {
    const { embedding, klDivergence } = await tsne(clouds(rows, 3, 1), { iterations: 30 })
    assert.deepEqual([embedding.rows, embedding.columns], [rows, 2])
    assert.ok(embedding.data.every(Number.isFinite) && Number.isFinite(klDivergence), `${rows} rows`)
  }
  const equal = createMatrix(40, 4, new Float32Array(160).fill(1))
  assert.ok((await tsne(equal, { iterations: 30 })).embedding.data.every(Number.isFinite))
  const start = createMatrix(40, 2)
  assert.ok((await tsne(equal, { iterations: 30, init: start })).embedding.data.every(Number.isFinite))
  const twice = clouds(40, 4, 2)
  twice.data.copyWithin(80, 0, 80)
  assert.ok((await tsne(twice, { iterations: 30 })).embedding.data.every(Number.isFinite))
})

test('bad options, NaN, a zero row under cosine and an abort are refused', async () => {
  const matrix = clouds(20, 4, 2)
  for (const [name, value] of [
    ['perplexity', 7],
    ['perplexity', 0],
    ['iterations', 0],
    ['exaggerationIterations', 751],
    ['earlyExaggeration', 0.5],
    ['learningRate', 0],
    ['momentum', 1],
    ['theta', 2],
    ['threads', 0],
    ['metric', 'ip'],
    ['init', 'random'],
    ['init', createMatrix(20, 3)],
  ] as const)
    await assert.rejects(tsne(matrix, { [name]: value }), new RegExp(`options.${name}`), `${name} ${value}`)
  await assert.rejects(
    tsne(
      toMatrix([
        [0, 0],
        [1, 0],
        [0, 1],
      ]),
      { metric: 'cosine' },
    ),
    InvalidVectorError,
  )
  await assert.rejects(tsne(createMatrix(3, 1, Float32Array.from([1, Number.NaN, 2]))), InvalidVectorError)
  await assert.rejects(
    tsne(matrix, { metric: 'cosine', perplexity: 'auto' as unknown as number }),
    InvalidArgumentError,
  )
  const abort = new AbortController()
  const run = tsne(matrix, { signal: abort.signal, onProgress: ({ iteration }) => iteration === 3 && abort.abort() })
  await assert.rejects(run, { name: 'AbortError' })
})
