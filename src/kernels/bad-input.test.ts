import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf, numbersIn } from '../../test/support/result-bytes.ts'
import { InvalidArgumentError, InvalidVectorError, UnsupportedError } from '../spec/errors.ts'
import { createMatrix, type Matrix } from '../spec/matrix.ts'
import { topK } from './compare.ts'
import { createIndex } from './exact-index.ts'
import { hdbscan } from './hdbscan.ts'
import { kMeans } from './k-means.ts'
import { knnGraph } from './knn-graph.ts'
import { logisticRegression } from './logistic-regression.ts'
import { pca } from './pca.ts'
import { createRandom } from './random.ts'
import { similarityJoin } from './similarity-join.ts'
import { truncatedSvd } from './truncated-svd.ts'
import { tsne } from './tsne.ts'
import { umap } from './umap.ts'
import { Arena } from './wasm/arena.ts'
import { bestEngine, features } from './wasm/features.ts'

interface Kernel {
  run(matrix: Matrix, metric?: 'l2' | 'cosine'): Promise<unknown>
  /** Rows below which it refuses to work. */
  readonly least: number
  /** Whether it knows the cosine, under which a zero row has no direction. */
  readonly cosine?: boolean
  /** With more neighbours, clusters or components than there are rows; none where there is no such number. */
  many?(matrix: Matrix): Promise<unknown>
  /** Whether it refuses that, or pads its answer. */
  readonly refusesMany?: boolean
}

const threads = 2
const labelsOf = ({ rows }: Matrix) => Int32Array.from({ length: rows }, (_, i) => i % 2)

const kernels: Record<string, Kernel> = {
  topK: {
    run: async (matrix, metric = 'l2') => topK(matrix, matrix, { metric, topK: 3 }),
    least: 0,
    cosine: true,
    many: async (matrix) => topK(matrix, matrix, { topK: 50 }),
  },
  createIndex: {
    async run(matrix, metric = 'l2') {
      const index = await createIndex(matrix, { metric, threads })
      const found = await index.search(matrix, { topK: 3 })
      index.close()
      return found
    },
    least: 0,
    cosine: true,
    many: async (matrix) => (await createIndex(matrix, { threads })).search(matrix, { topK: 50 }),
  },
  knnGraph: {
    run: (matrix, metric = 'l2') => knnGraph(matrix, { metric, k: 3, threads }),
    least: 0,
    cosine: true,
    many: (matrix) => knnGraph(matrix, { k: 50, threads }),
  },
  similarityJoin: {
    run: (matrix, metric = 'l2') =>
      similarityJoin(matrix, undefined, { metric, threshold: metric === 'l2' ? -0.5 : 0.5, threads }),
    least: 0,
    cosine: true,
  },
  kMeans: {
    run: (matrix, metric = 'l2') =>
      kMeans(matrix, { k: Math.min(2, matrix.rows), spherical: metric === 'cosine', threads }),
    least: 1,
    cosine: true,
    many: (matrix) => kMeans(matrix, { k: 50 }),
    refusesMany: true,
  },
  'kMeans in mini-batches': {
    run: (matrix) => kMeans(matrix, { k: Math.min(2, matrix.rows), miniBatch: 1, maxIterations: 3, threads }),
    least: 1,
  },
  hdbscan: {
    run: (matrix, metric = 'l2') =>
      hdbscan(matrix, { metric: metric === 'l2' ? 'euclidean' : metric, minClusterSize: 3, threads }),
    least: 0,
    cosine: true,
    many: (matrix) => hdbscan(matrix, { minClusterSize: 50, minSamples: 50, threads }),
  },
  pca: {
    run: (matrix) => pca(matrix, { components: 1 }),
    least: 2,
    many: (matrix) => pca(matrix, { components: 50 }),
    refusesMany: true,
  },
  'pca, randomized': { run: (matrix) => pca(matrix, { components: 1, method: 'randomized' }), least: 2 },
  truncatedSvd: {
    run: (matrix) => truncatedSvd(matrix, { components: 1 }),
    least: 1,
    many: (matrix) => truncatedSvd(matrix, { components: 50 }),
    refusesMany: true,
  },
  umap: {
    run: async (matrix, metric = 'l2') => (await umap(matrix, { metric, epochs: 3, threads })).embedding,
    least: 0,
    cosine: true,
    many: (matrix) => umap(matrix, { nNeighbors: 50 }),
    refusesMany: true,
  },
  tsne: {
    run: (matrix, metric = 'l2') => tsne(matrix, { metric, iterations: 3, threads }),
    least: 0,
    cosine: true,
    many: (matrix) => tsne(matrix, { perplexity: 50 }),
    refusesMany: true,
  },
  logisticRegression: { run: (matrix) => logisticRegression(matrix, labelsOf(matrix), { maxIterations: 5 }), least: 2 },
}

function filled(rows: number, columns: number, value: (at: number) => number): Matrix {
  return createMatrix(
    rows,
    columns,
    Float32Array.from({ length: rows * columns }, (_, at) => value(at)),
  )
}

function normal(rows: number, columns: number, scale = 1): Matrix {
  const random = createRandom(rows * columns)
  return filled(rows, columns, () => scale * random.normal())
}

/** No NaN but the padding of searches, which belongs to id −1. */
async function assertNumbers(result: Promise<unknown>, name: string): Promise<void> {
  const found = await result
  const isPadded = typeof found === 'object' && found !== null && 'ids' in found && 'scores' in found
  const { ids, scores } = found as { ids: Int32Array; scores: Float32Array }
  if (isPadded) {
    for (const [i, score] of scores.entries())
      assert.equal(Number.isNaN(score), (ids[i] as number) < 0, `${name}: score ${i}`)
  } else for (const part of numbersIn(found)) assert.ok(!part.some(Number.isNaN), `${name}: NaN in its answer`)
}

for (const [name, { run, least, cosine, many, refusesMany }] of Object.entries(kernels)) {
  test(`${name}: NaN, infinities and what float32 cannot hold are refused, with the row`, async () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e39]) {
      const matrix = normal(12, 5)
      matrix.data[3 * 5 + 2] = value
      await assert.rejects(run(matrix), (error) => error instanceof InvalidVectorError && error.row === 3)
    }
  })

  test(`${name}: denormal and huge values, equal rows, and 1 to 4,100 dimensions give numbers`, async () => {
    await assertNumbers(run(normal(12, 5, 1e-41)), 'denormal values')
    await assertNumbers(run(normal(12, 5, 5e37)), 'huge values')
    await assertNumbers(run(filled(12, 5, (at) => (at % 5) + 1)), 'equal rows')
    for (const columns of [1, 2, 15, 17, 4100]) await assertNumbers(run(normal(9, columns)), `${columns} columns`)
  })

  test(`${name}: fewer than ${least} rows are refused, and so many and more are not`, async () => {
    for (const rows of [0, 1, 2, 3]) {
      const matrix = normal(rows, 4)
      if (rows < least) await assert.rejects(run(matrix), InvalidArgumentError, `${rows} rows`)
      else await assertNumbers(run(matrix), `${rows} rows`)
    }
  })

  test(`${name}: a view that is not aligned is a matrix like others, and is only read`, async () => {
    const matrix = normal(12, 5)
    const room = new Float32Array(1 + matrix.data.length)
    room.set(matrix.data, 1)
    assert.equal(digestOf(await run(createMatrix(12, 5, room.subarray(1)))), digestOf(await run(matrix)))
    assert.deepEqual(room.subarray(1), matrix.data)
  })

  if (cosine === true)
    test(`${name}: a zero row has no direction and is refused, with the row`, async () => {
      const matrix = normal(12, 5)
      matrix.data.fill(0, 4 * 5, 5 * 5)
      await assert.rejects(run(matrix, 'cosine'), (error) => error instanceof InvalidVectorError && error.row === 4)
    })

  if (many !== undefined)
    test(`${name}: more than there are rows is ${refusesMany ? 'refused' : 'answered with what there is'}`, async () => {
      if (refusesMany) await assert.rejects(many(normal(12, 5)), InvalidArgumentError)
      else await assertNumbers(many(normal(12, 5)), 'many')
    })
}

test('without SIMD, relaxed SIMD or shared memory every kernel gives the same answers', async () => {
  const { validate } = WebAssembly
  const shared = Object.getOwnPropertyDescriptor(globalThis, 'SharedArrayBuffer') as PropertyDescriptor
  const matrix = normal(40, 9)
  const answers = async () => {
    const found: Record<string, string> = {}
    for (const [name, { run }] of Object.entries(kernels)) found[name] = digestOf(await run(matrix))
    return found
  }
  const expected = await answers()
  try {
    // The module that asks for relaxed SIMD is the longer one.
    WebAssembly.validate = (bytes) => (bytes as Uint8Array).length < 32 && validate(bytes)
    assert.equal(bestEngine(), 'simd')
    assert.deepEqual(await answers(), expected)
    WebAssembly.validate = () => false
    Reflect.deleteProperty(globalThis, 'SharedArrayBuffer')
    assert.deepEqual(features(), { simd: false, relaxedSimd: false, threads: false, fusedDot: false })
    assert.equal(bestEngine(), 'typescript')
    assert.deepEqual(await answers(), expected)
  } finally {
    WebAssembly.validate = validate
    Object.defineProperty(globalThis, 'SharedArrayBuffer', shared)
  }
})

test('more memory than 32 bits can address is refused', () => {
  const arena = new Arena()
  assert.throws(() => arena.alloc(2 ** 32), UnsupportedError)
  assert.throws(() => arena.alloc(2 ** 33 + 64), UnsupportedError)
  assert.ok(arena.alloc(64) > 0)
})
