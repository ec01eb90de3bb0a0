/**
 * How does the time grow with the rows, and does anything grow faster than the work? Search, join, k-means and UMAP from
 * 10,000 rows to a million: `node bench/growth.bench.ts [search|join|k-means|umap …]`, all of them by default.
 *
 * `--most` rows stop it earlier; a size is left out, and named, when the size before says it would take more than `--minutes`
 * (10). Times are of the processor, all threads together, which other programs disturb less than those of the clock.
 * Finished sizes are kept in .cache/bench/growth.json, for the sources of the kernels they were measured on: a run
 * that was stopped goes on where it was.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createIndex } from '../src/kernels/exact-index.ts'
import { kMeans } from '../src/kernels/k-means.ts'
import { similarityJoin } from '../src/kernels/similarity-join.ts'
import { umap } from '../src/kernels/umap.ts'
import { createMatrix, type Matrix } from '../src/spec/matrix.ts'
import { median, processorMs, saveResults, spent } from './harness.ts'
import { manyVectors, realQueries } from './vectors.ts'

const { values, positionals } = parseArgs({
  options: { most: { type: 'string', default: '1000000' }, minutes: { type: 'string', default: '10' } },
  allowPositionals: true,
})
const sizes = [10_000, 31_623, 100_000, 316_228, 1_000_000].filter((size) => size <= Number(values.most))
// Two threads.
const longestMs = Number(values.minutes) * 60_000 * 2
/** A power of the rows may be this much above that of the work before it counts as growing faster: timings are not exact. */
const tolerance = 0.1

/** Milliseconds of processor time for each part, in the order of `parts`. */
type Times = readonly number[]

interface Finished {
  readonly times: Times
  /** What the rows are, where they are not all sentences. */
  readonly copies: string
}

interface Measured {
  /** What is timed, with the power of the rows by which its work grows. */
  readonly parts: readonly { readonly what: string; readonly power: number }[]
  run(matrix: Matrix): Promise<Times>
}

const all: Record<string, Measured> = {
  search: {
    parts: [
      { what: 'index built, one thread', power: 1 },
      { what: 'exact search, 64 queries at a time, one thread, a query', power: 1 },
    ],
    run: async (matrix) => {
      const queries = await realQueries(256)
      const from = processorMs()
      const index = await createIndex(matrix, { metric: 'ip', threads: 1 })
      const build = processorMs() - from
      const times: number[] = []
      for (let first = 0; first < 256; first += 64) {
        const part = createMatrix(64, 384, queries.data.subarray(first * 384, (first + 64) * 384))
        times.push((await spent(() => index.search(part, { topK: 10 }))) / 64)
      }
      index.close()
      return [build, median(times)]
    },
  },
  join: {
    parts: [{ what: 'pairs ≥ 0.9, two threads', power: 2 }],
    run: async (matrix) => [
      await spent(() =>
        similarityJoin(matrix, undefined, { threshold: 0.9, metric: 'ip', threads: 2, onPairs: () => undefined }),
      ),
    ],
  },
  'k-means': {
    parts: [{ what: 'k-means, k = 50, 10 iterations, two threads', power: 1 }],
    run: async (matrix) => [await spent(() => kMeans(matrix, { k: 50, maxIterations: 10, tolerance: 0, threads: 2 }))],
  },
  umap: {
    parts: [
      { what: 'UMAP, its exact neighbours and start, two threads', power: 2 },
      { what: 'UMAP, its layout of 200 epochs, two threads', power: 1 },
    ],
    run: async (matrix) => {
      const from = processorMs()
      let laidOutFrom = 0
      await umap(matrix, {
        epochs: 200,
        threads: 2,
        onProgress: ({ epoch }) => {
          if (epoch === 1) laidOutFrom = processorMs()
        },
      })
      return [laidOutFrom - from, processorMs() - laidOutFrom]
    },
  },
}

const notes = ['- Times of the processor, all threads together.']
const kept = openKept()
for (const name of positionals.length > 0 ? positionals : Object.keys(all)) {
  const measured = all[name]
  if (measured === undefined) throw new Error(`${name}: expected one of ${Object.keys(all).join(', ')}`)
  const found: { size: number; times: Times }[] = []
  const faster: string[] = []
  for (const size of sizes) {
    const before = found.at(-1)
    const growth = before === undefined ? 1 : size / before.size
    const expectedMs = measured.parts.reduce((sum, { power }, i) => sum + (before?.times[i] ?? 0) * growth ** power, 0)
    if (expectedMs > longestMs) {
      const minutes = Math.round(expectedMs / 2 / 60_000)
      note(`- ${name}, ${shown(size)} rows: not run, it would take about ${minutes} minutes`)
      break
    }
    const { times, copies } = kept.get(name, size) ?? kept.set(name, size, await measure(measured, size))
    measured.parts.forEach(({ what, power }, i) => {
      const time = times[i] as number
      const grown = before === undefined ? undefined : Math.log(time / (before.times[i] as number)) / Math.log(growth)
      if (grown !== undefined && grown > power + tolerance)
        faster.push(`${what}, from ${shown(before?.size ?? 0)} to ${shown(size)} rows (rows^${grown.toFixed(2)})`)
      const as = grown === undefined ? '' : `, as rows^${grown.toFixed(2)}`
      note(`- ${what}, ${shown(size)} rows${copies}: ${inWords(time)}${as} (work: rows^${power})`)
    })
    found.push({ size, times })
  }
  note(`- ${name}, faster than the work grows: ${faster.length === 0 ? 'nothing' : faster.join('; ')}`)
}
saveResults('growth', {
  question: 'How does the time grow with the rows?',
  command: ['node bench/growth.bench.ts', ...process.argv.slice(2)].join(' '),
  versions: {},
  rows: [],
  notes,
})

async function measure({ run }: Measured, size: number): Promise<Finished> {
  const { matrix, distinct } = await manyVectors(size)
  if (size === sizes[0]) await run(matrix)
  const copies = distinct < size ? `, ${shown(distinct)} sentences and noisy copies` : ''
  return { times: await run(matrix), copies }
}

function note(line: string): void {
  notes.push(line)
  console.log(line)
}

function shown(size: number): string {
  return size.toLocaleString('en')
}

function inWords(ms: number): string {
  return ms >= 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${ms.toPrecision(3)} ms`
}

function openKept() {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).trim()
  const source = git('rev-parse', 'HEAD:src/kernels')
  const folder = new URL('../.cache/bench/', import.meta.url)
  const path = fileURLToPath(new URL('growth.json', folder))
  mkdirSync(folder, { recursive: true })
  const kept: Record<string, Finished> = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {}
  const key = (name: string, size: number) => `${source} ${name} ${size}`
  return {
    get: (name: string, size: number): Finished | undefined => kept[key(name, size)],
    set(name: string, size: number, finished: Finished): Finished {
      kept[key(name, size)] = finished
      writeFileSync(path, JSON.stringify(kept))
      return finished
    },
  }
}
