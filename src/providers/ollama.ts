import { NotFoundError, ProviderError } from '../spec/errors.ts'
import type { EmbeddingModel } from '../spec/model.ts'
import { isObject, listOf, memberOf } from './answer-rows.ts'
import { assertEmbedder, chatModelError } from './chat-models.ts'
import { type HostedAnswer, hostedModel } from './hosted-model.ts'
import {
  assertHostedOptions,
  clientOf,
  type HostedOptions,
  type Place,
  perMinuteOf,
  tariffOf,
} from './hosted-options.ts'
import type { HttpClient, PostOptions } from './http.ts'
import { knownOpenModel } from './known-models.ts'
import { probeDimensions } from './probe.ts'

const defaultAddress = 'http://127.0.0.1:11434'
const place: Place = {
  provider: 'ollama',
  keyVariables: ['OLLAMA_API_KEY'],
  needsKey: false,
  urlVariable: 'OLLAMA_HOST',
  defaultUrl: defaultAddress,
  absentRemedy: 'Start it: ollama serve. Where it runs elsewhere, set OLLAMA_HOST.',
}
const instead = 'ollama:nomic-embed-text'
/** What Ollama loads a model with, unless told otherwise, whatever the model could read. */
const usualWindow = 4096
/** Ollama embeds one text after the other, so larger calls gain nothing and would lose more to a crash. */
const textsPerCall = 128

/**
 * A model that Ollama runs, by `/api/embed`, with the prompts of its card and without cutting (`truncate: false`).
 * A model not known here is asked once what it is.
 *
 * @throws {NotFoundError} for a model that Ollama does not have.
 * @throws {UnsupportedError} for a chat model.
 * @throws {ProviderError} when Ollama does not run and the dimensions are not known.
 */
export async function ollamaModel(model: string, options: HostedOptions = {}): Promise<EmbeddingModel> {
  assertHostedOptions(options, model, 'ollamaModel')
  assertEmbedder(`ollama:${model}`, model, instead)
  const client = clientOf(place, options, { adapt: ollamaAddress })
  const known = knownOpenModel(model)
  const request = (texts: readonly string[], post: PostOptions) => ask(client, model, options.dimensions, texts, post)
  const given = options.dimensions ?? options.passport?.dimensions ?? known?.dimensions
  const window = options.maxTokens ?? options.passport?.maxTokens ?? known?.maxTokens
  const tokensPerText = window ?? (given === undefined ? await windowOf(client, model) : 512)
  const dimensions = given ?? (await probeDimensions('ollama', async (text) => (await request([text], {})).rows()[0]))
  return hostedModel({
    provider: 'ollama',
    model,
    dimensions,
    cost: 'compute',
    tariff: tariffOf(client, options),
    countTokens: options.countTokens,
    prompts: known?.prompts,
    limits: {
      tokensPerText,
      textsPerCall,
      tokensPerCall: Infinity,
      parallelCalls: options.parallelCalls ?? 1,
      perMinute: perMinuteOf(client),
    },
    request: (texts, _task, post) => request(texts, post),
  })
}

async function ask(
  client: HttpClient,
  model: string,
  dimensions: number | undefined,
  texts: readonly string[],
  post: PostOptions,
): Promise<HostedAnswer> {
  const body = { model, input: texts, truncate: false, ...(dimensions === undefined ? {} : { dimensions }) }
  const answer = await knowing(model, () => client.post('api/embed', body, post))
  const tokens = memberOf(answer, 'prompt_eval_count')
  return {
    rows: () => listOf('ollama', 'embeddings', memberOf(answer, 'embeddings'), texts.length),
    tokens: typeof tokens === 'number' ? tokens : undefined,
  }
}

/** The window of a model not known here, after a look at whether it embeds at all. */
async function windowOf(client: HttpClient, model: string): Promise<number> {
  const shown = await knowing(model, () => client.post('api/show', { model }))
  const capabilities = memberOf(shown, 'capabilities')
  if (Array.isArray(capabilities) && !capabilities.includes('embedding'))
    throw chatModelError(`ollama:${model}`, instead)
  const facts = memberOf(shown, 'model_info')
  const lengths = isObject(facts) ? Object.entries(facts).filter(([name]) => name.endsWith('.context_length')) : []
  const length = lengths[0]?.[1]
  return Math.min(usualWindow, typeof length === 'number' && length >= 8 ? length : 512)
}

async function knowing<T>(model: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    if (error instanceof ProviderError && error.status === 404)
      throw new NotFoundError('model of Ollama', model, `Get it: ollama pull ${model}`)
    throw error
  }
}

/** OLLAMA_HOST as Ollama itself reads it: the scheme and the port may be left out, and 0.0.0.0 is where it listens. */
export function ollamaAddress(given: string = defaultAddress): string {
  const withScheme = /^[a-z]+:\/\//i.test(given) ? given : `http://${given}`
  const hasPort = /^[a-z]+:\/\/(\[[^\]]*\]|[^/:]*):\d+/i.test(withScheme)
  const isPlain = /^http:\/\/(\[[^\]]*\]|[^/:]*)\/?$/i.test(withScheme)
  const withPort = !hasPort && isPlain ? `${withScheme.replace(/\/$/, '')}:11434` : withScheme
  return withPort.replace('://0.0.0.0', '://127.0.0.1')
}
