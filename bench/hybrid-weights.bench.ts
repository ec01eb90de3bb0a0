/**
 * Which weight should meaning have in hybrid search? nDCG@10 by source on development sets, for every weight, against
 * reciprocal rank fusion: `node bench/hybrid-weights.bench.ts [model folder]`. Needs ../shared/data.
 */
import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { backgroundOf } from '../src/core/background.ts'
import { embedMany } from '../src/core/embed-many.ts'
import { contentWords } from '../src/core/function-words.ts'
import { ingest } from '../src/core/ingest.ts'
import { ndcgAtK } from '../src/evaluate/retrieval.ts'
import { loadModel } from '../src/models/load.ts'
import { rowOf } from '../src/spec/matrix.ts'
import { openSqliteStore } from '../src/stores/sqlite/index.ts'

const data = new URL('../../shared/data/retrieval/', import.meta.url)
const mostQueries = 250
const depth = 500

interface Row {
  readonly id: string
  readonly title?: string
  readonly text: string
  readonly query: string
  readonly doc: string
  readonly rel: number
}

function read(name: string): Row[] {
  const text = gunzipSync(readFileSync(new URL(`${name}.jsonl.gz`, data))).toString()
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

interface Candidate {
  readonly source: string
  readonly cosine: number
  readonly share: number
  readonly meaningRank: number
  readonly wordRank: number
}

type Score = (candidate: Candidate, background: { passages: number; questions: number }) => number

const aboveChance = (cosine: number, mean: number) => Math.max(0, (cosine - mean) / (1 - mean))
const weights = Array.from({ length: 11 }, (_, i) => i / 10)
const fusions = new Map<string, Score>([
  ...weights.map((w): [string, Score] => [
    `w=${w} over questions`,
    ({ cosine, share }, { questions }) => w * aboveChance(cosine, questions) + (1 - w) * share,
  ]),
  ...weights
    .slice(1, -1)
    .map((w): [string, Score] => [
      `w=${w} over passages`,
      ({ cosine, share }, { passages }) => w * aboveChance(cosine, passages) + (1 - w) * share,
    ]),
  ['rrf 60', ({ meaningRank, wordRank }) => 1 / (60 + meaningRank) + 1 / (60 + wordRank)],
])

const sets = [
  ['cranfield', 'cranfield'],
  ['med', 'med'],
  ['wikinews', 'wikinews'],
  ['scifact', 'scifact.train'],
] as const

if (!existsSync(data)) throw new Error(`needs the data in ${data.pathname}`)
const model = await loadModel(process.argv[2])
const totals = new Map<string, number[]>()
for (const [corpusName, queryName] of sets) {
  const store = await openSqliteStore(':memory:', { passport: model.passport })
  const records = read(`${corpusName}.corpus`).filter(({ text }) => text.trim() !== '')
  await ingest(
    { store, model },
    records.map(({ id, title, text }) => (title ? { id, title, text } : { id, text })),
  )
  const judged = new Map<string, Map<string, number>>()
  for (const { query, doc, rel } of read(`${queryName}.qrels`))
    judged.set(query, (judged.get(query) ?? new Map()).set(doc, rel))
  const queries = read(`${queryName}.queries`)
    .filter(({ id }) => judged.has(id))
    .slice(0, mostQueries)
  const means = {
    passages: (await backgroundOf(store, model, 'passages'))?.mean ?? 0,
    questions: (await backgroundOf(store, model, 'questions'))?.mean ?? 0,
  }
  const sums = new Map<string, number>()
  for (const { id, text } of queries) {
    const { vectors } = await embedMany([text], { model, task: 'query' })
    const [meaning] = await store.nearest(vectors, { topK: depth })
    const words = await store.keyword(contentWords(text), { topK: depth, also: meaning!.keys })
    const keys = [...new Set([...meaning!.keys, ...words.keys])]
    const rows = await store.vectors(Int32Array.from(keys))
    const passages = await store.passages(Int32Array.from(keys))
    const bm25 = new Map<number, number>()
    for (const [i, key] of meaning!.keys.entries()) bm25.set(key, words.also[i] as number)
    for (const [i, key] of words.keys.entries()) bm25.set(key, words.scores[i] as number)
    const candidates = keys.map((key, i): Candidate => {
      const row = rowOf(rows, i)
      let cosine = 0
      for (let j = 0; j < row.length; j++) cosine += (row[j] as number) * (vectors.data[j] as number)
      const place = (list: Int32Array) => (list.includes(key) ? list.indexOf(key) + 1 : Infinity)
      return {
        source: passages[i]!.source,
        cosine,
        share: words.best > 0 ? Math.min(1, (bm25.get(key) ?? 0) / words.best) : 0,
        meaningRank: place(meaning!.keys),
        wordRank: place(words.keys),
      }
    })
    for (const [name, score] of fusions) {
      const best = new Map<string, number>()
      for (const candidate of candidates)
        best.set(candidate.source, Math.max(best.get(candidate.source) ?? -Infinity, score(candidate, means)))
      const ranked = [...best].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([source]) => source)
      sums.set(name, (sums.get(name) ?? 0) + ndcgAtK(ranked, judged.get(id)!, 10))
    }
  }
  console.log(
    `${queryName}: ${queries.length} queries, mean cosine of passages ${means.passages.toFixed(3)}, of questions ${means.questions.toFixed(3)}`,
  )
  for (const [name, sum] of sums) totals.set(name, [...(totals.get(name) ?? []), sum / queries.length])
  await store.close()
}
console.log(`${''.padEnd(22)} ${sets.map(([, name]) => name.padStart(14)).join('')}          mean`)
for (const [name, values] of totals)
  console.log(
    name.padEnd(22),
    [...values, values.reduce((sum, value) => sum + value, 0) / values.length]
      .map((value) => value.toFixed(4).padStart(14))
      .join(''),
  )
