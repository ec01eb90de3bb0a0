import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { basename, resolve } from 'node:path'
import { InvalidArgumentError, UnsupportedError } from '../spec/errors.ts'
import { createMatrix, type Matrix, rowOf } from '../spec/matrix.ts'
import type { EmbedCallOptions, EmbeddingModel, Embeddings, EmbeddingTask, ModelLimits } from '../spec/model.ts'
import type { Passport } from '../spec/passport.ts'
import { loadTokenizer } from '../text/tokenizers/load.ts'
import type { Tokenizer } from '../text/tokenizers/tokenizer.ts'
import { findGraph, type GraphDtype, graphParts } from './graph-files.ts'
import { applyHead, headSize } from './head.ts'
import { digestOf } from './model-files.ts'
import { normalizeRow } from './pooling.ts'
import { readTransformerConfig, type TransformerConfig } from './transformer-config.ts'
import { planRewriting } from './transformer-graph.ts'
import { TransformerThreads } from './transformer-threads.ts'
import { assertUses, tokensOfWord, type WordUse } from './word-use.ts'

export interface TransformerOptions {
  /** Which of the folder's graphs to run; each gives vectors of its own, so it is part of the passport. @default 'float32' */
  readonly dtype?: GraphDtype | undefined
  /** Threads of one call, integer ≥ 1. @default the logical cores, at most 8 */
  readonly threads?: number | undefined
  /** Keep only the first values of each vector, integer from 1 to the model's; for models trained for it. @default all */
  readonly dimensions?: number | undefined
  /** The model's name on the hub, where the folder does not show it. @default the folder's name */
  readonly name?: string | undefined
}

/**
 * Open a sentence-transformers folder that holds ONNX graphs.
 *
 * @param folder - With tokenizer.json, config.json, modules.json and `onnx/model.onnx` (float32),
 *   `onnx/model_quantized.onnx` (int8), `onnx/model_fp16.onnx` (float16) …
 * @throws {MissingDependencyError} without `onnxruntime-node`.
 * @throws {NotFoundError} when the folder or the graph is not there.
 * @throws {UnsupportedError} for weights that are no ONNX, and naming a module, pooling or tokenizer that is not computed here.
 *
 * A text has one vector, whoever is embedded with it: in float32 to the last few bits; in 8 bits to the last, by scales that
 * are fixed when the graph is opened (`planRewriting`; the passport's dtype ends in `-static`), or, where the graph does not
 * allow it, because texts run one by one.
 * Departs from sentence-transformers: a text beyond the window is refused, not cut.
 */
export async function loadTransformer(folder: string, options: TransformerOptions = {}): Promise<Transformer> {
  const { dtype = 'float32', dimensions } = options
  const threads = options.threads ?? Math.min(8, Math.max(1, globalThis.navigator?.hardwareConcurrency ?? 1))
  if (!Number.isInteger(threads) || threads < 1)
    throw new InvalidArgumentError('options.threads', 'an integer ≥ 1', threads)
  const name = options.name ?? basename(resolve(folder))
  const path = await findGraph(resolve(folder), dtype)
  const [config, { tokenizer, digest }, weights] = await Promise.all([
    readTransformerConfig(folder, name),
    loadTokenizer(folder),
    digestOfGraph(path),
  ])
  const whole = headSize(config.head, config.hiddenSize, folder)
  if (dimensions !== undefined && !(Number.isInteger(dimensions) && dimensions >= 1 && dimensions <= whole))
    throw new InvalidArgumentError('dimensions', `an integer from 1 to ${whole}, what the model gives`, dimensions)
  const head = dimensions === undefined || dimensions === whole ? config.head : config.cutHead
  const layers = head.flatMap((step) => (step.kind === 'dense' ? [step.bytes] : []))
  const { pooling, hiddenSize } = config
  const isScaled = dtype === 'int8' || dtype === 'uint8'
  const planned = isScaled ? await planRewriting(path, { ...config, tokenizer }) : undefined
  const rewriting = planned?.rewriting
  const isAlone = isScaled && planned === undefined
  const passport: Passport = {
    provider: 'onnx',
    model: name,
    weightsDigest: layers.length === 0 ? weights : digestOf(weights, ...layers),
    tokenizerDigest: digest,
    dimensions: dimensions ?? whole,
    pooling: config.pooling,
    queryPrompt: config.prompts.query,
    documentPrompt: config.prompts.document,
    normalized: head.at(-1)?.kind === 'normalize',
    maxTokens: config.maxTokens,
    dtype: rewriting === undefined ? dtype : `${dtype}-static`,
  }
  return new Transformer(
    passport,
    { ...config, head },
    tokenizer,
    await TransformerThreads.open({ path, pooling, hiddenSize, rewriting, isAlone }, threads, planned?.session),
  )
}

/** See `loadTransformer`. */
export class Transformer implements EmbeddingModel {
  readonly cost = 'compute'
  readonly passport: Passport
  readonly limits: ModelLimits
  readonly tokenizer: Tokenizer
  private readonly config: TransformerConfig
  private readonly graph: TransformerThreads

  constructor(passport: Passport, config: TransformerConfig, tokenizer: Tokenizer, graph: TransformerThreads) {
    this.passport = passport
    this.config = config
    this.tokenizer = tokenizer
    this.graph = graph
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
    const pooled = await this.graph.embed(sequences, options.signal)
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
      const states = await this.graph.states(this.encode(use.text, `uses[${row}].text`))
      const output = rowOf(vectors, row)
      for (let token = first + from; token < first + to; token++)
        for (let i = 0; i < hiddenSize; i++) output[i]! += states[token * hiddenSize + i] as number
      normalizeRow(output)
    }
    return vectors
  }

  close(): Promise<void> {
    return this.graph.close()
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

/** SHA-256 of the graph and of the weights beside it, read as streams: they may be larger than memory. */
async function digestOfGraph(path: string): Promise<string> {
  const digests: string[] = []
  for (const part of await graphParts(path)) {
    const hash = createHash('sha256')
    for await (const chunk of createReadStream(part, { highWaterMark: 1 << 20 })) hash.update(chunk as Uint8Array)
    digests.push(hash.digest('hex'))
  }
  return digests.length === 1 ? (digests[0] as string) : digestOf(...digests)
}
