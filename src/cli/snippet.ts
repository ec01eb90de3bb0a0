import type { Hit } from '../spec/collection.ts'
import { markupUnits } from './markdown-marks.ts'
import { safeUnit } from './sanitize.ts'
import { displayWidth, graphemes } from './text-width.ts'

type Highlight = Hit['highlights'][number]

/** A run of a snippet that looks one way. */
export interface Run {
  readonly text: string
  readonly kind: Highlight['kind'] | 'plain'
}

/** Units of text read for each column of a snippet. */
const shownAtMost = 8

/**
 * The part of a passage that answers, on `rows` lines of `columns`: from the sentence nearest in meaning,
 * else a little before the first word found, else from the first line below the headings.
 * Nothing in it can steer a terminal.
 */
export function snippet(
  hit: Pick<Hit, 'source' | 'text' | 'headings' | 'highlights'>,
  columns: number,
  rows: number,
): Run[][] {
  const start = snippetStart(hit)
  const head = skipHeadings(hit.text, hit.headings)
  // The ellipsis at the end takes two.
  const lines = new Wrapper(columns - 2, rows)
  if (start > head) lines.put('… ', 'plain')
  let isSpace = true
  const end = nextHeading(hit.text, start)
  // More than can be shown, however much of it is markup.
  const body = hit.text.slice(start, Math.min(end, start + shownAtMost * columns * rows))
  const markup = /\.(md|markdown|mdx)$/i.test(hit.source) ? markupUnits(body) : undefined
  for (const { segment, index } of graphemes(body)) {
    if (markup?.[index] === 1) continue
    let safe = ''
    for (let i = 0; i < segment.length; i++) safe += safeUnit(segment[i] as string)
    const isBlank = safe.trim() === ''
    if (isBlank && isSpace) continue
    isSpace = isBlank
    if (!lines.put(isBlank ? ' ' : safe, kindAt(hit.highlights, start + index))) break
  }
  if (end < hit.text.length) lines.put(' …', 'plain')
  return lines.finish()
}

/** The line of the file on which the answer itself begins, where lines of the passage are lines of the file. */
export function answerLine(hit: Pick<Hit, 'text' | 'headings' | 'highlights' | 'line'>): number {
  const start = snippetStart(hit)
  let line = hit.line
  for (let i = 0; i < start; i++) if (hit.text[i] === '\n') line++
  return line
}

function snippetStart(hit: Pick<Hit, 'text' | 'headings' | 'highlights'>): number {
  const { text, headings, highlights } = hit
  const head = skipHeadings(text, headings)
  const meaning = highlights.find(({ kind, end }) => kind === 'meaning' && end > head)
  if (meaning !== undefined) return Math.max(head, meaning.start)
  const word = highlights.find(({ start }) => start >= head)
  return word === undefined ? head : sentenceStart(text, head, word.start)
}

/** Where the sentence or line around `at` begins, at most 80 characters before it. */
function sentenceStart(text: string, head: number, at: number): number {
  const before = text.slice(Math.max(head, at - 80), at)
  const breaks = [...before.matchAll(/[.!?。！？]\s+|\n+/g)]
  const last = breaks.at(-1)
  if (last !== undefined) return at - before.length + last.index + last[0].length
  if (at - before.length === head) return head
  const space = before.search(/\s\S/)
  return space === -1 ? at : at - before.length + space + 1
}

/** Past Markdown headings at the front of a passage: they are printed beside its place already. */
function skipHeadings(text: string, headings: readonly string[]): number {
  let at = 0
  for (;;) {
    const line = /^\s*(?:#{1,6}[ \t]+)?([^\n]*?)[ \t]*#*[ \t]*(?:\n|$)/.exec(text.slice(at))
    if (line === null || line[1] === '' || !headings.includes(line[1] as string)) break
    at += line[0].length
  }
  const rest = /^\s*/.exec(text.slice(at))?.[0].length ?? 0
  return at + rest < text.length ? at + rest : 0
}

/** Where the section that answers ends: what stands below the next heading is about something else. */
function nextHeading(text: string, start: number): number {
  const heading = /\n\s*#{1,6}[ \t]/g
  heading.lastIndex = start
  return heading.exec(text)?.index ?? text.length
}

function kindAt(highlights: readonly Highlight[], offset: number): Run['kind'] {
  let kind: Run['kind'] = 'plain'
  for (const { start, end, kind: found } of highlights)
    if (offset >= start && offset < end && kind !== 'word') kind = found
  return kind
}

/** Fills lines word by word; a word wider than a line is broken. */
class Wrapper {
  readonly #columns: number
  readonly #rows: number
  readonly #lines: Run[][] = []
  #line: Run[] = []
  #lineWidth = 0
  #word: Run[] = []
  #wordWidth = 0

  constructor(columns: number, rows: number) {
    this.#columns = columns
    this.#rows = rows
  }

  /** @returns false once there is no room left. */
  put(text: string, kind: Run['kind']): boolean {
    const width = displayWidth(text)
    if (text.endsWith(' ')) {
      if (text !== ' ') this.#append(text.slice(0, -1), kind, width - 1)
      this.#flushWord()
      if (this.#lineWidth > 0 && this.#lineWidth < this.#columns) {
        push(this.#line, ' ', kind)
        this.#lineWidth++
      }
    } else this.#append(text, kind, width)
    return this.#lines.length < this.#rows
  }

  finish(): Run[][] {
    this.#flushWord()
    if (this.#line.length > 0) this.#lines.push(this.#line)
    const kept = this.#lines.slice(0, this.#rows).map(trimEnd)
    if (this.#lines.length > this.#rows) kept.at(-1)?.push({ text: ' …', kind: 'plain' })
    return kept.filter((line) => line.length > 0)
  }

  #append(text: string, kind: Run['kind'], width: number): void {
    if (this.#wordWidth + width > this.#columns) this.#flushWord()
    push(this.#word, text, kind)
    this.#wordWidth += width
  }

  #flushWord(): void {
    if (this.#wordWidth === 0) return
    if (this.#lineWidth + this.#wordWidth > this.#columns && this.#lineWidth > 0) {
      this.#lines.push(this.#line)
      this.#line = []
      this.#lineWidth = 0
    }
    for (const run of this.#word) push(this.#line, run.text, run.kind)
    this.#lineWidth += this.#wordWidth
    this.#word = []
    this.#wordWidth = 0
  }
}

function push(runs: Run[], text: string, kind: Run['kind']): void {
  const last = runs.at(-1)
  if (last?.kind === kind) runs[runs.length - 1] = { text: last.text + text, kind }
  else runs.push({ text, kind })
}

function trimEnd(line: Run[]): Run[] {
  const last = line.at(-1)
  if (last === undefined) return line
  const text = last.text.trimEnd()
  return text === '' ? trimEnd(line.slice(0, -1)) : [...line.slice(0, -1), { ...last, text }]
}
