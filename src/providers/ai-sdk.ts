import { embedMany } from '../core/embed-many.ts'
import { assertKnownOptions } from '../core/options.ts'
import { InvalidArgumentError, UnsupportedError } from '../spec/errors.ts'
import { rowOf } from '../spec/matrix.ts'
import type { EmbeddingModel, EmbeddingTask } from '../spec/model.ts'
import type { Passport } from '../spec/passport.ts'
import { callAiSdk, type ProviderOptions } from './ai-sdk-call.ts'
import { listOf } from './answer-rows.ts'
import { type Clock, systemClock } from './clock.ts'
import { type HostedAnswer, hostedModel, type Prompts } from './hosted-model.ts'
import { knownHostedModel } from './known-models.ts'

/** The shape of an `EmbeddingModelV4` or `EmbeddingModelV3` of the AI SDK, as far as it is used here. */
export interface AiSdkEmbeddingModel {
  readonly specificationVersion: 'v4' | 'v3'
  readonly provider: string
  readonly modelId: string
  readonly maxEmbeddingsPerCall: number | undefined | PromiseLike<number | undefined>
  readonly supportsParallelCalls: boolean | PromiseLike<boolean>
  doEmbed(options: AiSdkEmbedOptions): PromiseLike<AiSdkEmbeddings>
}

export interface AiSdkEmbedOptions {
  values: string[]
  /** V4 only. */
  dimensions?: number | undefined
  abortSignal?: AbortSignal | undefined
  providerOptions?: ProviderOptions | undefined
  headers?: Record<string, string | undefined> | undefined
}

export interface AiSdkEmbeddings {
  embeddings: number[][]
  usage?: { tokens: number } | undefined
}

export type AiSdkWarning =
  | { type: 'unsupported'; feature: string; details?: string }
  | { type: 'other'; message: string }

/** What `toAiSdk` gives: an `EmbeddingModelV4`, or V3 where asked for. */
export interface AiSdkModel<Version extends 'v4' | 'v3' = 'v4' | 'v3'> {
  readonly specificationVersion: Version
  readonly provider: string
  readonly modelId: string
  readonly maxEmbeddingsPerCall: number
  readonly supportsParallelCalls: boolean
  doEmbed(options: AiSdkEmbedOptions): Promise<{
    embeddings: number[][]
    usage: { tokens: number }
    warnings: AiSdkWarning[]
  }>
}

export interface FromAiSdkOptions {
  /** Asked for where the provider takes them, integer ≥ 1. @default the model's own, found by embedding one word */
  readonly dimensions?: number | undefined
  /** Tokens of one text, integer ≥ 8. @default what is known of the model, else 512 */
  readonly maxTokens?: number | undefined
  /** Put before the texts by role, for models whose provider does not. @default none */
  readonly prompts?: Prompts | undefined
  /** For every call; laid over those by which the role and the dimensions are told. @default none */
  readonly providerOptions?: ProviderOptions | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Attempts after the first, integer ≥ 0: models of the AI SDK make one each. @default 6 */
  readonly maxRetries?: number | undefined
  /** @default the published price, where the model is known */
  readonly usdPerMillionTokens?: number | undefined
  /** Tokens of a text by the model's own tokenizer. @default an estimate on the safe side */
  readonly countTokens?: ((text: string) => number) | undefined
  readonly passport?: Passport | undefined
  /** @default the system's */
  readonly clock?: Clock | undefined
}

const fromOptions = [
  'dimensions',
  'maxTokens',
  'prompts',
  'providerOptions',
  'headers',
  'maxRetries',
  'usdPerMillionTokens',
  'countTokens',
  'passport',
  'clock',
] as const satisfies readonly (keyof FromAiSdkOptions)[]

const tasks: readonly EmbeddingTask[] = ['document', 'query', 'similarity', 'classification', 'clustering']
const inputBytes = Symbol.for('vercel.ai.embeddingModel.maxInputBytesPerCall')
/** Where a model of the AI SDK names no bound of its own. */
const mostTextsPerCall = 2048

/**
 * An embedding model of the AI SDK as one of ours: limits from the model, the role told in the words of its provider
 * (Cohere, Voyage and Google have some), every answer checked like any hosted model's.
 *
 * @throws {InvalidArgumentError} for what is no `EmbeddingModelV4` or V3, and options out of range.
 */
export async function fromAiSdk(model: AiSdkEmbeddingModel, options: FromAiSdkOptions = {}): Promise<EmbeddingModel> {
  assertKnownOptions(options, fromOptions, 'fromAiSdk')
  if (!['v4', 'v3'].includes(model?.specificationVersion) || typeof model.doEmbed !== 'function')
    throw new InvalidArgumentError('model', 'an EmbeddingModelV4 or V3 of the AI SDK', model?.specificationVersion)
  for (const [name, least] of [
    ['dimensions', 1],
    ['maxTokens', 8],
    ['maxRetries', 0],
  ] as const) {
    const value = options[name]
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= least))
      throw new InvalidArgumentError(`options.${name}`, `an integer ≥ ${least}`, value)
  }
  const { provider, modelId } = model
  const known = knownHostedModel(provider.split('.')[0] ?? provider, modelId)
  const call = callAiSdk(model, { ...options, clock: options.clock ?? systemClock() })
  const ask = async (
    texts: readonly string[],
    task: EmbeddingTask,
    post: Parameters<typeof call>[2],
  ): Promise<HostedAnswer> => {
    const { embeddings, tokens } = await call(texts, task, post)
    const rows = () => listOf(provider, 'embeddings', embeddings, texts.length).map(plainRow)
    return { rows, tokens }
  }
  const probe = async () => plainRow((await call(['dimensions'], 'document', {})).embeddings[0])
  const dimensions =
    options.passport?.dimensions ?? options.dimensions ?? known?.dimensions ?? lengthOf(await probe(), provider)
  const most = (await model.maxEmbeddingsPerCall) ?? mostTextsPerCall
  return hostedModel({
    provider,
    model: modelId,
    dimensions,
    cost: 'paid',
    prompts: options.prompts,
    countTokens: options.countTokens,
    tariff: {
      host: provider,
      isHere: false,
      usdPerMillionTokens: options.usdPerMillionTokens ?? known?.usdPerMillionTokens ?? null,
      pricedOn: options.usdPerMillionTokens === undefined ? (known?.pricedOn ?? null) : null,
    },
    limits: {
      tokensPerText: options.maxTokens ?? options.passport?.maxTokens ?? known?.maxTokens ?? 512,
      textsPerCall: Math.min(most, mostTextsPerCall),
      tokensPerCall: known?.tokensPerCall ?? Infinity,
      parallelCalls: (await model.supportsParallelCalls) ? 4 : 1,
    },
    request: ask,
  })
}

/**
 * One of our models as an `EmbeddingModelV4` for `embed` and `embedMany` of the AI SDK. A call of any size is packed by
 * the model's limits and passes the gate. `providerOptions: { vecino: { task: 'query' } }` names the role.
 *
 * @param options.task - Role of texts whose call names none. @default 'document'
 * @param options.specificationVersion - `v3` for releases of the AI SDK before 7. @default 'v4'
 */
export function toAiSdk<Version extends 'v4' | 'v3' = 'v4'>(
  model: EmbeddingModel,
  options: { readonly task?: EmbeddingTask | undefined; readonly specificationVersion?: Version | undefined } = {},
): AiSdkModel<Version> {
  assertKnownOptions(options, ['task', 'specificationVersion'], 'toAiSdk')
  const { task = 'document', specificationVersion = 'v4' as Version } = options
  if (!tasks.includes(task)) throw new InvalidArgumentError('options.task', tasks.join(', '), task)
  const { passport, limits } = model
  const adapted: AiSdkModel<Version> = {
    specificationVersion,
    provider: `vecino.${passport.provider}`,
    modelId: passport.model,
    maxEmbeddingsPerCall: limits.textsPerCall,
    supportsParallelCalls: limits.parallelCalls > 1,
    async doEmbed({ values, dimensions, abortSignal, providerOptions, headers }) {
      if (dimensions !== undefined && dimensions !== passport.dimensions)
        throw new UnsupportedError(
          'dimensions',
          `${passport.dimensions}, which ${passport.model} gives`,
          `${dimensions}`,
        )
      const { vectors, usage } = await embedMany(values, {
        model,
        task: taskOf(providerOptions) ?? task,
        signal: abortSignal,
      })
      return {
        embeddings: values.map((_, i) => Array.from(rowOf(vectors, i))),
        usage: { tokens: usage.tokens },
        // The AI SDK itself puts one on every call.
        warnings: Object.keys(headers ?? {}).some((name) => name.toLowerCase() !== 'user-agent')
          ? [headersWarning]
          : [],
      }
    },
  }
  // A token is a byte at least.
  if (Number.isFinite(limits.tokensPerCall))
    Object.defineProperty(adapted, inputBytes, { value: limits.tokensPerCall, enumerable: true })
  return adapted
}

const headersWarning: AiSdkWarning = {
  type: 'unsupported',
  feature: 'headers',
  details: 'They are set where the model is made.',
}

function taskOf(options: ProviderOptions | undefined): EmbeddingTask | undefined {
  const own = options?.['vecino']
  if (own === undefined) return undefined
  assertKnownOptions(own, ['task'], 'providerOptions.vecino')
  const task = own['task'] as EmbeddingTask | undefined
  if (task !== undefined && !tasks.includes(task))
    throw new InvalidArgumentError('providerOptions.vecino.task', tasks.join(', '), task)
  return task
}

/** Some models hand out typed arrays whatever the type says. */
function plainRow(row: unknown): unknown {
  return ArrayBuffer.isView(row) && !(row instanceof DataView) ? Array.from(row as Float32Array) : row
}

function lengthOf(row: unknown, provider: string): number {
  if (Array.isArray(row) && row.length > 0) return row.length
  throw new UnsupportedError(provider, 'a vector', 'none', 'Name a model that embeds.')
}
