import assert from 'node:assert/strict'
import test from 'node:test'
import { loadTokenizer } from '../../text/tokenizers/load.ts'
import { starterFolder } from '../load.ts'
import { keywordsOf } from './keywords.ts'

test('keywords are a sentence’s tokens without the most frequent ones, in its order', async () => {
  const { tokenizer } = await loadTokenizer(starterFolder)
  const counts = new Float64Array(tokenizer.size)
  const frequent = ['the', 'of', '.', 'a']
  for (const [i, word] of frequent.entries()) counts[tokenizer.idOf(word) as number] = 100 - i
  const sentences = ['The price of a used bicycle in the city.', 'The end of the.', 'A price of a used bicycle in city']
  const options = { count: 10, common: frequent.length, pieces: 4 }
  assert.deepEqual(keywordsOf(sentences, tokenizer, counts, options), ['price used bicycle in'])
  assert.deepEqual(keywordsOf(sentences, tokenizer, counts, { ...options, pieces: 9 }), ['price used bicycle in city'])
})
