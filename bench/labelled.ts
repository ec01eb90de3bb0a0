/**
 * Labelled texts with their vectors for the benchmarks of clusters and classification: made once, kept in
 * .cache/labelled. Needs ../shared.
 *
 * `node bench/labelled.ts starter agnews.train …` makes some of them ahead of a benchmark.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { loadModel } from '../src/models/load.ts'
import { createMatrix, type Matrix } from '../src/spec/matrix.ts'
import type { EmbeddingModel } from '../src/spec/model.ts'
import { fingerprint } from '../src/spec/passport.ts'

/** The starter, or MiniLM in int8 or float32. */
export type LabelledModel = 'starter' | 'minilm' | 'minilm-float32'

export interface LabelledSet {
  readonly texts: readonly string[]
  readonly labels: readonly string[]
  readonly vectors: Matrix
}

const folders: Readonly<Record<string, string>> = {
  googlenews: 'clustering',
  searchsnippets: 'clustering',
  tweet: 'clustering',
  'docs-ai-sdk': 'docs',
  'blog-18f': 'blogs',
}
const shared = new URL('../../shared/', import.meta.url)
const cache = new URL('../.cache/labelled/', import.meta.url)
const models = new Map<LabelledModel, Promise<EmbeddingModel>>()

/**
 * A set such as `agnews.train`, embedded by the starter or by MiniLM int8. Texts beyond the window are cut as
 * benchmarks do, pages to their beginning; texts without a vector are left out.
 */
export async function labelledSet(name: string, model: LabelledModel): Promise<LabelledSet> {
  const folder = folders[name.split('.')[0] ?? ''] ?? 'classification'
  const rows: { text: string; title?: string; label?: string | number }[] = gunzipSync(
    readFileSync(new URL(`data/${folder}/${name}.jsonl.gz`, shared)),
  )
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const isPages = folder === 'docs' || folder === 'blogs'
  const beginnings = rows.map(({ title, text }) => (isPages ? `${title}. ${text}`.slice(0, 1000) : text))
  const vectors = await keptVectors(name, model, beginnings)
  const { columns, data } = vectors
  const kept = rows
    .map((row, i) => ({ row, text: beginnings[i]!, vector: data.subarray(i * columns, (i + 1) * columns) }))
    .filter(({ vector }) => vector.some((value) => value !== 0))
  const matrix = createMatrix(kept.length, columns)
  kept.forEach(({ vector }, i) => {
    matrix.data.set(vector, i * columns)
  })
  return {
    texts: kept.map(({ text }) => text),
    labels: kept.map(({ row }) => String(row.label)),
    vectors: matrix,
  }
}

/** Vectors of texts, made once by a model and kept under `name` and its fingerprint. A text that the model knows nothing of has a row of zeros. */
export async function keptVectors(name: string, modelName: LabelledModel, texts: readonly string[]): Promise<Matrix> {
  const model = await loaded(modelName)
  const columns = model.passport.dimensions
  const mark = fingerprint(model.passport).slice(0, 8)
  const file = fileURLToPath(new URL(`${name}.${modelName}.${mark}.f32`, cache))
  if (existsSync(file)) {
    const bytes = readFileSync(file)
    return createMatrix(texts.length, columns, new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4))
  }
  const matrix = createMatrix(texts.length, columns)
  // By length, so that a batch is padded little.
  const fitted = texts.map((text) => fit(text, model))
  const order = fitted.map((_, i) => i).sort((a, b) => fitted[a]!.length - fitted[b]!.length || a - b)
  for (let from = 0; from < order.length; from += 128) {
    const batch = order.slice(from, from + 128)
    const { vectors } = await model.embed(
      batch.map((i) => fitted[i]!),
      { task: 'document' },
    )
    batch.forEach((row, i) => {
      matrix.data.set(vectors.data.subarray(i * columns, (i + 1) * columns), row * columns)
    })
  }
  mkdirSync(cache, { recursive: true })
  writeFileSync(`${file}.part`, new Uint8Array(matrix.data.buffer))
  renameSync(`${file}.part`, file)
  return matrix
}

function loaded(name: LabelledModel): Promise<EmbeddingModel> {
  const known = models.get(name)
  if (known !== undefined) return known
  const loading =
    name === 'starter'
      ? loadModel('starter')
      : loadModel(fileURLToPath(new URL('models/all-MiniLM-L6-v2/', shared)), {
          dtype: name === 'minilm' ? 'int8' : 'float32',
          threads: 1,
        })
  models.set(name, loading)
  return loading
}

function fit(text: string, model: EmbeddingModel): string {
  const limit = model.limits.tokensPerText
  let part = text
  for (let count = model.countTokens(part); count > limit; count = model.countTokens(part))
    part = part.slice(0, Math.floor((part.length * Math.min(0.95, limit / count)) | 0))
  return part
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [model = 'starter', ...names] = process.argv.slice(2)
  for (const name of names) {
    const startedAt = performance.now()
    const { vectors, labels } = await labelledSet(name, model as LabelledModel)
    const classes = new Set(labels).size
    console.log(
      `${name} ${model}: ${vectors.rows} × ${vectors.columns}, ${classes} labels, ${((performance.now() - startedAt) / 1000).toFixed(0)} s`,
    )
  }
}
