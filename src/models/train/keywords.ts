import type { Tokenizer } from '../../text/tokenizers/tokenizer.ts'
import { spelled } from './openings.ts'

const fewest = 3

/**
 * What sentences are about, as people type it into a search box: their tokens without the most frequent ones.
 *
 * @param counts - How often each token is met.
 * @param options.common - How many of the most frequent tokens to leave out, integer ≥ 0.
 * @param options.pieces - Tokens of a text at most, integer ≥ 1. Texts of fewer than 3 are left out.
 */
export function keywordsOf(
  sentences: readonly string[],
  tokenizer: Tokenizer,
  counts: Float64Array,
  options: { readonly count: number; readonly common: number; readonly pieces: number },
): string[] {
  const byCount = Array.from({ length: tokenizer.size }, (_, id) => id).sort((a, b) => counts[b]! - counts[a]! || a - b)
  const common = new Set([...byCount.slice(0, options.common), tokenizer.unknownId])
  const texts = new Set<string>()
  for (const sentence of sentences) {
    if (texts.size >= options.count) break
    const ids = tokenizer.encode(sentence).filter((id) => !common.has(id))
    if (ids.length >= fewest) texts.add(spelled(ids.subarray(0, options.pieces), tokenizer).replace(/^##/, ''))
  }
  return [...texts]
}
