import { createTokenizer } from '../../text/tokenizers/create.ts'
import type { Tokenizer, TokenizerJson } from '../../text/tokenizers/tokenizer.ts'
import { trimVocabulary, type Vocabulary } from '../vocabulary.ts'
import type { Recipe } from './recipe.ts'

/**
 * The teacher's pieces that the texts use, and the texts' most frequent words that these would split.
 * A whole word is found before its pieces, so such a word is one row without any change to the tokenizer.
 *
 * @returns the vocabulary and its tokenizer.
 */
export function chooseVocabulary(
  teacher: TokenizerJson,
  texts: readonly string[],
  recipe: Pick<Recipe, 'words' | 'minPieceCount'>,
): { vocabulary: Vocabulary; tokenizer: Tokenizer } {
  const pieces = trimVocabulary(teacher)
  const first = createTokenizer(pieces.json, 'teacher vocabulary')
  const pieceCounts = countTokens(first, texts)
  const words = new Map<string, number>()
  for (const text of texts)
    for (const word of text.toLowerCase().match(/[a-z0-9]+/g) ?? [])
      if (word.length >= recipe.words.minLength) words.set(word, (words.get(word) ?? 0) + 1)
  const split = [...words]
    .filter(([word]) => first.idOf(word) === undefined)
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, recipe.words.count)
    .map(([word]) => word)
  const rare = new Set(
    pieces.tokens.filter((token, id) => isLong(token) && (pieceCounts[id] as number) < recipe.minPieceCount),
  )
  const vocabulary = trimVocabulary(teacher, split, rare)
  return { vocabulary, tokenizer: createTokenizer(vocabulary.json, 'starter vocabulary') }
}

/** Single characters and short pieces spell what no row stands for. */
function isLong(token: string): boolean {
  return !token.startsWith('##') && token.length > 3
}

function countTokens(tokenizer: Tokenizer, texts: readonly string[]): Float64Array {
  const counts = new Float64Array(tokenizer.size)
  for (const text of texts) for (const id of tokenizer.encode(text)) counts[id] = (counts[id] as number) + 1
  return counts
}
