import { InvalidArgumentError, NotFoundError, UnsupportedError } from '../spec/errors.ts'
import type { Tokenizer } from '../text/tokenizers/tokenizer.ts'

/** A word where it stands in a text. */
export interface WordUse {
  readonly text: string
  /** As it is spelt there, capitals or not. */
  readonly word: string
  /** Which of several, integer ≥ 1. @default 1 */
  readonly occurrence?: number | undefined
}

export function assertUses(uses: readonly WordUse[]): void {
  if (!Array.isArray(uses)) throw new InvalidArgumentError('uses', 'an array of { text, word }', uses)
  for (const [i, use] of (uses as readonly WordUse[]).entries()) {
    if (typeof use?.text !== 'string') throw new InvalidArgumentError(`uses[${i}].text`, 'a text', use?.text)
    if (typeof use.word !== 'string' || use.word.trim() === '')
      throw new InvalidArgumentError(`uses[${i}].word`, 'a word of its text', use.word)
    const { occurrence = 1 } = use
    if (!Number.isSafeInteger(occurrence) || occurrence < 1)
      throw new InvalidArgumentError(`uses[${i}].occurrence`, 'an integer ≥ 1', occurrence)
  }
}

/**
 * Which tokens of a text, special ones not counted, are those of a word in it.
 *
 * @returns tokens from `from` up to, not including, `to`.
 * @throws {NotFoundError} when the text does not hold the word as a word of its own, or not so often.
 * @throws {UnsupportedError} when the tokenizer joins the word with its neighbours.
 *
 * Found by tokenizing what stands before the word and what ends with it: both must be beginnings of the whole text's tokens.
 */
export function tokensOfWord(tokenizer: Tokenizer, use: WordUse, what: string): { from: number; to: number } {
  const { start, end } = placeOf(use, what)
  const whole = tokenizer.encode(use.text)
  // The space belongs to the word that follows it in vocabularies that write spaces.
  const before = tokenizer.encode(use.text.slice(0, start).trimEnd())
  const through = tokenizer.encode(use.text.slice(0, end))
  if (!isBeginning(before, whole) || !isBeginning(through, whole) || before.length >= through.length)
    throw new UnsupportedError(
      `${what}.word`,
      'a word with tokens of its own',
      'one that the tokenizer joins with its neighbours',
      'Name the whole word, as it stands between spaces.',
    )
  return { from: before.length, to: through.length }
}

function placeOf({ text, word, occurrence = 1 }: WordUse, what: string): { start: number; end: number } {
  const escaped = word.trim().replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const found = [...text.matchAll(new RegExp(`(?<![\\p{L}\\p{N}\\p{M}])${escaped}(?![\\p{L}\\p{N}\\p{M}])`, 'giu'))]
  const match = found[occurrence - 1]
  if (match === undefined)
    throw new NotFoundError(
      `${what}.word`,
      word,
      found.length === 0 ? 'It does not stand in the text as a word.' : `It stands in the text ${found.length} times.`,
    )
  return { start: match.index, end: match.index + match[0].length }
}

function isBeginning(part: Int32Array, whole: Int32Array): boolean {
  return part.length <= whole.length && part.every((id, i) => whole[i] === id)
}
