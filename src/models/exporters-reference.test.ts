import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Tokenizer } from '../text/tokenizers/tokenizer.ts'
import { attentionForms, withFusedAttention } from './onnx-graph/fused-attention.ts'
import { readOnnxGraph, writeOnnxGraph } from './onnx-graph/onnx-graph.ts'
import { graphOnDisk } from './onnx-runtime.ts'
import { openOnnxSession } from './onnx-session.ts'
import { planRewriting } from './transformer-graph.ts'

// Encoders of one layer and random weights, made by test/reference/small_encoders.py.
const folder = fileURLToPath(new URL('../../test/data/encoders', import.meta.url))
const graphs = readdirSync(folder)
const tokenizer = { size: 40, prefixIds: Int32Array.of(0), suffixIds: Int32Array.of(2) } as Tokenizer
const first = Int32Array.of(0, 17, 5, 31, 9, 2)
const second = Int32Array.of(0, 8, 39, 22, 6, 2)

test('there are encoders of each family and exporter to look at', () => {
  assert.deepEqual(
    new Set(graphs.map((name) => name.split('-')[0])),
    new Set(['bert', 'distilbert', 'mpnet', 'roberta']),
  )
  assert.equal(graphs.length, 8)
})

for (const name of graphs) {
  const path = `${folder}/${name}`

  for (const form of attentionForms)
    test(`${name}: attention becomes one ${form} that gives the same states`, async () => {
      const graph = withFusedAttention(readOnnxGraph(readFileSync(path), path), 2, form)
      assert.equal(graph?.nodes.filter(({ type }) => type === form).length, 1)
      const bytes = writeOnnxGraph(graph!)
      assert.equal(readOnnxGraph(bytes, path).nodes.filter(({ type }) => type === 'Softmax').length, 0)
      const source = await graphOnDisk(path)
      const [plain, fused] = await Promise.all([
        openOnnxSession(source),
        openOnnxSession(source, 'states', { bytes, output: 'last_hidden_state' }),
      ])
      const [expected, given] = await Promise.all([plain, fused].map((one) => one.run({ ids: first, columns: 6 })))
      assert.deepEqual(given!.dims, [1, 6, 16])
      // States are layer-normalized, about 1 large; a rounding in 8 bits that falls the other way moves one by some 0.01.
      for (const [i, value] of given!.data.entries()) assert.ok(Math.abs(value - expected!.data[i]!) < 0.02)
      await Promise.all([plain.close(), fused.close()])
    })

  test(`${name}: with fixed scales a text has one vector, alone and in company`, async () => {
    const plan = await planRewriting(await graphOnDisk(path), { tokenizer, heads: 2, maxTokens: 32 })
    assert.equal(plan?.rewriting.ranges.length, 4)
    const alone = await plan!.session.run({ ids: second, columns: 6 })
    const both = await plan!.session.run({ ids: Int32Array.of(...first, ...second), columns: 6 })
    assert.deepEqual(both.data.subarray(6 * 16), alone.data)
    await plan!.session.close()
  })
}
