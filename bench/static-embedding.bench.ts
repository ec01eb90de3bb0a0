/**
 * How fast is the starter beside Python model2vec on the same table? One thread each, one run, the same sentences:
 * `node bench/static-embedding.bench.ts [python with model2vec]`. Needs ../shared/data and a venv with model2vec.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { loadStaticModel } from '../src/models/static-model.ts'

const rounds = 9
const root = fileURLToPath(new URL('..', import.meta.url))
const folder = process.env['VECINO_MODEL'] ?? join(root, 'models/starter')
const python = process.argv[2] ?? join(root, '.cache/venv-models/bin/python')
const corpus = join(root, '../shared/data/text/corpus-650k.txt.gz')
if (!existsSync(python)) throw new Error(`needs a Python with model2vec: python -m venv … && pip install model2vec`)
if (!existsSync(corpus)) throw new Error(`needs ${corpus}`)

const lines = gunzipSync(readFileSync(corpus)).toString('utf8').split('\n')
const sentences = lines.filter((line) => line.length >= 20 && line.length <= 100).slice(0, 4000)
const work = mkdtempSync(join(tmpdir(), 'vecino-bench-'))

const rival = `
import json, sys, time, model2vec
from model2vec import StaticModel
model = StaticModel.from_pretrained(${JSON.stringify(folder)})
texts = json.load(open(sys.argv[1]))
model.encode(texts, use_multiprocessing=False)
times = []
for _ in range(${rounds}):
    start = time.perf_counter(); model.encode(texts, use_multiprocessing=False); times.append(time.perf_counter() - start)
print(json.dumps({"version": model2vec.__version__, "times": times}))
`

const startMs = performance.now()
const model = await loadStaticModel(folder)
const loadMs = performance.now() - startMs

async function measure(): Promise<number[]> {
  for (let i = 0; i < 20; i++) await model.embed(sentences, { task: 'document' })
  const times: number[] = []
  for (let i = 0; i < rounds; i++) {
    const from = performance.now()
    await model.embed(sentences, { task: 'document' })
    times.push((performance.now() - from) / 1000)
  }
  return times
}

function measureRival(): { version: string; times: number[] } {
  const path = join(work, 'texts.json')
  writeFileSync(path, JSON.stringify(sentences))
  const env = { ...process.env, RAYON_NUM_THREADS: '1', TOKENIZERS_PARALLELISM: 'false', OMP_NUM_THREADS: '1' }
  const result = spawnSync(python, ['-c', rival, path], { env, encoding: 'utf8' })
  if (result.status !== 0) throw new Error(result.stderr)
  return JSON.parse(result.stdout.trim().split('\n').at(-1) as string)
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] as number
const before = await measure()
const theirs = measureRival()
const after = await measure()
rmSync(work, { recursive: true })
const ours = median([...before, ...after])
const other = median(theirs.times)
const rate = (seconds: number) => Math.round(sentences.length / seconds).toLocaleString('en')
console.log(`load ${loadMs.toFixed(0)} ms`)
console.log(`vecino    ${rate(ours)} sentences/s (best ${rate(Math.min(...before, ...after))})`)
console.log(`model2vec ${rate(other)} sentences/s (best ${rate(Math.min(...theirs.times))}), version ${theirs.version}`)
console.log(`ratio of medians ${(other / ours).toFixed(1)}`)
