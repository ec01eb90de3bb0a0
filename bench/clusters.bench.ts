/**
 * How good are clusters? `node bench/clusters.bench.ts [v | names | k] [set …]`. Needs ../shared and
 * `node bench/rivals/setup.ts`.
 *
 * - `v`: V-measure of ours (as in `clusters`: spherical, the best of 8 starts) and of scikit-learn's KMeans with its
 *   defaults, at the true k, two seeds each.
 * - `names`: share of the clusters whose name holds a word of the topic most of its items have.
 * - `k`: the suggested number of clusters beside the labels'.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { clusterNames } from '../src/analyses/cluster-names.ts'
import { suggestK } from '../src/analyses/suggest-k.ts'
import { vMeasure } from '../src/evaluate/cluster-agreement.ts'
import { kMeans } from '../src/kernels/k-means.ts'
import { shareVectors, startPython } from './harness.ts'
import { type LabelledModel, labelledSet } from './labelled.ts'

const [which = 'v', ...asked] = process.argv.slice(2)
const models: LabelledModel[] = ['starter', 'minilm']
const seeds = [0, 1]
const threads = 1
const defaults: Readonly<Record<string, readonly string[]>> = {
  v: ['agnews.test', 'trec.train', 'banking77.test', 'tweet.test', 'searchsnippets.test', 'googlenews.test'],
  names: ['agnews.test', 'trivia-topics.test'],
  k: ['agnews.test', 'trivia-topics.test', 'banking77.test'],
}
const sets = asked.length > 0 ? asked : (defaults[which] ?? [])
const results: Record<string, unknown>[] = []

if (which === 'v') await measureAgreement()
else if (which === 'names') await measureNames()
else await measureSuggestions()

if (asked.length === 0) {
  mkdirSync(new URL('quality/', import.meta.url), { recursive: true })
  writeFileSync(
    new URL(`quality/clusters-${which}.json`, import.meta.url),
    `${JSON.stringify({ command: `node bench/clusters.bench.ts ${which}`, results }, null, 2)}\n`,
  )
}

function report(row: Record<string, unknown>): void {
  results.push(row)
  console.log(JSON.stringify(row))
}

async function measureAgreement(): Promise<void> {
  const python = startPython('classify_server.py')
  for (const set of sets)
    for (const model of models) {
      const { labels, vectors } = await labelledSet(set, model)
      const k = new Set(labels).size
      const rows = shareVectors(`clusters-${model}`, vectors.data)
      const ours: number[] = []
      const theirs: number[] = []
      for (const seed of seeds) {
        const found = await kMeans(vectors, { k, seed, nInit: 8, spherical: true, threads })
        ours.push(vMeasure(labels, found.labels))
        const ask = { op: 'k-means', rows, columns: vectors.columns, k, seed, truth: labels }
        theirs.push(Number((await python.ask(ask))['v']))
      }
      report({ set, model, k, v: mean(ours), scikitLearn: mean(theirs) })
    }
  python.close()
  const average = (key: string) => mean(results.map((row) => Number(row[key])))
  console.log(`mean V ${average('v')}, scikit-learn ${average('scikitLearn')}`)
}

async function measureNames(): Promise<void> {
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
      report({ set, model, k, named, clusters: k * seeds.length, share: named / (k * seeds.length) })
    }
}

async function measureSuggestions(): Promise<void> {
  for (const set of sets)
    for (const model of models) {
      const { labels, vectors } = await labelledSet(set, model)
      const { k, alternatives } = await suggestK(vectors, { seed: 0, threads })
      const truth = new Set(labels).size
      report({ set, model, truth, suggested: k, alternatives, isWithinFifth: Math.abs(k - truth) <= 0.2 * truth })
    }
}

function mostFrequent(values: readonly string[]): string {
  const counts = Map.groupBy(values, (value) => value)
  return [...counts].sort(([, a], [, b]) => b.length - a.length)[0]?.[0] ?? ''
}

function mean(values: readonly number[]): number {
  return Math.round((values.reduce((sum, value) => sum + value, 0) / values.length) * 10_000) / 10_000
}
