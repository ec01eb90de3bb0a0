import assert from 'node:assert/strict'
import test from 'node:test'
import { everydaySentences } from './everyday-sentences.ts'

test('sentences are whole, each stands once, and the same seed gives the same', () => {
  const sentences = everydaySentences(4000, 1)
  assert.equal(new Set(sentences).size, 4000)
  for (const sentence of sentences) assert.match(sentence, /^[A-Z][a-z]*( [a-z]+)+\.$/)
  assert.deepEqual(everydaySentences(4000, 1), sentences)
  assert.notDeepEqual(everydaySentences(4000, 2), sentences)
})

test('articles fit the word that follows, and mass nouns have none', () => {
  for (const sentence of everydaySentences(4000, 1)) {
    assert.doesNotMatch(sentence, /\ba [aeio]|\ban [^aeiou]/i)
    assert.doesNotMatch(sentence, /\ba (water|bread|meat|football|milk)\b/)
  }
})

test('negations, passives and numbers are among them', () => {
  const all = everydaySentences(4000, 1).join('\n')
  for (const form of [/ is not /, /There is no /, / is being .* by /, /^Two /m, /^Some /m, / was | were /])
    assert.match(all, form)
})
