/**
 * How much faster is k-means than FAISS and scikit-learn at equal inertia? k = 50, 25 iterations, two threads each:
 * `node bench/k-means.bench.ts [rows …]`, default 20000. Needs `node bench/rivals/setup.ts`.
 *
 * Ours gives labels for all rows; FAISS is timed with the search that gives its labels, and without.
 */
import { type KMeans, kMeans } from '../src/kernels/k-means.ts'
import { compareInTurn, median, type ResultRow, saveResults, shareVectors, startPython, timed } from './harness.ts'
import { realVectors } from './vectors.ts'

const sizes = process.argv.slice(2).map(Number)
const threads = 2
const k = 50
const iterations = 25
const rounds = 7
const rows: ResultRow[] = []
let versions: Record<string, string> = {}

const rivals = [
  { rival: 'FAISS Kmeans', goal: 1.2, op: 'faiss-k-means', labels: false },
  { rival: 'FAISS Kmeans + labels', op: 'faiss-k-means', labels: true },
  { rival: 'scikit-learn KMeans, random start', op: 'sklearn-k-means', init: 'random' },
  { rival: 'scikit-learn KMeans, its default k-means++', goal: 10, op: 'sklearn-k-means', init: 'k-means++' },
]

for (const size of sizes.length > 0 ? sizes : [20_000]) {
  const matrix = await realVectors(size)
  const python = startPython('clustering_server.py')
  const found = await python.ask({
    op: 'load',
    rows: shareVectors('clustering', matrix.data),
    columns: matrix.columns,
    threads,
  })
  versions = { 'faiss-cpu': String(found['faiss']), 'scikit-learn': String(found['sklearn']) }
  for (const { rival, goal, ...request } of rivals) {
    const ours: number[] = []
    const theirs: number[] = []
    let seed = 0
    const times = await compareInTurn(
      rounds,
      async () => {
        let model: KMeans | undefined
        const ms = await timed(async () => {
          model = await kMeans(matrix, { k, maxIterations: iterations, tolerance: 0, seed, threads })
        })
        ours.push(model?.inertia ?? Number.NaN)
        return ms
      },
      async () => {
        const reply = await python.ask({ ...request, k, iterations, seed: seed++ })
        theirs.push(reply['inertia'] as number)
        return reply.ms
      },
    )
    const difference = (median(ours) / median(theirs) - 1) * 100
    const note = `inertia ${median(ours).toFixed(0)}, theirs ${median(theirs).toFixed(0)} (${difference.toFixed(2)} %)`
    rows.push({ what: `k-means of ${size.toLocaleString('en')} × ${matrix.columns}`, rival, goal, note, ...times })
  }
  python.close()
}
saveResults('k-means', {
  question: 'How much faster is k-means than FAISS and scikit-learn at equal inertia?',
  command: 'node bench/k-means.bench.ts',
  versions,
  rows,
  notes: [
    'k = 50, 25 iterations, 2 threads, another seed each round. FAISS trains on at most 256 rows a cluster, its default.',
  ],
})
