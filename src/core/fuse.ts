/**
 * Weight of meaning in hybrid search; words have the rest.
 *
 * Chosen on development sets with the starter model (`bench/hybrid-weights.bench.ts`; nDCG@10, mean of Cranfield, MED,
 * Wikinews and SciFact's training queries): words alone 0.668, w = 0.2 0.688, 0.3 0.696, 0.4 0.698, 0.5 0.696, 0.6 0.692,
 * 0.7 0.684, meaning alone 0.638, reciprocal rank fusion (k = 60) 0.685. From 0.3 to 0.6 they are alike within chance.
 */
export const semanticWeight = 0.5

/** What two searches know of one passage. */
export interface Parts {
  /** Cosine to the query; undefined where the passage or the query has no vector. */
  readonly cosine: number | undefined
  /** BM25, as a share of the best any passage could reach, in [0, 1]; 0 where no word is found. */
  readonly keywordShare: number
}

/**
 * The two contributions to a hybrid score, which is their sum.
 *
 * Meaning counts from the background's mean μ up: `w · max(0, (cos − μ) / (1 − μ))`, so that a model whose unrelated texts
 * are all alike at 0.7 is fused like one where they are at 0. Words count by their share: `(1 − w) · bm25 / best`.
 *
 * @param mean - μ, in [−1, 1).
 */
export function contributions({ cosine, keywordShare }: Parts, mean: number): { semantic: number; keyword: number } {
  const aboveChance = cosine === undefined || mean >= 1 ? 0 : Math.max(0, (cosine - mean) / (1 - mean))
  return { semantic: semanticWeight * aboveChance, keyword: (1 - semanticWeight) * keywordShare }
}
