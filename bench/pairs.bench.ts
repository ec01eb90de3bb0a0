/**
 * How much faster are the exact 15-nearest-neighbour graph and the exact join at 0.9 than FAISS, and the join than
 * SemHash? Two threads each:
 * `node bench/pairs.bench.ts [rows …]`, default 20000 and 100000. Needs `node bench/rivals/setup.ts`.
 */
import { knnGraph } from '../src/kernels/knn-graph.ts'
import { similarityJoin } from '../src/kernels/similarity-join.ts'
import { compareInTurn, type ResultRow, saveResults, shareVectors, startPython, timed } from './harness.ts'
import { realVectors } from './vectors.ts'

const sizes = process.argv.slice(2).map(Number)
const threads = 2
const rows: ResultRow[] = []
const versions: Record<string, string> = {}

for (const size of sizes.length > 0 ? sizes : [20_000, 100_000]) {
  const matrix = await realVectors(size)
  const faiss = startPython('faiss_server.py')
  const request = { op: 'load', rows: shareVectors('corpus', matrix.data), columns: matrix.columns, threads }
  versions['faiss-cpu'] = String((await faiss.ask(request))['version'])
  const rounds = size > 30_000 ? 1 : 3
  const shown = size.toLocaleString('en')

  const graph = await knnGraph(matrix, { k: 15, metric: 'ip', threads })
  const theirs = (await faiss.ask({ op: 'graph', k: 15 }))['ids'] as number[]
  let equal = 0
  for (let i = 0; i < 200; i++) {
    const others = theirs.slice(i * 16, i * 16 + 16).filter((id) => id !== i)
    for (let rank = 0; rank < 15; rank++) if (others[rank] === graph.ids[i * 15 + rank]) equal++
  }
  const graphTimes = await compareInTurn(
    rounds,
    () => timed(() => knnGraph(matrix, { k: 15, metric: 'ip', threads })),
    async () => (await faiss.ask({ op: 'graph', k: 15 })).ms,
    false,
  )
  const note = `index built within the time; ${equal} of 3,000 ids in FAISS's place (it sums in float32)`
  rows.push({
    what: `15-NN graph of ${shown} × 384`,
    rival: 'FAISS flat search of all rows',
    goal: 3,
    note,
    ...graphTimes,
  })

  const join = await similarityJoin(matrix, undefined, { threshold: 0.9, metric: 'ip', threads })
  const { pairs } = await faiss.ask({ op: 'join', threshold: 0.9 })
  const joinTimes = await compareInTurn(
    rounds,
    () => timed(() => similarityJoin(matrix, undefined, { threshold: 0.9, metric: 'ip', threads })),
    async () => (await faiss.ask({ op: 'join', threshold: 0.9 })).ms,
    false,
  )
  rows.push({
    what: `pairs ≥ 0.9 of ${shown} × 384`,
    rival: 'FAISS range search',
    goal: 5,
    note: `${join.count} pairs, FAISS ${pairs}`,
    ...joinTimes,
  })
  faiss.close()

  const semhash = startPython('semhash_server.py')
  const dedupe = { rows: request.rows, columns: matrix.columns, threshold: 0.9 }
  let dropped = 0
  const semhashTimes = await compareInTurn(
    1,
    () => timed(() => similarityJoin(matrix, undefined, { threshold: 0.9, threads })),
    async () => {
      const reply = await semhash.ask(dedupe)
      versions['semhash'] = String(reply['version'])
      dropped = Number(reply['dropped'])
      return reply.ms
    },
    false,
  )
  rows.push({
    what: `pairs ≥ 0.9 of ${shown} texts, vectors given`,
    rival: 'SemHash',
    goal: 15,
    note: `it is approximate: ${dropped} rows dropped`,
    ...semhashTimes,
  })
  semhash.close()
}
saveResults('pairs', {
  question: 'How much faster are the neighbour graph and the similarity join than FAISS?',
  command: 'node bench/pairs.bench.ts',
  versions,
  rows,
})
