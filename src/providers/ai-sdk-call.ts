import { ProviderError } from '../spec/errors.ts'
import type { EmbeddingTask } from '../spec/model.ts'
import type { AiSdkEmbeddingModel, AiSdkEmbeddings } from './ai-sdk.ts'
import type { Clock } from './clock.ts'
import type { PostOptions } from './http.ts'
import { refusalOf } from './http-failure.ts'
import { retryAfterMs } from './retry-after.ts'

export type ProviderOptions = Record<string, Record<string, unknown>>

interface CallOptions {
  readonly dimensions?: number | undefined
  readonly providerOptions?: ProviderOptions | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly maxRetries?: number | undefined
  readonly clock: Clock
}

interface Answer {
  readonly embeddings: readonly unknown[]
  readonly tokens: number | undefined
}

const firstBackoffMs = 500
const mostBackoffMs = 30_000
const inputBytes = Symbol.for('vercel.ai.embeddingModel.maxInputBytesPerCall')
const transformer = Symbol.for('vercel.ai.embeddingModel.providerOptionsTransformer')

type Transform = (given: {
  providerOptions: ProviderOptions | undefined
  values: string[]
  startIndex: number
  endIndex: number
}) => ProviderOptions | undefined | PromiseLike<ProviderOptions | undefined>

/**
 * Calls of a model of the AI SDK: cut to the bytes it takes, tried again where that can help, and with errors that hold
 * nothing of what was sent or said.
 */
export function callAiSdk(
  model: AiSdkEmbeddingModel,
  { dimensions, providerOptions, headers, maxRetries = 6, clock }: CallOptions,
): (texts: readonly string[], task: EmbeddingTask, post: PostOptions) => Promise<Answer> {
  const once = async (values: string[], task: EmbeddingTask, { signal, entry }: PostOptions): Promise<Answer> => {
    const given = merged(roleOptions(model.provider, task, dimensions), providerOptions)
    const transform = (model as { [transformer]?: Transform })[transformer]
    const options =
      transform === undefined
        ? given
        : await transform({ providerOptions: given, values, startIndex: 0, endIndex: values.length })
    const question = {
      values,
      abortSignal: signal,
      ...(options === undefined ? {} : { providerOptions: options }),
      ...(headers === undefined ? {} : { headers: { ...headers } }),
      ...(dimensions === undefined || model.specificationVersion === 'v3' ? {} : { dimensions }),
    }
    for (let attempt = 0; ; attempt++) {
      signal?.throwIfAborted()
      entry?.send(values.reduce((sum, value) => sum + Buffer.byteLength(value), 0))
      let answer: AiSdkEmbeddings
      try {
        answer = await model.doEmbed(question)
      } catch (error) {
        const failure = failureOf(model.provider, error, clock.now())
        if (failure.status === undefined) entry?.lost()
        else entry?.refused()
        signal?.throwIfAborted()
        if (!failure.isRetryable || attempt >= maxRetries) throw failure
        const backoff = clock.random() * Math.min(mostBackoffMs, firstBackoffMs * 2 ** attempt)
        await clock.sleep((failure.retryAfterMs ?? 0) + backoff, signal)
        continue
      }
      const tokens = answer?.usage?.tokens
      return {
        embeddings: answer?.embeddings,
        tokens: typeof tokens === 'number' && Number.isFinite(tokens) ? tokens : undefined,
      }
    }
  }
  return async (texts, task, post) => {
    const most = (model as { [inputBytes]?: number })[inputBytes] ?? Infinity
    const parts = inBytes(texts, most)
    if (parts.length === 1) return once(parts[0] as string[], task, post)
    const answers: Answer[] = []
    for (const part of parts) answers.push(await once(part, task, post))
    const counts = answers.map(({ tokens }) => tokens)
    return {
      embeddings: answers.flatMap(({ embeddings }) => embeddings),
      tokens: counts.includes(undefined) ? undefined : counts.reduce<number>((sum, count) => sum + (count ?? 0), 0),
    }
  }
}

/** Role and dimensions in the words of the providers that know them. */
function roleOptions(
  provider: string,
  task: EmbeddingTask,
  dimensions: number | undefined,
): ProviderOptions | undefined {
  const key = provider.split('.')[0] ?? provider
  const isSearch = task === 'query' || task === 'document'
  if (key === 'cohere') {
    const inputType = isSearch ? `search_${task}` : task === 'similarity' ? 'search_document' : task
    return {
      cohere: { inputType, truncate: 'NONE', ...(dimensions === undefined ? {} : { outputDimension: dimensions }) },
    }
  }
  if (key === 'voyage') {
    const size = dimensions === undefined ? {} : { outputDimension: dimensions }
    return { voyage: { ...(isSearch ? { inputType: task } : {}), truncation: false, ...size } }
  }
  if (key === 'google') {
    const taskType = {
      document: 'RETRIEVAL_DOCUMENT',
      query: 'RETRIEVAL_QUERY',
      similarity: 'SEMANTIC_SIMILARITY',
      classification: 'CLASSIFICATION',
      clustering: 'CLUSTERING',
    }[task]
    return { google: { taskType, ...(dimensions === undefined ? {} : { outputDimensionality: dimensions }) } }
  }
  if (key === 'openai' && dimensions !== undefined) return { openai: { dimensions } }
  return undefined
}

function merged(ours: ProviderOptions | undefined, given: ProviderOptions | undefined): ProviderOptions | undefined {
  if (ours === undefined) return given
  const all: ProviderOptions = { ...given }
  for (const [key, options] of Object.entries(ours)) all[key] = { ...options, ...given?.[key] }
  return all
}

function inBytes(texts: readonly string[], most: number): string[][] {
  const parts: string[][] = []
  let room = 0
  for (const text of texts) {
    const bytes = Buffer.byteLength(text)
    if (parts.length === 0 || bytes > room) {
      parts.push([])
      room = most
    }
    room -= bytes
    parts.at(-1)?.push(text)
  }
  return parts
}

/** An error of the AI SDK (`APICallError` has status, headers and body) as one of ours. */
function failureOf(provider: string, error: unknown, now: number): ProviderError {
  const { statusCode, responseHeaders, responseBody, isRetryable } = (error ?? {}) as Readonly<Record<string, unknown>>
  const headers = new Headers(
    typeof responseHeaders === 'object' && responseHeaders !== null ? (responseHeaders as Record<string, string>) : {},
  )
  if (typeof statusCode === 'number')
    return refusalOf(
      { provider, host: provider },
      {
        status: statusCode,
        said: typeof responseBody === 'string' ? responseBody : '',
        asked: headers.get('x-should-retry'),
        retryAfterMs: retryAfterMs(headers, now),
      },
    )
  return new ProviderError(provider, 'expected an answer, got an error of its client.', {
    isRetryable: isRetryable === true,
    remedy: 'What was done is kept.',
  })
}
