import { plainWords } from '../plain-words.ts'
import { type Block, closeGaps, maxHeadingLength, type Section, type Structure } from '../structure.ts'
import { MarkdownScanner, type ScannedBlock } from './markdown-scanner.ts'

export interface MarkdownOptions {
  /** Only block marks are markup: what our HTML reader writes. @default false */
  readonly isLiteral?: boolean
}

interface Heading {
  readonly level: number
  readonly title: string
}

/**
 * Headings, paragraphs, list items, tables, quotes and code of a Markdown text, and its words without markup.
 *
 * Source: CommonMark 0.31 and GFM's tables. Departs from them: no nesting of blocks (an item's paragraphs stand beside
 * it), a heading of more than 300 characters is a paragraph, and template tags of static site builders are markup.
 *
 * Cost: O(length), whatever the text.
 */
export function markdownStructure(text: string, options: MarkdownOptions = {}): Structure {
  const scanner = new MarkdownScanner(text, options.isLiteral ?? false)
  scanner.scan()
  const words = scanner.mask.finish()
  const sections = sectionsOf(scanner.blocks, words)
  closeGaps(sections, text.length)
  return { sections, words }
}

/** The text of the only heading of level 1; `undefined` where there is none or several. */
export function soleTitle(text: string): string | undefined {
  if (!/^(?: {0,3}#[ \t]| {0,3}=+[ \t]*\r?$| {0,3}<h1)/im.test(text)) return undefined
  const scanner = new MarkdownScanner(text, false)
  scanner.scan()
  const words = scanner.mask.finish()
  const titles = scanner.blocks
    .filter(({ level }) => level === 1)
    .map(({ start, end }) => plainWords(words, start, end))
  const [only] = titles
  return titles.length === 1 && only !== '' ? only : undefined
}

function sectionsOf(scanned: readonly ScannedBlock[], words: string): Section[] {
  const sections: Section[] = []
  let path: Heading[] = []
  let headings: string[] = []
  let blocks: Block[] = []
  /** Depth of the last heading of a section that has nothing else yet; -1 where it has words. */
  let bareDepth = 0
  const finish = () => {
    if (blocks.length > 0) sections.push({ headings, blocks })
    blocks = []
  }
  for (const { start, end, kind, level } of scanned) {
    const title = level === undefined ? '' : plainWords(words, start, end)
    if (level === undefined || title === '' || title.length > maxHeadingLength) {
      blocks.push({ start, end, kind: kind === 'heading' ? 'prose' : kind })
      bareDepth = -1
      continue
    }
    path = path.filter((heading) => heading.level < level)
    // A heading right below its parent's stands in one section with it; below a sibling's it does not.
    if (bareDepth === -1 || path.length < bareDepth) finish()
    path = [...path, { level, title }]
    headings = path.map((heading) => heading.title)
    blocks.push({ start, end, kind: 'heading', depth: path.length - 1 })
    bareDepth = path.length
  }
  finish()
  return sections
}
