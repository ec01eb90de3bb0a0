import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { Tokenizer as Reference } from '@huggingface/tokenizers'
import fc from 'fast-check'
import { CorruptDataError, UnsupportedError } from '../../spec/errors.ts'
import { createTokenizer } from './create.ts'
import { loadTokenizer } from './load.ts'
import type { TokenizerJson } from './tokenizer.ts'

const vocabulary = [
  '[PAD]',
  '[UNK]',
  '[CLS]',
  '[SEP]',
  '[MASK]',
  'un',
  '##aff',
  '##able',
  'cafe',
  'hello',
  ',',
  '!',
  'w',
  '##or',
  '##ld',
  '京',
]

function small(changes: Partial<TokenizerJson> = {}): TokenizerJson {
  return {
    added_tokens: [{ id: 4, content: '[MASK]', special: true, normalized: false }],
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: { type: 'BertProcessing', cls: ['[CLS]', 2], sep: ['[SEP]', 3] },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])),
    },
    ...changes,
  }
}

const tokenizer = createTokenizer(small(), 'small')
const tokens = (text: string) => [...tokenizer.encode(text)].map((id) => tokenizer.tokenOf(id)).join(' ')

test('a word is cut into the longest known pieces', () => {
  assert.equal(tokens('unaffable world'), 'un ##aff ##able w ##or ##ld')
})

test('case, accents, control characters and punctuation are folded as BERT folds them', () => {
  assert.equal(tokens('HELLO, Café!\u0000\u200b'), 'hello , cafe !')
  assert.equal(tokens('hello京hello'), 'hello 京 hello')
  assert.equal(tokens('hel\u00adlo'), 'hello')
})

test('a word with an unknown piece, or of more than 100 characters, is one unknown token', () => {
  assert.equal(tokens('unx hello'), '[UNK] hello')
  assert.equal(tokens(`${'un'.repeat(60)} hello`), '[UNK] hello')
})

test('added tokens in a text are found before it is normalised', () => {
  assert.equal(tokens('hello[MASK]world'), 'hello [MASK] w ##or ##ld')
  assert.equal(tokens('[mask]'), '[UNK] [UNK] [UNK]')
})

test('an empty text, lone surrogates and NUL have no tokens, and a megabyte without a space has one', () => {
  for (const text of ['', ' \t\n', '\ud800', '\udc00\u0000']) assert.equal(tokenizer.count(text), 0)
  assert.equal(tokenizer.count('x'.repeat(1_000_000)), 1)
})

test('a long text is never cut', () => {
  assert.equal(tokenizer.count('hello '.repeat(50_000)), 50_000)
})

test('a vocabulary with an id twice or of another kind is refused with the file named', () => {
  const twice = small({ model: { type: 'WordPiece', vocab: { a: 1, b: 1 } } })
  assert.throws(() => createTokenizer(twice, 'x/tokenizer.json'), CorruptDataError)
  assert.throws(() => createTokenizer(small({ model: { type: 'WordLevel', vocab: { a: 0 } } }), 'x'), UnsupportedError)
  assert.throws(() => createTokenizer(small({ normalizer: { type: 'NFKC' } }), 'x'), /BertNormalizer/)
})

const shared = fileURLToPath(new URL('../../../../shared/', import.meta.url))
const miniLm = `${shared}models/all-MiniLM-L6-v2`
const skip = existsSync(miniLm) ? false : 'the shared MiniLM folder is not on this machine'

test("ids equal the reference tokenizer's on real lines in many languages and on random text", { skip }, async () => {
  const { tokenizer: ours } = await loadTokenizer(miniLm)
  const read = (name: string) => readFileSync(`${miniLm}/${name}`, 'utf8')
  const reference = new Reference(JSON.parse(read('tokenizer.json')), JSON.parse(read('tokenizer_config.json')))
  const check = (text: string) =>
    assert.deepEqual(
      [...ours.encode(text)],
      reference.encode(text, { add_special_tokens: false }).ids,
      JSON.stringify(text),
    )
  for (const set of ['stsb-zh.dev', 'stsb-fr.dev', 'multi30k-de.dev']) {
    const lines = gunzipSync(readFileSync(`${shared}data/crosslingual/${set}.jsonl.gz`))
      .toString('utf8')
      .trim()
      .split('\n')
    for (const line of lines.slice(0, 300))
      for (const text of Object.values(JSON.parse(line))) if (typeof text === 'string') check(text)
  }
  // Final sigma is where the reference's JavaScript port and the crate part ways; ours follows the crate.
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => !/[Σ\ud83c-\udfff]/.test(text)),
      check,
    ),
    { numRuns: 300, seed: 7 },
  )
})
