import type { Filter } from './filter.ts'

export type RelatedMode = 'meaning' | 'words' | 'both'

export interface CollectionRelatedOptions {
  /** Related items each, integer ≥ 1; fewer where there are fewer others. @default 5 */
  readonly topK?: number | undefined
  /** What decides: `meaning`, `words`, or `both` (their mean). @default 'both' */
  readonly mode?: RelatedMode | undefined
  /** From 0 (the nearest, however alike) to 1 (as unlike each other as can be). @default 0.2 */
  readonly diversity?: number | undefined
  readonly filter?: Filter | undefined
  readonly signal?: AbortSignal | undefined
}

export interface RelatedItem {
  readonly id: string
  readonly title: string | undefined
  /** Larger is better: a cosine by meaning, the share of a text's own BM25 by words, their mean by both. */
  readonly score: number
}

export interface RelatedItems {
  readonly items: readonly {
    readonly id: string
    readonly title: string | undefined
    /** What to read next, by what was asked for and with diversity. */
    readonly related: readonly RelatedItem[]
    readonly byMeaning: readonly RelatedItem[]
    readonly byWords: readonly RelatedItem[]
  }[]
  /** Mean share of an item's list that words alone and meaning alone have in common, from 0 to 1. */
  readonly overlap: number
}
