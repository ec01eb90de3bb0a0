import assert from 'node:assert/strict'
import { test } from 'node:test'
import { safeLine, safeText, safeUnit } from './sanitize.ts'

test('what a terminal would obey is shown, not sent', () => {
  assert.equal(safeLine('\u001b[31mred\u001b[0m'), '␛[31mred␛[0m')
  assert.equal(safeLine('a\u009b31mb\u0007\u007f'), 'a\ufffd31mb␇␡')
  assert.equal(safeLine('evil\u202egnp.exe'), 'evil\ufffdgnp.exe')
})

test('a line holds no line breaks, a text keeps them', () => {
  assert.equal(safeLine(' one\r\n\ttwo\u2028three '), 'one two three')
  assert.equal(safeText('one\r\n\ttwo\u001b'), 'one\n\ttwo␛')
})

test('other scripts and emoji pass unchanged', () => {
  const text = 'Überraschung 返品 🙂 مرحبا'
  assert.equal(safeLine(text), text)
})

test('one unit in, one unit out', () => {
  for (let code = 0; code < 0x10000; code++) assert.equal(safeUnit(String.fromCharCode(code)).length, 1)
})
