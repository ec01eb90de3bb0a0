import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contentWords } from './function-words.ts'

const tidy = (query: string) => contentWords(query).trim().split(/\s+/).join(' ')

test('what a question is about is left', () => {
  assert.equal(tidy('How do I reset my password?'), 'reset password?')
  assert.equal(tidy("what's the refund policy"), 'refund policy')
  assert.equal(tidy("why doesn't it print"), 'print')
  assert.equal(tidy('return an item'), 'return item')
})

test('a query of function words alone stays whole', () => {
  for (const query of ['to be or not to be', 'The Who', 'how?', '']) assert.equal(contentWords(query), query)
})

test('names in capitals, other scripts, signs and a last star stay', () => {
  assert.equal(tidy('who runs the IT desk in the US'), 'runs IT desk US')
  assert.equal(tidy('HOW DO I RETURN THIS'), 'RETURN')
  assert.equal(tidy('東京 のホテル'), '東京 のホテル')
  assert.equal(tidy('how to conf*'), 'conf*')
  assert.equal(tidy('C++ "AND" (or) x'), 'C++ "AND" ( ) x')
})
