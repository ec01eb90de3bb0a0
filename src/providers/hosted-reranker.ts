import { InvalidArgumentError } from '../spec/errors.ts'
import type { Reranker } from '../spec/reranker.ts'
import { AnswerError, isObject } from './answer-rows.ts'
import { estimateTokens } from './estimate-tokens.ts'
import type { HttpClient } from './http.ts'

export interface HostedRerankerParts {
  readonly provider: string
  readonly model: string
  readonly client: HttpClient
  /** Below the base address. */
  readonly path: string
  /** Tokens of the query and one text together. */
  readonly maxTokens: number
  readonly textsPerCall: number
  readonly tokensPerCall: number
  readonly countTokens?: ((text: string) => number) | undefined
  readonly body: (query: string, texts: readonly string[]) => unknown
  /** The list of `{ index, relevance_score }`, and what was paid by. */
  readonly read: (answer: unknown) => { list: unknown; tokens?: unknown; searches?: unknown }
}

/**
 * A reranker behind a server: pairs that the server would cut are refused, texts packed into calls, and every score is
 * there once and finite.
 */
export function hostedReranker(parts: HostedRerankerParts): Reranker {
  const { provider, model, client, path, countTokens = estimateTokens } = parts
  return {
    model,
    async rerank(query, texts, { signal } = {}) {
      if (typeof query !== 'string' || query.trim() === '')
        throw new InvalidArgumentError('query', 'a text with at least one word', query)
      const ofQuery = countTokens(query)
      const counts = texts.map((text, i) => {
        const tokens = ofQuery + countTokens(text)
        if (tokens > parts.maxTokens)
          throw new InvalidArgumentError(
            `texts[${i}]`,
            `at most ${parts.maxTokens} tokens together with the query, the model's window`,
            tokens,
            'Shorten it; nothing is cut silently.',
          )
        return tokens
      })
      const scores = new Float64Array(texts.length)
      const paid = { tokens: 0, searches: 0 }
      for (const call of callsOf(counts, parts)) {
        signal?.throwIfAborted()
        const asked = call.map((i) => texts[i] as string)
        const size = { tokens: call.reduce((sum, i) => sum + (counts[i] as number), 0), texts: asked.length }
        const answer = parts.read(await client.post(path, parts.body(query, asked), { signal, size }))
        const found = scoresOf(provider, answer.list, 'relevance_score', asked.length)
        for (const [i, index] of call.entries()) scores[index] = found[i] as number
        if (typeof answer.tokens === 'number') paid.tokens += answer.tokens
        if (typeof answer.searches === 'number') paid.searches += answer.searches
      }
      return {
        scores,
        usage: {
          ...(paid.tokens > 0 ? { tokens: paid.tokens } : {}),
          ...(paid.searches > 0 ? { searches: paid.searches } : {}),
        },
      }
    },
  }
}

/** @throws {AnswerError} unless there is one finite score for each index from 0 to `count` − 1. */
export function scoresOf(provider: string, list: unknown, field: string, count: number): Float64Array {
  if (!Array.isArray(list)) throw new AnswerError(provider, 'a list of scores', 'none')
  if (list.length !== count) throw new AnswerError(provider, `${count} scores, one a text`, `${list.length}`)
  const scores = new Float64Array(count).fill(Number.NaN)
  for (const item of list) {
    const { index, [field]: score } = isObject(item) ? item : {}
    if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= count)
      throw new AnswerError(provider, `indices from 0 to ${count - 1}`, 'another')
    if (typeof score !== 'number' || !Number.isFinite(score))
      throw new AnswerError(provider, 'finite scores', 'another')
    if (!Number.isNaN(scores[index])) throw new AnswerError(provider, 'each index once', `index ${index} twice`)
    scores[index] = score
  }
  return scores
}

function callsOf(counts: readonly number[], { textsPerCall, tokensPerCall }: HostedRerankerParts): number[][] {
  const calls: number[][] = []
  let room = 0
  for (const [i, tokens] of counts.entries()) {
    const last = calls.at(-1)
    if (last === undefined || last.length >= textsPerCall || tokens > room) {
      calls.push([i])
      room = tokensPerCall - tokens
    } else {
      last.push(i)
      room -= tokens
    }
  }
  return calls
}
