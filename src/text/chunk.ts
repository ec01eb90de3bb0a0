import type { Passage, SourceDocument } from '../spec/collection.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import { codeStructure } from './blocks/code.ts'
import { markdownStructure } from './blocks/markdown.ts'
import { textStructure } from './blocks/text.ts'
import { graphemeBoundaries } from './graphemes.ts'
import { plainWords } from './plain-words.ts'
import { SectionPacker } from './section-packer.ts'
import { maxHeadingLength, type Structure } from './structure.ts'

export interface ChunkOptions {
  /** Tokens of a text by the model's own tokenizer, special tokens included. */
  readonly countTokens: (text: string) => number
  /** Most tokens of a passage's `input`, integer ≥ 1. Larger means fewer, less pointed passages. */
  readonly maxTokens: number
  /** Tokens that two passages of one long block share, integer in [0, maxTokens / 2]. */
  readonly overlapTokens: number
}

/** Bound on a passage's words for tokenizers that make one token of any long word; English has 4 to 5 a token. */
const maxCharactersPerToken = 24
const codeCharactersPerToken = 3

/**
 * Cut a document into passages: by its structure first (headings, paragraphs, items, functions), then by the model's
 * tokens. Neighbouring blocks under one heading are packed into one passage; a block that is too long is cut between
 * sentences (lines, for code), then words, then characters, and its passages share whole sentences.
 *
 * A passage's `input` is its headings, the document's title first, and its words without markup. Headings beyond half of
 * `maxTokens` leave `input`, the outermost first; a heading's own line then counts among the words. A stretch
 * without words (an image, a rule) belongs to the next passage, at the end to the last. Boundaries are boundaries of
 * characters as read (UAX 29), except within clusters of more than 32 code points.
 *
 * @returns none for a document of white space.
 * @throws {InvalidArgumentError} for options out of range, or `maxTokens` too small for a single character of the text.
 *
 * Cost: O(length), and about two token counts of the text, whatever the text.
 */
export function chunk(document: SourceDocument, options: ChunkOptions): Passage[] {
  assertOptions(options)
  const { text } = document
  if (text.trim() === '') return []
  const structure = structureOf(document, options.maxTokens)
  const passages = pack(document, structure, options)
  if (passages.length > 0) return passages
  // All of it is markup: better its letters than nothing.
  return pack(document, textStructure(text), options)
}

function pack(document: SourceDocument, { sections, words }: Structure, options: ChunkOptions): Passage[] {
  const { text, title, lineAt } = document
  const packer = new SectionPacker({
    text,
    words,
    lineAt,
    isBoundary: graphemeBoundaries(text),
    maxCharacters: options.maxTokens * maxCharactersPerToken,
    ...options,
  })
  const titled = title === undefined || title.length > maxHeadingLength ? [] : [title.trim()]
  for (const { headings, blocks } of sections) {
    const repeats = headings[0] !== undefined && titled[0] !== undefined && isSame(headings[0], titled[0])
    packer.add(repeats ? headings : [...titled, ...headings], blocks, repeats ? 0 : titled.length)
  }
  return packer.finish()
}

function isSame(a: string, b: string): boolean {
  return plainWords(a, 0, a.length).toLowerCase() === plainWords(b, 0, b.length).toLowerCase()
}

function structureOf({ format, text }: SourceDocument, maxTokens: number): Structure {
  switch (format) {
    case 'markdown':
      return markdownStructure(text)
    case 'html':
      return markdownStructure(text, { isLiteral: true })
    case 'code':
      return codeStructure(text, maxTokens * codeCharactersPerToken)
    case 'record':
      return looksLikeMarkdown(text) ? markdownStructure(text) : textStructure(text)
    case 'text':
      return textStructure(text)
  }
}

/** A fence, or a heading with an empty line on both sides: rare in any other text. */
function looksLikeMarkdown(text: string): boolean {
  return /^(?:```|~~~)/m.test(text) || /(?:^|\n[ \t]*\r?\n)#{1,6} [^\n]{1,300}\n[ \t]*\r?\n/.test(text)
}

function assertOptions({ countTokens, maxTokens, overlapTokens }: ChunkOptions): void {
  if (typeof countTokens !== 'function')
    throw new InvalidArgumentError('options.countTokens', 'a function', countTokens)
  if (!Number.isSafeInteger(maxTokens) || maxTokens < 1)
    throw new InvalidArgumentError('options.maxTokens', 'an integer ≥ 1', maxTokens)
  if (!Number.isSafeInteger(overlapTokens) || overlapTokens < 0 || overlapTokens > maxTokens / 2)
    throw new InvalidArgumentError(
      'options.overlapTokens',
      `an integer from 0 to ${Math.floor(maxTokens / 2)} (half of maxTokens)`,
      overlapTokens,
    )
}
