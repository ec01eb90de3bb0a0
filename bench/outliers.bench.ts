/**
 * Whether foreign texts are found: 1 % of them planted in sets of 1,000, average precision of the ranking and what is
 * flagged; and how many of 1,000 are flagged in clean sets. Needs ../shared. `node bench/outliers.bench.ts [starter|minilm-int8]`
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { outliers } from '../src/analyses/outliers.ts'
import { embedMany } from '../src/core/embed-many.ts'
import { averagePrecision } from '../src/evaluate/average-precision.ts'
import { createRandom } from '../src/kernels/random.ts'
import { loadModel } from '../src/models/load.ts'
import { createMatrix, type Matrix, rowOf } from '../src/spec/matrix.ts'

const shared = new URL('../../shared/', import.meta.url)
const runs = 5
const size = 1000

function texts(name: string): string[] {
  return gunzipSync(readFileSync(new URL(`data/${name}.jsonl.gz`, shared)))
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { text: string; title?: string })
    .map(({ text, title }) => (title === undefined ? text : `${title}. ${text}`).slice(0, 1000))
}

const planted: readonly (readonly [string, string])[] = [
  ['classification/clinc150.test', 'classification/clinc150-oos.test'],
  ['docs/docs-ai-sdk', 'blogs/blog-18f'],
  ['classification/banking77.train', 'classification/agnews.train'],
  ['classification/banking77.train', 'classification/clinc150.train'],
]
const clean = ['clinc150.train', 'banking77.train', 'agnews.train', 'trivia-topics.train', 'trec.train', 'sst2.train']

for (const name of process.argv.length > 2 ? process.argv.slice(2) : ['starter', 'minilm-int8']) {
  const miniLm = fileURLToPath(new URL('models/all-MiniLM-L6-v2', shared))
  const model = name === 'starter' ? await loadModel() : await loadModel(miniLm, { dtype: 'int8' })
  const kept = new Map<string, Matrix>()
  const vectorsOf = async (set: string) => {
    const known = kept.get(set)
    if (known !== undefined) return known
    const all = texts(set)
    const few = [...createRandom(11).sample(all.length, Math.min(all.length, 3000))].map((i) => all[i] as string)
    const { vectors, without } = await embedMany(few, { model, task: 'document', onNoVector: 'skip' })
    const rows = few.map((_, i) => i).filter((i) => !without.includes(i))
    kept.set(set, chosenRows(vectors, rows))
    return kept.get(set) as Matrix
  }
  for (const [home, foreign] of planted) {
    const [own, strangers] = [await vectorsOf(home), await vectorsOf(foreign)]
    const results = { local: 0, global: 0, found: 0, flagged: 0 }
    for (let seed = 0; seed < runs; seed++) {
      const random = createRandom(seed)
      const total = Math.min(size, own.rows)
      const count = Math.max(1, Math.round(total / 100))
      const matrix = joined(
        chosenRows(own, [...random.sample(own.rows, total - count)]),
        chosenRows(strangers, [...random.sample(strangers.rows, count)]),
      )
      const truth = Array.from({ length: total }, (_, i) => i >= total - count)
      const local = await outliers(matrix)
      results.local += averagePrecision(local.distances, truth) / runs
      results.global += averagePrecision((await outliers(matrix, { method: 'global' })).distances, truth) / runs
      results.flagged += local.flagged.length
      results.found += local.flagged.filter((row) => truth[row] === true).length
    }
    console.log(
      `${name}: ${foreign} among ${home}: average precision local ${results.local.toFixed(3)}, global ${results.global.toFixed(3)}; flagged in ${runs} runs ${results.flagged}, of which foreign ${results.found}`,
    )
  }
  for (const set of clean) {
    const vectors = await vectorsOf(`classification/${set}`)
    const flags: number[] = []
    for (let seed = 0; seed < runs; seed++)
      flags.push(
        (await outliers(chosenRows(vectors, [...createRandom(seed).sample(vectors.rows, size)]))).flagged.length,
      )
    console.log(`${name}: clean ${set}: flagged of ${size} ${flags.join(', ')}`)
  }
  await model.close?.()
}

function chosenRows(matrix: Matrix, rows: readonly number[]): Matrix {
  const chosen = createMatrix(rows.length, matrix.columns)
  for (const [i, row] of rows.entries()) chosen.data.set(rowOf(matrix, row), i * matrix.columns)
  return chosen
}

function joined(a: Matrix, b: Matrix): Matrix {
  const all = createMatrix(a.rows + b.rows, a.columns)
  all.data.set(a.data)
  all.data.set(b.data, a.data.length)
  return all
}
