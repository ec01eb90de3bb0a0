import { CorruptDataError } from '../../spec/errors.ts'
import { ComposedTokenizer } from './composed-tokenizer.ts'
import type { Tokenizer, TokenizerJson } from './tokenizer.ts'
import { WordPieceTokenizer } from './wordpiece.ts'

/** Build the tokenizer that a parsed `tokenizer.json` describes; `place` names it in errors. */
export function createTokenizer(json: TokenizerJson, place: string): Tokenizer {
  const model: unknown = json?.model
  if (typeof model !== 'object' || model === null)
    throw new CorruptDataError(place, 'an object with a model', 'none', {
      remedy: 'Take the file from its source again.',
    })
  if (json.model.type === 'WordPiece') return new WordPieceTokenizer(json, place)
  return new ComposedTokenizer(json, place)
}
