import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { CorruptDataError } from '../spec/errors.ts'
import { knownLocalModel, knownLocalModels } from './known-local-models.ts'
import { onDisk } from './model-files.ts'
import { readTransformerConfig } from './transformer-config.ts'

const bge = 'Represent this sentence for searching relevant passages: '

/** What each family's card says is put before a query and before a document, with the pooling its card computes. */
const published: readonly (readonly [
  model: string,
  query: string,
  document: string,
  pooling: string,
  source: string,
])[] = [
  ['BAAI/bge-small-en-v1.5', bge, '', 'cls', 'https://huggingface.co/BAAI/bge-small-en-v1.5#usage'],
  ['BAAI/bge-base-en-v1.5', bge, '', 'cls', 'https://huggingface.co/BAAI/bge-base-en-v1.5#usage'],
  ['BAAI/bge-large-en-v1.5', bge, '', 'cls', 'https://huggingface.co/BAAI/bge-large-en-v1.5#usage'],
  ['mixedbread-ai/mxbai-embed-large-v1', bge, '', 'cls', 'https://mixedbread.ai/docs/embeddings/mxbai-embed-large-v1'],
  ['intfloat/e5-large-v2', 'query: ', 'passage: ', 'mean', 'https://huggingface.co/intfloat/e5-large-v2#faq'],
  [
    'intfloat/multilingual-e5-large',
    'query: ',
    'passage: ',
    'mean',
    'https://huggingface.co/intfloat/multilingual-e5-large#faq',
  ],
  [
    'nomic-ai/nomic-embed-text-v1.5',
    'search_query: ',
    'search_document: ',
    'mean',
    'https://huggingface.co/nomic-ai/nomic-embed-text-v1.5#task-instruction-prefixes',
  ],
  [
    'sentence-transformers/all-MiniLM-L6-v2',
    '',
    '',
    'mean',
    'https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2',
  ],
  [
    'sentence-transformers/all-mpnet-base-v2',
    '',
    '',
    'mean',
    'https://huggingface.co/sentence-transformers/all-mpnet-base-v2',
  ],
  [
    'sentence-transformers/paraphrase-multilingual-mpnet-base-v2',
    '',
    '',
    'mean',
    'https://huggingface.co/sentence-transformers/paraphrase-multilingual-mpnet-base-v2',
  ],
  ['google-bert/bert-base-uncased', '', '', 'mean', 'https://huggingface.co/google-bert/bert-base-uncased'],
  ['microsoft/codebert-base', '', '', 'mean', 'https://huggingface.co/microsoft/codebert-base'],
]

test('every known model has the prompt pair and the pooling of its published card', () => {
  assert.equal(published.length, knownLocalModels.length)
  for (const [name, query, document, pooling] of published) {
    const known = knownLocalModel(name)
    assert.deepEqual([known?.prompts.query, known?.prompts.document, known?.pooling], [query, document, pooling], name)
  }
})

test('a model is known by its id, by the last part of it and by a copy of another owner', () => {
  assert.equal(knownLocalModel('Xenova/bge-small-en-v1.5')?.model, 'BAAI/bge-small-en-v1.5')
  assert.equal(knownLocalModel('all-minilm-l6-v2')?.dimensions, 384)
  assert.equal(knownLocalModel('bge-small'), undefined)
})

test('models that are none for sentences carry a warning', () => {
  assert.match(knownLocalModel('bert-base-uncased')?.warning ?? '', /not trained to compare texts/)
  assert.match(knownLocalModel('codebert-base')?.warning ?? '', /not trained to compare texts/)
})

test("a folder that says nothing of prompts and pooling gets the known model's; its own word counts", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vecino-known-'))
  const write = (name: string, value: unknown) => writeFileSync(join(folder, name), JSON.stringify(value))
  write('config.json', { hidden_size: 384, max_position_embeddings: 512 })
  const bare = await readTransformerConfig(onDisk(folder), 'bge-small-en-v1.5')
  assert.deepEqual([bare.prompts.query, bare.pooling, bare.head], [bge, 'cls', [{ kind: 'normalize' }]])
  assert.equal((await readTransformerConfig(onDisk(folder), 'my-own')).prompts.query, '')
  assert.equal((await readTransformerConfig(onDisk(folder), 'my-own')).pooling, 'mean')

  write('config_sentence_transformers.json', { prompts: { query: 'q: ', document: 'd: ' } })
  write('sentence_bert_config.json', { max_seq_length: 128, do_lower_case: true })
  const own = await readTransformerConfig(onDisk(folder), 'bge-small-en-v1.5')
  assert.deepEqual([own.prompts.query, own.prompts.document], ['q: ', 'd: '])
  assert.deepEqual([own.maxTokens, own.lowerCase], [128, true])

  write('config_sentence_transformers.json', { prompts: { query: '', document: '' } })
  assert.equal((await readTransformerConfig(onDisk(folder), 'bge-small-en-v1.5')).prompts.query, bge)
  const nomic = await readTransformerConfig(onDisk(folder), 'nomic-embed-text-v1.5')
  assert.deepEqual(nomic.cutHead, [{ kind: 'layer-norm' }, { kind: 'normalize' }])
  assert.deepEqual([nomic.head, bare.cutHead], [[{ kind: 'normalize' }], [{ kind: 'normalize' }]])
  rmSync(folder, { recursive: true })
})

test('a module without its settings is half a model, and refused by the name of the file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vecino-half-'))
  const write = (name: string, value: unknown) => writeFileSync(join(folder, name), JSON.stringify(value))
  write('config.json', { hidden_size: 384, max_position_embeddings: 512 })
  for (const [kind, path] of [
    ['Pooling', '1_Pooling'],
    ['Dense', '2_Dense'],
  ] as const) {
    write('modules.json', [{ type: `sentence_transformers.models.${kind}`, path }])
    await assert.rejects(readTransformerConfig(onDisk(folder), 'my-own'), (error) => {
      return error instanceof CorruptDataError && error.message.includes(`${folder}/${path}/config.json`)
    })
  }
  rmSync(folder, { recursive: true })
})
