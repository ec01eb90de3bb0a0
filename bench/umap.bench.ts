/**
 * How much faster is UMAP than a warm umap-learn, at equal trustworthiness? From vectors to layout, neighbours included:
 * `node bench/umap.bench.ts [rows] [rounds]`, default 20000 3. Needs `node bench/rivals/setup.ts`.
 */
import { readFileSync } from 'node:fs'
import { trustworthiness } from '../src/kernels/trustworthiness.ts'
import { umap } from '../src/kernels/umap.ts'
import { createMatrix, type Matrix } from '../src/spec/matrix.ts'
import { compareInTurn, median, type ResultRow, saveResults, shareVectors, startPython, timed } from './harness.ts'
import { realVectors } from './vectors.ts'

const [size = 20_000, rounds = 3] = process.argv.slice(2).map(Number)
const threads = 2
let version = ''

const matrix = await realVectors(size)
const python = startPython('maps_server.py')
const path = shareVectors('umap', matrix.data)
await python.ask({ op: 'load', rows: path, columns: matrix.columns })
const layouts: Record<'ours' | 'theirs', Matrix[]> = { ours: [], theirs: [] }
let seed = 0
const times = await compareInTurn(
  rounds,
  () => timed(async () => layouts.ours.push((await umap(matrix, { threads, seed: seed++ })).embedding)),
  async () => {
    const reply = await python.ask({ op: 'umap', threads, layout: `${path}.layout` })
    version = String(reply['version'])
    const bytes = readFileSync(`${path}.layout`)
    const layout = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
    layouts.theirs.push(createMatrix(size, 2, layout))
    return reply.ms
  },
)
python.close()
const quality = async (layout: Matrix[]) => {
  const scores = []
  for (const each of layout) scores.push((await trustworthiness(matrix, each, { nNeighbors: 15, sample: 1000 })).score)
  return median(scores).toFixed(4)
}
const note = `trustworthiness ${await quality(layouts.ours)}, theirs ${await quality(layouts.theirs)}`
const row: ResultRow = {
  what: `UMAP of ${size.toLocaleString('en')} × ${matrix.columns}`,
  rival: 'umap-learn',
  goal: 2.5,
  note,
  ...times,
}
saveResults('umap', {
  question: 'How much faster is UMAP than umap-learn, at equal trustworthiness?',
  command: 'node bench/umap.bench.ts',
  versions: { 'umap-learn': version },
  rows: [row],
  notes: [
    'Defaults of both, 2 threads, umap-learn warm: its compilation is not counted. Trustworthiness of 15 neighbours on 1,000 rows, median of the rounds. Ours gives the same bytes every time; umap-learn is given no seed, with which it would run on one thread.',
  ],
})
