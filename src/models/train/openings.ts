import type { Tokenizer } from '../../text/tokenizers/tokenizer.ts'

/** Words that WordPiece tokens spell, a space between them. */
export function spelled(ids: Int32Array, tokenizer: Tokenizer): string {
  return Array.from(ids, (id) => tokenizer.tokenOf(id))
    .join(' ')
    .replaceAll(' ##', '')
}

const shortest = 20
const longest = 400

/** The lines' sentences and the lines themselves, of 20 to 400 characters, each once, in an order of chance that is always the same. */
export function shuffledSentences(lines: readonly string[]): string[] {
  const distinct = new Set<string>()
  for (const line of lines)
    for (const part of [...line.split(/(?<=[.!?])\s+/), line])
      if (part.length >= shortest && part.length <= longest) distinct.add(part)
  const all = [...distinct]
  // Park–Miller shuffle: the first ones are a fair sample of all sources.
  let state = 20_250_101
  for (let i = all.length - 1; i > 0; i--) {
    state = (state * 48_271) % 0x7fffffff
    const j = Math.floor((state / 0x7fffffff) * (i + 1))
    const other = all[j] as string
    all[j] = all[i] as string
    all[i] = other
  }
  return all
}

/**
 * The first words of sentences: short texts of every kind, which a teacher reads quickly.
 *
 * @param pieces - Tokens of an opening at most, integer ≥ 1.
 */
export function openingsOf(sentences: readonly string[], tokenizer: Tokenizer, pieces: number): string[] {
  return sentences.map((sentence) => spelled(tokenizer.encode(sentence).subarray(0, pieces), tokenizer))
}
