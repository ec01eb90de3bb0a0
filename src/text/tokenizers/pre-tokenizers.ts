import { UnsupportedError } from '../../spec/errors.ts'
import { bytesToCharacters } from './byte-characters.ts'
import { patternOf } from './patterns.ts'
import type { Component } from './tokenizer.ts'

/** Splits a normalised text into words. `first`: the text begins the input, so a leading mark may be due. */
export type PreTokenizer = (text: string, first: boolean) => string[]

const byteLevelPattern = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu
const punctuation = /[\p{P}!-/:-@[-`{-~]/gu

/** The function a `pre_tokenizer` of tokenizer.json describes. @throws {UnsupportedError} naming one that is not read here. */
export function createPreTokenizer(component: Component | null | undefined, place: string): PreTokenizer {
  if (component === null || component === undefined) return (text) => [text]
  switch (component.type) {
    case 'Sequence': {
      const parts = ((component['pretokenizers'] ?? []) as Component[]).map((part) => createPreTokenizer(part, place))
      return (text, first) =>
        parts.reduce((words, part) => words.flatMap((word, i) => part(word, first && i === 0)), [text])
    }
    case 'ByteLevel': {
      const prefix = component['add_prefix_space'] !== false
      const split = component['use_regex'] !== false
      return (text) => {
        const spaced = prefix && !text.startsWith(' ') ? ` ${text}` : text
        return (split ? (spaced.match(byteLevelPattern) ?? []) : [spaced]).map(bytesToCharacters)
      }
    }
    case 'Metaspace':
      return metaspace(component)
    case 'Whitespace':
      return (text) =>
        text.match(
          /(?:[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}]|\u200c|\u200d)+|(?:(?![\u200c\u200d])[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\s])+/gu,
        ) ?? []
    case 'WhitespaceSplit':
      return (text) => text.match(/\S+/gu) ?? []
    case 'BertPreTokenizer':
      return (text) => text.match(/[\p{P}!-/:-@[-`{-~]|[^\s\p{P}!-/:-@[-`{-~]+/gu) ?? []
    case 'Punctuation':
      return (text) => splitBy(text, punctuation, String(component['behavior'] ?? 'Isolated'), false, place)
    case 'Digits': {
      const pattern = component['individual_digits'] === true ? /\p{N}/gu : /\p{N}+/gu
      return (text) => splitBy(text, pattern, 'Isolated', false, place)
    }
    case 'Split': {
      const pattern = patternOf(component['pattern'], place)
      const behavior = String(component['behavior'])
      return (text) => splitBy(text, pattern, behavior, component['invert'] === true, place)
    }
    default:
      throw new UnsupportedError(
        `${place}, pre_tokenizer`,
        'Sequence, ByteLevel, Metaspace, Whitespace, WhitespaceSplit, BertPreTokenizer, Punctuation, Digits or Split',
        String(component.type),
      )
  }
}

function metaspace(component: Component): PreTokenizer {
  const mark = String(component['replacement'] ?? '▁')
  const scheme = String(component['prepend_scheme'] ?? (component['add_prefix_space'] === false ? 'never' : 'always'))
  const split = component['split'] !== false
  return (text, first) => {
    let marked = text.replaceAll(' ', mark)
    if ((scheme === 'always' || (scheme === 'first' && first)) && !marked.startsWith(mark)) marked = mark + marked
    if (!split) return [marked]
    const words: string[] = []
    let from = 0
    for (let at = marked.indexOf(mark, 1); at >= 0; at = marked.indexOf(mark, at + 1)) {
      words.push(marked.slice(from, at))
      from = at
    }
    words.push(marked.slice(from))
    return words
  }
}

function splitBy(text: string, pattern: RegExp, behavior: string, invert: boolean, place: string): string[] {
  const parts: { text: string; isMatch: boolean }[] = []
  let from = 0
  for (const match of text.matchAll(pattern)) {
    if (match[0] === '') continue
    if (match.index > from) parts.push({ text: text.slice(from, match.index), isMatch: invert })
    parts.push({ text: match[0], isMatch: !invert })
    from = match.index + match[0].length
  }
  if (from < text.length) parts.push({ text: text.slice(from), isMatch: invert })
  switch (behavior) {
    case 'Isolated':
      return parts.map((part) => part.text)
    case 'Removed':
      return parts.filter((part) => !part.isMatch).map((part) => part.text)
    case 'MergedWithPrevious':
      return merge(parts, (part, before) => part.isMatch && before !== undefined && !before.isMatch)
    case 'MergedWithNext':
      return merge(parts, (part, before) => !part.isMatch && before?.isMatch === true)
    case 'Contiguous':
      return merge(parts, (part, before) => part.isMatch === before?.isMatch)
    default:
      throw new UnsupportedError(`${place}, pre_tokenizer`, 'a known split behaviour', behavior)
  }
}

interface Part {
  readonly text: string
  readonly isMatch: boolean
}

function merge(parts: readonly Part[], joins: (part: Part, before: Part | undefined) => boolean): string[] {
  const words: string[] = []
  parts.forEach((part, i) => {
    if (joins(part, parts[i - 1])) words[words.length - 1] += part.text
    else words.push(part.text)
  })
  return words
}
