import type { Filter, Metadata } from './filter.ts'

export type DuplicateKind = 'text' | 'meaning'

/**
 * Which of several duplicates stays: `first` in the order added, `longest` text, `richest` in metadata (most fields, then
 * the longest text), or `newest` by a field of dates (`updated`, `modified`, `lastmod`, `date`, `published`, `created`).
 */
export type Keep = 'first' | 'longest' | 'richest' | 'newest'

/** What a threshold on cosines means for pairs that are no duplicates. */
export interface FalseAlarms {
  /** Share of random pairs at or above the threshold. */
  readonly rate: number
  /** Where the share among as many pairs of other such items lies, with 95 % confidence. */
  readonly low: number
  readonly high: number
  /** Random pairs it was learnt from. */
  readonly pairs: number
  /** `counted` among the pairs, or `extrapolated` beyond them from the shape of their tail. */
  readonly support: 'counted' | 'extrapolated'
  /** Pairs of this collection, or of built-in unrelated texts where it has fewer than 5,000. */
  readonly source: 'collection' | 'built-in'
}

export interface DuplicatesOptions<Other = unknown> {
  /**
   * `text`: the same words, but for case, white space and Unicode form (NFKC); `meaning`: vectors at least as alike as the
   * threshold; `both`: either. @default 'both'
   */
  readonly method?: DuplicateKind | 'both' | undefined
  /** Least cosine of near-duplicates, in (−1, 1]; not beside `falseAlarmRate`. */
  readonly threshold?: number | undefined
  /**
   * Share of random pairs, in (0, 0.5], that may be taken for duplicates.
   * @default one chance in ten that any pair compared is taken wrongly, at most 0.001; below 5,000 pairs near copies, from cosine 0.9 on
   */
  readonly falseAlarmRate?: number | undefined
  /** Choose the threshold so that so many items stay, integer ≥ 1; not beside the two above. */
  readonly targetSize?: number | undefined
  /** @default 'first' */
  readonly keep?: Keep | undefined
  /** Compare sources (by the mean direction of their passages), or passages. @default 'source' */
  readonly by?: 'source' | 'passage' | undefined
  readonly filter?: Filter | undefined
  /** Compare only items whose value of this metadata field differs, such as train and test. */
  readonly across?: string | undefined
  /** Items with this value of `across` always stay. @default none */
  readonly keepSide?: string | undefined
  /** Compare with the items of another collection, which always stay, and not among themselves; not beside `across`. */
  readonly against?: Other | undefined
  readonly signal?: AbortSignal | undefined
}

export interface DuplicateItem {
  readonly id: string
  readonly title: string | undefined
  readonly text: string
  readonly metadata: Metadata
  /** SHA-256 of the text, so that a review can be told from a stale one. */
  readonly digest: string
  /** The value of `across`, or `against` for an item of the other collection. */
  readonly side: string | undefined
}

export interface DuplicateMember extends DuplicateItem {
  /** Id of the item that stays in its place, at least as alike as the threshold or of the same text. */
  readonly keeper: string
  readonly cosine: number
  readonly kind: DuplicateKind
}

export interface DuplicatesReport {
  readonly items: number
  /** Items that stay once `removed` of every group are gone. */
  readonly kept: number
  /** Undefined where only texts were compared. */
  readonly threshold: number | undefined
  readonly falseAlarms: FalseAlarms | undefined
  /** The one with the least alike pair first, and in each the least alike member: those are the ones to look at. */
  readonly groups: readonly {
    /** One, or more where a chain of duplicates ends in things that are none of each other. */
    readonly kept: readonly DuplicateItem[]
    readonly removed: readonly DuplicateMember[]
  }[]
  /** Items left out because the model knows no token of them. */
  readonly withoutVector: number
}
