import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UnionFind } from './union-find.ts'

test('what is joined by way of others is one set, under its least number', () => {
  const sets = new UnionFind(6)
  sets.join(5, 3)
  sets.join(1, 5)
  sets.join(4, 4)
  assert.deepEqual(sets.groups(), [[1, 3, 5]])
  assert.deepEqual([sets.root(3), sets.root(4)], [1, 4])
  assert.deepEqual(new UnionFind(0).groups(), [])
})
