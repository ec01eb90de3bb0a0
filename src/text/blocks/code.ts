import { type Block, closeGaps, type Section, type Structure } from '../structure.ts'

const definitionCharacters = 160
const maxSignature = 120
const maxNesting = 4
/** What ends a block at its own indentation, and so belongs to the lines above. */
const closer =
  /^(?:[}\])]|\{$|(?:end|else|elif|elsif|except|finally|catch|rescue|ensure|when|then|do|fi|done|esac|endif|begin)\b)/i
/** What stands right above a definition and belongs to it. */
const attached =
  /^(?:\/\/|\/\*|\*|#(?!include|define|if|ifdef|ifndef|else|endif|pragma)|--|"""|'''|@|\[|<!--|%|;|template\b)/
/** Statements with a body that define nothing. */
const control =
  /^(?:if|for|foreach|while|until|unless|switch|match|case|try|with|using|loop|do|return|await|yield|throw|[)\]}({'"`.])(?:\b|$|\W)/
/** What holds definitions: opened when it is long. Without parentheses it is no function either. */
const container =
  /\b(?:class|interface|trait|impl|module|namespace|struct|enum|object|mod|extension|protocol|package|describe|suite)\b/
/** Characters by which one step of indentation differs from none, for tabs. */
const tabColumns = 4

interface CodeLine {
  readonly start: number
  /** Column of the first word, -1 for a blank line. */
  readonly indent: number
  readonly isCloser: boolean
  readonly isAttached: boolean
  readonly isControl: boolean
}

/**
 * Definitions of a program, by indentation alone, so that it works for any language laid out in lines: a line with
 * deeper lines below it is a definition with its body. A class or the like of more than `maxCharacters` is opened, and what
 * stands in it comes under its first line as heading; a long function stays whole, to be cut between its lines.
 *
 * Cost: O(length).
 */
export function codeStructure(text: string, maxCharacters: number): Structure {
  const lines = readLines(text)
  const sections: Section[] = []
  new CodeScanner(text, lines, maxCharacters, sections).scan(0, lines.length, [])
  closeGaps(sections, text.length)
  return { sections, words: text }
}

function readLines(text: string): CodeLine[] {
  const lines: CodeLine[] = []
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n', start)
    const next = found === -1 ? text.length : found + 1
    let indent = 0
    let at = start
    for (; at < next; at++) {
      const c = text.charCodeAt(at)
      if (c === 0x20) indent++
      else if (c === 0x09) indent += tabColumns
      else break
    }
    const opening = text.slice(at, Math.min(next, at + 16)).trim()
    lines.push({
      start,
      indent: opening === '' ? -1 : indent,
      isCloser: closer.test(opening),
      isAttached: attached.test(opening),
      isControl: control.test(opening),
    })
    start = next
  }
  return lines
}

/** Lines [from, to) of one definition; `signature` is its first line of code. */
interface Item {
  readonly from: number
  readonly signature: number
  readonly to: number
}

class CodeScanner {
  readonly #text: string
  readonly #lines: readonly CodeLine[]
  readonly #maxCharacters: number
  readonly #sections: Section[]

  constructor(text: string, lines: readonly CodeLine[], maxCharacters: number, sections: Section[]) {
    this.#text = text
    this.#lines = lines
    this.#maxCharacters = maxCharacters
    this.#sections = sections
  }

  scan(from: number, to: number, headings: readonly string[]): void {
    let loose: Block[] = []
    const finish = () => {
      if (loose.length > 0) this.#sections.push({ headings, blocks: loose })
      loose = []
    }
    for (const item of this.#items(from, to)) {
      const size = this.#offset(item.to) - this.#offset(item.from)
      const isDefinition =
        item.to - item.signature > 2 && size >= definitionCharacters && !this.#lines[item.signature]?.isControl
      if (!isDefinition) {
        for (const block of this.#paragraphs(item.from, item.to)) loose.push(block)
        continue
      }
      finish()
      this.#definition(item, size, headings)
    }
    finish()
  }

  #definition(item: Item, size: number, headings: readonly string[]): void {
    const heading = this.#heading(item.signature)
    const inner = heading === undefined ? headings : [...headings, heading]
    const head: Block[] = [...this.#paragraphs(item.from, item.signature)]
    const start = this.#offset(item.signature)
    if (heading !== undefined) head.push({ start, end: start, kind: 'heading', depth: inner.length - 1 })
    const body = heading === undefined ? item.signature : item.signature + 1
    const isContainer = heading !== undefined && (container.test(heading) || !heading.includes('('))
    const opens = isContainer && size > this.#maxCharacters && headings.length < maxNesting
    if (!opens) {
      this.#sections.push({ headings: inner, blocks: [...head, ...this.#paragraphs(body, item.to)] })
      return
    }
    const before = this.#sections.length
    this.scan(body, item.to, inner)
    const first = this.#sections[before]
    // The first line stands with what comes right below it, unless that is a definition of its own.
    if (first !== undefined && first.headings === inner)
      this.#sections[before] = { headings: inner, blocks: [...head, ...first.blocks] }
    else this.#sections.splice(before, 0, { headings: inner, blocks: head })
  }

  /** Items at the smallest indentation of the lines. */
  *#items(from: number, to: number): Generator<Item> {
    let base = Infinity
    for (let i = from; i < to; i++) {
      const { indent, isCloser } = this.#lines[i] as CodeLine
      if (indent >= 0 && indent < base && !isCloser) base = indent
    }
    let start = from
    let signature = -1
    for (let i = from; i < to; i++) {
      const line = this.#lines[i] as CodeLine
      const isOpening = line.indent >= 0 && line.indent <= base && !line.isCloser
      if (!isOpening) continue
      const isBelowComment = signature !== -1 && this.#isOnlyAttached(signature, i)
      if (signature !== -1 && !isBelowComment) {
        yield { from: start, signature, to: i }
        start = i
      }
      signature = i
    }
    if (start < to) yield { from: start, signature: signature === -1 ? start : signature, to }
  }

  /** Lines [from, to) are comments or decorators without an empty line. */
  #isOnlyAttached(from: number, to: number): boolean {
    if (!(this.#lines[from] as CodeLine).isAttached) return false
    return (this.#lines[to - 1] as CodeLine).indent >= 0
  }

  /** The lines as blocks, parted at empty lines. */
  #paragraphs(from: number, to: number): Block[] {
    const blocks: Block[] = []
    let isParted = true
    for (let i = from; i < to; i++) {
      const line = this.#lines[i] as CodeLine
      if (line.indent >= 0 && isParted) blocks.push({ start: line.start, end: line.start, kind: 'lines' })
      isParted = line.indent < 0
    }
    return blocks
  }

  #heading(line: number): string | undefined {
    const content = this.#text.slice(this.#offset(line), this.#offset(line + 1)).trim()
    const heading = content.replace(/[\s{:]+$/, '')
    return content.length <= maxSignature && /[\p{L}\p{N}_]{2}/u.test(heading) ? heading : undefined
  }

  #offset(line: number): number {
    return this.#lines[line]?.start ?? this.#text.length
  }
}
