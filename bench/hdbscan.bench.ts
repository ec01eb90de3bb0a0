/**
 * How much faster is HDBSCAN than the Python package, with the same clusters? Two threads each:
 * `node bench/hdbscan.bench.ts [rows …]`, default 5000. Needs `node bench/rivals/setup.ts`.
 */
import { adjustedRand } from '../src/evaluate/cluster-agreement.ts'
import { hdbscan } from '../src/kernels/hdbscan.ts'
import { compareInTurn, type ResultRow, saveResults, shareVectors, startPython, timed } from './harness.ts'
import { realVectors } from './vectors.ts'

const sizes = process.argv.slice(2).map(Number)
const threads = 2
const rows: ResultRow[] = []
let version = ''

for (const size of sizes.length > 0 ? sizes : [5000]) {
  const matrix = await realVectors(size)
  const python = startPython('clustering_server.py')
  await python.ask({ op: 'load', rows: shareVectors('clustering', matrix.data), columns: matrix.columns, threads })
  const ours = await hdbscan(matrix, { minClusterSize: 5, threads })
  const reply = await python.ask({ op: 'hdbscan', size: 5, shuffled: false })
  const theirs = reply['labels'] as number[]
  const shuffled = (await python.ask({ op: 'hdbscan', size: 5, shuffled: true }))['labels'] as number[]
  version = String(reply['version'])
  const times = await compareInTurn(
    3,
    () => timed(() => hdbscan(matrix, { minClusterSize: 5, threads })),
    async () => (await python.ask({ op: 'hdbscan', size: 5, shuffled: false })).ms,
  )
  python.close()
  const noise = (labels: ArrayLike<number>) => Array.from(labels).filter((label) => label < 0).length
  const count = (labels: ArrayLike<number>) => Math.max(...Array.from(labels)) + 1
  const note =
    `adjusted Rand index ${adjustedRand(ours.labels, theirs).toFixed(4)}, theirs with itself on shuffled rows ` +
    `${adjustedRand(shuffled, theirs).toFixed(4)}; ${count(ours.labels)} clusters and ${noise(ours.labels)} rows of noise, ` +
    `theirs ${count(theirs)} and ${noise(theirs)}`
  rows.push({
    what: `HDBSCAN of ${size.toLocaleString('en')} × ${matrix.columns}`,
    rival: 'hdbscan (Python)',
    note,
    ...times,
  })
}
saveResults('hdbscan', {
  question: 'How much faster is HDBSCAN than the Python package?',
  command: 'node bench/hdbscan.bench.ts',
  versions: { hdbscan: version },
  rows,
})
