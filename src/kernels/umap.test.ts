import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InvalidArgumentError, InvalidVectorError } from '../spec/errors.ts'
import { createMatrix, type Matrix, toMatrix } from '../spec/matrix.ts'
import { fuzzyUnion, memberships, toSparseRows } from './fuzzy-set.ts'
import { neighboursWithin } from './neighbour-distances.ts'
import { createRandom } from './random.ts'
import { countParts } from './spectral-start.ts'
import { trustworthiness } from './trustworthiness.ts'
import { umap } from './umap.ts'
import { spectralStart } from './umap-layout.ts'
import { firstSegment, segmentBits, slopesOf } from './umap-slopes.ts'
import { umapTransform } from './umap-transform.ts'

/** Normal clouds around centres far apart; row i belongs to cloud i mod clouds. */
function clouds(rows: number, columns: number, count: number, seed = 1): Matrix {
  const random = createRandom(seed)
  const centres = Array.from({ length: count * columns }, () => 6 * random.normal())
  const data = Float32Array.from({ length: rows * columns }, (_, at) => {
    const row = Math.floor(at / columns)
    return centres[(row % count) * columns + (at % columns)]! + random.normal()
  })
  return createMatrix(rows, columns, data)
}

const bytes = (matrix: Matrix) => Buffer.from(matrix.data.slice().buffer).toString('base64')

test('a layout of separate clouds keeps neighbours: trustworthiness, recall and purity have floors', async () => {
  const matrix = clouds(600, 20, 6)
  for (const init of ['spectral', 'pca'] as const) {
    const { embedding } = await umap(matrix, { init, epochs: 200 })
    const quality = await trustworthiness(matrix, embedding, { nNeighbors: 15 })
    assert.ok(quality.score > 0.93, `${init}: trustworthiness ${quality.score}`)
    assert.ok(quality.recall > 0.2, `${init}: recall ${quality.recall}`)
    assert.ok(purity(embedding, 6) > 0.99, `${init}: purity ${purity(embedding, 6)}`)
  }
})

/** Share of rows whose nearest row in the layout is of the same cloud. */
function purity(embedding: Matrix, count: number): number {
  const { data, rows } = embedding
  let same = 0
  for (let i = 0; i < rows; i++) {
    let [best, nearest] = [-1, Number.POSITIVE_INFINITY]
    for (let j = 0; j < rows; j++) {
      const distance = (data[i * 2]! - data[j * 2]!) ** 2 + (data[i * 2 + 1]! - data[j * 2 + 1]!) ** 2
      if (j !== i && distance < nearest) [best, nearest] = [j, distance]
    }
    if (best % count === i % count) same++
  }
  return same / rows
}

test('the spectral start of a chain runs along it, though its eigenvalues lie close together', async () => {
  const rows = 400
  const line = createMatrix(
    rows,
    1,
    Float32Array.from({ length: rows }, (_, i) => i),
  )
  const neighbours = await neighboursWithin(line, { k: 4, metric: 'l2', threads: 1 })
  const graph = fuzzyUnion(toSparseRows(neighbours, memberships(neighbours)))
  assert.equal(countParts(graph), 1)
  const start = await spectralStart(graph, 1, createRandom(1), { threads: 1 })
  const rising = Math.sign(start[rows - 1]! - start[0]!)
  // Not at the very ends: the vectors carry a factor √degree, and rows there have fewer neighbours.
  for (let i = 40; i < rows - 20; i += 20) assert.ok((start[i]! - start[i - 20]!) * rising > 0, `row ${i}`)
})

test('same seed, same bytes: specification and kernel, one and two threads, fit and transform', async () => {
  const matrix = clouds(150, 6, 3)
  const added = clouds(9, 6, 3, 2)
  for (const components of [1, 2, 3, 5]) {
    const options = { components, epochs: 30, seed: 7 }
    const specified = await umap(matrix, { ...options, engine: 'typescript', threads: 1 })
    const places = bytes(await specified.transform(added))
    for (const threads of [1, 2]) {
      const compiled = await umap(matrix, { ...options, engine: 'simd', threads })
      assert.equal(
        bytes(compiled.embedding),
        bytes(specified.embedding),
        `${components} components, ${threads} threads`,
      )
      assert.equal(bytes(await compiled.transform(added)), places)
    }
    const other = await umap(matrix, { ...options, seed: 8 })
    assert.notEqual(bytes(other.embedding), bytes(specified.embedding))
  }
})

test('new rows land in their cloud and move no old row', async () => {
  const matrix = clouds(300, 10, 3)
  const fitted = await umap(matrix, { epochs: 100 })
  const before = bytes(fitted.embedding)
  const added = createMatrix(30, 10, clouds(330, 10, 3).data.slice(300 * 10))
  const placed = await fitted.transform(added)
  assert.equal(bytes(fitted.embedding), before)
  let right = 0
  for (let i = 0; i < added.rows; i++) {
    let [best, nearest] = [-1, Number.POSITIVE_INFINITY]
    for (let j = 0; j < matrix.rows; j++) {
      const [dx, dy] = [0, 1].map((c) => placed.data[i * 2 + c]! - fitted.embedding.data[j * 2 + c]!) as [
        number,
        number,
      ]
      if (dx * dx + dy * dy < nearest) [best, nearest] = [j, dx * dx + dy * dy]
    }
    if (best % 3 === i % 3) right++
  }
  assert.ok(right >= 29, `${right} of 30`)
  const kept = { vectors: matrix, layout: fitted.embedding }
  assert.equal(bytes(await umapTransform(added, kept, { epochs: 100 })), bytes(placed))
  assert.equal((await fitted.transform(createMatrix(0, 10))).rows, 0)
  await assert.rejects(fitted.transform(createMatrix(1, 9)), InvalidArgumentError)
})

test('a layout says where it began: a graph in parts and few rows have no spectral start', async () => {
  const settings = { epochs: 5, nNeighbors: 3 }
  const chain = createMatrix(
    40,
    2,
    Float32Array.from({ length: 80 }, (_, at) => (at % 2 === 0 ? at : 0)),
  )
  const parts = createMatrix(
    40,
    2,
    chain.data.map((value, at) => (at < 40 ? value : value + 1e4)),
  )
  assert.equal((await umap(chain, settings)).start, 'spectral')
  assert.equal((await umap(parts, settings)).start, 'pca')
  assert.equal((await umap(clouds(8, 10, 1), settings)).start, 'pca')
  assert.equal((await umap(clouds(3, 10, 1), settings)).start, 'random')
  assert.equal((await umap(chain, { ...settings, init: createMatrix(40, 2) })).start, 'given')
})

test('labels draw classes apart that the vectors mix', async () => {
  const matrix = clouds(200, 5, 1)
  const labels = Int32Array.from({ length: 200 }, (_, i) => i % 2)
  const separation = async (given: Int32Array | undefined) =>
    purity((await umap(matrix, { labels: given, epochs: 100 })).embedding, 2)
  const [without, withLabels] = [await separation(undefined), await separation(labels)]
  assert.ok(withLabels > 0.9 && withLabels > without + 0.2, `${without} without, ${withLabels} with`)
})

test('0, 1, 2 and 3 rows, equal rows, duplicates and fewer rows than neighbours all have a finite layout', async () => {
  for (const rows of [0, 1, 2, 3, 4, 5, 9, 14]) {
    const { embedding } = await umap(clouds(rows, 3, 1), { epochs: 20 })
    assert.deepEqual([embedding.rows, embedding.columns], [rows, 2])
    assert.ok(embedding.data.every(Number.isFinite), `${rows} rows`)
  }
  for (const rows of [2, 30]) {
    const { embedding } = await umap(createMatrix(rows, 4, new Float32Array(rows * 4).fill(1)), { epochs: 20 })
    assert.ok(embedding.data.every(Number.isFinite))
  }
  const twice = clouds(40, 4, 2)
  twice.data.copyWithin(80, 0, 80)
  assert.ok((await umap(twice, { epochs: 20 })).embedding.data.every(Number.isFinite))
})

test('bad options, NaN, a zero row under cosine and an abort are refused', async () => {
  const matrix = clouds(20, 4, 2)
  for (const [name, value] of [
    ['nNeighbors', 21],
    ['nNeighbors', 1],
    ['minDist', -1],
    ['minDist', 2],
    ['components', 0],
    ['epochs', 0],
    ['learningRate', 0],
    ['threads', 0],
    ['metric', 'ip'],
    ['init', 'random'],
    ['labels', new Int32Array(3)],
    ['init', createMatrix(20, 3)],
  ] as const)
    await assert.rejects(umap(matrix, { [name]: value }), new RegExp(`options.${name}`), `${name} ${value}`)
  await assert.rejects(
    umap(
      toMatrix([
        [0, 0],
        [1, 0],
        [0, 1],
      ]),
      { metric: 'cosine' },
    ),
    InvalidVectorError,
  )
  await assert.rejects(umap(createMatrix(3, 1, Float32Array.from([1, Number.NaN, 2]))), InvalidVectorError)
  const abort = new AbortController()
  const run = umap(matrix, { signal: abort.signal, onProgress: ({ epoch }) => epoch === 3 && abort.abort() })
  await assert.rejects(run, { name: 'AbortError' })
})

test('memberships sum to log2 k, the nearest counting 1; the union is symmetric', () => {
  const ids = Int32Array.from([1, 2, 3, 0, 2, 3, 0, 1, 3, 0, 1, 2])
  const distances = Float32Array.from([1, 1.5, 2.5, 1, 1.2, 3, 1.2, 1.5, 2, 2, 2.5, 3])
  const neighbours = { k: 3, ids, distances }
  const weights = memberships(neighbours)
  for (let i = 0; i < 4; i++) {
    assert.equal(weights[i * 3], 1)
    const sum = weights[i * 3]! + weights[i * 3 + 1]! + weights[i * 3 + 2]!
    assert.ok(Math.abs(sum - 2) < 1e-4, `row ${i} sums to ${sum}`)
  }
  const graph = fuzzyUnion(toSparseRows(neighbours, weights))
  const at = (row: number, column: number) => {
    for (let e = graph.starts[row]!; e < graph.starts[row + 1]!; e++)
      if (graph.columns[e] === column) return graph.weights[e]
    return 0
  }
  for (let i = 0; i < 4; i++) for (let j = 0; j < 4; j++) assert.equal(at(i, j), at(j, i))
  const [there, back] = [weights[1]!, weights[2 * 3]!]
  assert.ok(Math.abs(at(0, 2)! - (there + back - there * back)) < 1e-6)
})

test('slopes from the table are within 0.1 % of the formulas, at every distance it covers', () => {
  const random = createRandom(5)
  for (const [a, b, strength] of [
    [1.58, 0.9, 1],
    [0.1, 2, 3],
    [300, 0.3, 0.5],
  ] as const) {
    const { pulls, pushes } = slopesOf(a, b, strength)
    for (let i = 0; i < 2000; i++) {
      const s = Math.fround(2 ** (random.float64() * 55.9 - 24))
      const segment = (new Int32Array(Float32Array.of(s).buffer)[0]! >> segmentBits) - firstSegment
      const read = (table: Float32Array) => table[2 * segment]! + table[2 * segment + 1]! * s
      const p = s ** b
      assert.ok(Math.abs(read(pulls) / ((-2 * a * b * p) / s / (1 + a * p)) - 1) < 1e-3, `pull at ${s}`)
      assert.ok(Math.abs(read(pushes) / ((2 * b * strength) / (0.001 + s) / (1 + a * p)) - 1) < 1.5e-3, `push at ${s}`)
    }
  }
})
