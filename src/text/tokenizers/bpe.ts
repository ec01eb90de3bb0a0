import { CorruptDataError } from '../../spec/errors.ts'
import { byteNames } from './byte-characters.ts'
import type { WordModel } from './composed-tokenizer.ts'
import type { Component } from './tokenizer.ts'

/** Ids of two neighbours in one key: ids are below 2²⁴. */
const pairBase = 2 ** 24

/**
 * Byte-pair encoding: a word's characters, merged pair by pair in the order of the merges.
 *
 * Cost: O(length²) for a word of many pieces; words are short, and a cache holds the frequent ones.
 * Source: Sennrich et al. 2016; the `tokenizers` crate for fallbacks and unknown characters.
 */
export function createBpe(model: Component, vocabulary: ReadonlyMap<string, number>, place: string): WordModel {
  const merges = new Map<number, { rank: number; id: number }>()
  const prefix = typeof model['continuing_subword_prefix'] === 'string' ? model['continuing_subword_prefix'] : ''
  const suffix = typeof model['end_of_word_suffix'] === 'string' ? model['end_of_word_suffix'] : ''
  const list = (model['merges'] ?? []) as readonly (string | readonly [string, string])[]
  list.forEach((merge, rank) => {
    const [left, right] = typeof merge === 'string' ? splitMerge(merge) : merge
    const joined = left + (right.startsWith(prefix) ? right.slice(prefix.length) : right)
    const [a, b, id] = [vocabulary.get(left), vocabulary.get(right), vocabulary.get(joined)]
    if (a === undefined || b === undefined || id === undefined)
      throw new CorruptDataError(place, `merge ${rank} of tokens in the vocabulary`, 'one that is not', {
        remedy: 'Take the file from its source again.',
      })
    const key = a * pairBase + b
    if (!merges.has(key)) merges.set(key, { rank, id })
  })
  const unknown = typeof model['unk_token'] === 'string' ? vocabulary.get(model['unk_token']) : undefined
  const byteFallback = model['byte_fallback'] === true
  const fuse = model['fuse_unk'] === true
  const ignoreMerges = model['ignore_merges'] === true

  const startOf = (word: string): number[] => {
    const ids: number[] = []
    const letters = Array.from(word)
    let afterUnknown = false
    letters.forEach((letter, i) => {
      const piece = (i > 0 ? prefix : '') + letter + (i === letters.length - 1 ? suffix : '')
      const id = vocabulary.get(piece)
      if (id !== undefined) {
        ids.push(id)
        afterUnknown = false
        return
      }
      const bytes = byteFallback ? byteNames(piece).map((name) => vocabulary.get(name)) : []
      if (byteFallback && bytes.every((byte) => byte !== undefined)) {
        ids.push(...(bytes as number[]))
        afterUnknown = false
      } else if (unknown !== undefined && !(fuse && afterUnknown)) {
        ids.push(unknown)
        afterUnknown = true
      }
    })
    return ids
  }

  return (word) => {
    const whole = ignoreMerges ? vocabulary.get(word) : undefined
    if (whole !== undefined) return [whole]
    const ids = startOf(word)
    for (;;) {
      let best: { rank: number; id: number } | undefined
      let at = -1
      for (let i = 0; i + 1 < ids.length; i++) {
        const merge = merges.get((ids[i] as number) * pairBase + (ids[i + 1] as number))
        if (merge !== undefined && (best === undefined || merge.rank < best.rank)) {
          best = merge
          at = i
        }
      }
      if (best === undefined) return ids
      ids.splice(at, 2, best.id)
    }
  }
}

function splitMerge(merge: string): [string, string] {
  const at = merge.indexOf(' ')
  return [merge.slice(0, at), merge.slice(at + 1)]
}
