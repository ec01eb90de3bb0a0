import type { Reranker } from '../spec/reranker.ts'
import { memberOf } from './answer-rows.ts'
import { coherePlace } from './cohere.ts'
import { assertHostedOptions, clientOf, type HostedOptions } from './hosted-options.ts'
import { hostedReranker } from './hosted-reranker.ts'

const textsPerCall = 1000
/** Texts longer than `max_tokens_per_doc` would be cut, so it is set to the window and what exceeds that is refused. */
const usualWindow = 4096

/**
 * Cohere's rerankers (rerank-v3.5, rerank-v4.0-pro, …) by `/v2/rerank`; paid by searches.
 *
 * @param options.maxTokens - Tokens of the query and one text together. @default 4,096
 * @throws {InvalidArgumentError} without COHERE_API_KEY.
 */
export function cohereReranker(model: string, options: HostedOptions = {}): Reranker {
  assertHostedOptions(options, model, 'cohereReranker')
  const { maxTokens = usualWindow, countTokens } = options
  return hostedReranker({
    provider: 'cohere',
    model,
    client: clientOf(coherePlace, options, { knownLimits: { requestsPerMinute: 1000 } }),
    path: 'v2/rerank',
    maxTokens,
    textsPerCall,
    tokensPerCall: Infinity,
    countTokens,
    body: (query, documents) => ({ model, query, documents, max_tokens_per_doc: maxTokens }),
    read: (answer) => ({
      list: memberOf(answer, 'results'),
      searches: memberOf(answer, 'meta', 'billed_units', 'search_units'),
    }),
  })
}
