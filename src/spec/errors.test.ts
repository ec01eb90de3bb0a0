import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describe, InvalidArgumentError, UnreadableInputError, VecinoError } from './errors.ts'

test('a message names the thing, what was expected, what came and the remedy', () => {
  const error = new InvalidArgumentError('options.k', 'an integer from 1 to 40', 0, 'Ask for fewer.')
  assert.equal(error.message, 'options.k: expected an integer from 1 to 40, got 0. Ask for fewer.')
  assert.equal(error.code, 'invalid-argument')
  assert.equal(error.name, 'InvalidArgumentError')
})

test('an unreadable input says file, line and byte', () => {
  const error = new UnreadableInputError('notes/a.md', 'UTF-8', '0xff', { line: 3, byte: 41 })
  assert.equal(error.message, 'notes/a.md:3: expected UTF-8, got 0xff at byte 41.')
})

test('errors are recognised by marker, so another copy of the package recognises them too', () => {
  const foreign = Object.defineProperty(new Error('x'), Symbol.for('vecino.error'), { value: true })
  assert.ok(VecinoError.isInstance(foreign))
  assert.ok(!VecinoError.isInstance(new Error('x')))
})

test('a long text of the user never appears whole', () => {
  assert.ok(describe('x'.repeat(5000)).length < 70)
  assert.equal(describe([1, 2, 3]), 'an array of 3')
  assert.equal(describe(Object.create(null)), 'an object of type null prototype')
})
