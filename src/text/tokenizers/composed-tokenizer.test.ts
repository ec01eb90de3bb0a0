import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { CorruptDataError, UnsupportedError } from '../../spec/errors.ts'
import { createTokenizer } from './create.ts'
import { readCharsMap } from './precompiled.ts'
import type { TokenizerJson } from './tokenizer.ts'

const reference = JSON.parse(
  readFileSync(new URL('../../../test/reference/tokenizers.json', import.meta.url), 'utf8'),
) as {
  texts: string[]
  cases: { name: string; json: TokenizerJson; ids: number[][] }[]
}

for (const { name, json, ids } of reference.cases)
  test(`${name}: ids equal those of the Rust reference`, () => {
    const tokenizer = createTokenizer(json, name)
    reference.texts.forEach((text, i) => {
      assert.deepEqual([...tokenizer.encode(text)], ids[i], JSON.stringify(text))
      assert.equal(tokenizer.count(text), ids[i]?.length)
    })
    assert.equal(tokenizer.idOf(tokenizer.tokenOf(3) as string), 3)
  })

const bpe = (changes: Partial<TokenizerJson>): TokenizerJson => ({
  model: { type: 'BPE', vocab: { a: 0, b: 1, ab: 2 }, merges: ['a b'] },
  ...changes,
})

test('merges come as text or as pairs, and one of a token that is not there is refused', () => {
  assert.deepEqual([...createTokenizer(bpe({}), 'x').encode('abab')], [2, 2])
  const pairs = { type: 'BPE', vocab: { a: 0, b: 1, ab: 2 }, merges: [['a', 'b']] }
  assert.deepEqual([...createTokenizer(bpe({ model: pairs }), 'x').encode('aab')], [0, 2])
  const broken = { type: 'BPE', vocab: { a: 0 }, merges: ['a z'] }
  assert.throws(() => createTokenizer(bpe({ model: broken }), 'x'), CorruptDataError)
})

test('a part that is not read here is named', () => {
  assert.throws(() => createTokenizer(bpe({ normalizer: { type: 'Nmt' } }), 'x'), /normalizer.*"?Nmt/)
  assert.throws(() => createTokenizer(bpe({ pre_tokenizer: { type: 'UnicodeScripts' } }), 'x'), UnsupportedError)
  assert.throws(() => createTokenizer(bpe({ model: { type: 'WordLevel', vocab: { a: 0 } } }), 'x'), /BPE or Unigram/)
  const hostile = { type: 'Split', pattern: { Regex: '(?<a' }, behavior: 'Isolated' }
  assert.throws(() => createTokenizer(bpe({ pre_tokenizer: hostile }), 'x'), UnsupportedError)
})

test('a character map whose trie is longer than the map is refused', () => {
  assert.throws(() => readCharsMap(btoa('\x10\x00\x00\x00abc'), 'x'), CorruptDataError)
})
