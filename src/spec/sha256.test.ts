import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { sha256Hex } from './sha256.ts'

test('the empty text has the digest of FIPS 180-4', () => {
  assert.equal(sha256Hex(''), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
})

test("digests agree with node:crypto's, at every length around a block and for any text", () => {
  const reference = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex')
  for (let length = 0; length < 200; length++)
    assert.equal(sha256Hex('é'.repeat(length)), reference('é'.repeat(length)))
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => sha256Hex(text) === reference(text)))
})
