import type { MetadataValue } from '../spec/filter.ts'
import { newMetadata } from './read-source.ts'

export interface FrontMatter {
  readonly fields: Record<string, MetadataValue>
  /** Offset at which the body begins, 0 where there is no front matter. */
  readonly bodyStart: number
  /** What was not understood and how it was kept; each is a sentence that names the line. */
  readonly remarks: readonly string[]
}

const fence = /^---[ \t]*\r?\n/
const closing = /^(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/m
const keyLine = /^("[^"]*"|'[^']*'|[^\s#:'"[\]{},&*!|>%@`-][^:]*|-[^\s:][^:]*):(?:[ \t]+(.*))?$/

/**
 * The front matter of a Markdown file, as far as a small part of YAML goes: scalars, lists of scalars, quoted and block
 * strings. Dates stay strings; anything deeper is kept as the text it stands as, with a remark.
 *
 * Source: YAML 1.2 core schema. Departs from it: nested mappings, anchors and tags are not resolved.
 */
export function parseFrontMatter(text: string): FrontMatter {
  const opened = fence.exec(text)
  if (opened === null) return { fields: newMetadata(), bodyStart: 0, remarks: [] }
  const rest = text.slice(opened[0].length)
  const closed = closing.exec(rest)
  if (closed === null) return { fields: newMetadata(), bodyStart: 0, remarks: [] }
  const { fields, remarks } = parseFields(rest.slice(0, closed.index).split(/\r?\n/))
  return { fields, bodyStart: opened[0].length + closed.index + closed[0].length, remarks }
}

function parseFields(lines: readonly string[]): { fields: Record<string, MetadataValue>; remarks: string[] } {
  const fields = newMetadata()
  const remarks: string[] = []
  let at = 0
  while (at < lines.length) {
    const line = lines[at] as string
    const lineNumber = at + 2
    at++
    if (isBlank(line)) continue
    const match = keyLine.exec(line)
    if (match === null) {
      remarks.push(`line ${lineNumber} of the front matter is not \`key: value\`; it is not in the metadata.`)
      continue
    }
    const key = unquote((match[1] as string).trim())
    const rest: string[] = []
    // A line that begins a key ends the value, unless a quoted string is still open.
    let open = openQuote(match[2] ?? '')
    while (at < lines.length && (open !== undefined || belongs(lines[at] as string))) {
      const next = lines[at++] as string
      rest.push(next)
      if (open !== undefined && closes(next, open)) open = undefined
    }
    if (Object.hasOwn(fields, key))
      remarks.push(`line ${lineNumber} of the front matter repeats \`${key}\`; this one counts.`)
    const value = parseValue((match[2] ?? '').trim(), rest)
    if (value === undefined) {
      fields[key] = [(match[2] ?? '').trim(), ...rest].join('\n').trim()
      remarks.push(
        `\`${key}\` on line ${lineNumber} of the front matter is kept as text: it is no scalar and no plain list.`,
      )
    } else fields[key] = value
  }
  return { fields, remarks }
}

function isBlank(line: string): boolean {
  return /^\s*(?:#.*)?$/.test(line)
}

function belongs(line: string): boolean {
  return line === '' || /^\s/.test(line) || /^-(?:\s|$)/.test(line)
}

/** The quote that a value opens and does not close on its first line. */
function openQuote(first: string): '"' | "'" | undefined {
  const text = first.trimStart()
  const quote = text[0]
  return (quote === '"' || quote === "'") && !closes(text.slice(1), quote) ? quote : undefined
}

function closes(line: string, quote: '"' | "'"): boolean {
  return quote === '"' ? /^[^"\\]*(?:\\.[^"\\]*)*"/.test(line) : line.replaceAll("''", '').includes("'")
}

/** @returns the value, `undefined` for what is deeper than this reader goes. */
function parseValue(first: string, rest: readonly string[]): MetadataValue | undefined {
  const filled = rest.filter((line) => !isBlank(line))
  if (/^[|>][+-]?\d?(?:\s+#.*)?$/.test(first)) return blockString(first, rest)
  if (first === '' || first.startsWith('#')) {
    if (filled.length === 0) return null
    if (filled.every((line) => /^\s*-(?:\s|$)/.test(line)))
      return parseItems(filled.map((line) => line.replace(/^\s*-\s*/, '')))
    if (filled.some((line) => /^\s*-\s/.test(line) || keyLine.test(line.trim()))) return undefined
    return parseScalar(filled.map((line) => line.trim()).join(' '))
  }
  if (first.startsWith('"') || first.startsWith("'")) {
    const closed = closedQuote([first, ...rest].join('\n'))
    return closed === undefined || !isBlank(closed.after) ? undefined : closed.value
  }
  if (first.startsWith('[')) {
    const joined = stripComment([first, ...filled.map((line) => line.trim())].join(' '))
    const items = joined.endsWith(']') ? splitFlow(joined.slice(1, -1)) : undefined
    return items === undefined ? undefined : parseItems(items)
  }
  if (/^[{&*!%@`]/.test(first)) return undefined
  return parseScalar([first, ...filled.map((line) => line.trim())].join(' '))
}

function parseItems(items: readonly string[]): MetadataValue | undefined {
  const values: (string | number | boolean)[] = []
  for (const item of items) {
    const value = parseScalar(item)
    if (value === undefined) return undefined
    values.push(value ?? '')
  }
  return values
}

function parseScalar(raw: string): string | number | boolean | null | undefined {
  const text = raw.trim()
  if (text.startsWith('"') || text.startsWith("'")) {
    const closed = closedQuote(text)
    return closed === undefined || !isBlank(closed.after) ? undefined : closed.value
  }
  if (/^[[{&*!|>%@`]/.test(text) || /^- /.test(text) || /^[\w-]+:\s/.test(text)) return undefined
  const plain = stripComment(text)
  if (/^(?:null|Null|NULL|~|)$/.test(plain)) return null
  if (/^(?:true|True|TRUE)$/.test(plain)) return true
  if (/^(?:false|False|FALSE)$/.test(plain)) return false
  return typedNumber(plain) ?? plain
}

/** The number a text stands for, where writing the number gives the text again: `007` and `1e400` stay texts. */
export function typedNumber(text: string): number | undefined {
  if (text.length > 24 || !/^-?\d+(?:\.\d+)?$/.test(text)) return undefined
  const value = Number(text)
  const written = text.includes('.') ? text.replace(/\.?0+$/, '') : text
  return String(value) === written ? value : undefined
}

/** The value of the quoted string that a text begins with, and what follows it; `undefined` where it is not closed. */
function closedQuote(text: string): { value: string; after: string } | undefined {
  const quote = text[0] as string
  const match = (quote === '"' ? /^"([^"\\]*(?:\\[\s\S][^"\\]*)*)"/ : /^'([^']*(?:''[^']*)*)'/).exec(text)
  if (match === null) return undefined
  const folded = foldLines(match[1] as string)
  return {
    value: quote === '"' ? unescapeDouble(folded) : folded.replaceAll("''", "'"),
    after: text.slice(match[0].length),
  }
}

/** One line break is a space, n + 1 of them are n. */
function foldLines(text: string): string {
  if (!text.includes('\n')) return text
  const lines = text.split('\n')
  let folded = (lines[0] as string).trimEnd()
  let breaks = 0
  for (const [i, line] of lines.slice(1).entries()) {
    const words = i === lines.length - 2 ? line.trimStart() : line.trim()
    if (words === '' && i < lines.length - 2) {
      breaks++
      continue
    }
    folded += (breaks === 0 ? ' ' : '\n'.repeat(breaks)) + words
    breaks = 0
  }
  return folded
}

function unescapeDouble(text: string): string {
  const named: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0', ' ': ' ', '\n': '' }
  return text.replace(/\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|([\s\S]))/g, (_, x?: string, u?: string, c?: string) => {
    const hex = x ?? u
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16))
    return Object.hasOwn(named, c as string) ? (named[c as string] as string) : (c as string)
  })
}

function unquote(key: string): string {
  return /^["']/.test(key) ? key.slice(1, -1) : key
}

function stripComment(text: string): string {
  return text.replace(/(?:^|\s)#.*$/, '').trim()
}

/** Items of `a, "b, c", d`; `undefined` where it nests. */
function splitFlow(text: string): string[] | undefined {
  const items: string[] = []
  const item = /\s*("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^,[\]{}"']+)\s*(?:,|$)/y
  while (item.lastIndex < text.length && text.slice(item.lastIndex).trim() !== '') {
    const match = item.exec(text)
    if (match === null) return undefined
    items.push((match[1] as string).trim())
  }
  return items
}

function blockString(header: string, rest: readonly string[]): string {
  let indent = Infinity
  for (const line of rest) if (line.trim() !== '') indent = Math.min(indent, line.length - line.trimStart().length)
  const lines = rest.map((line) => (line.trim() === '' ? '' : line.slice(indent)))
  const body = header.startsWith('|') ? lines.join('\n') : lines.join('\n').replace(/([^\n])\n(?=[^\n\s])/g, '$1 ')
  return body.replace(/\n+$/, '')
}
