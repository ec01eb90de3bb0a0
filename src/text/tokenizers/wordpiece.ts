import { CorruptDataError, UnsupportedError } from '../../spec/errors.ts'
import { AddedTokens } from './added-tokens.ts'
import { BertCharacters, characterKind, kindOfNormalized } from './bert-characters.ts'
import { hashPowers, nextHash, PieceTable } from './piece-table.ts'
import { specialTokens } from './special-tokens.ts'
import type { AddedToken, Component, Tokenizer, TokenizerJson } from './tokenizer.ts'

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
  private readonly tokens: (string | undefined)[] = []
  private readonly ids = new Map<string, number>()
  private readonly initial: PieceTable
  private readonly continuing: PieceTable
  private readonly characters: BertCharacters
  private readonly rawTokens: AddedTokens
  private readonly normalizedTokens: AddedTokens
  private readonly maxWordLength: number

  private readonly word = new Uint16Array(wordCapacity + 2)
  private readonly prefixes = new Int32Array(wordCapacity + 3)
  private wordLength = 0
  private wordCharacters = 0
  private output = new Int32Array(1024)
  private outputLength = 0

  constructor(json: TokenizerJson, place: string) {
    const { model } = json
    const vocabulary = model['vocab']
    if (typeof vocabulary !== 'object' || vocabulary === null || Array.isArray(vocabulary))
      throw new CorruptDataError(place, 'model.vocab to be an object of token to id', describeKind(vocabulary), remedy)
    const prefix = typeof model['continuing_subword_prefix'] === 'string' ? model['continuing_subword_prefix'] : '##'
    const initial: { text: string; id: number }[] = []
    const continuing: { text: string; id: number }[] = []
    for (const token in vocabulary) {
      const id: unknown = (vocabulary as Record<string, unknown>)[token]
      if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id > 0xffffff)
        throw new CorruptDataError(
          place,
          'ids to be integers from 0 to 16777215',
          `another id of token ${this.ids.size}`,
          remedy,
        )
      if (this.tokens[id] !== undefined) throw new CorruptDataError(place, 'every id once', `id ${id} twice`, remedy)
      this.tokens[id] = token
      this.ids.set(token, id)
      initial.push({ text: token, id })
      if (token.startsWith(prefix)) continuing.push({ text: token.slice(prefix.length), id })
    }
    const added = readAddedTokens(json, place)
    for (const token of added) {
      this.tokens[token.id] = token.content
      this.ids.set(token.content, token.id)
    }
    this.size = this.tokens.length
    this.unknownId = this.ids.get(typeof model['unk_token'] === 'string' ? model['unk_token'] : '[UNK]') ?? -1
    this.initial = new PieceTable(initial, place)
    this.continuing = new PieceTable(continuing, place)
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
    return this.tokens[id]
  }

  idOf(token: string): number | undefined {
    return this.ids.get(token)
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
    const whole = this.initial.find(this.word, 0, length, this.prefixes[length] as number)
    if (whole >= 0) this.push(whole)
    else this.pieces(length)
  }

  private pieces(length: number): void {
    const { word, prefixes } = this
    const mark = this.outputLength
    let start = 0
    while (start < length) {
      const table = start === 0 ? this.initial : this.continuing
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

export function readAddedTokens(json: TokenizerJson, place: string): AddedToken[] {
  const tokens: unknown = json.added_tokens ?? []
  if (!Array.isArray(tokens))
    throw new CorruptDataError(place, 'added_tokens to be an array', describeKind(tokens), remedy)
  for (const token of tokens) {
    if (typeof token?.content !== 'string' || !Number.isInteger(token.id) || token.id < 0 || token.id > 0xffffff)
      throw new CorruptDataError(place, 'added tokens with an id and a content', 'one without', remedy)
  }
  return tokens
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
