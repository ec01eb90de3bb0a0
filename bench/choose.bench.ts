/**
 * Does `compareSystems` keep its word on real queries? `node bench/choose.bench.ts`; needs ../shared.
 *
 * 200 times 200 of SciFact's 809 training queries are drawn. Equal systems: the starter's scores and those of its first
 * 128 dimensions, changed over by a coin at each query, so that neither is better. A known-better system: the starter
 * against its first 32 dimensions.
 */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { shortened } from '../src/core/choose-variants.ts'
import { judgementsOf } from '../src/core/evaluate-task.ts'
import { evaluationVectors } from '../src/core/evaluation-vectors.ts'
import { readEvaluationTasks } from '../src/core/read-evaluation-tasks.ts'
import { compareSystems } from '../src/evaluate/compare-systems.ts'
import { evaluateRetrieval } from '../src/evaluate/retrieval-evaluation.ts'
import { topK } from '../src/kernels/compare.ts'
import { createRandom } from '../src/kernels/random.ts'
import { loadModel } from '../src/models/load.ts'
import { saveResults } from './harness.ts'

const runs = 200
const queriesPerRun = 200
const set = new URL('../../shared/data/retrieval/scifact.train.queries.jsonl.gz', import.meta.url)
if (!existsSync(set)) throw new Error(`needs ${fileURLToPath(set)}`)
const [task] = (await readEvaluationTasks([fileURLToPath(set)])).tasks
if (task?.type !== 'Retrieval') throw new Error('expected a retrieval task')
const ids = task.documents.map(({ id }) => id)
const judgements = judgementsOf(task)
const model = await loadModel('starter')
const texts = task.documents.map(({ title, text }) => `${title ?? ''} ${text}`.trim())
const documents = (await evaluationVectors(texts, { model, task: 'document' })).vectors
const asked = task.queries.map(({ text }) => text)
const queries = (await evaluationVectors(asked, { model, task: 'query' })).vectors

function scoresAt(dimensions: number): Float64Array {
  const nearest = topK(shortened(queries, dimensions), shortened(documents, dimensions), { topK: 10, metric: 'ip' })
  const runs = Array.from({ length: queries.rows }, (_, query) => {
    const places = Array.from({ length: 10 }, (_, rank) => 10 * query + rank)
    return new Map(places.map((place) => [ids[nearest.ids[place]!]!, nearest.scores[place]!]))
  })
  return evaluateRetrieval(runs, judgements, { depth: 10, resamples: 1 }).perQuery
}

const full = scoresAt(model.passport.dimensions)
const half = scoresAt(128)
const short = scoresAt(32)
const random = createRandom(0)
let falseDifferences = 0
let found = 0
for (let run = 0; run < runs; run++) {
  const drawn = random.sample(full.length, queriesPerRun)
  const pick = (scores: Float64Array) => Float64Array.from(drawn, (query) => scores[query]!)
  const [a, b] = [pick(full), pick(half)]
  for (let i = 0; i < drawn.length; i++) if (random.float64() < 0.5) [a[i], b[i]] = [b[i]!, a[i]!]
  const options = { resamples: 2000, seed: run }
  if (compareSystems([a, b], options).againstBest.some(({ isDetectable }) => isDetectable)) falseDifferences++
  const { best, againstBest } = compareSystems([pick(full), pick(short)], options)
  if (best === 0 && againstBest[1]!.isDetectable) found++
}
const mean = (scores: Float64Array) =>
  ((100 * scores.reduce((sum, score) => sum + score, 0)) / scores.length).toFixed(1)
saveResults('choose', {
  question: 'Does `choose` call equal models equal, and find the better one?',
  command: 'node bench/choose.bench.ts',
  versions: {},
  rows: [],
  figures: [
    { what: 'equal models called different', runs, found: falseDifferences, goal: `at most ${runs / 20}` },
    { what: 'the better model found', runs, found, goal: `at least ${(runs * 19) / 20}` },
  ],
  notes: [
    `Each run draws ${queriesPerRun} of SciFact’s ${full.length} training queries. nDCG@10 × 100 of the starter over all of these: all dimensions ${mean(full)}, first 128 ${mean(half)}, first 32 ${mean(short)}. Equal: the first two changed over by a coin at each query. Better: the first against the last.`,
  ],
})
console.log(`equal models called different ${falseDifferences}, the better one found ${found} of ${runs}`)
await model.close?.()
if (falseDifferences > runs / 20 || found < (runs * 19) / 20) process.exitCode = 1
