/**
 * How does the time grow with the rows, and does anything grow faster than the work? Search, join, k-means, UMAP:
 * `node bench/growth.bench.ts [search|join|k-means|umap …]`, all of them by default, up to 100,000 rows or `--most` of them
 * (up to a million, where the join and UMAP take hours).
 */
import { parseArgs } from 'node:util'
import { createIndex } from '../src/kernels/exact-index.ts'
import { kMeans } from '../src/kernels/k-means.ts'
import { similarityJoin } from '../src/kernels/similarity-join.ts'
import { umap } from '../src/kernels/umap.ts'
import { createMatrix, type Matrix } from '../src/spec/matrix.ts'
import { median, saveResults, timed } from './harness.ts'
import { manyVectors, realQueries } from './vectors.ts'

const { values, positionals } = parseArgs({ options: { most: { type: 'string' } }, allowPositionals: true })
const sizes = [10_000, 31_623, 100_000, 316_228, 1_000_000].filter((size) => size <= Number(values.most ?? 100_000))
const queries = await realQueries(256)

interface Measured {
  readonly what: string
  /** The work grows as rows to this power. */
  readonly power: number
  /** Milliseconds. */
  run(matrix: Matrix): Promise<number>
}

const all: Record<string, Measured> = {
  search: {
    what: 'exact search, 64 queries at a time, one thread, a query',
    power: 1,
    run: async (matrix) => {
      const index = await createIndex(matrix, { metric: 'ip', threads: 1 })
      const times: number[] = []
      for (let from = 0; from < 256; from += 64) {
        const part = createMatrix(64, 384, queries.data.subarray(from * 384, (from + 64) * 384))
        times.push((await timed(() => index.search(part, { topK: 10 }))) / 64)
      }
      index.close()
      return median(times)
    },
  },
  join: {
    what: 'pairs ≥ 0.9, two threads',
    power: 2,
    run: (matrix) => timed(() => similarityJoin(matrix, undefined, { threshold: 0.9, metric: 'ip', threads: 2 })),
  },
  'k-means': {
    what: 'k-means, k = 50, 10 iterations, two threads',
    power: 1,
    run: (matrix) => timed(() => kMeans(matrix, { k: 50, maxIterations: 10, tolerance: 0, threads: 2 })),
  },
  umap: {
    what: 'UMAP, defaults, two threads',
    // Its exact neighbours grow so, the rest in step with the rows.
    power: 2,
    run: (matrix) => timed(() => umap(matrix, { threads: 2 })),
  },
}

const notes: string[] = []
for (const name of positionals.length > 0 ? positionals : Object.keys(all)) {
  const measured = all[name]
  if (measured === undefined) throw new Error(`${name}: expected one of ${Object.keys(all).join(', ')}`)
  const times: number[] = []
  for (const size of sizes) {
    const { matrix, distinct } = await manyVectors(size)
    if (times.length === 0) await measured.run(matrix)
    times.push(await measured.run(matrix))
    const i = times.length - 1
    const time = `${times[i]?.toPrecision(3)} ms`
    const power =
      i === 0
        ? ''
        : `, as rows^${(Math.log((times[i] ?? 1) / (times[i - 1] ?? 1)) / Math.log(size / (sizes[i - 1] ?? 1))).toFixed(2)}`
    notes.push(
      `- ${measured.what}, ${size.toLocaleString('en')} rows: ${time}${power} (work: rows^${measured.power})${distinct < size ? ', with noisy copies' : ''}`,
    )
    console.log(notes.at(-1))
  }
}
saveResults('growth', {
  question: 'How does the time grow with the rows?',
  command: ['node bench/growth.bench.ts', ...process.argv.slice(2)].join(' '),
  versions: {},
  rows: [],
  notes,
})
