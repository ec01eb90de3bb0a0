import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { graphemeBoundaries, pieceStarts } from './graphemes.ts'

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })
const hard = fc.array(
  fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 4 }),
    fc.constantFrom('👩‍👩‍👧', '🇩🇪', '🇫', 'e\u0301', '\r\n', '\r', '\n', ' \u0301', '각', 'क्षि', '👍🏽', 'a'),
  ),
)

test('boundaries are those of Intl.Segmenter', () => {
  fc.assert(
    fc.property(hard, (parts) => {
      const text = parts.join('')
      const isBoundary = graphemeBoundaries(text)
      const starts = new Set([...segmenter.segment(text)].map(({ index }) => index).concat(text.length, 0))
      for (let at = 0; at <= text.length; at++) assert.equal(isBoundary(at), starts.has(at))
    }),
  )
})

test('pieces end at boundaries and are no longer than asked, unless one character is', () => {
  fc.assert(
    fc.property(hard, fc.integer({ min: 1, max: 12 }), (parts, size) => {
      const text = parts.join('')
      const isBoundary = graphemeBoundaries(text)
      const cuts = [0, ...pieceStarts(text, 0, text.length, size), text.length]
      for (let i = 1; i < cuts.length - 1; i++) assert.ok((cuts[i] as number) > (cuts[i - 1] as number))
      for (const at of cuts) assert.ok(isBoundary(at))
      for (let i = 1; i < cuts.length; i++) {
        const piece = text.slice(cuts[i - 1], cuts[i])
        assert.ok(piece.length <= size || [...segmenter.segment(piece)].length === 1)
      }
    }),
  )
})

test('a cluster of more than 32 code points is cut between code points', () => {
  const text = `a${'\u0301'.repeat(100)}😀`
  const starts = pieceStarts(text, 0, text.length, 24)
  assert.deepEqual(starts, [24, 48, 72, 96])
})
