import { wordsOf } from './wire-contracts.ts'

export type RerankContract = 'cohere' | 'voyage' | 'openai'

const paths: Readonly<Record<string, RerankContract>> = {
  '/v2/rerank': 'cohere',
  '/voyage/v1/rerank': 'voyage',
  '/v1/rerank': 'openai',
}

export function rerankContractOf(path: string): RerankContract | undefined {
  return paths[path]
}

export interface RerankQuestion {
  readonly model: string
  readonly query: string
  readonly documents: readonly string[]
  readonly topN: number
}

/** @returns undefined for a body that the contract does not know. */
export function readRerank(body: unknown): RerankQuestion | undefined {
  if (typeof body !== 'object' || body === null) return undefined
  const { model, query, documents, top_n, top_k } = body as Record<string, unknown>
  if (typeof model !== 'string' || typeof query !== 'string' || !Array.isArray(documents)) return undefined
  const topN = top_n ?? top_k ?? documents.length
  return { model, query, documents: documents as string[], topN: typeof topN === 'number' ? topN : documents.length }
}

/** Share of the query's words that a text holds. */
export function plantedRelevance(query: string, text: string): number {
  const asked = wordsOf(query.toLowerCase())
  const held = new Set(wordsOf(text.toLowerCase()))
  return asked.length === 0 ? 0 : asked.filter((word) => held.has(word)).length / asked.length
}

/** The right answer, best first, in the shape of its contract: one token a word of each pair. */
export function rerankAnswer(contract: RerankContract, { model, query, documents, topN }: RerankQuestion) {
  const results = documents
    .map((text, index) => ({ index, relevance_score: plantedRelevance(query, text) }))
    .sort((a, b) => b.relevance_score - a.relevance_score || a.index - b.index)
    .slice(0, topN)
  const tokens = documents.reduce((sum, text) => sum + wordsOf(query).length + wordsOf(text).length, 0)
  const answer: Record<string, unknown> =
    contract === 'cohere'
      ? { id: 'answer', results, meta: { billed_units: { search_units: Math.ceil(documents.length / 100) } } }
      : contract === 'voyage'
        ? { object: 'list', data: results, model, usage: { total_tokens: tokens } }
        : { object: 'list', results, model, usage: { prompt_tokens: tokens, total_tokens: tokens } }
  return { answer, results, tokens }
}
