import { InvalidArgumentError, InvalidVectorError } from '../spec/errors.ts'
import { createMatrix, rowOf } from '../spec/matrix.ts'
import type { EmbedCallOptions, EmbeddingModel, Embeddings, EmbeddingTask, ModelLimits } from '../spec/model.ts'
import type { Passport } from '../spec/passport.ts'

export interface FakeModelOptions {
  /** @default 'words' */
  readonly name?: string
  /** @default 32 */
  readonly dimensions?: number
  /** Other seed, other vectors and another passport. @default 0 */
  readonly seed?: number
  /** @default no limit but 4 parallel calls */
  readonly limits?: Partial<ModelLimits>
  /** @default 'negligible' */
  readonly cost?: EmbeddingModel['cost']
  readonly queryPrompt?: string
  readonly documentPrompt?: string
  /** Refuse texts without a word, as static models refuse texts without a known token. @default false */
  readonly refusesWordless?: boolean
  /** Called before each call is answered, with the number of the call from 0; what it throws, the call throws. */
  readonly beforeCall?: (call: number, texts: readonly string[]) => void | Promise<void>
  /** May change the rows of an answer in place, or give others: the way to inject NaN, zeros or a wrong count. */
  readonly afterCall?: (answer: Embeddings, call: number) => Embeddings
}

export interface FakeModel extends EmbeddingModel {
  /** Every call so far, in the order begun. */
  readonly calls: readonly { readonly texts: readonly string[]; readonly task: EmbeddingTask }[]
}

/**
 * A model for tests: each word has a pseudo-random direction made from its letters, a text is the mean of its words at
 * unit length. So texts that share words are alike, equal texts equal, and nothing is read from disk.
 *
 * A token is a word; limits are those given; a text over them is refused as a real model refuses it.
 */
export function fakeModel(options: FakeModelOptions = {}): FakeModel {
  const { name = 'words', dimensions = 32, seed = 0, queryPrompt = '', documentPrompt = '' } = options
  if (!Number.isSafeInteger(dimensions) || dimensions < 1)
    throw new InvalidArgumentError('options.dimensions', 'an integer ≥ 1', dimensions)
  const limits: ModelLimits = {
    tokensPerText: Infinity,
    textsPerCall: Infinity,
    tokensPerCall: Infinity,
    parallelCalls: 4,
    ...options.limits,
  }
  const passport: Passport = {
    provider: 'fake',
    model: name,
    weightsDigest: `seed-${seed}`,
    tokenizerDigest: '',
    dimensions,
    pooling: 'mean',
    queryPrompt,
    documentPrompt,
    normalized: true,
    maxTokens: Number.isFinite(limits.tokensPerText) ? limits.tokensPerText : null,
    dtype: 'float32',
  }
  const calls: { texts: readonly string[]; task: EmbeddingTask }[] = []

  async function embed(texts: readonly string[], { task, signal }: EmbedCallOptions): Promise<Embeddings> {
    const call = calls.length
    calls.push({ texts: [...texts], task })
    signal?.throwIfAborted()
    await options.beforeCall?.(call, texts)
    signal?.throwIfAborted()
    const prompt = task === 'query' ? queryPrompt : documentPrompt
    const vectors = createMatrix(texts.length, dimensions, undefined, passport)
    let tokens = 0
    for (const [i, text] of texts.entries()) {
      const words = wordsOf(prompt + text)
      if (words.length > limits.tokensPerText)
        throw new InvalidArgumentError(`texts[${i}]`, `at most ${limits.tokensPerText} tokens`, words.length)
      if (words.length === 0 && options.refusesWordless === true)
        throw new InvalidVectorError(`texts[${i}]`, 'a word the model knows', 'none', { row: i })
      tokens += words.length
      addWords(rowOf(vectors, i), words, seed)
    }
    const answer = { vectors, usage: { tokens } }
    return options.afterCall?.(answer, call) ?? answer
  }

  return {
    passport,
    limits,
    cost: options.cost ?? 'negligible',
    calls,
    countTokens: (text) => wordsOf(text).length,
    embed,
  }
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
}

function addWords(row: Float32Array, words: readonly string[], seed: number): void {
  // A text of signs alone still needs a direction: that of the empty word.
  for (const word of words.length > 0 ? words : ['']) {
    let state = hash(word, seed)
    for (let i = 0; i < row.length; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      row[i] = (row[i] as number) + (state / 2 ** 31 - 1)
    }
  }
  let squared = 0
  for (const value of row) squared += value * value
  const length = Math.sqrt(squared)
  for (let i = 0; i < row.length; i++) row[i] = (row[i] as number) / length
}

/** FNV-1a over UTF-16 code units. */
function hash(word: string, seed: number): number {
  let state = (0x811c9dc5 ^ Math.imul(seed, 0x9e3779b1)) >>> 0
  for (let i = 0; i < word.length; i++) state = Math.imul(state ^ word.charCodeAt(i), 0x01000193) >>> 0
  // Neighbouring words must not give neighbouring streams.
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b) >>> 0
  return (state ^ (state >>> 13)) >>> 0
}
