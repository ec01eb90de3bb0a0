import { InvalidArgumentError } from '../spec/errors.ts'

/** A corpus as numbers: word `i` of `words` is token `i`, the most frequent first. */
export interface EncodedCorpus {
  readonly words: readonly string[]
  /** Occurrences of each word, all ≥ minCount. */
  readonly counts: Uint32Array
  readonly tokens: Uint32Array
  /** Sentence `s` is `tokens.subarray(starts[s], starts[s + 1])`; length sentences + 1. */
  readonly starts: Uint32Array
  readonly longestSentence: number
  /** Tokens read, rare ones included. */
  readonly tokensRead: number
}

type Sentences = Iterable<readonly string[]> | AsyncIterable<readonly string[]>

/**
 * Count the words of a corpus in one pass, drop those rarer than `minCount`, and number the rest:
 * more frequent words first, equally frequent ones in order of first appearance.
 */
export async function encodeCorpus(sentences: Sentences, minCount: number): Promise<EncodedCorpus> {
  const numbers = new Map<string, number>()
  const counts: number[] = []
  let tokens = new Uint32Array(1 << 16)
  const lengths: number[] = []
  let used = 0
  for await (const sentence of sentences) {
    if (!Array.isArray(sentence))
      throw new InvalidArgumentError('sentences', 'arrays of words', sentence, 'Split each text into words first.')
    if (used + sentence.length > tokens.length) {
      const larger = new Uint32Array(Math.max(tokens.length * 2, used + sentence.length))
      larger.set(tokens.subarray(0, used))
      tokens = larger
    }
    for (const word of sentence) {
      if (typeof word !== 'string') throw new InvalidArgumentError('sentences', 'arrays of words', word)
      let number = numbers.get(word)
      if (number === undefined) {
        number = counts.length
        numbers.set(word, number)
        counts.push(0)
      }
      counts[number]!++
      tokens[used++] = number
    }
    lengths.push(sentence.length)
  }
  const spellings = [...numbers.keys()]
  const order = counts.flatMap((count, number) => (count >= minCount ? [number] : []))
  order.sort((a, b) => counts[b]! - counts[a]! || a - b)
  const rank = new Int32Array(counts.length).fill(-1)
  for (let i = 0; i < order.length; i++) rank[order[i]!] = i
  return {
    words: order.map((number) => spellings[number]!),
    counts: Uint32Array.from(order, (number) => counts[number]!),
    ...renumber(tokens, lengths, rank),
    tokensRead: used,
  }
}

/** In place: known words by rank, unknown ones gone, sentences left with fewer than two words gone with them. */
function renumber(tokens: Uint32Array, lengths: readonly number[], rank: Int32Array) {
  const starts = new Uint32Array(lengths.length + 1)
  let sentences = 0
  let kept = 0
  let at = 0
  let longestSentence = 0
  for (const length of lengths) {
    const begin = kept
    for (const end = at + length; at < end; at++) {
      const word = rank[tokens[at]!]!
      if (word >= 0) tokens[kept++] = word
    }
    if (kept - begin < 2) kept = begin
    else starts[++sentences] = kept
    longestSentence = Math.max(longestSentence, kept - begin)
  }
  return { tokens: tokens.subarray(0, kept), starts: starts.subarray(0, sentences + 1), longestSentence }
}

/**
 * Thresholds against which a uniform 32-bit number is held: above it, this occurrence is skipped.
 * 2^32 − 1 means always kept. Source: Mikolov et al. 2013, in the form of the C tool and gensim:
 * kept with probability √(t/f) + t/f for a word of relative frequency f.
 */
export function keepThresholds(counts: Uint32Array, subsample: number): Uint32Array {
  const thresholds = new Uint32Array(counts.length).fill(0xffffffff)
  if (subsample === 0) return thresholds
  let total = 0
  for (const count of counts) total += count
  const limit = subsample * total
  for (let i = 0; i < counts.length; i++) {
    const ratio = limit / counts[i]!
    const probability = Math.sqrt(ratio) + ratio
    if (probability < 1) thresholds[i] = Math.floor(probability * 4294967296)
  }
  return thresholds
}

/** Walker's alias tables (Vose 1991) for drawing noise words with probability ∝ count^¾. */
export function noiseTables(counts: Uint32Array): { share: Uint32Array; alias: Uint32Array } {
  const size = counts.length
  // count^¾ by two square roots, which every platform rounds alike.
  const weights = Float64Array.from(counts, (count) => Math.sqrt(count) * Math.sqrt(Math.sqrt(count)))
  let total = 0
  for (const weight of weights) total += weight
  const share = new Uint32Array(size).fill(0xffffffff)
  const alias = Uint32Array.from(counts, (_, i) => i)
  const small: number[] = []
  const large: number[] = []
  for (let i = 0; i < size; i++) {
    weights[i] = (weights[i]! * size) / total
    ;(weights[i]! < 1 ? small : large).push(i)
  }
  while (small.length > 0 && large.length > 0) {
    const poor = small.pop()!
    const rich = large[large.length - 1]!
    share[poor] = Math.floor(weights[poor]! * 4294967296)
    alias[poor] = rich
    weights[rich] = weights[rich]! - (1 - weights[poor]!)
    if (weights[rich]! < 1) small.push(large.pop()!)
  }
  return { share, alias }
}
