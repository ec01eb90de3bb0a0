import type { Reranker } from '../spec/reranker.ts'
import { memberOf } from './answer-rows.ts'
import { assertHostedOptions, clientOf, type HostedOptions } from './hosted-options.ts'
import { hostedReranker } from './hosted-reranker.ts'
import { voyagePlace } from './voyage.ts'

const textsPerCall = 1000
/** Of the 2.5 series: the query and one text, and all pairs of a call. */
const [usualWindow, tokensPerCall] = [32_000, 600_000]

/**
 * Voyage's rerankers (rerank-2.5, rerank-2.5-lite) by `/v1/rerank`; nothing is cut (`truncation: false`).
 *
 * @param options.maxTokens - Tokens of the query and one text together. @default 32,000
 * @throws {InvalidArgumentError} without VOYAGE_API_KEY.
 */
export function voyageReranker(model: string, options: HostedOptions = {}): Reranker {
  assertHostedOptions(options, model, 'voyageReranker')
  return hostedReranker({
    provider: 'voyage',
    model,
    client: clientOf(voyagePlace, options, {
      knownLimits: { requestsPerMinute: 2000, tokensPerMinute: model.includes('lite') ? 4_000_000 : 2_000_000 },
    }),
    path: 'rerank',
    maxTokens: options.maxTokens ?? usualWindow,
    textsPerCall,
    tokensPerCall,
    countTokens: options.countTokens,
    body: (query, documents) => ({ model, query, documents, truncation: false }),
    read: (answer) => ({ list: memberOf(answer, 'data'), tokens: memberOf(answer, 'usage', 'total_tokens') }),
  })
}
