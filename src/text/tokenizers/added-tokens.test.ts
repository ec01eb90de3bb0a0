import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AddedTokens } from './added-tokens.ts'

const tokens = new AddedTokens([
  { id: 3, content: '[MASK]' },
  { id: 4, content: '<s>' },
])

test('a text may hold an added token only where all of it stands there', () => {
  for (const text of ['a [link](to) b', '<b>[mask]</b>', '', '[', '[MASK <s']) {
    assert.equal(tokens.mayHold(text), false, text)
    assert.equal(tokens.split(text), undefined, text)
  }
  for (const text of ['[MASK]', 'a[MASK]b', '[[<s>', '[MASK [MASK]']) {
    assert.equal(tokens.mayHold(text), true, text)
    assert.notEqual(tokens.split(text), undefined, text)
  }
})
