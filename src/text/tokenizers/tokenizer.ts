/** Text to token ids, exactly as the reference implementation of the same `tokenizer.json` gives them. */
export interface Tokenizer {
  /** Number of ids: one more than the largest. */
  readonly size: number
  /** Id of the token for what the vocabulary lacks; -1 where there is none. */
  readonly unknownId: number
  /** Ids the post-processor puts before and after a single text, such as `[CLS]` and `[SEP]`. */
  readonly prefixIds: Int32Array
  readonly suffixIds: Int32Array

  /** Ids of `text` without special tokens, in a fresh array; never cut. */
  encode(text: string): Int32Array
  /** Length of `encode(text)`, without the array. */
  count(text: string): number
  /** The token as the vocabulary spells it (`##ing`), or undefined for an id it does not use. */
  tokenOf(id: number): string | undefined
  idOf(token: string): number | undefined
}

/** What `tokenizer.json` holds, as far as it is read here. Everything in it is unchecked until a constructor has looked at it. */
export interface TokenizerJson {
  readonly added_tokens?: readonly AddedToken[] | null
  readonly normalizer?: Component | null
  readonly pre_tokenizer?: Component | null
  readonly post_processor?: Component | null
  readonly model: Component
}

export interface Component {
  readonly type?: string
  readonly [option: string]: unknown
}

export interface AddedToken {
  readonly id: number
  readonly content: string
  readonly special?: boolean
  readonly single_word?: boolean
  readonly lstrip?: boolean
  readonly rstrip?: boolean
  readonly normalized?: boolean
}
