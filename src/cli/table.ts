import { printJson } from './print-json.ts'
import { safeLine, safeText } from './sanitize.ts'
import type { TableFormat } from './table-format.ts'
import type { Terminal } from './terminal.ts'
import { displayWidth, fitToWidth } from './text-width.ts'
import { wrapText } from './wrap-text.ts'

export type Cell = string | number | boolean | undefined

export interface Column<Row> {
  /** Heading, and the key in JSON. */
  readonly name: string
  /** The whole value; undefined leaves the cell empty (null in JSON). */
  readonly value: (row: Row) => Cell
  /** Decimals of numbers where people read them (table and Markdown); CSV and JSON get the number itself. @default as it is */
  readonly digits?: number | undefined
  /** Style on a terminal. @default none */
  readonly style?: Parameters<Terminal['paint']>[0] | undefined
  /** On a terminal a text that finds no room goes on in the next line instead of being cut. @default false */
  readonly wraps?: boolean | undefined
}

/**
 * Rows for people or for the next program.
 *
 * - `table` fits a terminal: text columns give way, the widest first (cut, or wrapped where they say so), and columns that still find no room follow in a block
 *   of their own behind the first column. Elsewhere nothing is cut.
 * - `csv` is RFC 4180, safe to open in a spreadsheet: a text that one would run as a formula gets a leading apostrophe.
 * - `markdown` is a GitHub table in which no text can be taken for markup.
 * - `json` is an array of objects. A command with more to say than its rows prints a document of its own (`printJson`).
 */
export function printTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  terminal: Terminal,
  format: TableFormat = 'table',
): void {
  if (format === 'json')
    printJson(
      rows.map((row) => toObject(columns, row)),
      terminal,
    )
  else if (format === 'csv') terminal.out(csvTable(columns, rows, terminal.isTerminal ? safeText : (text) => text))
  else if (format === 'markdown') terminal.out(markdownTable(columns, rows))
  else terminal.out(textTable(columns, rows, terminal))
}

function toObject<Row>(columns: readonly Column<Row>[], row: Row): Record<string, Cell | null> {
  return Object.fromEntries(columns.map(({ name, value }) => [name, value(row) ?? null]))
}

/** RFC 4180 with a heading line; see `printTable`. */
export function csvTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  safe: (text: string) => string = (text) => text,
): string {
  const lines = [columns.map(({ name }) => name), ...rows.map((row) => columns.map(({ value }) => value(row)))]
  return lines.map((cells) => `${cells.map((cell) => csvCell(cell, safe)).join(',')}\r\n`).join('')
}

/** What a spreadsheet would run: also behind line breaks and spaces, and in the wide forms of East Asian keyboards. */
const formula = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/
const plainNumber = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

function csvCell(cell: Cell, safe: (text: string) => string): string {
  if (cell === undefined) return ''
  if (typeof cell !== 'string') return String(cell)
  const text = safe(asCsvText(cell))
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** A text as it stands in a cell of CSV, quotes aside: who reads a file back finds an id by it. */
export function asCsvText(text: string): string {
  return formula.test(text) && !plainNumber.test(text) ? `'${text}` : text
}

function markdownTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const lines = [
    columns.map(({ name }) => markdownText(name)),
    columns.map((column) => (isNumeric(column, rows) ? '---:' : '---')),
    ...rows.map((row) => columns.map((column) => markdownText(shown(column, row)))),
  ]
  return lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('')
}

function markdownText(text: string): string {
  return text.replace(/[\\`*_[\]<>|~&]/g, '\\$&')
}

function textTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[], terminal: Terminal): string {
  const drawn = columns.map((column) => {
    const name = safeLine(column.name)
    const cells = rows.map((row) => shown(column, row))
    const isNumber = isNumeric(column, rows)
    const natural = Math.max(displayWidth(name), ...cells.map(displayWidth))
    return { name, cells, isNumber, natural, style: column.style, wraps: column.wraps === true }
  })
  const room = terminal.isTerminal ? terminal.columns : Number.POSITIVE_INFINITY
  return intoBlocks(drawn, room)
    .map((block) => drawBlock(block, room, rows.length, terminal))
    .join('\n')
}

interface Drawn {
  readonly name: string
  readonly cells: readonly string[]
  readonly isNumber: boolean
  readonly natural: number
  readonly style: Column<never>['style']
  readonly wraps: boolean
}

const gap = 2
/** A text column keeps so many columns before another one has to go elsewhere. */
const leastText = 16

function leastWidth({ isNumber, natural }: Drawn): number {
  return isNumber ? natural : Math.min(natural, leastText)
}

function intoBlocks(columns: readonly Drawn[], room: number): Drawn[][] {
  const blocks: Drawn[][] = []
  let block: Drawn[] = []
  let width = 0
  for (const column of columns) {
    const least = leastWidth(column) + (block.length === 0 ? 0 : gap)
    if (block.length > 0 && width + least > room) {
      blocks.push(block)
      const first = columns[0] as Drawn
      block = [first]
      width = leastWidth(first) + gap + leastWidth(column)
    } else width += least
    block.push(column)
  }
  return [...blocks, block]
}

function drawBlock(block: readonly Drawn[], room: number, rows: number, terminal: Terminal): string {
  const widths = fittingWidths(block, room - gap * (block.length - 1))
  const line = (cell: (column: Drawn) => string, paint: (column: Drawn, text: string) => string): string => {
    const cells = block.map((column, j) => linesOf(column, cell(column), widths[j] as number))
    const height = Math.max(...cells.map(({ length }) => length))
    return Array.from({ length: height }, (_, k) => lineOf((j) => cells[j]?.[k] ?? '', paint)).join('')
  }
  const lineOf = (cell: (column: number) => string, paint: (column: Drawn, text: string) => string) =>
    `${block
      .map((column, j) => {
        const width = widths[j] as number
        const text = cell(j)
        const painted = paint(column, text)
        const space = ' '.repeat(width - displayWidth(text))
        if (column.isNumber) return space + painted
        return j === block.length - 1 ? painted : painted + space
      })
      .join(' '.repeat(gap))
      .trimEnd()}\n`
  const heading = line(
    ({ name }) => name,
    (_, text) => terminal.paint('bold', text),
  )
  const body = Array.from({ length: rows }, (_, i) =>
    line(
      ({ cells }) => cells[i] as string,
      ({ style }, text) => (style === undefined ? text : terminal.paint(style, text)),
    ),
  )
  return heading + body.join('')
}

function linesOf({ wraps }: Drawn, cell: string, width: number): string[] {
  return wraps ? wrapText(cell, width).split('\n') : [fitToWidth(cell, width)]
}

/** Natural widths where they fit; else the widest text columns come down together to one width. */
function fittingWidths(block: readonly Drawn[], room: number): number[] {
  const widths = block.map(({ natural }) => natural)
  let over = widths.reduce((sum, width) => sum + width, 0) - room
  while (over > 0) {
    const shrinkable = block.flatMap((column, j) => ((widths[j] as number) > leastWidth(column) ? [j] : []))
    if (shrinkable.length === 0) return block.length === 1 ? [Math.max(1, room)] : widths
    const most = Math.max(...shrinkable.map((j) => widths[j] as number))
    const widest = shrinkable.filter((j) => widths[j] === most)
    const next = Math.max(
      ...widest.map((j) => leastWidth(block[j] as Drawn)),
      ...shrinkable.map((j) => widths[j] as number).filter((width) => width < most),
    )
    // Where they are equal they give way together, so that one is not cut to nothing for the other.
    const cut = Math.max(1, Math.min(Math.floor(over / widest.length), most - next))
    for (const j of widest.slice(0, over)) {
      widths[j] = most - cut
      over -= cut
    }
  }
  return widths
}

function isNumeric<Row>({ value }: Column<Row>, rows: readonly Row[]): boolean {
  const cells = rows.map(value).filter((cell) => cell !== undefined)
  return cells.length > 0 && cells.every((cell) => typeof cell === 'number')
}

function shown<Row>({ value, digits }: Column<Row>, row: Row): string {
  const cell = value(row)
  if (cell === undefined) return ''
  if (typeof cell === 'number') return digits === undefined ? String(cell) : cell.toFixed(digits)
  return safeLine(String(cell))
}
