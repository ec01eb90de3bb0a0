/**
 * What does a map cost beyond its layout? UMAP from vectors to SVG, beside the kernel alone on the same vectors:
 * `node bench/map.bench.ts [rows] [rounds]`, default 20000 1.
 */
import { drawMap } from '../src/analyses/map/draw-map.ts'
import { umap } from '../src/kernels/umap.ts'
import { compareInTurn, saveResults, timed } from './harness.ts'
import { realVectors } from './vectors.ts'

const [size = 20_000, rounds = 1] = process.argv.slice(2).map(Number)
const threads = 2
const matrix = await realVectors(size)
const ids = Array.from({ length: size }, (_, i) => `text ${i}`)
const items = {
  ids,
  ...{ texts: ids, titles: ids, metadata: ids.map(() => ({})), vectors: matrix },
}
const colorings = [{ name: 'part', values: ids.map((_, i) => `part ${i % 12}`) }]
let bytes = 0
const times = await compareInTurn(
  rounds,
  () =>
    timed(async () => {
      bytes = (await drawMap(items, { threads, colorings, title: 'Map' })).svg().length
    }),
  () => timed(() => umap(matrix, { threads, metric: 'cosine' })),
)
saveResults('map', {
  question: 'What does a map cost beyond its layout?',
  command: 'node bench/map.bench.ts',
  versions: {},
  rows: [
    {
      what: `UMAP of ${size.toLocaleString('en')} × ${matrix.columns}, from vectors to SVG`,
      rival: 'the layout alone',
      ...times,
      note: `${((times.oursMs - times.rivalMs) / 1000).toFixed(2)} s beyond the layout (goal: at most 2 s), for trustworthiness, labels and ${(bytes / 1e6).toFixed(1)} MB of SVG`,
    },
  ],
})
