import { InvalidArgumentError, ProviderError } from '../spec/errors.ts'
import type { Reranker } from '../spec/reranker.ts'
import { AnswerError } from './answer-rows.ts'
import { scoresOf } from './hosted-reranker.ts'

/** The shape of a `RerankingModelV4` or V3 of the AI SDK, as far as it is used here. */
export interface AiSdkRerankingModel {
  readonly specificationVersion: 'v4' | 'v3'
  readonly provider: string
  readonly modelId: string
  doRerank(options: AiSdkRerankOptions): PromiseLike<{ ranking: AiSdkRanking }>
}

export interface AiSdkRerankOptions {
  documents: { type: 'text'; values: string[] } | { type: 'object'; values: Record<string, unknown>[] }
  query: string
  topN?: number | undefined
  abortSignal?: AbortSignal | undefined
}

export type AiSdkRanking = { index: number; relevanceScore: number }[]

/** A reranker of the AI SDK as one of ours. @throws {InvalidArgumentError} for what is none. */
export function fromAiSdkReranker(model: AiSdkRerankingModel): Reranker {
  if (!['v4', 'v3'].includes(model?.specificationVersion) || typeof model.doRerank !== 'function')
    throw new InvalidArgumentError('model', 'a RerankingModelV4 or V3 of the AI SDK', model?.specificationVersion)
  const { provider, modelId } = model
  return {
    model: modelId,
    async rerank(query, texts, { signal } = {}) {
      signal?.throwIfAborted()
      if (texts.length === 0) return { scores: new Float64Array(0) }
      let answer: { ranking: AiSdkRanking }
      try {
        answer = await model.doRerank({ query, documents: { type: 'text', values: [...texts] }, abortSignal: signal })
      } catch (error) {
        signal?.throwIfAborted()
        const status = (error as { statusCode?: unknown })?.statusCode
        throw new ProviderError(provider, 'expected a ranking, got an error of its client.', {
          ...(typeof status === 'number' ? { status } : {}),
        })
      }
      return { scores: scoresOf(provider, answer?.ranking, 'relevanceScore', texts.length) }
    },
  }
}

/** One of our rerankers as a `RerankingModelV4`: best first, equal scores in the order given. */
export function toAiSdkReranker<Version extends 'v4' | 'v3' = 'v4'>(
  reranker: Reranker,
  { specificationVersion = 'v4' as Version }: { readonly specificationVersion?: Version | undefined } = {},
): AiSdkRerankingModel & { readonly specificationVersion: Version } {
  return {
    specificationVersion,
    provider: 'vecino.rerank',
    modelId: reranker.model,
    async doRerank({ documents, query, topN, abortSignal }) {
      const count = documents.values.length
      if (topN !== undefined && !(Number.isSafeInteger(topN) && topN >= 1))
        throw new InvalidArgumentError('topN', 'an integer ≥ 1', topN)
      const texts =
        documents.type === 'text' ? documents.values : documents.values.map((value) => JSON.stringify(value))
      const { scores } = await reranker.rerank(query, texts, { signal: abortSignal })
      if (scores.length !== count) throw new AnswerError(reranker.model, `${count} scores`, `${scores.length}`)
      const ranking = Array.from(scores, (relevanceScore, index) => ({ index, relevanceScore }))
      ranking.sort((a, b) => b.relevanceScore - a.relevanceScore || a.index - b.index)
      return { ranking: ranking.slice(0, topN ?? count), warnings: [] }
    },
  }
}
