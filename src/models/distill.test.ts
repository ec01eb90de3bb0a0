import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { InvalidArgumentError, VecinoError } from '../spec/errors.ts'
import { createTokenizer } from '../text/tokenizers/create.ts'
import type { TokenizerJson } from '../text/tokenizers/tokenizer.ts'
import { distill } from './distill.ts'
import { quantizeTable } from './quantize-table.ts'
import { trimVocabulary } from './vocabulary.ts'

const miniLm = fileURLToPath(new URL('../../../shared/models/all-MiniLM-L6-v2', import.meta.url))
const skip = existsSync(miniLm) ? false : 'the shared MiniLM folder is not on this machine'

const tokens = ['[PAD]', '[unused0]', '[UNK]', '[CLS]', 'un', '##able', '##!', '京', '東京', 'д', 'да', 'able', '!']
const teacher: TokenizerJson = {
  added_tokens: ['[PAD]', '[UNK]', '[CLS]'].map((content) => ({ id: tokens.indexOf(content), content, special: true })),
  normalizer: { type: 'BertNormalizer' },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  model: { type: 'WordPiece', unk_token: '[UNK]', vocab: Object.fromEntries(tokens.map((token, id) => [token, id])) },
}

test('the trimmed vocabulary keeps letters and Latin pieces, adds words once, and is a tokenizer', () => {
  const { tokens: kept, json } = trimVocabulary(teacher, ['unable', 'able'], new Set(['un']))
  assert.deepEqual(kept, ['[PAD]', '[UNK]', '##able', 'д', 'able', '!', 'unable'])
  const tokenizer = createTokenizer(json, 'trimmed')
  assert.deepEqual([...tokenizer.encode('Unable! able')], [6, 5, 4])
  assert.throws(() => trimVocabulary(teacher, ['two words']), InvalidArgumentError)
})

test('a table is coded with one scale, and frequent rows decide where to saturate', () => {
  assert.deepEqual([...quantizeTable(Float32Array.of(1, -0.5, 0, 0.25), 2)], [127, -63, 0, 32])
  const rows = new Float32Array(2000).map((_, i) => Math.sin(i) * 0.01)
  rows[0] = 1
  const counts = new Float64Array(1000).fill(1000)
  counts[0] = 1
  const codes = quantizeTable(rows, 2, counts)
  assert.equal(codes[0], 127)
  assert.ok(Math.max(...codes.subarray(2)) > 4)
})

test('distilling refuses a folder without a teacher and dimensions it does not have', { skip }, async (t) => {
  const output = await mkdtemp(join(tmpdir(), 'vecino-distill-'))
  t.after(() => rm(output, { recursive: true }))
  await assert.rejects(distill(miniLm, { output, dimensions: 385 }), InvalidArgumentError)
  await assert.rejects(distill(miniLm, { output, sifCoefficient: 0 }), InvalidArgumentError)
  await assert.rejects(distill(output, { output }), (error) => VecinoError.isInstance(error))
})
