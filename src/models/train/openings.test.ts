import assert from 'node:assert/strict'
import test from 'node:test'
import { loadTokenizer } from '../../text/tokenizers/load.ts'
import { starterFolder } from '../load.ts'
import { openingsOf, shuffledSentences } from './openings.ts'

test('sentences and lines stand once each, always in the same order', () => {
  const lines = ['A first sentence stands here. And a second one too!', 'A first sentence stands here.', 'Too short.']
  const sentences = shuffledSentences(lines)
  assert.deepEqual(sentences.toSorted(), [
    'A first sentence stands here.',
    'A first sentence stands here. And a second one too!',
    'And a second one too!',
  ])
  assert.deepEqual(shuffledSentences(lines), sentences)
})

test('an opening has whole pieces of its sentence and the tokens that these were', async () => {
  const { tokenizer } = await loadTokenizer(starterFolder)
  const sentence = 'The unbelievableness of it all was, in a word, astonishing.'
  const whole = tokenizer.encode(sentence)
  const [opening = ''] = openingsOf([sentence], tokenizer, 7)
  assert.deepEqual([...tokenizer.encode(opening)], [...whole.subarray(0, 7)])
})
