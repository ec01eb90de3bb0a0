import { InvalidArgumentError } from '../spec/errors.ts'
import type { EmbeddingModel, EmbeddingTask } from '../spec/model.ts'
import { listOf, memberOf } from './answer-rows.ts'
import { assertEmbedder } from './chat-models.ts'
import { dimensionsOf } from './dimensions.ts'
import { hostedModel } from './hosted-model.ts'
import {
  assertHostedOptions,
  clientOf,
  type HostedOptions,
  type Place,
  perMinuteOf,
  tariffOf,
} from './hosted-options.ts'
import { knownHostedModel } from './known-models.ts'

export const coherePlace: Place = {
  provider: 'cohere',
  keyVariables: ['COHERE_API_KEY', 'CO_API_KEY'],
  needsKey: true,
  urlVariable: 'CO_API_URL',
  defaultUrl: 'https://api.cohere.com',
}
const textsPerCall = 96

/** Similarity has no type of its own; both sides then are documents. */
const inputTypes: Readonly<Record<EmbeddingTask, string>> = {
  document: 'search_document',
  query: 'search_query',
  similarity: 'search_document',
  classification: 'classification',
  clustering: 'clustering',
}

/**
 * Cohere's embedding models (embed-v4.0, embed-…-v3.0) by `/v2/embed`; the role goes as `input_type`, nothing is cut
 * (`truncate: NONE`).
 *
 * @throws {InvalidArgumentError} without COHERE_API_KEY, for an unknown model, or dimensions it does not give.
 * @throws {UnsupportedError} for a chat model.
 */
export async function cohereModel(model: string, options: HostedOptions = {}): Promise<EmbeddingModel> {
  assertHostedOptions(options, model, 'cohereModel')
  assertEmbedder(`cohere:${model}`, model, 'cohere:embed-v4.0')
  const known = knownHostedModel('cohere', model)
  if (known === undefined) throw new InvalidArgumentError('model', 'embed-v4.0 or an embed-…-v3.0 model', model)
  const dimensions = dimensionsOf(known, options.dimensions)
  const client = clientOf(coherePlace, options, { knownLimits: known.limits })
  return hostedModel({
    provider: 'cohere',
    model,
    dimensions,
    cost: 'paid',
    tariff: tariffOf(client, options, known),
    countTokens: options.countTokens,
    limits: {
      tokensPerText: known.maxTokens,
      textsPerCall,
      tokensPerCall: known.tokensPerCall,
      parallelCalls: options.parallelCalls ?? 4,
      perMinute: perMinuteOf(client),
    },
    async request(texts, task, post) {
      const body = {
        model,
        texts,
        input_type: inputTypes[task],
        embedding_types: ['float'],
        truncate: 'NONE',
        ...(known.choice === 'none' ? {} : { output_dimension: dimensions }),
      }
      const answer = await client.post('v2/embed', body, post)
      const tokens = memberOf(answer, 'meta', 'billed_units', 'input_tokens')
      return {
        rows: () => listOf('cohere', 'embeddings.float', memberOf(answer, 'embeddings', 'float'), texts.length),
        tokens: typeof tokens === 'number' ? tokens : undefined,
      }
    },
  })
}
