/**
 * The starter beside MiniLM (int8 and float32), word search and hybrid search, on sets kept for this figure alone:
 * `node bench/starter-evaluation.bench.ts [contestants…]` writes docs/evaluation.md. Needs ../shared.
 *
 * Vectors of MiniLM and every finished evaluation are kept in .cache/evaluation under the fingerprint of their model, so
 * a run that was stopped goes on, and a new starter costs only its own evaluations.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Contestant, evaluate } from '../src/core/evaluate.ts'
import type { EvaluationTask } from '../src/core/evaluation-tasks.ts'
import { readEvaluationTasks } from '../src/core/read-evaluation-tasks.ts'
import type { Evaluation } from '../src/evaluate/evaluation.ts'
import { loadModel } from '../src/models/load.ts'
import type { EmbeddingModel } from '../src/spec/model.ts'
import { fingerprint } from '../src/spec/passport.ts'
import type { Store } from '../src/spec/store.ts'
import { openSqliteStore } from '../src/stores/sqlite/store.ts'
import { evaluationPage, type Measured } from './starter-evaluation-page.ts'

const data = new URL('../../shared/data/', import.meta.url)
const teacher = fileURLToPath(new URL('../../shared/models/all-MiniLM-L6-v2', import.meta.url))
const cache = new URL('../.cache/evaluation/', import.meta.url)
const sets = [
  'sts/stsb.test sts/sts12.test sts/sts13.test',
  'retrieval/scifact.dev.queries retrieval/npl.queries retrieval/cacm.queries retrieval/cisi.queries retrieval/time.queries',
  'classification/banking77.test classification/clinc150.test classification/agnews.test',
  'classification/trec.test classification/sst2.test classification/trivia-topics.test',
  'clustering/googlenews.test clustering/searchsnippets.test clustering/tweet.test',
].flatMap((line) => line.split(' '))
const models: Readonly<Record<string, () => Promise<EmbeddingModel>>> = {
  starter: () => loadModel('starter'),
  'MiniLM int8': () => loadModel(teacher, { dtype: 'int8' }),
  'MiniLM float32': () => loadModel(teacher, { dtype: 'float32' }),
}
const contestants: Readonly<Record<string, { model: string; by: Contestant['by'] }>> = {
  starter: { model: 'starter', by: 'vectors' },
  'MiniLM int8': { model: 'MiniLM int8', by: 'vectors' },
  'MiniLM float32': { model: 'MiniLM float32', by: 'vectors' },
  BM25: { model: 'starter', by: 'keyword' },
  hybrid: { model: 'starter', by: 'hybrid' },
}

if (!existsSync(data)) throw new Error(`needs the data in ${fileURLToPath(data)}`)
mkdirSync(cache, { recursive: true })
const asked = process.argv.slice(2)
for (const name of asked)
  if (!(name in contestants)) throw new Error(`contestants: ${Object.keys(contestants).join(', ')}`)
const { tasks } = await readEvaluationTasks(sets.map((set) => fileURLToPath(new URL(`${set}.jsonl.gz`, data))))

const measured: Measured[] = []
let weightsDigest = ''
for (const name of asked.length === 0 ? Object.keys(contestants) : asked) {
  const { model: modelName, by } = contestants[name]!
  const model = await models[modelName]!()
  if (modelName === 'starter') weightsDigest = model.passport.weightsDigest
  const kept = modelName === 'starter' ? undefined : await vectorCache(modelName, model)
  for (const task of tasks) {
    if (by !== 'vectors' && task.type !== 'Retrieval') continue
    measured.push({ task, contestant: name, ...(await once(task, { name, model, by }, kept)) })
  }
  await kept?.close()
  await model.close?.()
}
writeFileSync(new URL('../docs/evaluation.md', import.meta.url), evaluationPage(measured, weightsDigest))

type Kept = Pick<Measured, 'evaluation' | 'cut'>

/** The evaluation, from the cache where it was made before. */
async function once(task: EvaluationTask, contestant: Contestant, kept: Store | undefined): Promise<Kept> {
  const print = fingerprint(contestant.model.passport).slice(0, 12)
  const file = fileURLToPath(new URL(`${task.label}.${contestant.by}.${print}.json`, cache))
  if (existsSync(file)) return revived(JSON.parse(readFileSync(file, 'utf8')))
  const startedAt = performance.now()
  const [result] = await evaluate([task], [contestant], {
    cache: kept,
    openStore: (passport) => openSqliteStore(':memory:', { passport }),
  })
  const [{ evaluation, cut } = { evaluation: undefined, cut: 0 }] = result!.results
  const found: Kept = { evaluation: evaluation!, cut }
  writeFileSync(
    `${file}.part`,
    JSON.stringify(found, (_, value) => (value instanceof Float64Array ? [...value] : value)),
  )
  renameSync(`${file}.part`, file)
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0)
  console.log(`${task.label}, ${contestant.name}: ${(100 * found.evaluation.value).toFixed(2)} (${seconds} s)`)
  return found
}

function revived({ evaluation, cut }: { evaluation: Evaluation; cut: number }): Kept {
  return { evaluation: { ...evaluation, replicates: Float64Array.from(evaluation.replicates) }, cut }
}

function vectorCache(name: string, model: EmbeddingModel): Promise<Store> {
  const file = name.toLowerCase().replace(' ', '-')
  return openSqliteStore(fileURLToPath(new URL(`${file}.vecino`, cache)), { passport: model.passport })
}
