import type { Tokenizer, TokenizerJson } from '../../text/tokenizers/tokenizer.ts'
import type { Phrases } from '../phrases.ts'
import type { Vocabulary } from '../vocabulary.ts'
import { choosePhrases } from './choose-phrases.ts'
import { chooseVocabulary } from './choose-vocabulary.ts'
import type { Recipe } from './recipe.ts'
import { type TokenLists, tokenLists, withPhrases } from './token-lists.ts'

/** What a table has rows for: tokens, then phrases. */
export interface ChosenRows {
  readonly vocabulary: Vocabulary
  readonly tokenizer: Tokenizer
  readonly phrases: Phrases
  /** How often each row is met in all texts. */
  readonly counts: Float64Array
  /** Rows of texts, as far as training reads them. */
  lists(texts: readonly string[]): TokenLists
}

export function chooseRows(
  teacher: TokenizerJson,
  texts: readonly string[],
  recipe: Pick<Recipe, 'words' | 'minPieceCount' | 'phrases' | 'tokensPerText'>,
): ChosenRows {
  const { vocabulary, tokenizer } = chooseVocabulary(teacher, texts, recipe)
  const tokens = vocabulary.tokens.length
  const whole = tokenLists(tokenizer, texts, Number.POSITIVE_INFINITY)
  const phrases = choosePhrases(whole, vocabulary.tokens, recipe.phrases.count)
  const counts = new Float64Array(tokens + phrases.count)
  for (const row of withPhrases(whole, phrases, tokens).ids) counts[row] = counts[row]! + 1
  return {
    vocabulary,
    tokenizer,
    phrases,
    counts,
    lists: (some) => withPhrases(tokenLists(tokenizer, some, recipe.tokensPerText), phrases, tokens),
  }
}
