/**
 * What do fixed scales cost? MiniLM int8 as it is run here beside the same graph as exported, one text a run, on STS sets
 * that nothing was chosen by: `node bench/transformer-quality.bench.ts`. Needs ../shared/models and ../shared/data.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { embedMany } from '../src/core/embed-many.ts'
import { spearman } from '../src/evaluate/spearman.ts'
import { graphOnDisk } from '../src/models/onnx-runtime.ts'
import { openOnnxSession } from '../src/models/onnx-session.ts'
import { normalizeRow, pool } from '../src/models/pooling.ts'
import { loadTransformer } from '../src/models/transformer.ts'
import { createMatrix, type Matrix, rowOf } from '../src/spec/matrix.ts'
import { saveResults } from './harness.ts'

const folder = fileURLToPath(new URL('../../shared/models/all-MiniLM-L6-v2', import.meta.url))
const model = await loadTransformer(folder, { dtype: 'int8' })
const exported = await openOnnxSession(await graphOnDisk(`${folder}/onnx/model_quantized.onnx`))
const figures: Record<string, string>[] = []
for (const set of ['stsb.test', 'sts12.test', 'sts13.test']) {
  const lines = gunzipSync(readFileSync(new URL(`../../shared/data/sts/${set}.jsonl.gz`, import.meta.url)))
  const pairs: { a: string; b: string; score: number }[] = lines
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const texts = pairs.flatMap(({ a, b }) => [a, b])
  const ours = (await embedMany(texts, { model, task: 'similarity' })).vectors
  const theirs = await oneByOne(texts)
  const scores = pairs.map(({ score }) => score)
  const [here, there] = [ours, theirs].map((vectors) => 100 * spearman(cosines(vectors), scores)) as [number, number]
  const row = { Set: set, 'Ours, Spearman × 100': here, 'As exported, text by text': there, Difference: here - there }
  figures.push(Object.fromEntries(Object.entries(row).map(([name, value]) => [name, text(value)])))
}
await exported.close()
await model.close()
const column = (name: string) => figures.reduce((sum, row) => sum + Number(row[name]), 0) / figures.length
const mean = Object.keys(figures[0] ?? {}).map((name) => [name, name === 'Set' ? 'mean' : text(column(name))])
saveResults('transformer-quality', {
  question: 'What does one vector a text cost in 8 bits?',
  command: 'node bench/transformer-quality.bench.ts',
  versions: {},
  rows: [],
  figures: [...figures, Object.fromEntries(mean)],
})
for (const row of figures) console.log(row)
process.exit(0)

async function oneByOne(texts: readonly string[]): Promise<Matrix> {
  const { tokenizer } = model
  const vectors = createMatrix(texts.length, model.passport.dimensions)
  for (const [row, one] of texts.entries()) {
    const ids = Int32Array.from([...tokenizer.prefixIds, ...tokenizer.encode(one), ...tokenizer.suffixIds])
    const { data } = await exported.run({ ids, columns: ids.length })
    pool(data, vectors.columns, 'mean', rowOf(vectors, row))
    normalizeRow(rowOf(vectors, row))
  }
  return vectors
}

/** Of each pair that stands side by side. */
function cosines(vectors: Matrix): Float64Array {
  return Float64Array.from({ length: vectors.rows / 2 }, (_, i) =>
    rowOf(vectors, 2 * i).reduce((sum, value, j) => sum + value * (rowOf(vectors, 2 * i + 1)[j] as number), 0),
  )
}

function text(value: string | number): string {
  return typeof value === 'string' ? value : value.toFixed(2)
}
