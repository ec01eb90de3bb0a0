import assert from 'node:assert/strict'
import test from 'node:test'
import { everydayQuestions } from './everyday-questions.ts'

test('the same seed asks the same questions, each once, and another seed others', () => {
  const some = everydayQuestions(500, 1)
  assert.deepEqual(some, everydayQuestions(500, 1))
  assert.equal(new Set(some).size, 500)
  assert.notDeepEqual(some, everydayQuestions(500, 2))
})

test('no pattern is left with a gap, and articles fit their nouns', () => {
  for (const text of everydayQuestions(5000, 1)) {
    assert.doesNotMatch(text, /[*@&_]|undefined| {2}/)
    assert.doesNotMatch(text, /\ba [aeiou]/i, text)
  }
})

test('every kind of question is asked', () => {
  const all = everydayQuestions(5000, 1).join('\n')
  for (const start of [
    'Who ',
    'How many ',
    'How much ',
    'When ',
    'Where ',
    'Why ',
    'How do ',
    'What is ',
    'I want to ',
  ])
    assert.ok(all.includes(`\n${start}`), start)
})
