import type { Filter } from './filter.ts'

export interface RecommendOptions {
  /** Ids of items that were liked; at least one. */
  readonly like: readonly string[]
  /** Ids of items that were not. @default none */
  readonly dislike?: readonly string[] | undefined
  /** Items wanted, integer ≥ 1. @default 10 */
  readonly topK?: number | undefined
  /** From 0 (the nearest, however alike) to 1 (as unlike each other as can be). @default 0.2 */
  readonly diversity?: number | undefined
}

export interface CollectionRecommendOptions extends RecommendOptions {
  /** What may be recommended; likes and dislikes may lie outside. @default all */
  readonly filter?: Filter | undefined
  readonly signal?: AbortSignal | undefined
}

export interface Recommendation {
  readonly id: string
  readonly title: string | undefined
  /** Cosine to the taste, in [−1, 1]. */
  readonly score: number
  /** The liked item nearest to it. */
  readonly because: string
}
