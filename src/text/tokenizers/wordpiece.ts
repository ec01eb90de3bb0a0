import { CorruptDataError, UnsupportedError } from '../../spec/errors.ts'
import { AddedTokens, readAddedTokens } from './added-tokens.ts'
import { BertCharacters, characterKind, kindOfNormalized } from './bert-characters.ts'
import { hashPowers, nextHash, PieceTable } from './piece-table.ts'
import { specialTokens } from './special-tokens.ts'
import type { AddedToken, Component, Tokenizer, TokenizerJson } from './tokenizer.ts'
import { type VocabularyBytes, vocabularyOf } from './vocabulary-bytes.ts'

/** Longest word, in UTF-16 units, that a vocabulary's `max_input_chars_per_word` may let through. */
const wordCapacity = hashPowers.length - 1

/**
 * BERT's tokenizer: clean, fold, split at spaces and punctuation, then the longest known piece first.
 *
 * Cost: O(length) with one table look-up a word; pieces are looked up in the word's own buffer, so no strings are made.
 * Source: WordPiece, BertNormalizer and BertPreTokenizer of the `tokenizers` crate.
 */
export class WordPieceTokenizer implements Tokenizer {
  readonly size: number
  readonly unknownId: number
  readonly prefixIds: Int32Array
  readonly suffixIds: Int32Array
  readonly vocabulary: VocabularyBytes
  private tokens: (string | undefined)[] | undefined
  private readonly added: readonly AddedToken[]
  private tables: { initial: PieceTable; continuing: PieceTable } | undefined
  readonly prefix: string
  private readonly place: string
  readonly characters: BertCharacters
  readonly rawTokens: AddedTokens
  readonly normalizedTokens: AddedTokens
  readonly maxWordLength: number

  private readonly word = new Uint16Array(wordCapacity + 2)
  private readonly prefixes = new Int32Array(wordCapacity + 3)
  private wordLength = 0
  private wordCharacters = 0
  private output = new Int32Array(1024)
  private outputLength = 0

  /** @param vocabulary - Read already; else `model.vocab` is. */
  constructor(json: TokenizerJson, place: string, vocabulary?: VocabularyBytes) {
    const { model } = json
    const record = model['vocab']
    if (typeof record !== 'object' || record === null || Array.isArray(record))
      throw new CorruptDataError(place, 'model.vocab to be an object of token to id', describeKind(record), remedy)
    this.vocabulary = vocabulary ?? vocabularyOf(record as Record<string, unknown>, place)
    this.place = place
    this.prefix = typeof model['continuing_subword_prefix'] === 'string' ? model['continuing_subword_prefix'] : '##'
    const added = readAddedTokens(json, place)
    this.added = added
    this.size = added.reduce((size, { id }) => Math.max(size, id + 1), this.vocabulary.size)
    const unknown = typeof model['unk_token'] === 'string' ? model['unk_token'] : '[UNK]'
    this.unknownId = this.vocabulary.find(unknown) ?? added.find(({ content }) => content === unknown)?.id ?? -1
    const limit = model['max_input_chars_per_word'] ?? 100
    if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 1 || limit > wordCapacity / 2)
      throw new UnsupportedError(place, `max_input_chars_per_word from 1 to ${wordCapacity >> 1}`, String(limit))
    this.maxWordLength = limit
    this.characters = new BertCharacters(bertOptions(json, place))
    this.rawTokens = new AddedTokens(added.filter((token) => token.normalized !== true))
    this.normalizedTokens = new AddedTokens(added.filter((token) => token.normalized === true))
    const { prefixIds, suffixIds } = specialTokens(json.post_processor, place)
    this.prefixIds = prefixIds
    this.suffixIds = suffixIds
  }

  encode(text: string): Int32Array {
    return this.encodeView(text).slice()
  }

  count(text: string): number {
    return this.encodeView(text).length
  }

  /** As `encode`, but a view that the next call overwrites: for callers who read it at once. */
  encodeView(text: string): Int32Array {
    this.outputLength = 0
    const segments = this.rawTokens.split(text)
    if (segments === undefined) this.scanNormalized(text)
    else
      for (const segment of segments) {
        if ('id' in segment) this.push(segment.id)
        else this.scanNormalized(segment.text)
      }
    return this.output.subarray(0, this.outputLength)
  }

  tokenOf(id: number): string | undefined {
    if (this.tokens === undefined) {
      const tokens: (string | undefined)[] = []
      this.vocabulary.tokens().forEach((token, i) => {
        tokens[this.vocabulary.ids[i] as number] = token
      })
      for (const { id: addedId, content } of this.added) tokens[addedId] = content
      this.tokens = tokens
    }
    return this.tokens[id]
  }

  idOf(token: string): number | undefined {
    return this.added.find(({ content }) => content === token)?.id ?? this.vocabulary.idOf(token)
  }

  private buildTables(): { initial: PieceTable; continuing: PieceTable } {
    const initial = this.vocabulary.tokens().map((text, i) => ({ text, id: this.vocabulary.ids[i] as number }))
    const continuing = initial
      .filter(({ text }) => text.startsWith(this.prefix))
      .map(({ text, id }) => ({ text: text.slice(this.prefix.length), id }))
    return { initial: new PieceTable(initial, this.place), continuing: new PieceTable(continuing, this.place) }
  }

  private scanNormalized(text: string): void {
    const segments = this.normalizedTokens.split(text)
    if (segments === undefined) this.scan(text)
    else
      for (const segment of segments) {
        if ('id' in segment) this.push(segment.id)
        else this.scan(segment.text)
      }
  }

  private scan(text: string): void {
    const { kinds } = this.characters
    for (let i = 0; i < text.length; i++) {
      let code = text.charCodeAt(i)
      if (code >= 0xd800 && code < 0xdc00) {
        code = text.codePointAt(i) as number
        if (code > 0xffff) i++
      }
      const known = code < 0x10000 ? (kinds[code] as number) : 255
      const kind = known === 255 ? this.characters.kindOf(code) : known
      if (kind === characterKind.word) this.extend(code)
      else if (kind === characterKind.space) this.endWord()
      else if (kind === characterKind.alone) this.alone(code)
      else if (kind === characterKind.replaced) this.replaced(this.characters.replacementOf(code))
    }
    this.endWord()
  }

  private replaced(text: string): void {
    if (text.length === 1) {
      const code = text.charCodeAt(0)
      if (code >= 97 && code <= 122) {
        this.extend(code)
        return
      }
    }
    for (const character of text) {
      const code = character.codePointAt(0) as number
      const kind = kindOfNormalized(code)
      if (kind === characterKind.word) this.extend(code)
      else if (kind === characterKind.space) this.endWord()
      else this.alone(code)
    }
  }

  private alone(code: number): void {
    this.endWord()
    this.extend(code)
    this.endWord()
  }

  private extend(code: number): void {
    this.wordCharacters++
    if (this.wordCharacters > this.maxWordLength) return
    const { word, prefixes } = this
    let at = this.wordLength
    if (code < 0x10000) {
      word[at] = code
      prefixes[at + 1] = nextHash(prefixes[at] as number, code)
    } else {
      const high = 0xd7c0 + (code >> 10)
      const low = 0xdc00 + (code & 0x3ff)
      word[at] = high
      prefixes[at + 1] = nextHash(prefixes[at] as number, high)
      at++
      word[at] = low
      prefixes[at + 1] = nextHash(prefixes[at] as number, low)
    }
    this.wordLength = at + 1
  }

  private endWord(): void {
    const length = this.wordLength
    if (length === 0) return
    const tooLong = this.wordCharacters > this.maxWordLength
    this.wordLength = 0
    this.wordCharacters = 0
    if (tooLong) {
      this.pushUnknown()
      return
    }
    // Built on the first word: a model whose kernel has its own tables never needs them.
    this.tables ??= this.buildTables()
    const whole = this.tables.initial.find(this.word, 0, length, this.prefixes[length] as number)
    if (whole >= 0) this.push(whole)
    else this.pushPieces(length, this.tables)
  }

  private pushPieces(length: number, tables: { initial: PieceTable; continuing: PieceTable }): void {
    const { word, prefixes } = this
    const mark = this.outputLength
    let start = 0
    while (start < length) {
      const table = start === 0 ? tables.initial : tables.continuing
      let end = Math.min(length, start + table.longest)
      let id = -1
      for (; end > start; end--) {
        const hash = (prefixes[end] as number) - Math.imul(prefixes[start] as number, hashPowers[end - start] as number)
        id = table.find(word, start, end, hash | 0)
        if (id >= 0) break
      }
      if (id < 0) {
        this.outputLength = mark
        this.pushUnknown()
        return
      }
      this.push(id)
      start = end
    }
  }

  private pushUnknown(): void {
    if (this.unknownId >= 0) this.push(this.unknownId)
  }

  private push(id: number): void {
    if (this.outputLength === this.output.length) {
      const larger = new Int32Array(this.output.length * 2)
      larger.set(this.output)
      this.output = larger
    }
    this.output[this.outputLength++] = id
  }
}

const remedy = { remedy: 'Take the file from its source again.' }

function describeKind(value: unknown): string {
  return Array.isArray(value) ? 'an array' : value === null ? 'null' : typeof value
}

function bertOptions(json: TokenizerJson, place: string) {
  const normalizer: Component = json.normalizer ?? {}
  if (normalizer.type !== 'BertNormalizer')
    throw new UnsupportedError(`${place}, normalizer`, 'BertNormalizer with WordPiece', String(normalizer.type))
  const splitter = json.pre_tokenizer?.type
  if (splitter !== 'BertPreTokenizer')
    throw new UnsupportedError(`${place}, pre_tokenizer`, 'BertPreTokenizer with WordPiece', String(splitter))
  const lowercase = normalizer['lowercase'] !== false
  return {
    cleanText: normalizer['clean_text'] !== false,
    handleChineseChars: normalizer['handle_chinese_chars'] !== false,
    stripAccents: typeof normalizer['strip_accents'] === 'boolean' ? normalizer['strip_accents'] : lowercase,
    lowercase,
  }
}
