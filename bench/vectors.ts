/**
 * Real vectors for the benchmarks: all-MiniLM-L6-v2 (int8) of the openings (16 tokens) of English sentences and passages,
 * made once and kept in .cache/vectors.
 * The first 10,000 shuffled sentences are queries, the others the corpus; shards of 10,000 make the work resumable.
 *
 * `node bench/vectors.ts 100000` makes queries and the first 100,000 rows (about 2 minutes a 100,000 on one core).
 */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readSync, renameSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { Tokenizer } from '@huggingface/tokenizers'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { createRandom } from '../src/kernels/random.ts'
import { shuffledSentences } from '../src/models/train/openings.ts'
import { createMatrix, type Matrix } from '../src/spec/matrix.ts'

const columns = 384
const shardRows = 10_000
// Openings of sentences are enough: embedding a million whole passages takes hours.
const maxTokens = 16
const shared = new URL('../../shared/', import.meta.url)
const cache = new URL('../.cache/vectors/', import.meta.url)

/** The first `rows` corpus rows. */
export async function realVectors(rows: number): Promise<Matrix> {
  return load(1, rows)
}

/** Corpus rows beyond those made are copies of them, moved by a length of about 0.3 and back to unit length, seeded. */
export async function manyVectors(rows: number): Promise<{ matrix: Matrix; distinct: number }> {
  const distinct = Math.min(rows, availableRows())
  const real = await realVectors(distinct)
  if (distinct === rows) return { matrix: real, distinct }
  const matrix = createMatrix(rows, columns)
  matrix.data.set(real.data)
  const random = createRandom(1)
  // A sum of four bytes is near enough to a normal number: a million rows take 400 million of them.
  const spread = (0.3 / Math.sqrt(columns)) * Math.sqrt(3)
  for (let i = distinct; i < rows; i++) {
    const row = matrix.data.subarray(i * columns, (i + 1) * columns)
    row.set(real.data.subarray((i % distinct) * columns, ((i % distinct) + 1) * columns))
    let square = 0
    for (let j = 0; j < columns; j++) {
      const bits = random.uint32()
      const noise = ((bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24)) / 255 - 2
      const value = (row[j] as number) + spread * noise
      row[j] = value
      square += value * value
    }
    const norm = Math.sqrt(square)
    for (let j = 0; j < columns; j++) row[j] = (row[j] as number) / norm
  }
  return { matrix, distinct }
}

/** Held-out sentences of the same text, at most 10,000. */
export async function realQueries(rows: number): Promise<Matrix> {
  return load(0, rows)
}

/** Corpus rows made so far, without a gap. */
function availableRows(): number {
  let shards = 0
  while (existsSync(shardFile(shards + 1))) shards++
  return shards * shardRows
}

async function load(firstShard: number, rows: number): Promise<Matrix> {
  await makeShards(firstShard, firstShard + Math.ceil(rows / shardRows))
  const matrix = createMatrix(rows, columns)
  for (let start = 0; start < rows; start += shardRows) {
    const count = Math.min(shardRows, rows - start)
    const part = matrix.data.subarray(start * columns, (start + count) * columns)
    const file = openSync(shardFile(firstShard + start / shardRows), 'r')
    readSync(file, part, 0, part.byteLength, 0)
    closeSync(file)
  }
  return matrix
}

function shardFile(shard: number): string {
  return fileURLToPath(new URL(`minilm-${String(shard).padStart(4, '0')}.f32`, cache))
}

async function makeShards(from: number, to: number): Promise<void> {
  const missing = Array.from({ length: to - from }, (_, i) => from + i).filter((shard) => !existsSync(shardFile(shard)))
  if (missing.length === 0) return
  mkdirSync(cache, { recursive: true })
  const all = sentences()
  const model = new URL('models/all-MiniLM-L6-v2/', shared)
  const read = (name: string) => JSON.parse(readFileSync(new URL(name, model), 'utf8'))
  const tokenizer = new Tokenizer(read('tokenizer.json'), read('tokenizer_config.json'))
  const session = await InferenceSession.create(fileURLToPath(new URL('onnx/model_quantized.onnx', model)), {
    intraOpNumThreads: 1,
  })
  for (const shard of missing) {
    const texts = all.slice(shard * shardRows, (shard + 1) * shardRows)
    if (texts.length < shardRows) throw new Error(`the shared texts end before shard ${shard}`)
    const startedAt = performance.now()
    const values = await embed(session, tokenizer, texts)
    writeFileSync(`${shardFile(shard)}.part`, new Uint8Array(values.buffer))
    renameSync(`${shardFile(shard)}.part`, shardFile(shard))
    console.error(`shard ${shard}: ${Math.round((shardRows * 1000) / (performance.now() - startedAt))} sentences/s`)
  }
}

async function embed(session: InferenceSession, tokenizer: Tokenizer, texts: string[]): Promise<Float32Array> {
  const tokens: number[][] = texts.map((text) => {
    const ids = tokenizer.encode(text).ids
    return ids.length <= maxTokens ? ids : [...ids.slice(0, maxTokens - 1), ids[ids.length - 1] as number]
  })
  const order = tokens.map((_, i) => i).sort((a, b) => (tokens[a]?.length ?? 0) - (tokens[b]?.length ?? 0) || a - b)
  const out = new Float32Array(texts.length * columns)
  for (let start = 0; start < order.length; start += 32) {
    const batch = order.slice(start, start + 32)
    const length = Math.max(...batch.map((i) => tokens[i]?.length ?? 0))
    const ids = new BigInt64Array(batch.length * length)
    const mask = new BigInt64Array(batch.length * length)
    batch.forEach((i, b) => {
      tokens[i]?.forEach((id: number, t: number) => {
        ids[b * length + t] = BigInt(id)
        mask[b * length + t] = 1n
      })
    })
    const shape = [batch.length, length]
    const result = await session.run({
      input_ids: new Tensor('int64', ids, shape),
      attention_mask: new Tensor('int64', mask, shape),
      token_type_ids: new Tensor('int64', new BigInt64Array(ids.length), shape),
    })
    const states = result['last_hidden_state']?.data as Float32Array
    batch.forEach((i, b) => {
      out.set(meanUnit(states.subarray(b * length * columns), tokens[i]?.length ?? 0), i * columns)
    })
  }
  return out
}

function meanUnit(states: Float32Array, tokens: number): Float32Array {
  const mean = new Float64Array(columns)
  for (let t = 0; t < tokens; t++)
    for (let j = 0; j < columns; j++) mean[j] = (mean[j] as number) + (states[t * columns + j] as number)
  const norm = Math.hypot(...mean)
  return Float32Array.from(mean, (value) => value / norm)
}

let known: string[] | undefined

function sentences(): string[] {
  if (known !== undefined) return known
  const text = gunzipSync(readFileSync(new URL('data/text/corpus-650k.txt.gz', shared))).toString('utf8')
  known = shuffledSentences(text.split('\n'))
  return known
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const rows = Number(process.argv[2] ?? 100_000)
  console.error(`${sentences().length} sentences`)
  await makeShards(0, 1 + Math.ceil(rows / shardRows))
}
