import assert from 'node:assert/strict'
import { test } from 'node:test'
import { styleText } from 'node:util'
import { wrapText } from './wrap-text.ts'

test('a text is broken between words, and its indent and line breaks are kept', () => {
  assert.equal(wrapText('one two three', 8), 'one two\nthree')
  assert.equal(wrapText('  one two three\nfour', 9), '  one two\n  three\nfour')
  assert.equal(wrapText('fits as it is\n', 13), 'fits as it is\n')
  assert.equal(wrapText('', 5), '')
})

test('a word wider than the line is broken at a grapheme, wide characters count twice', () => {
  assert.equal(wrapText('a abcdefgh b', 4), 'a\nabcd\nefgh\nb')
  assert.equal(wrapText('日本語の文', 4), '日本\n語の\n文')
})

test('styles take no room', () => {
  const red = styleText('red', 'error:', { validateStream: false })
  assert.equal(wrapText(`${red} it is`, 12), `${red} it is`)
})
