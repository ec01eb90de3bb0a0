/**
 * How fast is the starter beside Python model2vec on the same table, and beside MiniLM int8? One thread each, the same
 * sentences: `node bench/static-embedding.bench.ts [rounds]`. Needs ../shared/data, ../shared/models and `node bench/rivals/setup.ts`.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { loadStaticModel } from '../src/models/static-model.ts'
import { loadTransformer } from '../src/models/transformer.ts'
import type { EmbeddingModel } from '../src/spec/model.ts'
import { compareInTurn, median, saveResults, startPython, timed } from './harness.ts'

const rounds = Number(process.argv[2] ?? 9)
const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))
const folder = path('../models/starter')
const lines = gunzipSync(readFileSync(path('../../shared/data/text/corpus-650k.txt.gz')))
  .toString('utf8')
  .split('\n')
const sentences = lines.filter((line) => line.length >= 20 && line.length <= 100).slice(0, 4000)
const few = sentences.slice(0, 200)

// Python reads its thread counts when it starts.
Object.assign(process.env, { RAYON_NUM_THREADS: '1', TOKENIZERS_PARALLELISM: 'false', OMP_NUM_THREADS: '1' })
const python = startPython('model2vec_server.py')
const { version } = await python.ask({ op: 'load', folder })
const starter = await loadStaticModel(folder)
const miniLm = await loadTransformer(path('../../shared/models/all-MiniLM-L6-v2'), { dtype: 'int8', threads: 1 })
const embed = (model: EmbeddingModel, texts: readonly string[]) => timed(() => model.embed(texts, { task: 'document' }))

/** Mean of several passes: one alone is as short as a hiccup of the machine. */
async function passesOver(texts: readonly string[], passes: number): Promise<number> {
  let total = 0
  for (let pass = 0; pass < passes; pass++) total += await embed(starter, texts)
  return total / passes
}

// The kernel is compiled better once it has run for a while.
await passesOver(sentences, 20)
const beside = await compareInTurn(
  rounds,
  () => passesOver(sentences, 5),
  async () => (await python.ask({ op: 'embed', texts: sentences })).ms,
)
python.close()
const besideMiniLm = await compareInTurn(
  rounds,
  () => passesOver(few, 20),
  () => embed(miniLm, few),
)
await miniLm.close()

const child = `
  const { loadStaticModel } = await import(${JSON.stringify(new URL('../src/models/static-model.ts', import.meta.url).href)})
  const before = process.memoryUsage.rss()
  const from = performance.now()
  const model = await loadStaticModel(${JSON.stringify(folder)})
  const ms = performance.now() - from
  await model.embed(['a first sentence'], { task: 'document' })
  console.log(JSON.stringify({ ms, bytes: process.memoryUsage.rss() - before }))`
const loads = Array.from({ length: rounds }, () => {
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', child], { encoding: 'utf8' })
  return JSON.parse(stdout) as { ms: number; bytes: number }
})
const diskBytes = readdirSync(folder).reduce((sum, file) => sum + statSync(`${folder}/${file}`).size, 0)
const mb = (bytes: number) => (bytes / 1e6).toFixed(1)

saveResults('static-embedding', {
  question: 'How fast is the starter?',
  command: 'node bench/static-embedding.bench.ts',
  versions: { model2vec: String(version) },
  rows: [
    {
      what: `${sentences.length} sentences of 20 to 100 characters, one thread`,
      rival: 'model2vec, the same table',
      ...beside,
      goal: 10,
      note: 'ours weighs each token by its text, model2vec takes the plain mean',
    },
    { what: `${few.length} of them, one thread`, rival: 'MiniLM int8, ours', ...besideMiniLm, goal: 100 },
  ],
  figures: [
    {
      'loading, ms': median(loads.map(({ ms }) => ms)).toFixed(0),
      'least, ms': Math.min(...loads.map(({ ms }) => ms)).toFixed(0),
      'memory it adds, MB': mb(median(loads.map(({ bytes }) => bytes))),
      'on disk, MB': mb(diskBytes),
    },
  ],
  notes: [
    `Loading is reading the files until the first text can come, in a fresh process; median and least of ${rounds}.`,
  ],
})
