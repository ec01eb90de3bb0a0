import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runsToCode } from './code-vectors.ts'
import type { Shard } from './coded-shards.ts'

/** Shards side by side, each with so many rows and so many of them gone. */
function shardsOf(...sizes: readonly (readonly [rows: number, gone: number])[]): Shard[] {
  let first = 1
  return sizes.map(([rows, gone]) => {
    const shard = { first, last: first + rows - 1, keys: new Int32Array(rows), gone: new Int32Array(gone), crc: 0 }
    first += rows
    return shard
  })
}

const runs = (shards: readonly Shard[], damaged: readonly number[] = []) =>
  runsToCode(shards, new Set(damaged.map((i) => shards[i] as Shard)))

test('what is sound and large stays as it is, also where it is alone and small', () => {
  assert.deepEqual(runs([]), [])
  assert.deepEqual(runs(shardsOf([16_384, 4000], [16_384, 0], [2100, 100])), [])
  assert.deepEqual(runs(shardsOf([10_000, 0], [5000, 0])), [])
})

test('what has lost a quarter of its rows is coded anew, alone where its neighbours leave no room', () => {
  assert.deepEqual(runs(shardsOf([16_384, 0], [16_384, 8000], [16_384, 0])), [
    { first: 16_385, last: 32_768, rows: 8384 },
  ])
  assert.deepEqual(runs(shardsOf([3000, 3000])), [{ first: 1, last: 3000, rows: 0 }])
})

test('what is left of worn neighbours is coded together, up to 16,384 rows', () => {
  assert.deepEqual(runs(shardsOf([16_384, 15_000], [16_384, 16_000], [2500, 0], [16_384, 0])), [
    { first: 1, last: 35_268, rows: 1384 + 384 + 2500 },
  ])
  assert.deepEqual(runs(shardsOf([12_000, 0], [2500, 600])), [{ first: 1, last: 14_500, rows: 13_900 }])
})

test('damaged codes are made anew', () => {
  assert.deepEqual(runs(shardsOf([16_384, 0], [16_384, 0]), [1]), [{ first: 16_385, last: 32_768, rows: 16_384 }])
})
