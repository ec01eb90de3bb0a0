import { CorruptDataError } from '../../spec/errors.ts'
import { byteNames } from './byte-characters.ts'
import type { WordModel } from './composed-tokenizer.ts'
import type { Component } from './tokenizer.ts'

/** What an unknown character costs below the least likely piece. */
const unknownPenalty = 10

/**
 * The likeliest cut of a word into pieces (Viterbi), unknown characters fused.
 *
 * Cost: O(length · longest piece). Source: Kudo 2018; the `tokenizers` crate's optimised encoder, whose ties go to the
 * cut found first.
 */
export function createUnigram(model: Component, vocabulary: ReadonlyMap<string, number>, place: string): WordModel {
  const pieces = (model['vocab'] ?? []) as readonly (readonly [string, number])[]
  const unknown = model['unk_id']
  if (unknown !== null && unknown !== undefined && !(typeof unknown === 'number' && pieces[unknown] !== undefined))
    throw new CorruptDataError(place, 'unk_id within the vocabulary', String(unknown), {
      remedy: 'Take the file from its source again.',
    })
  let least = Number.POSITIVE_INFINITY
  let longest = 1
  const scores = new Map<string, number>()
  for (const [piece, score] of pieces) {
    scores.set(piece, score)
    least = Math.min(least, score)
    longest = Math.max(longest, piece.length)
  }
  const unknownScore = least - unknownPenalty
  const byteFallback = model['byte_fallback'] === true

  return (word) => {
    const length = word.length
    const best = new Float64Array(length + 1).fill(Number.NEGATIVE_INFINITY)
    const from = new Int32Array(length + 1).fill(-1)
    const known = new Uint8Array(length + 1)
    best[0] = 0
    for (let start = 0; start < length; ) {
      const step = (word.codePointAt(start) as number) > 0xffff ? 2 : 1
      const base = best[start] as number
      let hasSingle = false
      for (let end = start + step; end <= Math.min(length, start + longest); end++) {
        const score = scores.get(word.slice(start, end))
        if (score === undefined) continue
        if (from[end] === -1 || base + score > (best[end] as number)) {
          best[end] = base + score
          from[end] = start
          known[end] = 1
        }
        if (end === start + step) hasSingle = true
      }
      const end = start + step
      if (!hasSingle && (from[end] === -1 || base + unknownScore > (best[end] as number))) {
        best[end] = base + unknownScore
        from[end] = start
        known[end] = 0
      }
      start = end
    }
    return idsOf(word, from, known)
  }

  function idsOf(word: string, from: Int32Array, known: Uint8Array): number[] {
    const segments: { text: string; known: boolean }[] = []
    for (let end = word.length; end > 0; end = from[end] as number) {
      const text = word.slice(from[end], end)
      const last = segments.at(-1)
      if (known[end] === 0 && last?.known === false) last.text = text + last.text
      else segments.push({ text, known: known[end] === 1 })
    }
    return segments.toReversed().flatMap((segment) => {
      if (segment.known) return [vocabulary.get(segment.text) as number]
      const bytes = byteFallback ? byteNames(segment.text).map((name) => vocabulary.get(name)) : []
      if (byteFallback && bytes.every((byte) => byte !== undefined)) return bytes as number[]
      return typeof unknown === 'number' ? [unknown] : []
    })
  }
}
