import { InvalidArgumentError, InvalidVectorError } from '../spec/errors.ts'
import type { Reranker } from '../spec/reranker.ts'
import type { Chosen } from './search.ts'

/** A passage with its place before a reranker read it, from 1, and what the reranker made of it. */
export interface Reordered {
  readonly chosen: Chosen
  readonly before: number
  readonly score: number
}

export function assertReranker(reranker: Reranker | undefined): void {
  if (reranker !== undefined && typeof reranker?.rerank !== 'function')
    throw new InvalidArgumentError('options.rerank', 'a reranker, with a function rerank', reranker)
}

/**
 * Candidates in the order of a reranker's scores; equal scores stay in the order they had.
 *
 * The reranker reads the headings above a passage too, as the model that embedded it did.
 *
 * @throws {InvalidVectorError} when the reranker gives another number of scores, or one that is not finite.
 */
export async function reorder(
  reranker: Reranker,
  query: string,
  candidates: readonly Chosen[],
  signal: AbortSignal | undefined,
): Promise<Reordered[]> {
  if (candidates.length === 0) return []
  const texts = candidates.map(({ passage: { headings, text } }) => [...headings, text].join('\n'))
  const { scores } = await reranker.rerank(query, texts, { signal })
  const who = `scores of ${reranker.model}`
  if (scores.length !== texts.length)
    throw new InvalidVectorError(who, `${texts.length}, one a text`, `${scores.length}`)
  const wrong = scores.findIndex((score) => !Number.isFinite(score))
  if (wrong >= 0) throw new InvalidVectorError(who, 'finite numbers', String(scores[wrong]), { row: wrong })
  return candidates
    .map((chosen, i) => ({ chosen, before: i + 1, score: scores[i] as number }))
    .sort((a, b) => b.score - a.score || a.before - b.before)
}
