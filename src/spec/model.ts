import type { Matrix } from './matrix.ts'
import type { Passport } from './passport.ts'
import type { Tariff, UsageMeter } from './usage.ts'

/** The role of a text. Prompts belong to the model and are applied by role; a query and a document are different calls everywhere. */
export type EmbeddingTask = 'document' | 'query' | 'similarity' | 'classification' | 'clustering'

/** Limits as data, so that packing is written once (`core/embed-many`). Infinity where there is none. */
export interface ModelLimits {
  /** Tokens of one text, prompt included. */
  readonly tokensPerText: number
  readonly textsPerCall: number
  readonly tokensPerCall: number
  readonly parallelCalls: number
  /** What the server takes in a minute, as far as it is known; the model holds its calls back by itself. */
  readonly perMinute?: { readonly requests?: number; readonly tokens?: number; readonly texts?: number } | undefined
}

export interface EmbedCallOptions {
  readonly task: EmbeddingTask
  readonly signal?: AbortSignal | undefined
  /** Told of every request; only models with a tariff make any. @default none */
  readonly meter?: UsageMeter | undefined
}

export interface Embeddings {
  /** One row a text, in the order asked, with the model's passport. */
  readonly vectors: Matrix
  readonly usage: { readonly tokens: number }
}

export interface EmbeddingModel {
  readonly passport: Passport
  readonly limits: ModelLimits
  /**
   * What an embedding costs, which decides whether it is kept in the cache:
   * `negligible` is cheaper to compute again than to read back, `compute` takes time, `paid` takes money.
   */
  readonly cost: 'negligible' | 'compute' | 'paid'

  /** Where texts go and what that costs; undefined for a model that runs in this process. */
  readonly tariff?: Tariff | undefined

  /** Whether `countTokens` is the model's own tokenizer though the model is elsewhere. @default false with a tariff */
  readonly countsExactly?: boolean | undefined

  /** Tokens the model sees of `text` (special tokens included, prompt not), exact for local models, estimated on the safe side for hosted ones unless they are given a tokenizer. */
  countTokens(text: string): number

  /**
   * Embed one call's worth of texts. Callers with many use `core/embed-many`, which packs by `limits`,
   * and every vector passes the gate there.
   *
   * @param texts - At most `limits.textsPerCall`, each within `limits.tokensPerText`; a longer one is refused, never cut.
   */
  embed(texts: readonly string[], options: EmbedCallOptions): Promise<Embeddings>

  close?(): Promise<void>
}
