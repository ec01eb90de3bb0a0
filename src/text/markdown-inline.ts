import { plainWords } from './plain-words.ts'
import { WordMask } from './word-mask.ts'

export interface InlineOptions {
  /** Mask `>` at the beginning of lines. */
  readonly isQuote?: boolean
  /** Mask `|`. */
  readonly isTable?: boolean
}

const special = /[\\`*_~[\]!<{|\n]/g
const punctuation = /[!-/:-@[-`{-~]/
const space = /\s/
const wordCharacter = /[\p{L}\p{N}]/u
const quotePrefix = /[ \t]*(?:>[ \t]?)+/y
const tagName = /\/?([a-zA-Z][\w:.-]*)/y
const inlineTags = new Set(
  [
    'a',
    'abbr',
    'b',
    'big',
    'cite',
    'code',
    'del',
    'dfn',
    'em',
    'font',
    'i',
    'ins',
    'kbd',
    'mark',
    'q',
    's',
    'samp',
  ].concat(['small', 'span', 'strike', 'strong', 'sub', 'sup', 'time', 'tt', 'u', 'var', 'wbr']),
)
const blockTags = new Set(
  ['address', 'article', 'aside', 'audio', 'blockquote', 'body', 'br', 'button', 'caption', 'center', 'col'].concat(
    ['colgroup', 'dd', 'details', 'div', 'dl', 'dt', 'embed', 'fieldset', 'figcaption', 'figure', 'footer', 'form'],
    [
      'h1',
      'h2',
      'h3',
      'h4',
      'h5',
      'h6',
      'header',
      'hr',
      'html',
      'iframe',
      'img',
      'input',
      'label',
      'li',
      'link',
      'main',
    ],
    ['meta', 'nav', 'object', 'ol', 'p', 'param', 'picture', 'pre', 'script', 'section', 'select', 'source', 'style'],
    ['summary', 'svg', 'table', 'tbody', 'td', 'textarea', 'tfoot', 'th', 'thead', 'tr', 'ul', 'video'],
  ),
)
/** Bounds on one piece of markup, so that text full of openings stays linear. */
const maxTarget = 1024
const maxTag = 4096
const maxBackticks = 8

/**
 * Mask the inline markup of a stretch of Markdown: emphasis, link targets, image urls, tags, code ticks, escapes,
 * template tags. Labels, alternative texts and code stay.
 *
 * Cost: O(length), whatever the text.
 */
export function maskInline(
  source: string,
  start: number,
  stop: number,
  mask: WordMask,
  options: InlineOptions = {},
): void {
  // A string of its own: no search for a closing mark runs on into other blocks.
  const text = source.slice(start, stop)
  const end = text.length
  const closings = new Closings(text)
  /** Masked stretches as [start, end, fill]; an opening bracket's stays empty until its link is complete. */
  const masked: [number, number, '\0' | ' '][] = []
  const brackets: number[] = []
  const unclosedTicks = new Set<number>()
  const drop = (from: number, to: number, fill: '\0' | ' ' = '\0') => {
    masked.push([from, to, fill])
    return to
  }
  let i = options.isQuote ? dropQuotePrefix(text, 0, drop) : 0
  for (;;) {
    special.lastIndex = i
    const match = special.exec(text)
    if (match === null) break
    i = match.index
    switch (match[0]) {
      case '\n':
        i = options.isQuote ? dropQuotePrefix(text, i + 1, drop) : i + 1
        break
      case '\\':
        if (i + 1 < end && punctuation.test(text[i + 1] as string)) drop(i, i + 1)
        i += 2
        break
      case '`':
        i = maskCode(text, i, drop, unclosedTicks)
        break
      case '*':
      case '_':
      case '~':
        i = maskEmphasis(text, i, drop)
        break
      case '!':
        i = text[i + 1] === '[' ? drop(i, i + 1) : i + 1
        break
      case '[': {
        const close = text[i + 1] === '^' ? closings.find(']', i) : -1
        if (close !== -1 && close - i <= 64) i = drop(i, close + 1)
        else {
          brackets.push(masked.push([i, i, '\0']) - 1)
          i++
        }
        break
      }
      case ']': {
        const opening = brackets.pop()
        const to = opening === undefined ? -1 : linkEnd(text, i, closings)
        if (opening !== undefined && to !== -1) {
          const entry = masked[opening] as [number, number, '\0' | ' ']
          entry[1] = entry[0] + 1
          i = drop(i, to)
        } else i++
        break
      }
      case '<':
        i = maskTag(text, i, closings, drop)
        break
      case '{':
        i = maskTemplate(text, i, closings, drop)
        break
      default:
        i = options.isTable ? drop(i, i + 1, ' ') : i + 1
    }
  }
  for (const [from, to, fill] of masked) {
    mask.keep(start + from)
    mask.mask(start + Math.min(to, end), fill)
  }
  mask.keep(stop)
}

/** The words of one stretch of Markdown, such as a title. */
export function plainMarkdown(text: string): string {
  const mask = new WordMask(text)
  maskInline(text, 0, text.length, mask)
  return plainWords(mask.finish(), 0, text.length)
}

type Drop = (from: number, to: number, fill?: '\0' | ' ') => number

function dropQuotePrefix(text: string, at: number, drop: Drop): number {
  quotePrefix.lastIndex = at
  return quotePrefix.test(text) ? drop(at, quotePrefix.lastIndex) : at
}

function maskCode(text: string, at: number, drop: Drop, unclosed: Set<number>): number {
  const length = runLength(text, at)
  if (length > maxBackticks || unclosed.has(length)) return drop(at, at + length)
  const close = closingTicks(text, at + length, length)
  drop(at, at + length)
  if (close === -1) {
    unclosed.add(length)
    return at + length
  }
  return drop(close, close + length)
}

/** The next run of exactly `length` backticks. */
function closingTicks(text: string, from: number, length: number): number {
  for (let at = text.indexOf('`', from); at !== -1; ) {
    const run = runLength(text, at)
    if (run === length) return at
    at = text.indexOf('`', at + run)
  }
  return -1
}

function maskEmphasis(text: string, at: number, drop: Drop): number {
  const length = runLength(text, at)
  const after = at + length
  const before = text[at - 1] ?? ' '
  const next = text[after] ?? ' '
  const marks =
    text[at] === '~'
      ? length >= 2
      : text[at] === '_'
        ? !(wordCharacter.test(before) && wordCharacter.test(next))
        : !(/\d/.test(before) && /\d/.test(next))
  const touches = !space.test(before) || !space.test(next)
  return marks && touches ? drop(at, after) : after
}

/** Where a link ends whose label closes at `at`, -1 where it is none. */
function linkEnd(text: string, at: number, closings: Closings): number {
  const opening = text[at + 1]
  if (opening === '[') {
    const close = closings.find(']', at + 2)
    return close !== -1 && close - at <= maxTarget ? close + 1 : -1
  }
  if (opening !== '(') return -1
  const first = closings.find(')', at + 2)
  if (first === -1 || first - at > maxTarget) return -1
  let depth = 0
  for (let i = at + 1; i < Math.min(text.length, at + maxTarget); i++) {
    const c = text.charCodeAt(i)
    if (c === 0x28) depth++
    else if (c === 0x29 && --depth === 0) return i + 1
  }
  return -1
}

function maskTag(text: string, at: number, closings: Closings, drop: Drop): number {
  if (text.startsWith('<!--', at)) {
    const close = closings.find('-->', at + 4)
    return close === -1 ? at + 1 : drop(at, close + 3, ' ')
  }
  tagName.lastIndex = at + 1
  const name = tagName.exec(text)?.[1]
  if (name === undefined) return at + 1
  const close = closings.find('>', at + 1)
  if (close === -1 || close - at > maxTag) return at + 1
  if (/^(?:https?|mailto):/i.test(name) || text.slice(at, close).includes('@')) {
    const isAddress = !space.test(text.slice(at, close))
    if (isAddress) {
      drop(at, at + 1)
      return drop(close, close + 1)
    }
  }
  const known = name.toLowerCase()
  if (inlineTags.has(known)) return drop(at, close + 1)
  const isComponent = /^[A-Z]|-/.test(name) && /[/=]/.test(text.slice(at, close))
  return blockTags.has(known) || isComponent ? drop(at, close + 1, ' ') : at + 1
}

function maskTemplate(text: string, at: number, closings: Closings, drop: Drop): number {
  const next = text[at + 1]
  const closing = next === '%' ? '%}' : next === '{' ? '}}' : next === ':' ? '}' : undefined
  if (closing === undefined) return at + 1
  const close = closings.find(closing, at + 2)
  return close === -1 || close - at > maxTarget ? at + 1 : drop(at, close + closing.length, ' ')
}

function runLength(text: string, at: number): number {
  const c = text[at]
  let to = at + 1
  while (text[to] === c) to++
  return to - at
}

/** Next places of closing marks, each remembered so that a text full of openings is not searched again and again. */
class Closings {
  readonly #text: string
  readonly #next = new Map<string, number>()

  constructor(text: string) {
    this.#text = text
  }

  /** @returns the first place at or after `from`; -1 where there is none. */
  find(mark: string, from: number): number {
    const known = this.#next.get(mark)
    if (known !== undefined && known >= from) return known === Infinity ? -1 : known
    const found = this.#text.indexOf(mark, from)
    const place = found === -1 ? Infinity : found
    this.#next.set(mark, place)
    return place === Infinity ? -1 : place
  }
}
