import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ownWords } from './own-words.ts'

const texts = ['green apples', 'an apple tree', 'the tree', 'rusty hinges', 'and the']
const ids = Int32Array.from([1, 2, 0, 2, 1, 0, 0, 1, 1, 2])

test('the share of words that neighbours lack is weighted by rarity, worked by hand', () => {
  const { unshared } = ownWords(texts, { k: 2, ids }, 2)
  const [once, twice] = [Math.log(5 / 0.5), Math.log(5 / 1.5)]
  // "apples" and "apple" are one word, which one of two neighbours has; "green" is nobody's.
  assert.ok(Math.abs((unshared[0] as number) - (once + twice / 2) / (once + twice)) < 1e-12)
  assert.ok(Math.abs((unshared[1] as number) - 0.5) < 1e-12)
  assert.ok(Math.abs((unshared[2] as number) - 0.5) < 1e-12)
  assert.equal(unshared[3], 1)
})

test('only the neighbours that count are asked; a text of stop words has no share', () => {
  assert.equal(ownWords(texts, { k: 2, ids }, 1).unshared[2], 0)
  assert.ok(Number.isNaN(ownWords(texts, { k: 2, ids }, 2).unshared[4]))
  assert.equal(ownWords([], { k: 2, ids: new Int32Array(0) }, 2).rarity.length, 0)
})

test('rarity is the mean over the words of a text and two usual ones, worked by hand', () => {
  const { rarity } = ownWords(texts, { k: 2, ids }, 2)
  const [once, twice] = [Math.log(5 / 0.5), Math.log(5 / 1.5)]
  // The means are twice, twice, (once + twice) / 2 and once: half of the texts reach the third.
  const usual = (once + twice) / 2
  assert.ok(Math.abs((rarity[0] as number) - (once + twice + 2 * usual) / 4) < 1e-12)
  assert.ok(Math.abs((rarity[2] as number) - (twice + 2 * usual) / 3) < 1e-12)
  assert.ok(Math.abs((rarity[3] as number) - (2 * once + 2 * usual) / 4) < 1e-12)
  assert.ok(Number.isNaN(rarity[4]))
})
