import assert from 'node:assert/strict'
import test from 'node:test'
import { variantsOf } from './variants.ts'

const texts = [
  'the cat sat on the mat today',
  'one two three four five six',
  'too short',
  'red green blue white black pink grey',
]

test('a variant is a run of a text or a text with one word of another', () => {
  const variants = variantsOf(texts, 100, 1)
  assert.ok(variants.length >= 4)
  assert.equal(new Set([...variants, ...texts]).size, variants.length + texts.length)
  for (const variant of variants) {
    const words = variant.split(' ')
    const isRun = texts.some((text) => text.includes(variant))
    const isNear = texts.some((text) => {
      const own = text.split(' ')
      return own.length === words.length && own.filter((word, i) => word !== words[i]).length === 1
    })
    assert.ok(isRun || isNear, variant)
  }
})

test('no more than asked for, the same for the same seed, none without texts long enough', () => {
  assert.equal(variantsOf(texts, 2, 1).length, 2)
  assert.deepEqual(variantsOf(texts, 9, 4), variantsOf(texts, 9, 4))
  assert.deepEqual(variantsOf(['a', ''], 9, 4), [])
})
