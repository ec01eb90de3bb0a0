import assert from 'node:assert/strict'
import test from 'node:test'
import { loadTokenizer } from '../../text/tokenizers/load.ts'
import { starterFolder } from '../load.ts'
import { Phrases } from '../phrases.ts'
import { tokenLists } from './token-lists.ts'
import { windowsOf } from './windows.ts'

const { tokenizer } = await loadTokenizer(starterFolder)
const none = new Phrases(new Uint16Array(0))
const read = (texts: readonly string[]) => tokenLists(tokenizer, texts, 1000)

test('windows stand around rows met too seldom, in whole words, until each is met often enough', () => {
  const common = 'one two three four five six seven eight nine ten'
  const sentences = [`${common} volcano ${common}`, `volcano ${common}`, `${common} volcano`, `${common} volcano two`]
  const before = [read([common, common, common])]
  const options = { count: 100, pieces: 5, meetings: 3 }
  const { windows, wanting } = windowsOf(sentences, tokenizer, none, before, options)
  assert.deepEqual(windows, ['nine ten volcano one two', 'volcano one two three four', 'seven eight nine ten volcano'])
  assert.equal(wanting, tokenizer.size - 11)
  assert.equal(windowsOf(sentences, tokenizer, none, before, { ...options, count: 2 }).windows.length, 2)
  const both = [`${common} volcano ${common} river ${common}`]
  assert.equal(windowsOf(both, tokenizer, none, before, { ...options, count: 1 }).windows.length, 1)
})

test('a window neither begins nor ends within a word, and holds nothing unknown', () => {
  const sentence = 'unbelievableness and 漢字 gobbledygooks astonishes everyone'
  const options = { count: 100, pieces: 3, meetings: 1 }
  const { windows } = windowsOf([sentence], tokenizer, none, [], options)
  const words = new Set(sentence.split(' '))
  assert.ok(windows.length > 1)
  for (const window of windows) for (const word of window.split(' ')) assert.ok(words.has(word), window)
})

test('a phrase is met as a row of its own', () => {
  const pair = Uint16Array.of(tokenizer.idOf('new') as number, tokenizer.idOf('york') as number)
  const before = [read(['new', 'york', 'in', 'we', 'live'])]
  const options = { count: 100, pieces: 3, meetings: 1 }
  const { windows } = windowsOf(['we live in new york'], tokenizer, new Phrases(pair), before, options)
  assert.deepEqual(windows, ['in new york'])
  assert.deepEqual(windowsOf(['we live in new york'], tokenizer, none, before, options).windows, [])
})
