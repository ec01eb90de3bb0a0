import { stripVTControlCharacters } from 'node:util'
import { displayWidth, graphemes } from './text-width.ts'

/**
 * Break a text between words so that no line is wider than `columns`; a word that is wider is broken itself. Line breaks
 * of the text stay, and what indents a line indents what it goes on in. Styles take no room.
 */
export function wrapText(text: string, columns: number): string {
  return text
    .split('\n')
    .map((line) => wrapLine(line, columns))
    .join('\n')
}

function wrapLine(line: string, columns: number): string {
  if (widthOf(line) <= columns) return line
  const indent = /^ */.exec(line)?.[0] ?? ''
  const room = Math.max(1, columns - indent.length)
  const lines: string[] = []
  let current = ''
  for (const word of line.slice(indent.length).split(' ')) {
    const joined = current === '' ? word : `${current} ${word}`
    if (widthOf(joined) <= room) {
      current = joined
      continue
    }
    if (current !== '') lines.push(current)
    const pieces = widthOf(word) <= room ? [word] : brokenWord(word, room)
    lines.push(...pieces.slice(0, -1))
    current = pieces.at(-1) ?? ''
  }
  return [...lines, current].map((part) => indent + part).join('\n')
}

function brokenWord(word: string, room: number): string[] {
  const pieces = ['']
  for (const { segment } of graphemes(word)) {
    const last = pieces.length - 1
    if (pieces[last] !== '' && displayWidth(pieces[last] + segment) > room) pieces.push(segment)
    else pieces[last] += segment
  }
  return pieces
}

function widthOf(text: string): number {
  return displayWidth(stripVTControlCharacters(text))
}
