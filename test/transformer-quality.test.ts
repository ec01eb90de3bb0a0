import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { spearman } from '../src/evaluate/spearman.ts'
import { graphOnDisk } from '../src/models/onnx-runtime.ts'
import { openOnnxSession } from '../src/models/onnx-session.ts'
import { loadTransformer } from '../src/models/transformer.ts'
import type { Transformer } from '../src/models/transformer-model.ts'
import { rowOf } from '../src/spec/matrix.ts'

const miniLm = fileURLToPath(new URL('../../shared/models/all-MiniLM-L6-v2', import.meta.url))
const data = new URL('../../shared/data/sts/stsb.dev.jsonl.gz', import.meta.url)
const skip = existsSync(miniLm) && existsSync(data) ? false : 'the shared model and data are not on this machine'

test('in 8 bits with fixed scales STS-B (dev) is within 0.3 points of the graph as it was exported, text by text', {
  skip,
}, async () => {
  const lines = gunzipSync(readFileSync(data)).toString('utf8').trimEnd().split('\n')
  const pairs: { a: string; b: string; score: number }[] = lines.map((line) => JSON.parse(line))
  const model = await loadTransformer(miniLm, { dtype: 'int8' })
  const [fixed, plain] = [await vectorsOf(model, pairs), await plainVectorsOf(model, pairs)]
  await model.close()
  const scores = pairs.map(({ score }) => score)
  const [ours, reference] = [fixed, plain].map((vectors) => 100 * spearman(cosines(vectors), scores))
  assert.ok(Math.abs(ours! - reference!) <= 0.3, `${ours} beside ${reference}`)
})

async function vectorsOf(model: Transformer, pairs: readonly { a: string; b: string }[]) {
  const texts = pairs.flatMap(({ a, b }) => [a, b])
  const parts: Float32Array[] = []
  for (let from = 0; from < texts.length; from += 1000) {
    const { vectors } = await model.embed(texts.slice(from, from + 1000), { task: 'similarity' })
    for (let row = 0; row < vectors.rows; row++) parts.push(rowOf(vectors, row))
  }
  return parts
}

async function plainVectorsOf({ tokenizer }: Transformer, pairs: readonly { a: string; b: string }[]) {
  const session = await openOnnxSession(await graphOnDisk(`${miniLm}/onnx/model_quantized.onnx`))
  const vectors: Float32Array[] = []
  for (const text of pairs.flatMap(({ a, b }) => [a, b])) {
    const { prefixIds, suffixIds } = tokenizer
    const ids = Int32Array.from([...prefixIds, ...tokenizer.encode(text), ...suffixIds])
    const { data: states } = await session.run({ ids, columns: ids.length })
    const sum = new Float32Array(states.length / ids.length)
    for (const [i, value] of states.entries()) sum[i % sum.length]! += value
    const norm = Math.hypot(...sum)
    vectors.push(sum.map((value) => value / norm))
  }
  await session.close()
  return vectors
}

/** Of each pair that stands side by side. */
function cosines(vectors: readonly Float32Array[]): number[] {
  return Array.from({ length: vectors.length / 2 }, (_, i) =>
    vectors[2 * i]!.reduce((sum, value, j) => sum + value * vectors[2 * i + 1]![j]!, 0),
  )
}
