import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import fc from 'fast-check'
import { createRandom } from '../kernels/random.ts'
import { CorruptDataError, UnsupportedError } from '../spec/errors.ts'
import { addInContext } from './context-pooling.ts'
import { loadModel } from './load.ts'
import { packTable } from './packed-table.ts'
import { Phrases } from './phrases.ts'
import { type Tensor, writeSafetensors } from './safetensors.ts'
import { loadStaticModel } from './static-model.ts'

const pieces = [
  '[PAD]',
  '[UNK]',
  ...'abcdefgxyz0123456789!,.'.split(''),
  '##a',
  '##b',
  '##c',
  'the',
  'café',
  'fox',
  '##es',
  'straße',
  '京',
  '😀',
]

async function folderWith(
  t: { after(f: () => Promise<void>): void },
  tensors: Record<string, Tensor>,
  card: object,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vecino-kernel-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const tokenizer = {
    added_tokens: [{ id: 1, content: '[UNK]', special: true, normalized: false }],
    normalizer: { type: 'BertNormalizer', strip_accents: false },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    model: { type: 'WordPiece', unk_token: '[UNK]', vocab: Object.fromEntries(pieces.map((piece, id) => [piece, id])) },
  }
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer))
  await writeFile(join(folder, 'config.json'), JSON.stringify({ normalize: true }))
  await writeFile(join(folder, 'vecino.json'), JSON.stringify(card))
  await writeFile(join(folder, 'model.safetensors'), writeSafetensors(new Map(Object.entries(tensors))))
  return folder
}

function table(dtype: 'I8' | 'F32', columns: number): Tensor {
  const random = createRandom(columns)
  const values = Array.from({ length: pieces.length * columns }, () => random.below(255) - 127)
  const data = dtype === 'I8' ? Int8Array.from(values) : Float32Array.from(values, (value) => value / 64)
  return { dtype, shape: [pieces.length, columns], bytes: new Uint8Array(data.buffer) }
}

const weights: Tensor = {
  dtype: 'F32',
  shape: [pieces.length],
  bytes: new Uint8Array(Float32Array.from(pieces, (_, i) => 1 / (i + 1)).buffer),
}
/** A table with rows for `a b`, `b a`, `fox ##es` and the pair given twice. */
function withPhrases(): Record<string, Tensor> {
  const ids = ['a', 'b', 'b', 'a', 'fox', '##es', 'a', 'b'].map((piece) => pieces.indexOf(piece))
  const random = createRandom(1)
  const rows = Int8Array.from({ length: (pieces.length + 4) * 64 }, () => random.below(255) - 127)
  return Object.fromEntries(packTable(rows, 64, new Phrases(Uint16Array.from(ids))))
}

const kinds: [string, Record<string, Tensor>, object][] = [
  ['int8 rows', { embeddings: table('I8', 32) }, {}],
  ['int8 rows of an odd width', { embeddings: table('I8', 21) }, {}],
  ['int8 rows with weights', { embeddings: table('I8', 16), weights }, {}],
  ['float rows', { embeddings: table('F32', 19) }, {}],
  ['int8 rows weighed by context', { embeddings: table('I8', 48) }, { pooling: { damping: 1, halfAt: 50 } }],
  ['rows of phrases in four bits', withPhrases(), { pooling: { damping: 1, halfAt: 50 } }],
  ['int8 rows weighed by context, narrow', { embeddings: table('I8', 16) }, { pooling: { damping: 0.5, halfAt: 3 } }],
]

for (const [title, tensors, card] of kinds)
  test(`${title}: the kernel gives the bits of the TypeScript specification`, async (t) => {
    const folder = await folderWith(t, tensors, card)
    const [fast, slow] = [await loadStaticModel(folder), await loadStaticModel(folder, { engine: 'typescript' })]
    const word = fc.constantFrom(
      ...pieces,
      'Fox',
      'FOXES',
      'Straße',
      'ﬁ',
      'CAFÉ',
      '[UNK]',
      '\u0000',
      '\ud800',
      '’',
      'é',
      '\u00a0',
    )
    const text = fc.array(word, { minLength: 1, maxLength: 400 }).map((words) => `fox ${words.join(' ')}`)
    await fc.assert(
      fc.asyncProperty(text, async (one) => {
        assert.equal(fast.countTokens(one), slow.countTokens(one))
        const task = { task: 'document' } as const
        assert.deepEqual((await fast.embed([one], task)).vectors.data, (await slow.embed([one], task)).vectors.data)
      }),
      { numRuns: 60, seed: 11 },
    )
  })

test('a text longer than any buffer is embedded whole, by both ways alike', async (t) => {
  const folder = await folderWith(t, { embeddings: table('I8', 32) }, { pooling: { damping: 1, halfAt: 50 } })
  const long = `${'a b '.repeat(20_000)} fox`
  const both = [await loadStaticModel(folder), await loadStaticModel(folder, { engine: 'typescript' })]
  const [fast, slow] = await Promise.all(
    both.map(async (model) => (await model.embed([long, 'fox'], { task: 'document' })).vectors.data),
  )
  assert.deepEqual(fast, slow)
})

test('a token that the rest of its text repeats counts less than one that it does not', () => {
  const rows = Int8Array.of(100, 0, 100, 0, 0, 100)
  const sum = new Float64Array(2)
  addInContext(rows, Int32Array.of(0, 2, 4), 2, { damping: 1, halfAt: 1e9 }, sum)
  assert.ok((sum[1] as number) > (sum[0] as number))
  const plain = new Float64Array(2)
  addInContext(rows, Int32Array.of(0, 2, 4), 2, { damping: 0, halfAt: 1e9 }, plain)
  assert.deepEqual([...plain], [200 * 4096, 100 * 4096])
})

test('a repeated word alone keeps its direction', async () => {
  const model = await loadModel()
  const { data, columns } = (await model.embed(['hello', 'hello hello'], { task: 'document' })).vectors
  let cosine = 0
  for (let i = 0; i < columns; i++) cosine += data[i]! * data[columns + i]!
  assert.ok(cosine > 0.9999)
})

test('a packed table that does not fit its tokenizer, or has no pooling, is refused with the tensor', async (t) => {
  const good = { pooling: { damping: 1, halfAt: 50 } }
  const load = async (tensors: Record<string, Tensor>, card: object) =>
    loadStaticModel(await folderWith(t, tensors, card))
  const whole = withPhrases()
  await load(whole, good)
  const outside = { ...whole['phrases.tokens']!, bytes: new Uint8Array(16).fill(200) }
  for (const [name, tensor] of [
    ['phrases.tokens', outside],
    ['phrases.codes', whole['rest.codes']!],
    ['rest.scales', whole['phrases.scales']!],
    ['rest.spreads', whole['phrases.scales']!],
  ] as const)
    await assert.rejects(
      load({ ...whole, [name]: tensor }, good),
      (error) => error instanceof CorruptDataError && /phrases|rest/.test(error.message),
    )
  await assert.rejects(load(whole, {}), UnsupportedError)
})

test('pooling out of range, or over a table it cannot weigh, is refused', async (t) => {
  const int8 = { embeddings: table('I8', 32) }
  for (const pooling of [{ damping: 2, halfAt: 1 }, { damping: 1, halfAt: 0 }, { damping: 1 }, 3])
    await assert.rejects(
      folderWith(t, int8, { pooling }).then((folder) => loadStaticModel(folder)),
      CorruptDataError,
    )
  const good = { pooling: { damping: 1, halfAt: 50 } }
  await assert.rejects(
    folderWith(t, { embeddings: table('F32', 32) }, good).then((folder) => loadStaticModel(folder)),
    UnsupportedError,
  )
  await assert.rejects(
    folderWith(t, { embeddings: table('I8', 20) }, good).then((folder) => loadStaticModel(folder)),
    UnsupportedError,
  )
})
