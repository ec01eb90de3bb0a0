import { type Block, closeGaps, type Structure } from '../structure.ts'

/** Paragraphs of a text without markup: what empty lines part. */
export function textStructure(text: string): Structure {
  const blocks: Block[] = []
  let start = -1
  for (let at = 0; at < text.length; ) {
    const found = text.indexOf('\n', at)
    const next = found === -1 ? text.length : found + 1
    const isBlank = text.slice(at, next).trim() === ''
    if (!isBlank && start === -1) {
      start = at
      blocks.push({ start, end: next, kind: 'prose' })
    } else if (isBlank) start = -1
    at = next
  }
  const sections = blocks.length === 0 ? [] : [{ headings: [], blocks }]
  closeGaps(sections, text.length)
  return { sections, words: text }
}
