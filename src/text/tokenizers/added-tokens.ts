import { CorruptDataError } from '../../spec/errors.ts'
import type { AddedToken, TokenizerJson } from './tokenizer.ts'

/** A stretch of text between added tokens, or one of these tokens. */
export type Segment = { readonly text: string } | { readonly id: number }

/**
 * Finds the added tokens (`[MASK]`, `<s>`) in a text: leftmost first, longest at one place, as the reference does.
 * `lstrip` and `rstrip` swallow the white space beside the token; `single_word` asks for no word character beside it.
 */
export class AddedTokens {
  private readonly pattern: RegExp | undefined
  private readonly contents: readonly string[]
  private readonly byContent = new Map<string, AddedToken>()

  constructor(tokens: readonly AddedToken[]) {
    const contents = tokens.map((token) => token.content).filter((content) => content !== '')
    for (const token of tokens) this.byContent.set(token.content, token)
    contents.sort((a, b) => b.length - a.length)
    this.contents = contents
    if (contents.length === 0) return
    this.pattern = new RegExp(contents.map((content) => content.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|'), 'g')
  }

  get any(): boolean {
    return this.pattern !== undefined
  }

  /** False only when the text surely holds none of them. */
  mayHold(text: string): boolean {
    for (const content of this.contents) if (text.includes(content)) return true
    return false
  }

  /** Undefined when the text holds none, which is nearly always: the caller then works on the text itself. */
  split(text: string): Segment[] | undefined {
    const { pattern } = this
    if (pattern === undefined) return undefined
    const segments: Segment[] = []
    let from = 0
    pattern.lastIndex = 0
    for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
      const token = this.byContent.get(match[0]) as AddedToken
      let start = match.index
      let end = start + match[0].length
      if (token.single_word === true && (isWordAt(text, start - 1) || isWordAt(text, end))) continue
      if (token.lstrip === true) while (start > from && isSpaceAt(text, start - 1)) start--
      if (token.rstrip === true) while (end < text.length && isSpaceAt(text, end)) end++
      if (start > from) segments.push({ text: text.slice(from, start) })
      segments.push({ id: token.id })
      from = end
      pattern.lastIndex = end
    }
    if (segments.length === 0) return undefined
    if (from < text.length) segments.push({ text: text.slice(from) })
    return segments
  }
}

function isWordAt(text: string, at: number): boolean {
  return at >= 0 && at < text.length && /[\p{L}\p{M}\p{Nd}\p{Pc}]/u.test(text[at] as string)
}

function isSpaceAt(text: string, at: number): boolean {
  return /\s/u.test(text[at] as string)
}

const remedy = { remedy: 'Take the file from its source again.' }

/** @throws {CorruptDataError} when the list is none, or an entry lacks its id or content. */
export function readAddedTokens(json: TokenizerJson, place: string): AddedToken[] {
  const tokens: unknown = json.added_tokens ?? []
  if (!Array.isArray(tokens)) throw new CorruptDataError(place, 'added_tokens to be an array', typeof tokens, remedy)
  for (const token of tokens) {
    if (typeof token?.content !== 'string' || !Number.isInteger(token.id) || token.id < 0 || token.id > 0xffffff)
      throw new CorruptDataError(place, 'added tokens with an id and a content', 'one without', remedy)
  }
  return tokens
}
