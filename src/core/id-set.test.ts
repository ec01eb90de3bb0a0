import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { IdSet } from './id-set.ts'

test('knows exactly the ids added, as a plain set does', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), fc.array(fc.string()), (added, asked) => {
      const ids = new IdSet()
      const plain = new Set<string>()
      for (const id of added) {
        assert.equal(ids.add(id), !plain.has(id))
        plain.add(id)
      }
      for (const id of [...added, ...asked]) assert.equal(ids.has(id), plain.has(id))
    }),
  )
})

test('grows past its first size without losing an id', () => {
  const ids = new IdSet()
  for (let i = 0; i < 200_000; i++) assert.ok(ids.add(`file.jsonl:${i}`))
  for (let i = 0; i < 200_000; i++) assert.ok(ids.has(`file.jsonl:${i}`))
  for (let i = 200_000; i < 400_000; i++) assert.ok(!ids.has(`file.jsonl:${i}`))
})
