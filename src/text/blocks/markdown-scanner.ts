import { maskInline } from '../markdown-inline.ts'
import type { Block } from '../structure.ts'
import { WordMask } from '../word-mask.ts'

const fenceMark = /^[ \t]*(?:>[ \t]?)*(`{3,}|~{3,})/
const atxLine = /^ {0,3}(#{1,6})(?:[ \t]+|$)/
const underline = /^ {0,3}(?:(=+)|-{2,})[ \t]*$/
const ruleLine = /^ {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$/
const itemMark = /^[ \t]*(?:[-*+]|(\d{1,9})[.)])(?:[ \t]+|$)(?:\[[ xX]\][ \t]+)?/
const quoteLine = /^ {0,3}>/
const tableRow = /^ {0,3}\|/
const delimiterRow = /^[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/
const definition = /^ {0,3}\[(?!\^)[^\]\n]{1,999}\]:[ \t]*\S/
const footnote = /^ {0,3}\[\^[^\]\n]{1,64}\]:[ \t]*/
const htmlHeading = /^ {0,3}<h([1-6])[ >]/i
const moduleLine = /^(?:import|export)[ \t].{0,400}[ \t]from[ \t]+['"]/
const indented = /^(?: {4}|\t)/

export interface ScannedBlock {
  readonly start: number
  /** Where its last line ends. */
  end: number
  kind: Block['kind']
  /** Of a heading. */
  readonly level?: number
}

interface OpenBlock extends ScannedBlock {
  readonly type: 'paragraph' | 'item' | 'quote' | 'table' | 'code'
  /** Up to where its markup is masked. */
  from: number
  lines: number
}

interface Line {
  readonly start: number
  /** Before the line break. */
  readonly end: number
  readonly next: number
}

/** Reads Markdown line by line into blocks, and masks what is markup; `scan` once, then take both. */
export class MarkdownScanner {
  readonly mask: WordMask
  readonly blocks: ScannedBlock[] = []
  readonly #text: string
  readonly #isLiteral: boolean
  /** The paragraph, item, quote, table or indented code that the next line may go on with. */
  #open: OpenBlock | undefined
  /** An indented line after an item is part of it, not code. */
  #followsItem = false
  #hasNoCommentEnd = false
  #hasNoScriptEnd = false

  constructor(text: string, isLiteral: boolean) {
    this.#text = text
    this.#isLiteral = isLiteral
    this.mask = new WordMask(text)
  }

  scan(): void {
    for (let line = this.#lineAt(0); line !== undefined; ) {
      const after = this.#readLine(line)
      line = this.#lineAt(after)
    }
    this.#close()
  }

  #lineAt(start: number): Line | undefined {
    if (start >= this.#text.length) return undefined
    const found = this.#text.indexOf('\n', start)
    const next = found === -1 ? this.#text.length : found + 1
    const end = found === -1 ? next : this.#text[found - 1] === '\r' && found > start ? found - 1 : found
    return { start, end, next }
  }

  /** @returns where to read on. */
  #readLine(line: Line): number {
    const content = this.#text.slice(line.start, line.end)
    const open = this.#open
    if (content.trim() === '') {
      if (open?.type !== 'code') this.#close()
      return line.next
    }
    const fence = fenceMark.exec(content)
    const isFence = fence !== null && (fence[1]?.[0] === '~' || !content.includes('`', fence[0].length))
    if (isFence && (open?.type !== 'code' || !indented.test(content))) return this.#readFence(line, fence[1] as string)
    if (open?.type === 'code') {
      if (indented.test(content)) return this.#goOn(line)
      this.#close()
    }
    const mark = content.trimStart()[0] as string
    if (mark === '#' || mark === '=' || mark === '-' || mark === '*' || mark === '_') {
      const after = this.#readMarkLine(line, content)
      if (after !== undefined) return after
    }
    if (mark === '<' && !this.#isLiteral) {
      const after = this.#readHtml(line, content)
      if (after !== undefined) return after
    }
    if (mark === '[' && this.#open?.type !== 'paragraph' && definition.test(content))
      return this.#readHidden(line, line.next)
    const isModule = !this.#isLiteral && this.#open === undefined && moduleLine.test(content)
    if (isModule) return this.#readHidden(line, line.next)
    return this.#readText(line, content)
  }

  #readText(line: Line, content: string): number {
    const open = this.#open
    if (tableRow.test(content)) {
      if (open?.type !== 'table') this.#begin(line, 'table', 'lines')
      if (delimiterRow.test(content)) this.#maskRow(line)
      return this.#goOn(line)
    }
    if (open?.type === 'table' && !content.includes('|')) this.#close()
    if (open?.type === 'paragraph' && open.lines === 1 && content.includes('|') && delimiterRow.test(content)) {
      const start = open.start
      this.#open = { ...open, type: 'table', kind: 'lines' }
      this.blocks[this.blocks.length - 1] = this.#open
      if (start < line.start) this.#maskRow(line)
      return this.#goOn(line)
    }
    const item = itemMark.exec(content)
    // In the middle of a paragraph only `1.` begins a list: any other number is a number.
    const isItem = item !== null && (open?.type !== 'paragraph' || item[1] === undefined || item[1] === '1')
    if (isItem) {
      this.#begin(line, 'item', 'prose')
      return this.#goOn(line, item[0].length)
    }
    if (quoteLine.test(content)) {
      if (open?.type !== 'quote' || /^[\s>]*$/.test(content)) this.#begin(line, 'quote', 'prose')
      return this.#goOn(line)
    }
    if (this.#open === undefined) {
      // An indented tag is the inside of an HTML block far more often than an example of HTML.
      const isCode = indented.test(content) && !this.#followsItem && content.trimStart()[0] !== '<'
      this.#begin(line, isCode ? 'code' : 'paragraph', isCode ? 'lines' : 'prose')
      const note = footnote.exec(content)
      if (note !== null) return this.#goOn(line, note[0].length)
    }
    return this.#goOn(line)
  }

  #begin(line: Line, type: OpenBlock['type'], kind: Block['kind']): void {
    this.#close()
    this.#open = { start: line.start, end: line.end, kind, type, from: line.start, lines: 0 }
    this.blocks.push(this.#open)
    const isIndented = indented.test(this.#text.slice(line.start, line.start + 4))
    this.#followsItem = type === 'item' || (this.#followsItem && type === 'paragraph' && isIndented)
  }

  /** @param marker - Length of markup at the beginning of the line. */
  #goOn(line: Line, marker = 0): number {
    const open = this.#open as OpenBlock
    open.end = line.end
    open.lines++
    if (marker > 0) {
      this.mask.keep(line.start)
      this.mask.mask(line.start + marker)
      open.from = line.start + marker
    }
    return line.next
  }

  #maskRow(line: Line): void {
    const open = this.#open as OpenBlock
    this.#maskWords(open.from, line.start, open.type)
    this.mask.mask(line.end)
    open.from = line.end
  }

  #close(): void {
    const open = this.#open
    if (open === undefined) return
    this.#maskWords(open.from, open.end, open.type)
    this.#open = undefined
  }

  #maskWords(from: number, to: number, type: OpenBlock['type']): void {
    if (from >= to) return
    if (type === 'code' || (this.#isLiteral && type !== 'table')) this.mask.keep(to)
    else maskInline(this.#text, from, to, this.mask, { isQuote: type === 'quote', isTable: type === 'table' })
  }

  /** Headings and rules. */
  #readMarkLine(line: Line, content: string): number | undefined {
    const atx = atxLine.exec(content)
    if (atx !== null) {
      this.#close()
      const closing = /(?:^|[ \t])#+$/.exec(content.trimEnd())
      const to = closing === null || closing.index < atx[0].length - 1 ? line.end : line.start + closing.index
      this.#pushHeading(line.start, line.end, (atx[1] as string).length, line.start + atx[0].length, to)
      return line.next
    }
    const open = this.#open
    const under = underline.exec(content)
    if (under !== null && open?.type === 'paragraph' && open.lines === 1 && !this.#isLiteral) {
      this.#open = undefined
      this.blocks.pop()
      this.#pushHeading(open.start, line.end, under[1] === undefined ? 2 : 1, open.from, open.end)
      return line.next
    }
    return ruleLine.test(content) || (under?.[1] !== undefined && open?.type === 'paragraph')
      ? this.#readHidden(line, line.next)
      : undefined
  }

  #pushHeading(start: number, end: number, level: number, from: number, to: number): void {
    this.mask.keep(start)
    this.mask.mask(from)
    if (this.#isLiteral) this.mask.keep(to)
    else maskInline(this.#text, from, Math.max(from, to), this.mask)
    this.mask.mask(end)
    this.#followsItem = false
    this.blocks.push({ start, end, kind: 'heading', level })
  }

  #readFence(line: Line, ticks: string): number {
    this.#close()
    this.mask.keep(line.start)
    this.mask.mask(line.end)
    const isQuoted = quoteLine.test(this.#text.slice(line.start, line.end))
    const block: ScannedBlock = { start: line.start, end: line.end, kind: 'lines' }
    this.blocks.push(block)
    for (let inner = this.#lineAt(line.next); inner !== undefined; inner = this.#lineAt(inner.next)) {
      const whole = this.#text.slice(inner.start, inner.end)
      // A fence in a quotation ends with it.
      if (isQuoted && !quoteLine.test(whole)) return inner.start
      block.end = inner.end
      const content = whole.replace(/^[\s>]+/, '').trimEnd()
      if (content.length < ticks.length || content !== (ticks[0] as string).repeat(content.length)) continue
      this.mask.keep(inner.start)
      this.mask.mask(inner.end)
      return inner.next
    }
    this.mask.keep(this.#text.length)
    return this.#text.length
  }

  #readHtml(line: Line, content: string): number | undefined {
    const trimmed = content.trimStart()
    if (trimmed.startsWith('<!--') && !this.#hasNoCommentEnd) {
      const close = this.#text.indexOf('-->', line.start)
      this.#hasNoCommentEnd = close === -1
      if (close !== -1 && close >= line.end) return this.#readHidden(line, close + 3)
    }
    if (/^<(?:script|style)\b/i.test(trimmed) && !this.#hasNoScriptEnd) {
      const closing = /<\/(?:script|style)>/gi
      closing.lastIndex = line.start
      const found = closing.exec(this.#text)
      this.#hasNoScriptEnd = found === null
      if (found !== null) return this.#readHidden(line, closing.lastIndex)
    }
    const level = htmlHeading.exec(content)?.[1]
    if (level === undefined || !content.trimEnd().toLowerCase().endsWith(`</h${level}>`)) return undefined
    this.#close()
    this.#pushHeading(line.start, line.end, Number(level), line.start, line.end)
    return line.next
  }

  /** A block without words up to `to`; what follows on its last line is read as text. */
  #readHidden(line: Line, to: number): number {
    this.#close()
    this.mask.keep(line.start)
    this.mask.mask(to)
    const last = this.#text.lastIndexOf('\n', to - 1) + 1 === to ? undefined : this.#lineAt(to)
    const end = last?.end ?? to
    if (last !== undefined && !this.#isLiteral) maskInline(this.#text, to, end, this.mask)
    this.blocks.push({ start: line.start, end, kind: 'prose' })
    return last?.next ?? to
  }
}
