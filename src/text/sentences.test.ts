import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lineStarts, sentenceStarts, wordStarts } from './sentences.ts'

function parts(text: string, starts: (words: string, start: number, end: number) => number[]): string[] {
  const at = [0, ...starts(text, 0, text.length)]
  return at.map((start, i) => text.slice(start, at[i + 1] ?? text.length))
}

test('sentences end at a mark with white space behind it, but not before a small letter', () => {
  assert.deepEqual(parts('One. Two! "Three?" (Four…)  5 e.g. this. Six', sentenceStarts), [
    'One. ',
    'Two! ',
    '"Three?" ',
    '(Four…)  ',
    '5 e.g. this. ',
    'Six',
  ])
})

test('Chinese and Japanese sentences end at their own marks without white space', () => {
  assert.deepEqual(parts('这是一句。真的吗？「はい。」そう！終わり', sentenceStarts), [
    '这是一句。',
    '真的吗？',
    '「はい。」',
    'そう！',
    '終わり',
  ])
})

test('masked markup may stand between a full stop and the next word', () => {
  assert.deepEqual(parts('Bold.\0\0 \0Next', sentenceStarts), ['Bold.\0\0 ', '\0Next'])
})

test('lines and words begin after their breaks', () => {
  assert.deepEqual(parts('a\n\nb\r\nc\n', lineStarts), ['a\n', '\n', 'b\r\n', 'c\n'])
  assert.deepEqual(parts('  a  b\tc ', wordStarts), ['  ', 'a  ', 'b\t', 'c '])
})

test('a run of marks is read once', () => {
  assert.deepEqual(sentenceStarts('.'.repeat(200_000), 0, 200_000), [])
  assert.deepEqual(sentenceStarts(`${'.'.repeat(200_000)} A`, 0, 200_002), [200_001])
})
