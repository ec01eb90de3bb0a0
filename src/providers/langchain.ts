import { embedMany } from '../core/embed-many.ts'
import { assertKnownOptions } from '../core/options.ts'
import { InvalidArgumentError, ProviderError } from '../spec/errors.ts'
import { rowOf } from '../spec/matrix.ts'
import type { EmbeddingModel } from '../spec/model.ts'
import type { Passport } from '../spec/passport.ts'
import { listOf } from './answer-rows.ts'
import { hostedModel, type Prompts } from './hosted-model.ts'
import type { PostOptions } from './http.ts'
import { probeDimensions } from './probe.ts'

/** LangChain's `EmbeddingsInterface`. */
export interface LangChainEmbeddings {
  embedDocuments(documents: string[]): Promise<number[][]>
  embedQuery(document: string): Promise<number[]>
}

export interface FromLangChainOptions {
  /** Name of the model, for the passport: LangChain's interface does not tell it. */
  readonly model: string
  /** @default found by embedding one word */
  readonly dimensions?: number | undefined
  /** Tokens of one text, integer ≥ 8. @default 512 */
  readonly maxTokens?: number | undefined
  /** Texts a call, integer ≥ 1. @default 96 */
  readonly textsPerCall?: number | undefined
  readonly prompts?: Prompts | undefined
  readonly usdPerMillionTokens?: number | undefined
  readonly countTokens?: ((text: string) => number) | undefined
  readonly passport?: Passport | undefined
}

const fromOptions = [
  'model',
  'dimensions',
  'maxTokens',
  'textsPerCall',
  'prompts',
  'usdPerMillionTokens',
  'countTokens',
  'passport',
] as const satisfies readonly (keyof FromLangChainOptions)[]

/** One of our models as LangChain's `EmbeddingsInterface`: documents and queries in their roles. */
export function toLangChain(model: EmbeddingModel): LangChainEmbeddings {
  return {
    async embedDocuments(documents) {
      const { vectors } = await embedMany(documents, { model, task: 'document' })
      return documents.map((_, i) => Array.from(rowOf(vectors, i)))
    },
    async embedQuery(query) {
      const { vectors } = await embedMany([query], { model, task: 'query' })
      return Array.from(rowOf(vectors, 0))
    },
  }
}

/**
 * Embeddings of LangChain as one of our models. A query goes to `embedQuery`, every other role to `embedDocuments`. The
 * client makes its own retries and does not tell what it counts, so tokens are estimates.
 *
 * @throws {InvalidArgumentError} for what is no such interface, and options out of range.
 */
export async function fromLangChain(
  embeddings: LangChainEmbeddings,
  options: FromLangChainOptions,
): Promise<EmbeddingModel> {
  assertKnownOptions(options, fromOptions, 'fromLangChain')
  const { model, maxTokens = options.passport?.maxTokens ?? 512, textsPerCall = 96 } = options
  if (typeof embeddings?.embedDocuments !== 'function' || typeof embeddings.embedQuery !== 'function')
    throw new InvalidArgumentError('embeddings', 'an object with embedDocuments and embedQuery', embeddings)
  if (typeof model !== 'string' || model.trim() === '') throw new InvalidArgumentError('options.model', 'a name', model)
  for (const [name, value, least] of [
    ['dimensions', options.dimensions ?? 1, 1],
    ['maxTokens', maxTokens, 8],
    ['textsPerCall', textsPerCall, 1],
  ] as const)
    if (!(Number.isSafeInteger(value) && value >= least))
      throw new InvalidArgumentError(`options.${name}`, `an integer ≥ ${least}`, value)

  const ask = async (texts: readonly string[], isQuery: boolean, { signal, entry }: PostOptions) => {
    signal?.throwIfAborted()
    entry?.send(texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0))
    try {
      return isQuery
        ? await Promise.all(texts.map((text) => embeddings.embedQuery(text)))
        : await embeddings.embedDocuments([...texts])
    } catch {
      entry?.lost()
      signal?.throwIfAborted()
      // The client's own message may hold a key or a text, so it is not passed on.
      throw new ProviderError('langchain', 'expected vectors, got an error of its client.', {
        remedy: 'What was done is kept.',
      })
    }
  }
  const dimensions =
    options.dimensions ??
    options.passport?.dimensions ??
    (await probeDimensions('langchain', async (text) => (await ask([text], false, {}))[0]))
  return hostedModel({
    provider: 'langchain',
    model,
    dimensions,
    cost: 'paid',
    prompts: options.prompts,
    countTokens: options.countTokens,
    tariff: {
      host: 'langchain',
      isHere: false,
      usdPerMillionTokens: options.usdPerMillionTokens ?? null,
      pricedOn: null,
    },
    limits: { tokensPerText: maxTokens, textsPerCall, tokensPerCall: Infinity, parallelCalls: 4 },
    async request(texts, task, post) {
      const rows = await ask(texts, task === 'query', post)
      return { rows: () => listOf('langchain', 'vectors', rows, texts.length), tokens: undefined }
    },
  })
}
