import type { Tokenizer } from '../../text/tokenizers/tokenizer.ts'
import type { Phrases } from '../phrases.ts'

/** Token ids of many texts in one array: text i is `ids[starts[i] … starts[i + 1])`. */
export interface TokenLists {
  readonly ids: Int32Array
  readonly starts: Int32Array
  readonly count: number
}

/** The lists with phrases in the place of their tokens, numbered from `firstRow` on. */
export function withPhrases({ ids, starts, count }: TokenLists, phrases: Phrases, firstRow: number): TokenLists {
  const joined = ids.slice()
  const shorter = new Int32Array(count + 1)
  let at = 0
  for (let i = 0; i < count; i++) {
    const text = ids.slice(starts[i], starts[i + 1])
    const length = phrases.join(text, text.length, firstRow)
    joined.set(text.subarray(0, length), at)
    at += length
    shorter[i + 1] = at
  }
  return { ids: joined.slice(0, at), starts: shorter, count }
}

/** Unknown tokens are left out; a text's tokens beyond `limit` too: training needs no more of a long text. */
export function tokenLists(tokenizer: Tokenizer, texts: readonly string[], limit: number): TokenLists {
  let ids = new Int32Array(texts.length * 24 + 1024)
  const starts = new Int32Array(texts.length + 1)
  let at = 0
  for (let i = 0; i < texts.length; i++) {
    const all = tokenizer.encode(texts[i] as string)
    if (at + all.length > ids.length) {
      const larger = new Int32Array(ids.length * 2 + all.length)
      larger.set(ids)
      ids = larger
    }
    const from = at
    for (const id of all) if (id !== tokenizer.unknownId && at - from < limit) ids[at++] = id
    starts[i + 1] = at
  }
  return { ids: ids.slice(0, at), starts, count: texts.length }
}
