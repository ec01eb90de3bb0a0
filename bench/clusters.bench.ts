/**
 * How good are clusters? `node bench/clusters.bench.ts [v | names | k] [set …]`, all three by default. Needs ../shared
 * and `node bench/rivals/setup.ts`.
 *
 * - `v`: V-measure of ours (as in `clusters`: spherical, the best of 8 starts) and of scikit-learn's KMeans with its
 *   defaults (one start) and as the best of 8 starts, at the true k, 64 starts of each.
 * - `names`: share of the clusters whose name holds a word of the topic most of its items have.
 * - `k`: the suggested number of clusters beside the labels'.
 */
import { readFileSync } from 'node:fs'
import { clusterNames } from '../src/analyses/cluster-names.ts'
import { suggestK } from '../src/analyses/suggest-k.ts'
import { vMeasure } from '../src/evaluate/cluster-agreement.ts'
import { kMeans } from '../src/kernels/k-means.ts'
import { saveResults, shareVectors, startPython } from './harness.ts'
import { type LabelledModel, labelledSet } from './labelled.ts'

type Measure = 'v' | 'names' | 'k'

const [which, ...asked] = process.argv.slice(2) as [Measure?, ...string[]]
const models: LabelledModel[] = ['starter', 'minilm']
const seeds = [0, 1, 2, 3]
/** Of k-means for its V-measure: results, each the best of so many starts. */
const groups = 8
const starts = 8
const threads = 1
const measures: Readonly<
  Record<
    Measure,
    { sets: readonly string[]; question: string; note: string; measure: (sets: readonly string[]) => Promise<void> }
  >
> = {
  v: {
    sets: ['agnews.test', 'trec.train', 'banking77.test', 'tweet.test', 'searchsnippets.test', 'googlenews.test'],
    question: 'Are clusters as good as those of scikit-learn’s KMeans?',
    note: 'V-measure against the labels at the true k on the same vectors: mean ± its standard error (least–most). Ours as `clusters` does it: spherical, the best of 8 starts by inertia, 8 seeds. scikit-learn with its defaults, one start, 64 seeds; and the best by inertia of each 8 of these, as with `n_init=8`. On searchsnippets means that are not scaled to unit length, as scikit-learn’s, are the better ones with the starter: ours without `spherical` find the same.',
    measure: measureAgreement,
  },
  names: {
    sets: ['agnews.test', 'trivia-topics.test'],
    question: 'Do names of clusters say the topic?',
    note: 'Share of clusters, over four seeds, whose name holds a word of the topic that most of its items have; goal 0.8.',
    measure: measureNames,
  },
  k: {
    sets: ['agnews.test', 'trivia-topics.test', 'banking77.test', 'clinc150.test', 'trec.train'],
    question: 'Is the suggested number of clusters that of the labels?',
    note: 'Goal: within a fifth of it where labels are topics (agnews, trivia-topics, banking77). The labels of trec are kinds of questions, which no cluster follows.',
    measure: measureSuggestions,
  },
}
const files: Readonly<Record<Measure, string>> = { v: 'clusters', names: 'cluster-names', k: 'cluster-count' }
let figures: Record<string, string | number>[] = []
let version = ''

for (const name of which === undefined ? (Object.keys(measures) as Measure[]) : [which]) {
  const { sets, question, note, measure } = measures[name]
  figures = []
  await measure(asked.length > 0 ? asked : sets)
  if (asked.length === 0)
    saveResults(files[name], {
      question,
      command: `node bench/clusters.bench.ts ${name}`,
      versions: name === 'v' ? { 'scikit-learn': version } : {},
      rows: [],
      figures,
      notes: [note],
    })
}

function report(row: Record<string, string | number>): void {
  figures.push(row)
  console.log(JSON.stringify(row))
}

async function measureAgreement(sets: readonly string[]): Promise<void> {
  const python = startPython('classify_server.py')
  for (const set of sets)
    for (const model of models) {
      const { labels, vectors } = await labelledSet(set, model)
      const k = new Set(labels).size
      const rows = shareVectors(`clusters-${model}`, vectors.data)
      const ours: number[] = []
      for (let seed = 0; seed < groups; seed++) {
        const found = await kMeans(vectors, { k, seed, nInit: starts, spherical: true, threads })
        ours.push(vMeasure(labels, found.labels))
      }
      const ask = { op: 'k-means', rows, columns: vectors.columns, k, truth: labels, starts: groups * starts }
      const reply = await python.ask(ask)
      const theirs = reply['v'] as number[]
      const inertia = reply['inertia'] as number[]
      version = String(reply['sklearn'])
      report({
        set,
        model,
        k,
        ours: spread(ours),
        'scikit-learn': spread(theirs),
        'scikit-learn, 8 starts': spread(bestOfEach(theirs, inertia)),
      })
    }
  python.close()
}

/** The value of least inertia among each `starts` that follow each other. */
function bestOfEach(values: readonly number[], inertia: readonly number[]): number[] {
  return Array.from({ length: groups }, (_, group) => {
    const own = Array.from({ length: starts }, (_, start) => group * starts + start)
    return values[own.reduce((best, at) => (inertia[at]! < inertia[best]! ? at : best))]!
  })
}

function spread(values: readonly number[]): string {
  const middle = mean(values)
  const variance = values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1)
  const error = Math.sqrt(variance / values.length)
  const range = `${Math.min(...values).toFixed(3)}–${Math.max(...values).toFixed(3)}`
  return `${middle.toFixed(3)} ± ${error.toFixed(3)} (${range})`
}

async function measureNames(sets: readonly string[]): Promise<void> {
  const words: Record<string, Record<string, string[]>> = JSON.parse(
    readFileSync(new URL('../test/data/topic-words.json', import.meta.url), 'utf8'),
  )
  for (const set of sets)
    for (const model of models) {
      const { labels, texts, vectors } = await labelledSet(set, model)
      const topics = words[set.split('.')[0] ?? ''] ?? {}
      const k = new Set(labels).size
      let named = 0
      for (const seed of seeds) {
        const found = await kMeans(vectors, { k, seed, nInit: 8, spherical: true, threads })
        clusterNames(texts, found.labels).forEach(({ name }, cluster) => {
          const members = labels.filter((_, i) => found.labels[i] === cluster)
          const topic = mostFrequent(members)
          const isNamed = (topics[topic] ?? []).some((word) =>
            new RegExp(`(^|[ ,])${word}(s|es|'s|ed|ing|er|ers)?($|[ ,])`).test(name),
          )
          if (isNamed) named++
          if (seed === 0) console.log(`${isNamed ? ' ' : '!'} ${topic}: ${name}`)
        })
      }
      report({ set, model, clusters: k * seeds.length, named, share: mean([named / (k * seeds.length)]) })
    }
}

async function measureSuggestions(sets: readonly string[]): Promise<void> {
  for (const set of sets)
    for (const model of models) {
      const { labels, vectors } = await labelledSet(set, model)
      const { k, alternatives } = await suggestK(vectors, { seed: 0, threads })
      const truth = new Set(labels).size
      const verdict = Math.abs(k - truth) <= 0.2 * truth ? 'yes' : 'no'
      report({
        set,
        model,
        labels: truth,
        suggested: k,
        'also good': alternatives.join(', '),
        'within a fifth': verdict,
      })
    }
}

function mostFrequent(values: readonly string[]): string {
  const counts = Map.groupBy(values, (value) => value)
  return [...counts].sort(([, a], [, b]) => b.length - a.length)[0]?.[0] ?? ''
}

function mean(values: readonly number[]): number {
  return Math.round((values.reduce((sum, value) => sum + value, 0) / values.length) * 10_000) / 10_000
}
