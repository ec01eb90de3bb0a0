import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { CorruptDataError, InvalidArgumentError, InvalidVectorError, NotFoundError } from '../spec/errors.ts'
import { rowOf } from '../spec/matrix.ts'
import { loadModel } from './load.ts'
import { type Tensor, writeSafetensors } from './safetensors.ts'
import { loadStaticModel } from './static-model.ts'

const words = ['[PAD]', '[UNK]', 'good', 'day', 'night']
const tokenizer = {
  added_tokens: [],
  normalizer: { type: 'BertNormalizer' },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  model: { type: 'WordPiece', unk_token: '[UNK]', vocab: Object.fromEntries(words.map((word, id) => [word, id])) },
}

const f32 = (shape: number[], ...values: number[]): Tensor => ({
  dtype: 'F32',
  shape,
  bytes: new Uint8Array(Float32Array.from(values).buffer),
})
const i8 = (shape: number[], ...values: number[]): Tensor => ({
  dtype: 'I8',
  shape,
  bytes: new Uint8Array(Int8Array.from(values).buffer),
})
const f16 = (shape: number[], ...values: number[]): Tensor => ({
  dtype: 'F16',
  shape,
  bytes: new Uint8Array(Uint16Array.from(values).buffer),
})
const i64 = (shape: number[], ...values: number[]): Tensor => ({
  dtype: 'I64',
  shape,
  bytes: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
})

async function folderWith(
  t: { after(f: () => Promise<void>): void },
  tensors: Record<string, Tensor>,
  files: Record<string, unknown> = {},
  inner = '',
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vecino-static-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await mkdir(join(folder, inner), { recursive: true })
  await writeFile(join(folder, inner, 'model.safetensors'), writeSafetensors(new Map(Object.entries(tensors))))
  await writeFile(join(folder, inner, 'tokenizer.json'), JSON.stringify(tokenizer))
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), JSON.stringify(content))
  return folder
}

const table = [0, 0, 9, 9, 3, 0, 0, 4, -2, 2]

test('a vector is the mean of the known tokens, of unit length when the folder says so', async (t) => {
  const plain = await loadStaticModel(
    await folderWith(t, { embeddings: f32([5, 2], ...table) }, { 'config.json': { normalize: false } }),
  )
  const { vectors, usage } = await plain.embed(['Good day', 'day xyzzy', 'night'], { task: 'document' })
  assert.deepEqual([...vectors.data], [1.5, 2, 0, 4, -2, 2])
  assert.equal(usage.tokens, 5)
  const unit = await loadStaticModel(
    await folderWith(t, { embeddings: f32([5, 2], ...table) }, { 'config.json': { normalize: true } }),
  )
  const scaled = (await unit.embed(['good day'], { task: 'query' })).vectors
  assert.deepEqual([...scaled.data], [...Float32Array.of(0.6, 0.8)])
  assert.equal(scaled.passport, unit.passport)
})

test('all three layouts and half or byte tables are read', async (t) => {
  const st = await folderWith(
    t,
    { 'embedding.weight': f32([5, 2], ...table) },
    {
      'config_sentence_transformers.json': {},
      'modules.json': [
        { type: 'sentence_transformers.models.StaticEmbedding' },
        { type: 'sentence_transformers.models.Normalize' },
      ],
    },
  )
  const nested = await folderWith(
    t,
    { 'embedding.weight': f32([5, 2], ...table) },
    { 'modules.json': [{ type: 'x.StaticEmbedding', path: '0_StaticEmbedding' }, { type: 'x.Normalize' }] },
    '0_StaticEmbedding',
  )
  const bytes = await folderWith(t, { embeddings: i8([5, 2], ...table) }, { 'config.json': { normalize: true } })
  const half = await folderWith(
    t,
    { embeddings: f16([5, 2], 0, 0, 0, 0, 0x4200, 0, 0, 0x4400, 0, 0) },
    { 'config.json': { normalize: true } },
  )
  for (const [folder, dtype] of [
    [st, 'float32'],
    [nested, 'float32'],
    [bytes, 'int8'],
    [half, 'float16'],
  ] as const) {
    const model = await loadModel(folder)
    assert.deepEqual(
      [...(await model.embed(['good day'], { task: 'document' })).vectors.data],
      [...Float32Array.of(0.6, 0.8)],
    )
    assert.equal(model.passport.dtype, dtype)
    assert.equal(model.passport.normalized, true)
  }
})

test('weights scale tokens and a mapping shares rows between them', async (t) => {
  const folder = await folderWith(t, {
    embeddings: f32([2, 2], 1, 0, 0, 1),
    weights: f32([5], 1, 1, 2, 4, 0.5),
    mapping: i64([5], 0, 0, 0, 1, 1),
  })
  const model = await loadStaticModel(folder)
  const { vectors } = await model.embed(['good day', 'night'], { task: 'document' })
  assert.deepEqual([...vectors.data], [1, 2, 0, 0.5])
})

test('a text without a known token is refused with its row, never given zeros', async (t) => {
  const model = await loadStaticModel(await folderWith(t, { embeddings: f32([5, 2], ...table) }))
  for (const text of ['', 'xyzzy', '🦊', '\ud800\u0000'])
    await assert.rejects(
      model.embed(['good', text], { task: 'document' }),
      (error) => error instanceof InvalidVectorError && error.row === 1,
    )
})

test('nothing is cut: a long text is embedded whole, or refused where the folder states a length', async (t) => {
  const free = await loadStaticModel(await folderWith(t, { embeddings: f32([5, 2], ...table) }))
  assert.equal(free.limits.tokensPerText, Number.POSITIVE_INFINITY)
  const long = `${'good '.repeat(3000)}${'day '.repeat(3000)}`
  assert.deepEqual([...rowOf((await free.embed([long], { task: 'document' })).vectors, 0)], [1.5, 2])
  const limited = await loadStaticModel(
    await folderWith(t, { embeddings: f32([5, 2], ...table) }, { 'config.json': { max_length: 2 } }),
  )
  await assert.rejects(limited.embed(['good day night'], { task: 'document' }), InvalidArgumentError)
  assert.equal(limited.countTokens('good day night'), 3)
})

test('tables that do not fit their tokenizer, or hold NaN, are refused with the place', async (t) => {
  const cases: Record<string, Tensor>[] = [
    { embeddings: f32([4, 2], ...table.slice(2)) },
    { embeddings: f32([5, 2], ...table.with(3, Number.NaN)) },
    { embeddings: f32([10], ...table) },
    { embeddings: f32([5, 2], ...table), weights: f32([4], 1, 1, 1, 1) },
    { embeddings: f32([5, 2], ...table), mapping: i64([5], 0, 1, 2, 3, 5) },
  ]
  for (const tensors of cases) await assert.rejects(folderWith(t, tensors).then(loadStaticModel), CorruptDataError)
})

test('other weights or another tokenizer give another passport, and the same files the same', async (t) => {
  const one = await loadStaticModel(
    await folderWith(t, { embeddings: f32([5, 2], ...table) }, { 'vecino.json': { name: 'm' } }),
  )
  const same = await loadStaticModel(
    await folderWith(t, { embeddings: f32([5, 2], ...table) }, { 'vecino.json': { name: 'm' } }),
  )
  const other = await loadStaticModel(
    await folderWith(t, { embeddings: f32([5, 2], ...table.with(4, 1)) }, { 'vecino.json': { name: 'm' } }),
  )
  assert.deepEqual(one.passport, same.passport)
  assert.notEqual(one.passport.weightsDigest, other.passport.weightsDigest)
})

test('the starter comes with the package, in eight million bytes, and knows what is alike', async () => {
  const model = await loadModel()
  assert.equal(model.passport.model, 'starter')
  const { data, columns } = (
    await model.embed(['How do I send something back?', 'Returning an item you bought', 'The recipe needs two eggs'], {
      task: 'similarity',
    })
  ).vectors
  const dot = (a: number, b: number) => {
    let sum = 0
    for (let i = 0; i < columns; i++) sum += (data[a * columns + i] as number) * (data[b * columns + i] as number)
    return sum
  }
  assert.ok(dot(0, 1) > dot(0, 2))
})

test('a folder that is no model, or no folder, is named in the error', async (t) => {
  await assert.rejects(loadModel('/nowhere/at/all'), NotFoundError)
  const empty = await mkdtemp(join(tmpdir(), 'vecino-static-'))
  t.after(() => rm(empty, { recursive: true }))
  await assert.rejects(loadModel(empty), NotFoundError)
})
