import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wantsColor } from './terminal.ts'

test('a terminal gets colour, a pipe does not', () => {
  assert.equal(wantsColor({}, { isTTY: true }), true)
  assert.equal(wantsColor({}, {}), false)
  assert.equal(wantsColor({ TERM: 'dumb' }, { isTTY: true }), false)
})

test('FORCE_COLOR asks for colour, NO_COLOR forbids it and has the last word', () => {
  assert.equal(wantsColor({ FORCE_COLOR: '1' }, {}), true)
  assert.equal(wantsColor({ FORCE_COLOR: '0' }, { isTTY: true }), false)
  assert.equal(wantsColor({ NO_COLOR: '1', FORCE_COLOR: '1' }, { isTTY: true }), false)
  assert.equal(wantsColor({ NO_COLOR: '' }, { isTTY: true }), true)
})
