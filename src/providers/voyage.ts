import { InvalidArgumentError } from '../spec/errors.ts'
import type { EmbeddingModel } from '../spec/model.ts'
import { inIndexOrder, memberOf } from './answer-rows.ts'
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

export const voyagePlace: Place = {
  provider: 'voyage',
  keyVariables: ['VOYAGE_API_KEY'],
  needsKey: true,
  urlVariable: 'VOYAGE_BASE_URL',
  defaultUrl: 'https://api.voyageai.com/v1',
}
const textsPerCall = 128

/**
 * Voyage's embedding models (voyage-4, voyage-3.5, voyage-code-3, …); the role goes as `input_type`, which is null
 * where texts are neither query nor document, and nothing is cut (`truncation: false`).
 *
 * @throws {InvalidArgumentError} without VOYAGE_API_KEY, for an unknown model, or dimensions it does not give.
 * @throws {UnsupportedError} for a chat model.
 */
export async function voyageModel(model: string, options: HostedOptions = {}): Promise<EmbeddingModel> {
  assertHostedOptions(options, model, 'voyageModel')
  assertEmbedder(`voyage:${model}`, model, 'voyage:voyage-4')
  const known = knownHostedModel('voyage', model)
  if (known === undefined)
    throw new InvalidArgumentError('model', 'voyage-4, voyage-4-large, voyage-4-lite or one of the 3 series', model)
  const dimensions = dimensionsOf(known, options.dimensions)
  const client = clientOf(voyagePlace, options, { knownLimits: known.limits })
  return hostedModel({
    provider: 'voyage',
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
        input: texts,
        input_type: task === 'query' || task === 'document' ? task : null,
        truncation: false,
        output_dimension: dimensions,
      }
      const answer = await client.post('embeddings', body, post)
      const tokens = memberOf(answer, 'usage', 'total_tokens')
      return {
        rows: () => inIndexOrder('voyage', memberOf(answer, 'data'), texts.length),
        tokens: typeof tokens === 'number' ? tokens : undefined,
      }
    },
  })
}
