import { InvalidArgumentError } from '../spec/errors.ts'

/** Relevance of documents to one query: document id → grade (0 or absent: not relevant; larger: better). */
export type Judgements = ReadonlyMap<string, number>

/** Documents with their scores; order does not matter: measures rank them by `rankDocuments`. */
export type Run = ReadonlyMap<string, number>

/** Best first; ties by document id descending, as trec_eval does (and so MTEB). */
export function rankDocuments(run: Run): string[] {
  return [...run].sort(([a, x], [b, y]) => y - x || (a < b ? 1 : -1)).map(([id]) => id)
}

/**
 * Normalised discounted cumulative gain: Σ grade / log2(rank + 1) over the first k, over the same sum of the ideal order.
 *
 * @param ranked - Document ids, best first.
 * @param k - Cut-off, integer ≥ 1.
 * @returns In [0, 1]; 0 for a query without a relevant document.
 *
 * Source: Järvelin & Kekäläinen 2002 with linear gain, as trec_eval's `ndcg_cut`.
 */
export function ndcgAtK(ranked: readonly string[], judgements: Judgements, k: number): number {
  assertCutOff(k)
  const ideal = [...judgements.values()].filter((grade) => grade > 0).sort((a, b) => b - a)
  const best = discountedGain(ideal.slice(0, k))
  return best === 0 ? 0 : discountedGain(ranked.slice(0, k).map((id) => Math.max(0, judgements.get(id) ?? 0))) / best
}

/** Share of the relevant documents that stand among the first k; 0 for a query without one. */
export function recallAtK(ranked: readonly string[], judgements: Judgements, k: number): number {
  assertCutOff(k)
  const relevant = countRelevant(judgements)
  return relevant === 0 ? 0 : ranked.slice(0, k).filter((id) => isRelevant(judgements, id)).length / relevant
}

/** Share of the first k places that hold a relevant document; places left empty count as not. */
export function precisionAtK(ranked: readonly string[], judgements: Judgements, k: number): number {
  assertCutOff(k)
  return ranked.slice(0, k).filter((id) => isRelevant(judgements, id)).length / k
}

/** 1 / rank of the first relevant document among the first k, else 0. */
export function reciprocalRankAtK(ranked: readonly string[], judgements: Judgements, k: number): number {
  assertCutOff(k)
  const at = ranked.slice(0, k).findIndex((id) => isRelevant(judgements, id))
  return at < 0 ? 0 : 1 / (at + 1)
}

/** Mean of the precisions at each relevant document's rank among the first k, over all relevant ones (trec_eval's `map_cut`). */
export function averagePrecisionAtK(ranked: readonly string[], judgements: Judgements, k: number): number {
  assertCutOff(k)
  const relevant = countRelevant(judgements)
  let found = 0
  let sum = 0
  for (const [i, id] of ranked.slice(0, k).entries()) if (isRelevant(judgements, id)) sum += ++found / (i + 1)
  return relevant === 0 ? 0 : sum / relevant
}

function discountedGain(grades: readonly number[]): number {
  return grades.reduce((sum, grade, i) => sum + grade / Math.log2(i + 2), 0)
}

function isRelevant(judgements: Judgements, id: string): boolean {
  return (judgements.get(id) ?? 0) > 0
}

function countRelevant(judgements: Judgements): number {
  let count = 0
  for (const grade of judgements.values()) if (grade > 0) count++
  return count
}

function assertCutOff(k: number): void {
  if (!Number.isSafeInteger(k) || k < 1) throw new InvalidArgumentError('k', 'an integer ≥ 1', k)
}
