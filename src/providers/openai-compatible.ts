import { InvalidArgumentError } from '../spec/errors.ts'
import type { EmbeddingModel } from '../spec/model.ts'
import type { Tariff } from '../spec/usage.ts'
import { AnswerError, inIndexOrder, memberOf } from './answer-rows.ts'
import { assertEmbedder } from './chat-models.ts'
import { dimensionsOf } from './dimensions.ts'
import { hostedModel, type Prompts } from './hosted-model.ts'
import {
  assertHostedOptions,
  clientOf,
  type HostedOptions,
  type Place,
  perMinuteOf,
  tariffOf,
} from './hosted-options.ts'
import type { HttpClient, PostOptions } from './http.ts'
import { knownHostedModel, knownOpenModel } from './known-models.ts'
import { probeDimensions } from './probe.ts'

const textsPerCall = 2048

const openaiPlace: Place = {
  provider: 'openai',
  keyVariables: ['OPENAI_API_KEY'],
  needsKey: true,
  urlVariable: 'OPENAI_BASE_URL',
  defaultUrl: 'https://api.openai.com/v1',
}

export const compatiblePlace: Place = {
  provider: 'openai-compatible',
  keyVariables: ['OPENAI_COMPATIBLE_API_KEY'],
  needsKey: false,
  urlVariable: 'OPENAI_COMPATIBLE_BASE_URL',
  defaultUrl: undefined,
}

/**
 * OpenAI's embedding models: text-embedding-3-small, text-embedding-3-large, text-embedding-ada-002.
 *
 * @throws {InvalidArgumentError} without OPENAI_API_KEY, for an unknown model, or dimensions it does not give.
 * @throws {UnsupportedError} for a chat model.
 */
export async function openaiModel(model: string, options: HostedOptions = {}): Promise<EmbeddingModel> {
  assertHostedOptions(options, model, 'openaiModel')
  assertEmbedder(`openai:${model}`, model, 'openai:text-embedding-3-small')
  const known = knownHostedModel('openai', model)
  if (known === undefined)
    throw new InvalidArgumentError(
      'model',
      'text-embedding-3-small, text-embedding-3-large or text-embedding-ada-002',
      model,
      'For another server that speaks this contract take openai-compatible:<model>.',
    )
  const dimensions = dimensionsOf(known, options.dimensions)
  const client = clientOf(openaiPlace, options, { knownLimits: known.limits })
  return compose(client, {
    provider: 'openai',
    model,
    dimensions,
    asked: options.dimensions,
    maxTokens: known.maxTokens,
    tokensPerCall: known.tokensPerCall,
    parallelCalls: options.parallelCalls,
    cost: 'paid',
    tariff: tariffOf(client, options, known),
    countTokens: options.countTokens,
    // A gateway may put its own prefix or suffix around the name.
    answersTo: (name) => name.includes(model),
  })
}

/**
 * A model behind any server that speaks OpenAI's `/embeddings`: llama-server, vLLM, TEI, LM Studio, LiteLLM, ….
 * Prompts of known open models are applied. An unknown model is asked once for its dimensions.
 *
 * @throws {InvalidArgumentError} without OPENAI_COMPATIBLE_BASE_URL or `options.baseUrl`.
 * @throws {ProviderError} when the server cannot be reached and the dimensions are not known.
 */
export async function openaiCompatibleModel(model: string, options: HostedOptions = {}): Promise<EmbeddingModel> {
  assertHostedOptions(options, model, 'openaiCompatibleModel')
  assertEmbedder(
    `openai-compatible:${model}`,
    model,
    'an embedding model of your server, such as openai-compatible:bge-m3',
  )
  const client = clientOf(compatiblePlace, options)
  const known = knownOpenModel(model)
  const maxTokens = options.maxTokens ?? options.passport?.maxTokens ?? known?.maxTokens ?? 512
  const parts = {
    provider: 'openai-compatible',
    model,
    asked: options.dimensions,
    maxTokens,
    tokensPerCall: Infinity,
    parallelCalls: options.parallelCalls,
    cost: 'compute',
    tariff: tariffOf(client, options),
    countTokens: options.countTokens,
    prompts: known?.prompts,
    answersTo: () => true,
  } as const
  const dimensions =
    options.dimensions ??
    options.passport?.dimensions ??
    known?.dimensions ??
    (await probeDimensions('openai-compatible', async (text) => (await ask(client, parts, [text], {})).rows()[0]))
  return compose(client, { ...parts, dimensions })
}

interface Question {
  readonly provider: string
  readonly model: string
  /** Sent only when asked for: not every model and server knows the parameter. */
  readonly asked: number | undefined
  readonly answersTo: (name: string) => boolean
}

interface Composed extends Question {
  readonly dimensions: number
  readonly maxTokens: number
  readonly tokensPerCall: number
  readonly parallelCalls: number | undefined
  readonly cost: EmbeddingModel['cost']
  readonly prompts?: Prompts | undefined
  readonly tariff: Tariff
  readonly countTokens: ((text: string) => number) | undefined
}

function compose(client: HttpClient, parts: Composed): EmbeddingModel {
  const { provider, model, dimensions, maxTokens, tokensPerCall, parallelCalls = 4, cost, prompts } = parts
  const { tariff, countTokens } = parts
  return hostedModel({
    provider,
    model,
    dimensions,
    cost,
    prompts,
    tariff,
    countTokens,
    limits: { tokensPerText: maxTokens, textsPerCall, tokensPerCall, parallelCalls, perMinute: perMinuteOf(client) },
    request: (texts, _task, post) => ask(client, parts, texts, post),
  })
}

async function ask(client: HttpClient, question: Question, texts: readonly string[], post: PostOptions) {
  const { provider, model, asked, answersTo } = question
  const answer = await client.post(
    'embeddings',
    { model, input: texts, encoding_format: 'float', ...(asked === undefined ? {} : { dimensions: asked }) },
    post,
  )
  const tokens = memberOf(answer, 'usage', 'total_tokens') ?? memberOf(answer, 'usage', 'prompt_tokens')
  return {
    rows: () => {
      const name = memberOf(answer, 'model')
      if (typeof name === 'string' && name !== '' && !answersTo(name))
        throw new AnswerError(provider, `vectors of ${model}`, 'those of another model')
      return inIndexOrder(provider, memberOf(answer, 'data'), texts.length)
    },
    tokens: typeof tokens === 'number' ? tokens : undefined,
  }
}
