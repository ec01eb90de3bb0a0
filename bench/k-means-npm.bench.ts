/**
 * How much faster is k-means than ml-kmeans, at equal inertia? k = 50, 25 iterations, one thread each:
 * `node bench/k-means-npm.bench.ts [rows] [rounds]`, default 20000 3. Needs `node bench/rivals/setup.ts`.
 */
import { type KMeans, kMeans } from '../src/kernels/k-means.ts'
import { rowOf } from '../src/spec/matrix.ts'
import { compareInTurn, median, processorMs, type ResultRow, saveResults, spent } from './harness.ts'
import { npmRival } from './rivals/npm.ts'
import { realVectors } from './vectors.ts'

interface MlKMeans {
  kmeans(
    rows: number[][],
    k: number,
    options: { maxIterations: number; tolerance: number; seed: number },
  ): { clusters: number[]; centroids: number[][] }
}

const [size = 20_000, rounds = 3] = process.argv.slice(2).map(Number)
const k = 50
const iterations = 25

const { module, version } = await npmRival<MlKMeans>('ml-kmeans')
const matrix = await realVectors(size)
const arrays = Array.from({ length: size }, (_, i) => Array.from(rowOf(matrix, i)))
const ours: number[] = []
const theirs: number[] = []
let seed = 0
const times = await compareInTurn(
  rounds,
  async () => {
    let model: KMeans | undefined
    const ms = await spent(async () => {
      model = await kMeans(matrix, { k, maxIterations: iterations, tolerance: 0, seed, threads: 1 })
    })
    ours.push(model?.inertia ?? Number.NaN)
    return ms
  },
  async () => {
    const from = processorMs()
    const { clusters, centroids } = module.kmeans(arrays, k, { maxIterations: iterations, tolerance: 0, seed: ++seed })
    const ms = processorMs() - from
    theirs.push(inertiaOf(clusters, centroids))
    return ms
  },
  false,
)
const difference = (median(ours) / median(theirs) - 1) * 100
const row: ResultRow = {
  what: `k-means of ${size.toLocaleString('en')} × ${matrix.columns}`,
  rival: 'ml-kmeans',
  note: `inertia ${median(ours).toFixed(0)}, theirs ${median(theirs).toFixed(0)} (${difference.toFixed(2)} %)`,
  ...times,
}
saveResults('k-means-npm', {
  question: 'How much faster is k-means than ml-kmeans, at equal inertia?',
  command: ['node bench/k-means-npm.bench.ts', ...process.argv.slice(2)].join(' '),
  versions: { 'ml-kmeans': version },
  rows: [row],
  notes: [
    'k = 50, 25 iterations, both from k-means++, one thread each, times of the processor, another seed each round.',
  ],
})

function inertiaOf(clusters: readonly number[], centroids: readonly number[][]): number {
  let sum = 0
  clusters.forEach((cluster, i) => {
    centroids[cluster]!.forEach((value, j) => {
      sum += (arrays[i]![j]! - value) ** 2
    })
  })
  return sum
}
