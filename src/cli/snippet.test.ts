import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { answerLine, snippet } from './snippet.ts'
import { displayWidth } from './text-width.ts'

const text = '# Returns\n\nItems can be returned within 30 days of delivery.\n\nSign in and open the order.'
const sentence = { start: text.indexOf('Sign'), end: text.length, kind: 'meaning' as const }
const plain = (lines: ReturnType<typeof snippet>) => lines.map((line) => line.map((run) => run.text).join(''))

test('a snippet begins below the headings that are printed beside its place', () => {
  const hit = { source: 'returns.md', text, headings: ['Returns'], highlights: [], line: 1 }
  assert.deepEqual(plain(snippet(hit, 80, 3)), [
    'Items can be returned within 30 days of delivery. Sign in and open the order.',
  ])
  assert.equal(answerLine(hit), 3)
})

test('a snippet begins at the sentence nearest in meaning, and its line is that sentence’s', () => {
  const hit = { source: 'returns.md', text, headings: ['Returns'], highlights: [sentence], line: 10 }
  assert.deepEqual(snippet(hit, 80, 3), [
    [
      { text: '… ', kind: 'plain' },
      { text: 'Sign in and open the order.', kind: 'meaning' },
    ],
  ])
  assert.equal(answerLine(hit), 14)
})

test('without a nearest sentence a snippet begins at the sentence of the first word found', () => {
  const start = text.indexOf('order')
  const hit = {
    source: 'returns.md',
    text,
    headings: ['Returns'],
    highlights: [{ start, end: start + 5, kind: 'word' as const }],
    line: 1,
  }
  assert.deepEqual(snippet(hit, 80, 3), [
    [
      { text: '… Sign in and open the ', kind: 'plain' },
      { text: 'order', kind: 'word' },
      { text: '.', kind: 'plain' },
    ],
  ])
})

test('lines break between words, a long word breaks, and what does not fit ends in an ellipsis', () => {
  const hit = {
    source: 'a.txt',
    text: `alpha beta gamma ${'x'.repeat(25)} delta`,
    headings: [],
    highlights: [],
    line: 1,
  }
  assert.deepEqual(plain(snippet(hit, 14, 9)), ['alpha beta', 'gamma', 'x'.repeat(12), 'x'.repeat(12), 'x delta'])
  assert.deepEqual(plain(snippet(hit, 14, 1)), ['alpha beta …'])
})

test('no snippet is wider or longer than asked, whatever the text', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.integer({ min: 10, max: 60 }),
      fc.integer({ min: 1, max: 4 }),
      fc.nat(300),
      fc.nat(40),
      (random, columns, rows, start, length) => {
        const highlights = [{ start, end: start + length, kind: 'word' as const }]
        const lines = plain(snippet({ source: 'a.md', text: random, headings: [], highlights }, columns, rows))
        assert.ok(lines.length <= rows)
        for (const line of lines) {
          assert.ok(displayWidth(line) <= columns, `${displayWidth(line)} > ${columns}`)
          // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
          assert.doesNotMatch(line, /[\u0000-\u001f\u007f-\u009f]/)
        }
      },
    ),
    { numRuns: 300, seed: 7 },
  )
})
