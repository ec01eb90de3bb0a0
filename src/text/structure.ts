/** A stretch of a text that reads as one thing. */
export interface Block {
  readonly start: number
  /** Where the next block begins: the white space between belongs to this one. */
  end: number
  /** `prose` is cut at sentences when it is too long, `lines` at line breaks. */
  readonly kind: 'heading' | 'prose' | 'lines'
  /** For a heading: its place in the section's `headings`. */
  readonly depth?: number
}

/** Neighbouring blocks under one heading. */
export interface Section {
  /** Outermost first; the document's title is not among them. */
  readonly headings: readonly string[]
  readonly blocks: readonly Block[]
}

export interface Structure {
  /** Their blocks cover the text without a gap, in order. */
  readonly sections: readonly Section[]
  /** The text with NUL in place of each character of markup, or a space where markup parts words; of equal length. */
  readonly words: string
}

/** Longer lines are no headings, whatever they begin with: every passage below carries its headings. */
export const maxHeadingLength = 300

/** Give the white space between blocks, and before the first, to a block. */
export function closeGaps(sections: readonly Section[], length: number): void {
  const blocks = sections.flatMap((section) => section.blocks)
  for (const [i, block] of blocks.entries()) block.end = blocks[i + 1]?.start ?? length
}
