/**
 * How does exact search compare with what npm has for it? Top 10 of the same rows, one thread each, recall beside speed:
 * `node bench/search-npm.bench.ts [rows]`, default 100000. Needs `node bench/rivals/setup.ts`.
 */
import { createIndex } from '../src/kernels/exact-index.ts'
import { recallOf } from '../src/kernels/hamming.ts'
import { createMatrix, type Matrix } from '../src/spec/matrix.ts'
import { compareInTurn, type ResultRow, saveResults, spent } from './harness.ts'
import { hnswlib, orama, type StartRival, sqliteVec, usearchExact, usearchHnsw, vectra } from './rivals/npm-search.ts'
import { realQueries, realVectors } from './vectors.ts'

const most = Number(process.argv[2] ?? 100_000)
const topK = 10
const checked = 200
const queries = await realQueries(2048)
const rows: ResultRow[] = []
const versions: Record<string, string> = {}
const notes = [
  'One thread each; times are of the processor. Our recall is 1 by construction; the HNSW indexes are approximate, all others here compare every row. ' +
    'Recall is the share of the true ten nearest, over 200 queries.',
]

const rivals: { start: StartRival; batches: number[]; queriesARound: number; mostRows?: number; note?: string }[] = [
  { start: usearchExact, batches: [1, 64], queriesARound: 40 },
  { start: sqliteVec, batches: [1], queriesARound: 10 },
  // It keeps the rows as one JSON text, 8 kB a row; the longest string there is holds 66,000 of them.
  { start: vectra, batches: [1], queriesARound: 20, mostRows: 50_000, note: 'it cannot hold 100,000 rows' },
  { start: orama, batches: [1], queriesARound: 10 },
  { start: usearchHnsw, batches: [1, 64], queriesARound: 60 },
  { start: hnswlib, batches: [1], queriesARound: 60 },
]

for (const { start, batches, queriesARound, mostRows, note } of rivals) {
  const size = Math.min(most, mostRows ?? most)
  const corpus = await realVectors(size)
  const rival = await start(corpus).catch((error: unknown) => {
    notes.push(`Left out: ${error instanceof Error ? error.message : String(error)}`)
  })
  if (rival === undefined) continue
  versions[rival.name.split(/[ ,]/, 1)[0]!] = rival.version
  const index = await createIndex(corpus, { metric: 'ip', threads: 1 })
  const truth = await index.search(part(0, checked), { topK })
  const ids = Int32Array.from(await rival.search(part(0, checked), topK))
  const recall = recallOf({ ids, scores: new Float32Array(ids.length) }, truth, topK)
  const built = rival.buildMs === 0 ? 'it builds nothing' : `it builds for ${(rival.buildMs / 1000).toFixed(1)} s`
  for (const batch of batches) {
    const count = batch === 1 ? queriesARound : batch
    let from = 0
    const parts = () => {
      from = (from + count) % (queries.rows - count)
      return batch === 1 ? Array.from({ length: count }, (_, i) => part(from + i, 1)) : [part(from, batch)]
    }
    const aQuery = async (search: (query: Matrix) => Promise<unknown>) => {
      const asked = parts()
      return (
        (await spent(async () => {
          for (const query of asked) await search(query)
        })) / count
      )
    }
    const times = await compareInTurn(
      5,
      () => aQuery((query) => index.search(query, { topK })),
      () => aQuery((query) => rival.search(query, topK)),
    )
    rows.push({
      what: `top 10 of ${size.toLocaleString('en')} × ${corpus.columns}, ${batch === 1 ? 'one query' : `${batch} queries`} at a time, a query`,
      rival: rival.name,
      note: [`its recall ${recall.toFixed(4)}`, built, ...(note === undefined ? [] : [note])].join('; '),
      ...times,
    })
  }
  rival.close()
  index.close()
}
saveResults('search-npm', {
  question: 'How does exact search compare with what npm has for it?',
  command: ['node bench/search-npm.bench.ts', ...process.argv.slice(2)].join(' '),
  versions,
  rows,
  notes,
})

function part(from: number, count: number): Matrix {
  const { data, columns } = queries
  return createMatrix(count, columns, data.subarray(from * columns, (from + count) * columns))
}
