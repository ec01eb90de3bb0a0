import { CorruptDataError, UnsupportedError } from '../../spec/errors.ts'
import { AddedTokens, readAddedTokens } from './added-tokens.ts'
import { createBpe } from './bpe.ts'
import { createNormalizer, type Normalizer } from './normalizers.ts'
import { createPreTokenizer, type PreTokenizer } from './pre-tokenizers.ts'
import { specialTokens } from './special-tokens.ts'
import type { Tokenizer, TokenizerJson } from './tokenizer.ts'
import { createUnigram } from './unigram.ts'

/** Ids of one word. */
export type WordModel = (word: string) => readonly number[]

/** Words whose ids are kept; the cache starts over when it is full. */
const cachedWords = 32_768
const longestCached = 64

/** A tokenizer put together from the parts that tokenizer.json names: BPE or Unigram behind any of the known splitters. */
export class ComposedTokenizer implements Tokenizer {
  readonly size: number
  readonly unknownId: number
  readonly prefixIds: Int32Array
  readonly suffixIds: Int32Array
  private readonly tokens: (string | undefined)[] = []
  private readonly vocabulary: Map<string, number>
  private readonly normalize: Normalizer
  private readonly preTokenize: PreTokenizer
  private readonly model: WordModel
  private readonly rawTokens: AddedTokens
  private readonly normalizedTokens: AddedTokens
  private cache = new Map<string, readonly number[]>()

  constructor(json: TokenizerJson, place: string) {
    const { model } = json
    this.vocabulary = readVocabulary(model['vocab'], place)
    const added = readAddedTokens(json, place)
    for (const [token, id] of this.vocabulary) this.tokens[id] = token
    for (const { id, content } of added) this.tokens[id] = content
    this.size = this.tokens.length
    const unknown = typeof model['unk_token'] === 'string' ? this.vocabulary.get(model['unk_token']) : model['unk_id']
    this.unknownId = typeof unknown === 'number' ? unknown : -1
    this.normalize = createNormalizer(json.normalizer, place)
    this.preTokenize = createPreTokenizer(json.pre_tokenizer, place)
    if (model.type === 'BPE') this.model = createBpe(model, this.vocabulary, place)
    else if (model.type === 'Unigram') this.model = createUnigram(model, this.vocabulary, place)
    else throw new UnsupportedError(`${place}, model`, 'WordPiece, BPE or Unigram', String(model.type))
    this.rawTokens = new AddedTokens(added.filter((token) => token.normalized !== true))
    // These are looked for in normalised text, so their own text is normalised as well.
    this.normalizedTokens = new AddedTokens(
      added
        .filter((token) => token.normalized === true)
        .map((token) => ({ ...token, content: this.normalize(token.content) })),
    )
    const { prefixIds, suffixIds } = specialTokens(json.post_processor, place)
    this.prefixIds = prefixIds
    this.suffixIds = suffixIds
  }

  encode(text: string): Int32Array {
    const ids: number[] = []
    let first = true
    for (const raw of this.rawTokens.split(text) ?? [{ text }]) {
      if ('id' in raw) ids.push(raw.id)
      else {
        const normalized = this.normalize(raw.text)
        for (const part of this.normalizedTokens.split(normalized) ?? [{ text: normalized }]) {
          if ('id' in part) ids.push(part.id)
          else if (part.text !== '') for (const word of this.preTokenize(part.text, first)) this.pushWord(word, ids)
          first = false
        }
      }
      first = false
    }
    return Int32Array.from(ids)
  }

  count(text: string): number {
    return this.encode(text).length
  }

  tokenOf(id: number): string | undefined {
    return this.tokens[id]
  }

  idOf(token: string): number | undefined {
    const id = this.vocabulary.get(token) ?? this.tokens.indexOf(token)
    return id < 0 ? undefined : id
  }

  private pushWord(word: string, ids: number[]): void {
    if (word === '') return
    let found = this.cache.get(word)
    if (found === undefined) {
      found = this.model(word)
      if (word.length <= longestCached) {
        if (this.cache.size >= cachedWords) this.cache = new Map()
        this.cache.set(word, found)
      }
    }
    for (const id of found) ids.push(id)
  }
}

/** BPE has an object of token to id, Unigram a list of token and score. */
function readVocabulary(vocabulary: unknown, place: string): Map<string, number> {
  const entries: readonly (readonly [unknown, unknown])[] = Array.isArray(vocabulary)
    ? vocabulary.map((entry, id) => [entry?.[0], id])
    : Object.entries((vocabulary ?? {}) as object)
  const map = new Map<string, number>()
  for (const [token, id] of entries) {
    if (typeof token !== 'string' || !Number.isInteger(id) || (id as number) < 0 || (id as number) >= 2 ** 24)
      throw new CorruptDataError(place, 'a vocabulary of tokens with small integer ids', 'another entry', {
        remedy: 'Take the file from its source again.',
      })
    if (!map.has(token)) map.set(token, id as number)
  }
  if (map.size === 0)
    throw new CorruptDataError(place, 'a vocabulary', 'none', { remedy: 'Take the file from its source again.' })
  return map
}
