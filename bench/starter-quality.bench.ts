/**
 * How good is a model? Spearman on sentence similarity and nDCG@10 on retrieval, with 95 % bootstrap intervals:
 * `node bench/starter-quality.bench.ts [model] [dev | test] [float32 | int8]`. Needs ../shared/data.
 * Choices are made on `dev`; `test` is for the figure that is reported, once.
 */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { ndcgAtK, rankDocuments } from '../src/evaluate/retrieval.ts'
import { spearman } from '../src/evaluate/spearman.ts'
import { createRandom } from '../src/kernels/random.ts'
import { loadModel } from '../src/models/load.ts'
import type { Matrix } from '../src/spec/matrix.ts'

const sets = {
  dev: { sts: ['stsb.dev', 'sick.dev'], retrieval: ['med', 'cranfield', 'scifact.train', 'wikinews'] },
  test: { sts: ['stsb.test', 'sts12.test', 'sts13.test'], retrieval: ['scifact.dev', 'npl', 'cacm', 'cisi', 'time'] },
} as const
const data = new URL('../../shared/data/', import.meta.url)
if (!existsSync(data)) throw new Error(`needs ${fileURLToPath(data)}`)
const [name = 'starter', which = 'dev', dtype = 'int8'] = process.argv.slice(2)
const model = await loadModel(name, { dtype: dtype as 'int8', threads: 1 })
const chosen = sets[which as keyof typeof sets]
let cut = 0

interface Row {
  readonly id: string
  readonly a: string
  readonly b: string
  readonly score: number
  readonly title?: string
  readonly text: string
  readonly query: string
  readonly doc: string
  readonly rel: number
}

const read = (path: string): Row[] =>
  gunzipSync(readFileSync(new URL(`${path}.jsonl.gz`, data)))
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

/** The text's beginning that the model's window holds; retrieval benchmarks cut in the same way. */
function fitted(text: string): string {
  const limit = model.limits.tokensPerText
  const count = model.countTokens(text)
  if (count <= limit) return text === '' ? 'empty' : text
  cut++
  let part = text.slice(0, Math.floor((text.length * limit) / count))
  while (model.countTokens(part) > limit) part = part.slice(0, Math.floor(part.length * 0.95))
  return part
}

async function embed(texts: readonly string[], task: 'document' | 'query' | 'similarity'): Promise<Matrix> {
  const columns = model.passport.dimensions
  const vectors = { data: new Float32Array(texts.length * columns), rows: texts.length, columns }
  for (let from = 0; from < texts.length; from += 512) {
    const part = await model.embed(texts.slice(from, from + 512).map(fitted), { task })
    vectors.data.set(part.vectors.data, from * columns)
  }
  return vectors
}

function dot(a: Matrix, i: number, b: Matrix, j: number): number {
  let sum = 0
  for (let k = 0; k < a.columns; k++) sum += a.data[i * a.columns + k]! * b.data[j * b.columns + k]!
  return sum
}

/** The middle 95 % of the measure over 1,000 resamples. */
function interval(count: number, measure: (indices: Int32Array) => number): string {
  const random = createRandom(1)
  const values: number[] = []
  for (let i = 0; i < 1000; i++) values.push(measure(Int32Array.from({ length: count }, () => random.below(count))))
  values.sort((a, b) => a - b)
  return `[${(100 * values[25]!).toFixed(1)}, ${(100 * values[974]!).toFixed(1)}]`
}

const print = (label: string, value: number, rest = '') =>
  console.log(`${label.padEnd(22)} ${(100 * value).toFixed(2)} ${rest}`)
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

const correlations: number[] = []
for (const set of chosen.sts) {
  const rows = read(`sts/${set}`)
  const [a, b] = [
    await embed(
      rows.map((row) => row.a),
      'similarity',
    ),
    await embed(
      rows.map((row) => row.b),
      'similarity',
    ),
  ]
  const scores = rows.map((_, i) => dot(a, i, b, i))
  const truth = rows.map((row) => row.score)
  correlations.push(spearman(scores, truth))
  const resampled = (indices: Int32Array) =>
    spearman(
      Array.from(indices, (i) => scores[i]!),
      Array.from(indices, (i) => truth[i]!),
    )
  print(set, correlations.at(-1)!, interval(rows.length, resampled))
}
print('mean Spearman', mean(correlations))

const gains: number[] = []
for (const set of chosen.retrieval) {
  const corpus = read(`retrieval/${set.replace(/\.(dev|train)$/, '')}.corpus`)
  const judged = new Map<string, Map<string, number>>()
  for (const { query, doc, rel } of read(`retrieval/${set}.qrels`))
    judged.set(String(query), (judged.get(String(query)) ?? new Map()).set(String(doc), rel))
  const queries = read(`retrieval/${set}.queries`).filter((row) => judged.has(String(row.id)))
  const documents = await embed(
    corpus.map((row) => (row.title ? `${row.title} ${row.text}` : row.text)),
    'document',
  )
  const asked = await embed(
    queries.map((row) => row.text),
    'query',
  )
  const each = queries.map((query, i) => {
    const run = new Map(corpus.map((row, j) => [String(row.id), dot(asked, i, documents, j)]))
    return ndcgAtK(rankDocuments(run), judged.get(String(query.id))!, 10)
  })
  gains.push(mean(each))
  print(
    set,
    gains.at(-1)!,
    interval(each.length, (indices) => mean(Array.from(indices, (i) => each[i]!))),
  )
}
print('mean nDCG@10', mean(gains))
if (cut > 0)
  console.log(
    `${cut} texts were longer than the model's ${model.limits.tokensPerText} tokens; their beginnings were used`,
  )
await model.close?.()
