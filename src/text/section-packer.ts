import type { Passage } from '../spec/collection.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import { plainWords } from './plain-words.ts'
import type { Block } from './structure.ts'
import { cutUnit, pushReversed, sumOf, type Unit, type UnitSource } from './units.ts'

export interface PackerOptions extends UnitSource {
  readonly lineAt: (offset: number) => number
  readonly countTokens: (text: string) => number
  readonly maxTokens: number
  readonly overlapTokens: number
  /** Most characters of a passage's words. */
  readonly maxCharacters: number
}

/** Text of more characters a token than this is rare: longer sections are measured block by block at once. */
const likelyCharactersPerToken = 8

/** What stands before a passage's words in its `input`. */
interface Context {
  readonly input: string
  readonly tokens: number
  /** Headings from this one on are in `input`. */
  readonly from: number
}

/**
 * Packs blocks into passages, section by section. Each unit is counted once and the counts are added; a full passage is
 * then counted as a whole, and gives units back while its true count is over the limit.
 */
export class SectionPacker {
  readonly #options: PackerOptions
  readonly #passages: Passage[] = []
  /** Tokens of an empty text: the model's special tokens, counted once a passage. */
  readonly #base: number
  /** Where a stretch without words begins that waits for the next passage; -1 for none. */
  #waitsFrom = -1
  #headings: readonly string[] = []
  /** By how much joined units of this section have come to more tokens than their sum. */
  #inflation = 1
  #context: Context = { input: '', tokens: 0, from: 0 }

  constructor(options: PackerOptions) {
    this.#options = options
    this.#base = options.countTokens('')
  }

  /**
   * @param headings - The document's title, if it has one, and the section's.
   * @param titles - How many of them are not the section's own.
   */
  add(headings: readonly string[], blocks: readonly Block[], titles: number): void {
    this.#headings = headings
    this.#inflation = 1
    this.#context = this.#contextOf(headings)
    const units = blocks.map((block): Unit => {
      const isHeading = block.kind === 'heading' && (block.depth ?? 0) + titles >= this.#context.from
      return {
        start: block.start,
        end: block.end,
        level: 'block',
        block,
        isHeading,
        tokens: Number.NaN,
        characters: 0,
        plain: undefined,
      }
    })
    if (!this.#addWhole(units)) this.#addInParts(units)
  }

  /** @returns the passages of all sections; none where there was not a word. */
  finish(): Passage[] {
    const last = this.#passages.at(-1)
    if (last !== undefined && this.#waitsFrom !== -1) {
      const end = this.#options.text.length
      this.#passages[this.#passages.length - 1] = { ...last, end, text: this.#options.text.slice(last.start, end) }
    }
    return this.#passages
  }

  /** As one passage, where it fits; the common case costs one count. */
  #addWhole(units: readonly Unit[]): boolean {
    const { maxTokens, maxCharacters } = this.#options
    const length = units.length === 0 ? 0 : (units.at(-1) as Unit).end - (units[0] as Unit).start
    if (length > maxTokens * likelyCharactersPerToken * 4) return false
    const body = this.#bodyOf(units)
    if (body.length > Math.min(maxTokens * likelyCharactersPerToken, maxCharacters)) return false
    return this.#emit(units, body, this.#context) === 0
  }

  #addInParts(blocks: readonly Unit[]): void {
    const { maxTokens, maxCharacters } = this.#options
    const room = maxTokens - this.#base - this.#context.tokens
    /** Units to come, the next one last. */
    const pending = blocks.toReversed()
    let current: Unit[] = []
    /** Units at the head of `current` that the last passage has too. */
    let shared = 0
    let tokens = 0
    let characters = 0
    const restart = (units: Unit[]) => {
      current = units
      shared = units.length
      tokens = sumOf(units, 'tokens')
      characters = sumOf(units, 'characters')
    }
    const fits = (unit: Unit) =>
      (tokens + unit.tokens) * this.#inflation <= room && characters + unit.characters <= maxCharacters
    for (;;) {
      const unit = pending.pop()
      if (unit === undefined && current.length === shared) return
      if (unit !== undefined) {
        this.#measure(unit)
        const parts = unit.tokens > room || unit.characters > maxCharacters ? cutUnit(this.#options, unit) : []
        if (parts.length > 1) {
          pushReversed(pending, parts)
          continue
        }
        while (shared > 0 && current.length === shared && !fits(unit)) restart(current.slice(1))
        if (current.length === shared || fits(unit)) {
          current.push(unit)
          tokens += unit.tokens
          characters += unit.characters
          continue
        }
        pending.push(unit)
      }
      const { from, to } = this.#emitMost(current, shared)
      pushReversed(pending, current.slice(to))
      const next = pending.at(-1)
      if (to > shared) restart(next === undefined ? [] : this.#overlap(current.slice(from, to), next))
      else {
        const parts = cutUnit(this.#options, pending.pop() as Unit)
        if (parts.length > 1) pushReversed(pending, parts)
        else this.#emitAlone(parts[0] as Unit)
        restart([])
      }
    }
  }

  /**
   * Emit as many of the units as fit, by their true count: without the shared ones if need be, then ever fewer.
   *
   * @returns which of `current` are in the passage; `to` is `shared` where even the first new one does not fit.
   */
  #emitMost(current: readonly Unit[], shared: number): { from: number; to: number } {
    if (shared > 0 && this.#emitRange(current, 0, current.length) === 0) return { from: 0, to: current.length }
    for (let to = current.length; to > shared; ) {
      const tokens = this.#emitRange(current, shared, to)
      if (tokens === 0) return { from: shared, to }
      const share = this.#options.maxTokens / tokens
      const summed = sumOf(current.slice(shared, to), 'tokens')
      const joined = tokens - this.#base - this.#context.tokens
      if (summed > 0) this.#inflation = Math.max(this.#inflation, joined / summed)
      to = Math.min(to - 1, Math.max(shared + 1, shared + Math.floor((to - shared) * share)))
    }
    return { from: shared, to: shared }
  }

  /** @returns 0 where the passage was emitted, else its tokens, which are too many. */
  #emitRange(units: readonly Unit[], from: number, to: number): number {
    const range = units.slice(from, to)
    return this.#emit(range, this.#bodyOf(range), this.#context)
  }

  /** A character that does not fit below its headings goes without them. */
  #emitAlone(unit: Unit): void {
    const body = this.#bodyOf([unit])
    if (this.#emit([unit], body, { input: '', tokens: 0, from: this.#headings.length }) === 0) return
    throw new InvalidArgumentError(
      'options.maxTokens',
      `at least ${this.#options.countTokens(body)}, the tokens of a single character of the text`,
      this.#options.maxTokens,
    )
  }

  /** @returns 0 where the passage was emitted, else its tokens, which are too many. */
  #emit(units: readonly Unit[], body: string, context: Context): number {
    const { text, lineAt, countTokens, maxTokens } = this.#options
    const [first] = units
    const last = units.at(-1)
    if (first === undefined || last === undefined) return 0
    if (body === '' && !units.some((unit) => unit.isHeading)) {
      if (this.#waitsFrom === -1) this.#waitsFrom = first.start
      return 0
    }
    const input = [context.input, body].filter((part) => part !== '').join('\n')
    const tokens = countTokens(input)
    if (tokens > maxTokens) return tokens
    const start = this.#waitsFrom === -1 ? first.start : Math.min(this.#waitsFrom, first.start)
    this.#waitsFrom = -1
    this.#passages.push({
      // White space before the first block is the first passage's.
      start: this.#passages.length === 0 ? 0 : start,
      end: last.end,
      text: text.slice(this.#passages.length === 0 ? 0 : start, last.end),
      line: lineAt(this.#passages.length === 0 ? 0 : start),
      headings: this.#headings,
      tokens,
      input,
    })
    return 0
  }

  /** The last sentences of a passage that the next one begins with, where both are cut from one block. */
  #overlap(emitted: readonly Unit[], next: Unit): Unit[] {
    const { overlapTokens } = this.#options
    const shared: Unit[] = []
    let tokens = 0
    for (let i = emitted.length - 1; i > 0; i--) {
      const unit = emitted[i] as Unit
      tokens += unit.tokens
      const isSentence = unit.level === 'sentence' || unit.level === 'line'
      if (!isSentence || unit.block !== next.block || tokens > overlapTokens) break
      shared.unshift(unit)
    }
    return shared
  }

  #measure(unit: Unit): void {
    if (!Number.isNaN(unit.tokens)) return
    const { countTokens, maxCharacters } = this.#options
    const plain = unit.isHeading ? '' : this.#plainOf(unit)
    unit.characters = plain.length
    if (plain === '') unit.tokens = 0
    else unit.tokens = plain.length > maxCharacters ? Infinity : Math.max(0, countTokens(plain) - this.#base)
  }

  /** The words of neighbouring units, without the headings that the context has; a line for each block. */
  #bodyOf(units: readonly Unit[]): string {
    const { words } = this.#options
    const parts: string[] = []
    for (let i = 0; i < units.length; i++) {
      const first = units[i] as Unit
      if (first.isHeading) continue
      while (units[i + 1]?.block === first.block) i++
      const last = units[i] as Unit
      const plain = first === last ? this.#plainOf(first) : plainWords(words, first.start, last.end)
      if (plain !== '') parts.push(plain)
    }
    return parts.join('\n')
  }

  #plainOf(unit: Unit): string {
    unit.plain ??= plainWords(this.#options.words, unit.start, unit.end)
    return unit.plain
  }

  #contextOf(headings: readonly string[]): Context {
    const half = Math.floor((this.#options.maxTokens - this.#base) / 2)
    for (let from = 0; from < headings.length; from++) {
      const input = headings.slice(from).join('\n')
      if (input === this.#context.input && from === this.#context.from) return this.#context
      const tokens = this.#options.countTokens(input) - this.#base
      if (tokens <= half) return { input, tokens, from }
    }
    return { input: '', tokens: 0, from: headings.length }
  }
}
