/**
 * How much faster is exact search than FAISS IndexFlatIP, with the same answers? Top 10, one thread, one query, 64 and
 * 2,048 at a time: `node bench/search.bench.ts [rows …]`, default 10000, 100000 and 1000000. Needs `node bench/rivals/setup.ts`.
 */
import { createIndex } from '../src/kernels/exact-index.ts'
import { createMatrix, type Matrix } from '../src/spec/matrix.ts'
import { compareInTurn, type ResultRow, saveResults, shareVectors, startPython, timed } from './harness.ts'
import { manyVectors, realQueries } from './vectors.ts'

const sizes = process.argv.slice(2).map(Number)
const rows: ResultRow[] = []
const versions: Record<string, string> = {}
const notes: string[] = []

if (sizes.length === 0) sizes.push(10_000, 100_000, 1_000_000)

for (const size of sizes) {
  const { matrix: corpus, distinct } = await manyVectors(size)
  const queries = await realQueries(4096)
  const faiss = startPython('faiss_server.py')
  const loaded = await faiss.ask({
    op: 'load',
    rows: shareVectors('corpus', corpus.data),
    queries: shareVectors('queries', queries.data),
    columns: corpus.columns,
    threads: 1,
  })
  versions['faiss-cpu'] = String(loaded['version'])
  const buildMs = await timed(async () => (await createIndex(corpus, { metric: 'ip', threads: 1 })).close())
  const index = await createIndex(corpus, { metric: 'ip', threads: 1 })
  notes.push(
    `${size.toLocaleString('en')} rows: ${index.bytesPerRow.toFixed(0)} bytes resident a row besides the float32 values, built in ${(buildMs / 1000).toFixed(1)} s.`,
  )
  if (distinct < size)
    notes.push(
      `${size.toLocaleString('en')} rows are ${distinct.toLocaleString('en')} vectors of sentences and noisy copies of them (cosine about 0.96), which are easier to rule out than as many sentences.`,
    )
  const part = (from: number, count: number): Matrix =>
    createMatrix(
      count,
      queries.columns,
      queries.data.subarray(from * queries.columns, (from + count) * queries.columns),
    )

  const found = await index.search(part(0, 500), { topK: 10 })
  const { ids } = await faiss.ask({ op: 'search', from: 0, count: 500, topK: 10, ids: true })
  const equal = (ids as number[]).filter((id, i) => id === found.ids[i]).length
  const note = `${equal} of 5,000 ids in FAISS's place (it sums in float32)`

  for (const [batch, rounds, goal] of [
    [1, size > 200_000 ? 3 : 9, 20],
    [64, size > 200_000 ? 3 : 7, 30],
    [2048, size > 200_000 ? 1 : 5, 2],
  ] as const) {
    // biome-ignore format: one line
    const queriesARound = batch === 1 ? (size > 200_000 ? 20 : 60) : batch
    let from = 0
    const times = await compareInTurn(
      rounds,
      async () => {
        from = (from + queriesARound) % (4096 - queriesARound + 1)
        const parts =
          batch === 1 ? Array.from({ length: queriesARound }, (_, i) => part(from + i, 1)) : [part(from, batch)]
        return (
          (await timed(async () => {
            for (const query of parts) await index.search(query, { topK: 10 })
          })) / queriesARound
        )
      },
      async () => {
        const op = batch === 1 ? 'each' : 'search'
        return (await faiss.ask({ op, from, count: queriesARound, topK: 10 })).ms / queriesARound
      },
    )
    const what = `top 10 of ${size.toLocaleString('en')} × 384, ${batch === 1 ? 'one query' : `${batch.toLocaleString('en')} queries`} at a time, a query`
    rows.push({ what, rival: 'FAISS IndexFlatIP', goal, note, ...times })
  }
  index.close()
  faiss.close()
}
saveResults('search', {
  question: 'How much faster is exact search than FAISS flat?',
  command: 'node bench/search.bench.ts',
  versions,
  rows,
  notes,
})
