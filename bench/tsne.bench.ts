/**
 * How much faster is t-SNE than openTSNE, at equal KL divergence? From vectors to layout, neighbours included:
 * `node bench/tsne.bench.ts [rows] [rounds]`, default 10000 2. Needs `node bench/rivals/setup.ts`.
 */
import { tsne } from '../src/kernels/tsne.ts'
import { compareInTurn, median, type ResultRow, saveResults, shareVectors, startPython, timed } from './harness.ts'
import { realVectors } from './vectors.ts'

const [size = 10_000, rounds = 2] = process.argv.slice(2).map(Number)
const threads = 2
let version = ''

const matrix = await realVectors(size)
const python = startPython('maps_server.py')
const path = shareVectors('tsne', matrix.data)
await python.ask({ op: 'load', rows: path, columns: matrix.columns })
const ours: number[] = []
const theirs: number[] = []
let seed = 0
const times = await compareInTurn(
  rounds,
  () => timed(async () => ours.push((await tsne(matrix, { threads, seed })).klDivergence)),
  async () => {
    const reply = await python.ask({ op: 'tsne', threads, seed: seed++, layout: `${path}.layout` })
    version = String(reply['version'])
    theirs.push(reply['kl'] as number)
    return reply.ms
  },
)
python.close()
const difference = (median(ours) / median(theirs) - 1) * 100
const note = `KL ${median(ours).toFixed(3)}, theirs ${median(theirs).toFixed(3)} (${difference.toFixed(1)} %)`
const row: ResultRow = {
  what: `t-SNE of ${size.toLocaleString('en')} × ${matrix.columns}`,
  rival: 'openTSNE',
  goal: 2.5,
  note,
  ...times,
}
saveResults('tsne', {
  question: 'How much faster is t-SNE than openTSNE, at equal KL divergence?',
  command: 'node bench/tsne.bench.ts',
  versions: { openTSNE: version },
  rows: [row],
  notes: ['Perplexity 30, 250 + 500 iterations, the defaults of both, 2 threads. Our neighbours are exact.'],
})
