import { readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { InvalidArgumentError, NotFoundError } from '../spec/errors.ts'
import { createMatrix, type Matrix, rowOf } from '../spec/matrix.ts'
import type { EmbedCallOptions, EmbeddingModel, Embeddings, EmbeddingTask, ModelLimits } from '../spec/model.ts'
import type { Passport } from '../spec/passport.ts'
import { loadTokenizer } from '../text/tokenizers/load.ts'
import type { Tokenizer } from '../text/tokenizers/tokenizer.ts'
import { digestOf } from './model-files.ts'
import { type OnnxSession, openOnnxSession } from './onnx-session.ts'
import { normalizeRow, pool } from './pooling.ts'
import { readTransformerConfig, type TransformerConfig } from './transformer-config.ts'

export interface TransformerOptions {
  /** Which of the folder's graphs to run. @default 'float32' */
  readonly dtype?: 'float32' | 'int8'
  /** Threads of one call, integer ≥ 1. @default 2 */
  readonly threads?: number
}

const files = {
  float32: ['onnx/model.onnx', 'model.onnx'],
  int8: ['onnx/model_quantized.onnx', 'onnx/model_int8.onnx', 'model_quantized.onnx'],
} as const

/** Padded tokens of one run of the graph: larger ones only cost memory. */
const tokensPerRun = 2048

/**
 * Open a sentence-transformers folder that holds ONNX graphs.
 *
 * @param folder - With tokenizer.json, config.json, modules.json and `onnx/model.onnx` (float32) or
 *   `onnx/model_quantized.onnx` (int8). The two give different vectors, so dtype is part of the passport.
 * @throws {MissingDependencyError} without `onnxruntime-node`.
 * @throws {NotFoundError} when the folder or the graph is not there.
 * @throws {UnsupportedError} naming a module, pooling or tokenizer that is not computed here.
 *
 * Departs from sentence-transformers: a text beyond the window is refused, not cut.
 */
export async function loadTransformer(folder: string, options: TransformerOptions = {}): Promise<Transformer> {
  const dtype = options.dtype ?? 'float32'
  const threads = options.threads ?? 2
  if (!Object.hasOwn(files, dtype)) throw new InvalidArgumentError('options.dtype', 'float32 or int8', dtype)
  if (!Number.isInteger(threads) || threads < 1)
    throw new InvalidArgumentError('options.threads', 'an integer ≥ 1', threads)
  const [config, { tokenizer, digest }, graph] = await Promise.all([
    readTransformerConfig(folder),
    loadTokenizer(folder),
    readGraph(folder, dtype),
  ])
  const passport: Passport = {
    provider: 'onnx',
    model: basename(resolve(folder)),
    weightsDigest: digestOf(graph),
    tokenizerDigest: digest,
    dimensions: config.hiddenSize,
    pooling: config.pooling,
    queryPrompt: config.queryPrompt,
    documentPrompt: config.documentPrompt,
    normalized: config.normalize,
    maxTokens: config.maxTokens,
    dtype,
  }
  return new Transformer(passport, config, tokenizer, await openOnnxSession(graph, threads))
}

/** See `loadTransformer`. */
export class Transformer implements EmbeddingModel {
  readonly cost = 'compute'
  readonly passport: Passport
  readonly limits: ModelLimits
  private readonly config: TransformerConfig
  readonly tokenizer: Tokenizer
  private readonly session: OnnxSession

  constructor(passport: Passport, config: TransformerConfig, tokenizer: Tokenizer, session: OnnxSession) {
    this.passport = passport
    this.config = config
    this.tokenizer = tokenizer
    this.session = session
    this.limits = { tokensPerText: config.maxTokens, textsPerCall: 1024, tokensPerCall: 65_536, parallelCalls: 1 }
  }

  countTokens(text: string): number {
    return this.tokenizer.count(text) + this.tokenizer.prefixIds.length + this.tokenizer.suffixIds.length
  }

  async embed(texts: readonly string[], options: EmbedCallOptions): Promise<Embeddings> {
    const encoded = texts.map((text, index) => this.encode(text, index, options.task))
    const vectors = await this.embedIds(encoded, options)
    return { vectors, usage: { tokens: encoded.reduce((total, ids) => total + ids.length, 0) } }
  }

  /** Vectors of token sequences as they stand: special tokens are the caller's. Each holds 1 to `limits.tokensPerText` ids. */
  async embedIds(
    sequences: readonly Int32Array[],
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<Matrix> {
    const vectors = createMatrix(sequences.length, this.config.hiddenSize, undefined, this.passport)
    // Texts of one length share a run, so little is spent on padding.
    const order = sequences
      .map((_, index) => index)
      .sort((a, b) => sequences[a]!.length - sequences[b]!.length || a - b)
    for (let from = 0; from < order.length; ) {
      options.signal?.throwIfAborted()
      let to = from
      while (to < order.length && (to + 1 - from) * sequences[order[to]!]!.length <= tokensPerRun) to++
      to = Math.max(to, from + 1)
      const rows = order.slice(from, to)
      await this.run(
        rows.map((row) => sequences[row]!),
        rows,
        vectors.data,
      )
      from = to
    }
    if (this.config.normalize) for (let row = 0; row < vectors.rows; row++) normalizeRow(rowOf(vectors, row))
    return vectors
  }

  close(): Promise<void> {
    return this.session.close()
  }

  private encode(text: string, index: number, task: EmbeddingTask): Int32Array {
    const { prefixIds, suffixIds } = this.tokenizer
    const prompt = task === 'query' ? this.config.queryPrompt : this.config.documentPrompt
    const ids = this.tokenizer.encode(prompt + text)
    const length = ids.length + prefixIds.length + suffixIds.length
    if (length > this.limits.tokensPerText)
      throw new InvalidArgumentError(
        `texts[${index}]`,
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

  private async run(texts: readonly Int32Array[], rows: readonly number[], output: Float32Array): Promise<void> {
    const columns = Math.max(1, ...texts.map((ids) => ids.length))
    const padded = new Int32Array(texts.length * columns)
    for (let i = 0; i < texts.length; i++) padded.set(texts[i]!, i * columns)
    const lengths = Int32Array.from(texts, (ids) => Math.max(1, ids.length))
    const { data, hidden } = await this.session.run(padded, lengths, columns)
    for (let i = 0; i < rows.length; i++) {
      const from = i * columns * hidden
      const states = data.subarray(from, from + lengths[i]! * hidden)
      pool(states, hidden, this.config.pooling, output.subarray(rows[i]! * hidden, (rows[i]! + 1) * hidden))
    }
  }
}

async function readGraph(folder: string, dtype: keyof typeof files): Promise<Uint8Array> {
  for (const name of files[dtype]) {
    try {
      return await readFile(join(folder, name))
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause
    }
  }
  throw new NotFoundError('ONNX graph', join(folder, files[dtype][0]), `This folder has none of dtype ${dtype}.`)
}
