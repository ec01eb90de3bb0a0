import { InvalidArgumentError, UnsupportedError } from '../spec/errors.ts'
import { createMatrix, type Matrix, rowOf } from '../spec/matrix.ts'
import type { EmbedCallOptions, EmbeddingModel, Embeddings, EmbeddingTask, ModelLimits } from '../spec/model.ts'
import type { Passport } from '../spec/passport.ts'
import type { Tokenizer } from '../text/tokenizers/tokenizer.ts'
import { applyHead } from './head.ts'
import { normalizeRow } from './pooling.ts'
import type { PreparedTransformer } from './prepare-transformer.ts'
import type { TransformerConfig } from './transformer-config.ts'
import { assertUses, tokensOfWord, type WordUse } from './word-use.ts'

/** What runs a model's graph over token sequences, on one thread or several. */
export interface TransformerEngine {
  /** Pooled vectors of the sequences, `hiddenSize` values each, in their order. */
  embed(sequences: readonly Int32Array[], signal?: AbortSignal): Promise<Float32Array>
  /** Hidden states of one sequence, a row a token. */
  states(ids: Int32Array): Promise<Float32Array>
  close(): Promise<void>
}

/** See `loadTransformer`; in a page, that of `web/load-transformer.ts`. */
export class Transformer implements EmbeddingModel {
  readonly cost = 'compute'
  readonly passport: Passport
  readonly limits: ModelLimits
  readonly tokenizer: Tokenizer
  private readonly config: TransformerConfig
  private readonly engine: TransformerEngine

  constructor({ passport, config, tokenizer }: PreparedTransformer, engine: TransformerEngine) {
    this.passport = passport
    this.config = config
    this.tokenizer = tokenizer
    this.engine = engine
    this.limits = { tokensPerText: config.maxTokens, textsPerCall: 2048, tokensPerCall: 65_536, parallelCalls: 1 }
  }

  countTokens(text: string): number {
    return this.tokenizer.count(this.cased(text)) + this.tokenizer.prefixIds.length + this.tokenizer.suffixIds.length
  }

  async embed(texts: readonly string[], options: EmbedCallOptions): Promise<Embeddings> {
    const encoded = texts.map((text, index) => this.encode(this.promptOf(options.task) + text, `texts[${index}]`))
    const vectors = await this.embedIds(encoded, options)
    return { vectors, usage: { tokens: encoded.reduce((total, ids) => total + ids.length, 0) } }
  }

  /** Vectors of token sequences as they stand: special tokens are the caller's. Each holds 1 to `limits.tokensPerText` ids. */
  async embedIds(
    sequences: readonly Int32Array[],
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<Matrix> {
    const empty = sequences.findIndex((ids) => ids.length === 0)
    if (empty >= 0) throw new InvalidArgumentError(`sequences[${empty}]`, 'at least one token', 'none')
    const { hiddenSize, head } = this.config
    const pooled = await this.engine.embed(sequences, options.signal)
    const vectors = createMatrix(sequences.length, this.passport.dimensions, undefined, this.passport)
    for (let row = 0; row < vectors.rows; row++)
      applyHead(head, pooled.subarray(row * hiddenSize, (row + 1) * hiddenSize), rowOf(vectors, row))
    return vectors
  }

  /**
   * The vector of each word where it stands: the mean of the last hidden states of its tokens, of unit length. No prompt is
   * put before the texts, and what follows pooling in the model's folder is left out: it was made for whole texts.
   *
   * @returns one row a use, `hiddenSize` columns. The passport says `pooling: 'none'`, so these rows never meet vectors of texts.
   * @throws {NotFoundError} for a word that does not stand in its text.
   */
  async embedWords(
    uses: readonly WordUse[],
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<Matrix> {
    assertUses(uses)
    const { hiddenSize } = this.config
    const passport: Passport = {
      ...this.passport,
      dimensions: hiddenSize,
      pooling: 'none',
      queryPrompt: '',
      documentPrompt: '',
      normalized: true,
    }
    const vectors = createMatrix(uses.length, hiddenSize, undefined, passport)
    for (const [row, use] of uses.entries()) {
      options.signal?.throwIfAborted()
      const text = this.cased(use.text)
      if (text.length !== use.text.length)
        throw new UnsupportedError(`uses[${row}].text`, 'a text whose length lower case does not change', 'another')
      const { from, to } = tokensOfWord(this.tokenizer, { ...use, text }, `uses[${row}]`)
      const first = this.tokenizer.prefixIds.length
      const states = await this.engine.states(this.encode(use.text, `uses[${row}].text`))
      const output = rowOf(vectors, row)
      for (let token = first + from; token < first + to; token++)
        for (let i = 0; i < hiddenSize; i++) output[i]! += states[token * hiddenSize + i] as number
      normalizeRow(output)
    }
    return vectors
  }

  close(): Promise<void> {
    return this.engine.close()
  }

  private promptOf(task: EmbeddingTask): string {
    return this.config.prompts[task] ?? this.config.prompts.document
  }

  private cased(text: string): string {
    return this.config.lowerCase ? text.toLowerCase() : text
  }

  private encode(text: string, what: string): Int32Array {
    const { prefixIds, suffixIds } = this.tokenizer
    const ids = this.tokenizer.encode(this.cased(text))
    const length = ids.length + prefixIds.length + suffixIds.length
    if (length > this.limits.tokensPerText)
      throw new InvalidArgumentError(
        what,
        `at most ${this.limits.tokensPerText} tokens`,
        length,
        'Split it into passages first: nothing is cut silently.',
      )
    const all = new Int32Array(length)
    all.set(prefixIds)
    all.set(ids, prefixIds.length)
    all.set(suffixIds, prefixIds.length + ids.length)
    return all
  }
}
