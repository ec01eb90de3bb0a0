import type { Reranker } from '../spec/reranker.ts'
import { memberOf } from './answer-rows.ts'
import { assertHostedOptions, clientOf, type HostedOptions } from './hosted-options.ts'
import { hostedReranker } from './hosted-reranker.ts'
import { compatiblePlace } from './openai-compatible.ts'

/** Such servers read pair after pair, so larger calls gain nothing. */
const textsPerCall = 100
const usualWindow = 512

/**
 * A reranker behind a server that speaks `/rerank` as llama-server, vLLM, TEI's gateway and Jina do, below the same
 * address as its `/embeddings`.
 *
 * @param options.maxTokens - Tokens of the query and one text together. @default 512
 * @throws {InvalidArgumentError} without OPENAI_COMPATIBLE_BASE_URL or `options.baseUrl`.
 */
export function openaiCompatibleReranker(model: string, options: HostedOptions = {}): Reranker {
  assertHostedOptions(options, model, 'openaiCompatibleReranker')
  return hostedReranker({
    provider: 'openai-compatible',
    model,
    client: clientOf(compatiblePlace, options),
    path: 'rerank',
    maxTokens: options.maxTokens ?? usualWindow,
    textsPerCall,
    tokensPerCall: Infinity,
    countTokens: options.countTokens,
    body: (query, documents) => ({ model, query, documents, top_n: documents.length }),
    read: (answer) => ({ list: memberOf(answer, 'results'), tokens: memberOf(answer, 'usage', 'total_tokens') }),
  })
}
