import { pieceStarts } from './graphemes.ts'
import { lineStarts, sentenceStarts, wordStarts } from './sentences.ts'
import type { Block } from './structure.ts'

/** How finely a unit is cut; each level is cut into the next where it is too long. */
const levels = ['block', 'sentence', 'line', 'word', 'piece', 'character'] as const
type Level = (typeof levels)[number]
/** Letters of a long word that are counted at once. */
const pieceCharacters = 24
export interface UnitSource {
  readonly text: string
  /** `Structure.words` of the text. */
  readonly words: string
  /** Tells whether the text may be cut at an offset. */
  readonly isBoundary: (offset: number) => boolean
}

/** A block or a part of one: what passages are packed from. */
export interface Unit {
  readonly start: number
  readonly end: number
  readonly level: Level
  readonly block: Block
  /** Its words are in the context already. */
  readonly isHeading: boolean
  /** NaN until measured. */
  tokens: number
  characters: number
  /** Its words, once asked for. */
  plain: string | undefined
}

/** The unit in parts of the next level that makes several of it; itself where none does. */
export function cutUnit({ text, words, isBoundary }: UnitSource, unit: Unit): Unit[] {
  const { start, end, block } = unit
  for (const level of levels.slice(levels.indexOf(unit.level) + 1)) {
    const starts =
      level === 'sentence'
        ? block.kind === 'lines'
          ? []
          : sentenceStarts(words, start, end)
        : level === 'line'
          ? lineStarts(words, start, end)
          : level === 'word'
            ? wordStarts(words, start, end)
            : pieceStarts(text, start, end, level === 'piece' ? pieceCharacters : 1)
    const isExact = level === 'piece' || level === 'character'
    const safe = isExact ? starts : starts.filter((at) => isBoundary(at))
    if (safe.length === 0) continue
    return [start, ...safe].map((at, i) => ({
      start: at,
      end: safe[i] ?? end,
      level,
      block,
      isHeading: false,
      tokens: Number.NaN,
      characters: 0,
      plain: undefined,
    }))
  }
  return [{ ...unit, level: 'character' }]
}

export function sumOf(units: readonly Unit[], field: 'tokens' | 'characters'): number {
  let sum = 0
  for (const unit of units) sum += unit[field]
  return sum
}

/** Put units on a stack so that the first comes off first. */
export function pushReversed(stack: Unit[], units: readonly Unit[]): void {
  for (let i = units.length - 1; i >= 0; i--) stack.push(units[i] as Unit)
}
