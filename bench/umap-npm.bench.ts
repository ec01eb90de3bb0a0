/**
 * How much faster is UMAP than umap-js, at equal trustworthiness? From vectors to layout, one thread each:
 * `node bench/umap-npm.bench.ts [rows] [rounds]`, default 5000 3. Needs `node bench/rivals/setup.ts`.
 */
import { createRandom } from '../src/kernels/random.ts'
import { trustworthiness } from '../src/kernels/trustworthiness.ts'
import { umap } from '../src/kernels/umap.ts'
import { type Matrix, rowOf, toMatrix } from '../src/spec/matrix.ts'
import { compareInTurn, median, processorMs, type ResultRow, saveResults, spent } from './harness.ts'
import { npmRival } from './rivals/npm.ts'
import { realVectors } from './vectors.ts'

interface UmapJs {
  UMAP: new (options: {
    nNeighbors: number
    nEpochs: number
    random: () => number
  }) => {
    fit(rows: number[][]): number[][]
  }
}

const [size = 5000, rounds = 3] = process.argv.slice(2).map(Number)
const epochs = 400

const { module, version } = await npmRival<UmapJs>('umap-js')
const matrix = await realVectors(size)
const arrays = Array.from({ length: size }, (_, i) => Array.from(rowOf(matrix, i)))
const layouts: Record<'ours' | 'theirs', Matrix[]> = { ours: [], theirs: [] }
let seed = 0
const times = await compareInTurn(
  rounds,
  () => spent(async () => layouts.ours.push((await umap(matrix, { epochs, threads: 1, seed })).embedding)),
  async () => {
    const random = createRandom(seed++)
    const from = processorMs()
    const layout = new module.UMAP({ nNeighbors: 15, nEpochs: epochs, random: () => random.float64() }).fit(arrays)
    const ms = processorMs() - from
    layouts.theirs.push(toMatrix(layout))
    return ms
  },
)
const quality = async (layout: Matrix[]) => {
  const scores = []
  for (const each of layout) scores.push((await trustworthiness(matrix, each, { nNeighbors: 15, sample: 1000 })).score)
  return median(scores).toFixed(4)
}
const row: ResultRow = {
  what: `UMAP of ${size.toLocaleString('en')} × ${matrix.columns}, ${epochs} epochs`,
  rival: 'umap-js',
  note: `trustworthiness ${await quality(layouts.ours)}, theirs ${await quality(layouts.theirs)}`,
  ...times,
}
saveResults('umap-npm', {
  question: 'How much faster is UMAP than umap-js, at equal trustworthiness?',
  command: ['node bench/umap-npm.bench.ts', ...process.argv.slice(2)].join(' '),
  versions: { 'umap-js': version },
  rows: [row],
  notes: [
    '15 neighbours, one thread each, times of the processor, another seed each round. Trustworthiness of 15 neighbours on 1,000 rows, median of the rounds. umap-js starts from random places where it finds its neighbours itself; ours starts from the spectrum of the graph.',
  ],
})
