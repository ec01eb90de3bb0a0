import assert from 'node:assert/strict'
import { test } from 'node:test'
import { displayWidth, fitToWidth, padToWidth } from './text-width.ts'

test('wide characters and emoji take two columns, marks none', () => {
  assert.equal(displayWidth('returns.md'), 10)
  assert.equal(displayWidth('返品について'), 12)
  assert.equal(displayWidth('한국어'), 6)
  assert.equal(displayWidth('🙂👩‍👩‍👧'), 4)
  assert.equal(displayWidth('e\u0301té'), 3)
  assert.equal(displayWidth(''), 0)
})

test('a text is cut to its columns between graphemes', () => {
  assert.equal(fitToWidth('abcdef', 6), 'abcdef')
  assert.equal(fitToWidth('abcdef', 4), 'abc…')
  assert.equal(fitToWidth('返品について', 6), '返品…')
  assert.equal(fitToWidth('👩‍👩‍👧👩‍👩‍👧', 3), '👩‍👩‍👧…')
})

test('padding counts columns, not characters', () => {
  assert.equal(padToWidth('返品', 6), '返品  ')
  assert.equal(padToWidth('abc', 2), 'abc')
})
