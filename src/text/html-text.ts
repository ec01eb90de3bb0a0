import { isBoilerplate } from './html-main.ts'
import type { HtmlElement, HtmlText } from './html-tree.ts'
import { countAtMost, lineIndex } from './line-index.ts'

export interface MainText {
  /** Paragraphs with an empty line between; `## ` before headings, `- ` before items, fences around preformatted text. */
  readonly text: string
  /** Line of the HTML file on which an offset of `text` stands. */
  readonly lineAt: (offset: number) => number
}

const blockNames = new Set(
  ['p', 'div', 'section', 'article', 'main', 'header', 'blockquote', 'ul', 'ol', 'dl', 'dt', 'dd', 'figure'].concat([
    'figcaption',
    'details',
    'summary',
    'address',
    'fieldset',
    'form',
    'center',
    'table',
    'caption',
    'hr',
    'body',
  ]),
)
const heading = /^h([1-6])$/
/** A table whose cells hold more than this is a layout, not a table. */
const cellCharacters = 300

/** The words of some elements, in order, without what surrounds them. */
export function mainText(html: string, elements: readonly HtmlElement[], keepAll = false): MainText {
  const writer = new TextWriter(lineIndex(html))
  for (const element of elements) {
    writer.break(2)
    writeChildren(element, { main: element, keepAll, writer, isInline: false })
  }
  return writer.finish()
}

interface Place {
  readonly main: HtmlElement
  readonly keepAll: boolean
  readonly writer: TextWriter
  /** In a heading or a cell, where a break is but a space. */
  readonly isInline: boolean
}

function writeChildren(element: HtmlElement, place: Place): void {
  for (const child of element.children) {
    if ('name' in child) writeElement(child, place)
    else place.writer.words(child)
  }
}

function writeElement(element: HtmlElement, place: Place): void {
  const { writer } = place
  const { name, attributes } = element
  if (name === 'head' || (!place.keepAll && isBoilerplate(element, place.main))) return
  if (name === 'br') writer.lineBreak(place.isInline)
  else if (name === 'img') writer.label(attributes['alt'] ?? '')
  else if (place.isInline) writeInline(element, place)
  else writeBlock(element, place)
}

function writeBlock(element: HtmlElement, place: Place): void {
  const { writer } = place
  const { name } = element
  const level = heading.exec(name)?.[1]
  if (level !== undefined || name === 'li' || name === 'tr') {
    const isItem = name === 'li'
    if (element.textLength === 0) return
    writer.break(level === undefined ? 1 : 2)
    writer.prefix(level !== undefined ? `${'#'.repeat(Number(level))} ` : isItem ? '- ' : '| ')
    writeChildren(element, isItem ? place : { ...place, isInline: true })
    writer.prefix('')
    writer.break(level === undefined ? 1 : 2)
  } else if (name === 'pre') writer.preformatted(element)
  else if (name === 'table' && isLayout(element)) writeLayout(element, place)
  else if (blockNames.has(name)) {
    writer.break(2)
    writeChildren(element, place)
    writer.break(2)
  } else writeChildren(element, place)
}

function writeInline(element: HtmlElement, place: Place): void {
  const { writer } = place
  const isCell = element.name === 'td' || element.name === 'th'
  const isBlock = blockNames.has(element.name) || element.name === 'li'
  if (isBlock) writer.space()
  writeChildren(element, place)
  if (isCell) writer.cellEnd()
  else if (isBlock) writer.space()
}

function writeLayout(element: HtmlElement, place: Place): void {
  for (const child of element.children) {
    if (!('name' in child)) place.writer.words(child)
    else if (['tbody', 'thead', 'tfoot', 'tr'].includes(child.name)) writeLayout(child, place)
    else if (!place.keepAll && isBoilerplate(child, place.main)) continue
    else {
      place.writer.break(2)
      writeChildren(child, place)
      place.writer.break(2)
    }
  }
}

function isLayout(table: HtmlElement): boolean {
  const hasLargeCell = (element: HtmlElement): boolean =>
    element.children.some(
      (child) =>
        'name' in child &&
        (child.name === 'td' || child.name === 'th' ? child.textLength > cellCharacters : hasLargeCell(child)),
    )
  return hasLargeCell(table)
}

/** Collects words and breaks, and on which line of the file each word stands. */
class TextWriter {
  readonly #fileLine: (offset: number) => number
  readonly #parts: string[] = []
  readonly #starts: number[] = []
  readonly #lines: number[] = []
  #length = 0
  #breaks = 0
  #hasSpace = false
  #prefix = ''

  constructor(fileLine: (offset: number) => number) {
    this.#fileLine = fileLine
  }

  break(lines: 1 | 2): void {
    // What opens right after an item's mark stands on its line.
    if (this.#prefix === '') this.#breaks = Math.max(this.#breaks, lines)
    this.#hasSpace = false
  }

  lineBreak(isInline: boolean): void {
    if (isInline) this.space()
    else this.break(1)
  }

  space(): void {
    this.#hasSpace = true
  }

  /** Written before the next word. */
  prefix(text: string): void {
    this.#prefix = text
  }

  cellEnd(): void {
    this.#hasSpace = false
    this.#write(' |')
    this.#hasSpace = true
  }

  label(text: string): void {
    const words = text.replace(/\s+/g, ' ').trim()
    if (words === '') return
    this.#begin()
    this.#write(words)
  }

  words({ text, start }: HtmlText): void {
    let line: number | undefined
    let from = 0
    for (const match of text.matchAll(/[^ \t\r\n\f]+/g)) {
      if (match.index > from || (from === 0 && match.index > 0)) this.#hasSpace = true
      line ??= this.#fileLine(start)
      for (let at = text.indexOf('\n', from); at !== -1 && at < match.index; at = text.indexOf('\n', at + 1)) line++
      from = match.index + match[0].length
      this.#begin()
      this.#mark(line)
      this.#write(match[0])
    }
    if (from < text.length) this.#hasSpace = true
  }

  preformatted(element: HtmlElement): void {
    const pieces: HtmlText[] = []
    const visit = (node: HtmlElement) => {
      for (const child of node.children) {
        if (!('name' in child)) pieces.push(child)
        else if (child.name === 'br') pieces.push({ text: '\n', start: -1 })
        else visit(child)
      }
    }
    visit(element)
    if (element.textLength === 0) return
    const runs =
      pieces
        .map(({ text }) => text)
        .join('')
        .match(/`{3,}/g) ?? []
    const fence = '`'.repeat(runs.reduce((longest, run) => Math.max(longest, run.length + 1), 3))
    this.break(2)
    this.#begin()
    const first = pieces.find(({ start }) => start >= 0)
    if (first !== undefined) this.#mark(this.#fileLine(first.start))
    this.#write(`${fence}\n`)
    for (const [i, { text, start }] of pieces.entries()) {
      let line = start < 0 ? undefined : this.#fileLine(start)
      // As in a browser, a break right after the tag is none.
      const lines = (i === 0 && text.startsWith('\n') ? text.slice(1) : text).split('\n')
      if (line !== undefined && i === 0 && text.startsWith('\n')) line++
      for (const [k, content] of lines.entries()) {
        if (k > 0) this.#write('\n')
        if (line !== undefined) this.#mark(line + k)
        this.#write(content)
      }
    }
    const endsLine = this.#parts.at(-1) === '' && this.#parts.at(-2) === '\n'
    this.#write(`${endsLine ? '' : '\n'}${fence}`)
    this.break(2)
  }

  finish(): MainText {
    const starts = this.#starts
    const lines = this.#lines
    return {
      text: this.#parts.join(''),
      lineAt: (offset) => lines[Math.max(0, countAtMost(starts, offset) - 1)] ?? 1,
    }
  }

  #begin(): void {
    if (this.#breaks > 0) {
      if (this.#length > 0) this.#write('\n'.repeat(this.#breaks))
    } else if (this.#hasSpace && this.#length > 0) this.#write(' ')
    this.#breaks = 0
    this.#hasSpace = false
    if (this.#prefix === '') return
    const prefix = this.#prefix
    this.#prefix = ''
    this.#write(prefix)
  }

  #mark(line: number): void {
    if (this.#lines.at(-1) === line) return
    this.#starts.push(this.#length)
    this.#lines.push(line)
  }

  #write(text: string): void {
    this.#parts.push(text)
    this.#length += text.length
  }
}
