import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { InvalidArgumentError, UnsupportedError } from '../spec/errors.ts'
import { pairTemplate } from '../text/tokenizers/pair-template.ts'
import { loadCrossEncoder } from './cross-encoder.ts'
import { writeTestCrossEncoder } from './test-cross-encoder.ts'

const words = ['how', 'do', 'i', 'return', 'a', 'lamp', 'shipping', 'is', 'free']
let folder: string
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'vecino-cross-'))
  writeTestCrossEncoder(join(folder, 'plain'), words)
  writeTestCrossEncoder(join(folder, 'sigmoid'), words, { sbert_ce_default_activation_function: undefined })
  writeTestCrossEncoder(join(folder, 'labels'), words, { id2label: { 0: 'no', 1: 'yes' } })
})
after(() => rmSync(folder, { recursive: true }))

test('a pair is read as one sequence with two segments: its score is what the graph makes of both', async () => {
  const reranker = await loadCrossEncoder(join(folder, 'plain'))
  const { scores } = await reranker.rerank('how do i return a lamp', ['shipping is free', 'return a lamp', 'a a'])
  assert.deepEqual([...scores], [1, 4, 3])
  assert.deepEqual([...(await reranker.rerank('lamp', [])).scores], [])
  await reranker.close?.()
})

test('scores lie between 0 and 1 unless the settings say otherwise', async () => {
  const reranker = await loadCrossEncoder(join(folder, 'sigmoid'))
  const { scores } = await reranker.rerank('lamp', ['shipping', 'lamp'])
  assert.ok(Math.abs(scores[0]! - 1 / (1 + Math.exp(-1))) < 1e-7)
  assert.ok(Math.abs(scores[1]! - 1 / (1 + Math.exp(-2))) < 1e-7)
  await reranker.close?.()
})

test('a pair beyond the window, an empty query, several labels and an abort are refused', async () => {
  const reranker = await loadCrossEncoder(join(folder, 'plain'))
  await assert.rejects(reranker.rerank('lamp', ['lamp', 'a '.repeat(30)]), /texts\[1\]: expected at most 24 tokens/)
  await assert.rejects(reranker.rerank(' ', ['lamp']), InvalidArgumentError)
  await assert.rejects(reranker.rerank('lamp', ['lamp'], { signal: AbortSignal.abort() }), { name: 'AbortError' })
  await assert.rejects(loadCrossEncoder(join(folder, 'labels')), UnsupportedError)
  await reranker.close?.()
})

test('pairs are put together as tokenizer.json says, by each of its post-processors', () => {
  const model = { type: 'WordPiece' }
  const roberta = pairTemplate(
    { model, post_processor: { type: 'RobertaProcessing', cls: ['<s>', 0], sep: ['</s>', 2] } },
    't',
  )
  assert.deepEqual(
    roberta.map((part) => ('id' in part ? part.id : part.text)),
    [0, 'a', 2, 2, 'b', 2],
  )
  const template = pairTemplate(
    {
      model,
      post_processor: {
        type: 'Sequence',
        processors: [
          { type: 'ByteLevel' },
          {
            type: 'TemplateProcessing',
            special_tokens: { X: { ids: [7, 8] } },
            pair: [
              { Sequence: { id: 'A', type_id: 0 } },
              { SpecialToken: { id: 'X', type_id: 1 } },
              { Sequence: { id: 'B', type_id: 1 } },
            ],
          },
        ],
      },
    },
    't',
  )
  assert.deepEqual(template, [
    { text: 'a', type: 0 },
    { id: 7, type: 1 },
    { id: 8, type: 1 },
    { text: 'b', type: 1 },
  ])
  assert.throws(() => pairTemplate({ model, post_processor: null }, 't'), UnsupportedError)
})
