import { InvalidArgumentError, UnsupportedError } from '../spec/errors.ts'
import type { AddedToken, TokenizerJson } from '../text/tokenizers/tokenizer.ts'

/** A tokenizer over fewer pieces and more words than the teacher's. */
export interface Vocabulary {
  /** Tokens in the order of their new ids. */
  readonly tokens: readonly string[]
  readonly json: TokenizerJson
}

/**
 * The teacher's WordPiece vocabulary without what an English model never needs, and with words of the user's own.
 *
 * Dropped: `[unused…]`, special tokens other than padding and unknown, pieces of two or more characters outside Latin script,
 * ideographs (an English vocabulary has a few hundred of them, too few for any text), and continuing punctuation, which the
 * pre-tokeniser never makes. Other single characters stay, so nearly every text in an alphabet has a known token.
 *
 * @param words - Lower-case words to be rows of their own; words already there are kept once.
 * @param without - Pieces to leave out beside these.
 */
export function trimVocabulary(
  json: TokenizerJson,
  words: readonly string[] = [],
  without: ReadonlySet<string> = new Set(),
): Vocabulary {
  const { model } = json
  if (model.type !== 'WordPiece') throw new UnsupportedError('teacher tokenizer', 'WordPiece', String(model.type))
  const prefix = String(model['continuing_subword_prefix'] ?? '##')
  const unknown = String(model['unk_token'] ?? '[UNK]')
  const special = new Set((json.added_tokens ?? []).map((token) => token.content))
  const padding = special.has('[PAD]') ? '[PAD]' : undefined
  const ordered = Object.entries(model['vocab'] as Record<string, number>).sort((a, b) => a[1] - b[1])
  const tokens = padding === undefined ? [unknown] : [padding, unknown]
  for (const [token] of ordered)
    if (!special.has(token) && !without.has(token) && !/^\[unused\d+\]$/.test(token) && isUseful(token, prefix))
      tokens.push(token)
  const known = new Set(tokens)
  for (const word of words) {
    if (word === '' || /\s/.test(word)) throw new InvalidArgumentError('vocabulary', 'words without white space', word)
    if (known.has(word)) continue
    known.add(word)
    tokens.push(word)
  }
  const added: AddedToken[] = tokens.slice(0, padding === undefined ? 1 : 2).map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  }))
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]))
  const trimmed = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer: json.normalizer,
    pre_tokenizer: json.pre_tokenizer,
    post_processor: null,
    decoder: { type: 'WordPiece', prefix, cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: unknown,
      continuing_subword_prefix: prefix,
      max_input_chars_per_word: 100,
      vocab,
    },
  }
  return { tokens, json: trimmed as unknown as TokenizerJson }
}

function isUseful(token: string, prefix: string): boolean {
  const continues = token.startsWith(prefix) && token !== prefix
  const text = continues ? token.slice(prefix.length) : token
  if ([...text].length === 1) return !/\p{Script=Han}/u.test(text) && !(continues && /[\p{P}!-/:-@[-`{-~]/u.test(text))
  return /^[\p{Script=Latin}\p{Nd}\p{P}\p{S}]+$/u.test(text)
}
