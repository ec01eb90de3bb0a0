import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeSet } from '../../test/support/adversarial-sets.ts'
import { digestOf } from '../../test/support/result-bytes.ts'
import { createMatrix, type Matrix } from '../spec/matrix.ts'
import { hdbscan } from './hdbscan.ts'
import { kMeans } from './k-means.ts'
import { logisticRegression } from './logistic-regression.ts'
import { pca } from './pca.ts'
import { createRandom } from './random.ts'
import { truncatedSvd } from './truncated-svd.ts'
import { tsne } from './tsne.ts'
import { umap } from './umap.ts'
import { word2vec } from './word2vec.ts'

// More rows than are compared by brute force, so that threads have something to share.
const rows = 2100
const { corpus } = makeSet('clusters', { rows, queries: 1, columns: 12, seed: 21 })
const few: Matrix = createMatrix(300, 12, corpus.data.slice(0, 300 * 12))
// So many columns that few random axes are less work than all exact ones.
const { corpus: wide } = makeSet('clusters', { rows: 400, queries: 1, columns: 400, seed: 22 })
const labels = Int32Array.from({ length: few.rows }, (_, i) => i % 3)
const sentences = Array.from({ length: 300 }, (_, i) => Array.from({ length: 8 }, (_, j) => `w${(i * 7 + j * j) % 40}`))
const words = { dimensions: 8, minCount: 1, epochs: 2 }

interface Seeded {
  /** False where the seed is of no effect: nothing is left to chance. */
  readonly random?: boolean
  run(seed: number, threads: number): unknown
}

const kernels: Record<string, Seeded> = {
  random: {
    run(seed) {
      const random = createRandom(seed)
      const order = Int32Array.from({ length: 20 }, (_, i) => i)
      random.shuffle(order)
      return [random.uint32(), random.float64(), random.normal(), random.below(10), order, random.sample(9, 4)]
    },
  },
  kMeans: { run: (seed, threads) => kMeans(corpus, { k: 12, seed, threads, maxIterations: 5 }) },
  'kMeans in mini-batches': {
    run: (seed, threads) => kMeans(corpus, { k: 12, seed, threads, maxIterations: 2, miniBatch: 256 }),
  },
  'kMeans of directions': { run: (seed, threads) => kMeans(corpus, { k: 12, seed, threads, spherical: true }) },
  hdbscan: { random: false, run: (_, threads) => hdbscan(corpus, { threads }) },
  'pca, randomized': { run: (seed, threads) => pca(wide, { components: 3, method: 'randomized', seed, threads }) },
  'pca, exact': { random: false, run: (_, threads) => pca(corpus, { components: 3, threads }) },
  truncatedSvd: { run: (seed, threads) => truncatedSvd(wide, { components: 3, seed, threads }) },
  logisticRegression: { random: false, run: () => logisticRegression(few, labels, { maxIterations: 20 }) },
  umap: { run: async (seed, threads) => (await umap(corpus, { seed, threads, epochs: 5 })).embedding },
  'umap of new rows': {
    run: async (seed, threads) => (await umap(few, { seed, threads, epochs: 5 })).transform(few),
  },
  tsne: { run: (seed, threads) => tsne(corpus, { seed, threads, iterations: 3 }) },
  'word2vec, skip-gram': { run: (seed, threads) => word2vec(sentences, { ...words, seed, threads }) },
  'word2vec, cbow': { run: (seed, threads) => word2vec(sentences, { ...words, algorithm: 'cbow', seed, threads }) },
}

for (const [name, { run, random = true }] of Object.entries(kernels))
  test(`${name}: the same seed gives the same bytes twice, on 1 and on 2 threads`, async () => {
    const first = digestOf(await run(7, 1))
    assert.equal(digestOf(await run(7, 1)), first)
    assert.equal(digestOf(await run(7, 2)), first)
    if (random) assert.notEqual(digestOf(await run(8, 1)), first)
  })
