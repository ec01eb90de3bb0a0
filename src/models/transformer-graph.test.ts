import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { CorruptDataError } from '../spec/errors.ts'
import { loadTokenizer } from '../text/tokenizers/load.ts'
import { graphOnDisk } from './onnx-runtime.ts'
import { writeTestCrossEncoder } from './test-cross-encoder.ts'
import { openTransformerGraph, planRewriting } from './transformer-graph.ts'

const miniLm = fileURLToPath(new URL('../../../shared/models/all-MiniLM-L6-v2', import.meta.url))
const skip = existsSync(miniLm) ? false : 'the shared MiniLM folder is not on this machine'
const graph = join(miniLm, 'onnx/model_quantized.onnx')
let folder: string
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'vecino-graph-'))
})
after(() => rmSync(folder, { recursive: true }))

test('scales are fixed alike on every opening, one for each place where values are scaled', { skip }, async () => {
  const { tokenizer } = await loadTokenizer(miniLm)
  const source = await graphOnDisk(graph)
  const plans = await Promise.all([1, 2].map(() => planRewriting(source, { tokenizer, heads: 12, maxTokens: 256 })))
  const [first, second] = plans.map((plan) => plan?.rewriting)
  assert.equal(first?.ranges.length, 4 * 6)
  assert.deepEqual(first, second)
  for (const { scale, zero } of first!.ranges)
    assert.ok(scale > 0 && Number.isInteger(zero) && zero >= 0 && zero <= 255)
  await Promise.all(plans.map((plan) => plan?.session.close()))
})

test('a graph that comes out differently is left as it stands', { skip }, async () => {
  const { tokenizer } = await loadTokenizer(miniLm)
  assert.equal(await planRewriting(await graphOnDisk(graph), { tokenizer, heads: 6, maxTokens: 256 }), undefined)
})

test('a graph of another kind is left as it stands', async () => {
  writeTestCrossEncoder(folder, ['lamp'])
  const { tokenizer } = await loadTokenizer(folder)
  const path = join(folder, 'onnx/model.onnx')
  assert.equal(await planRewriting(await graphOnDisk(path), { tokenizer, heads: 1, maxTokens: 24 }), undefined)
})

test('half a download is refused by name, wherever it ends', { skip }, async () => {
  const { tokenizer } = await loadTokenizer(miniLm)
  const bytes = readFileSync(graph)
  const path = join(folder, 'half.onnx')
  for (const share of [0, 0.5, 0.999]) {
    writeFileSync(path, bytes.subarray(0, Math.floor(share * bytes.length)))
    const refused = (error: unknown) => error instanceof CorruptDataError && error.message.includes(path)
    await assert.rejects(planRewriting(await graphOnDisk(path), { tokenizer, heads: 12, maxTokens: 256 }), refused)
    await assert.rejects(openTransformerGraph(await graphOnDisk(path), undefined), refused)
  }
})

test('an operator that nobody knows is refused by the name of the file', { skip }, async () => {
  const { tokenizer } = await loadTokenizer(miniLm)
  const bytes = Buffer.from(readFileSync(graph))
  // The same number of bytes, so that every length before it stays true.
  for (let at = bytes.indexOf('Softmax'); at >= 0; at = bytes.indexOf('Softmax', at + 1)) bytes.write('Sofdmax', at)
  const path = join(folder, 'unknown.onnx')
  writeFileSync(path, bytes)
  await assert.rejects(
    planRewriting(await graphOnDisk(path), { tokenizer, heads: 12, maxTokens: 256 }),
    CorruptDataError,
  )
})
