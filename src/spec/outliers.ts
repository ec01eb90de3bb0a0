import type { Filter } from './filter.ts'

export interface OutliersOptions {
  /**
   * `local`: far from its nearest neighbours and with words of its own, whatever topics there are; `global`: far from the
   * mean direction of all, for collections of one topic. @default 'local'
   */
  readonly method?: 'local' | 'global' | undefined
  /** Neighbours whose distance counts under `local`, integer ≥ 1, at most a tenth of the items where there are 100 and more. @default 20, or that tenth */
  readonly nNeighbors?: number | undefined
  /** Share of the flagged items that may be none, in (0, 0.5]: larger flags more. @default 0.1 */
  readonly falseDiscoveryRate?: number | undefined
  /** Oddest items to report, flagged or not, integer in [1, 10 000]; flagged ones are always all there. @default 10 */
  readonly topK?: number | undefined
  /** Look at sources (the mean direction of their passages), or passages. @default 'source' */
  readonly by?: 'source' | 'passage' | undefined
  readonly filter?: Filter | undefined
  readonly signal?: AbortSignal | undefined
}

export interface OutlierItem {
  readonly id: string
  readonly title: string | undefined
  readonly text: string
  /** Mean cosine distance to the neighbours (`local`) or cosine distance to the mean direction (`global`). */
  readonly distance: number
  /**
   * Share of its words, the rare ones counting more, that its neighbours don't use, in [0, 1]; undefined under `global`, and
   * for a text without content words.
   */
  readonly unsharedWords: number | undefined
  /** How rare its words are here, mean of ln(items / items that use it); undefined as above. */
  readonly wordRarity: number | undefined
  /** Share of items of such a set that would be so odd by chance; undefined below 100 items. */
  readonly pValue: number | undefined
  readonly isOutlier: boolean
  /** The three nearest others: why it is, or is not, one. */
  readonly nearest: readonly { readonly id: string; readonly title: string | undefined; readonly cosine: number }[]
}

export interface OutliersReport {
  readonly items: number
  /** The oddest first: by distance and words together under `local`. */
  readonly ranked: readonly OutlierItem[]
  readonly flagged: number
  /** False below 100 items, where nothing is flagged: they say too little about what is usual. */
  readonly isTested: boolean
  /** Medians of all items, to compare with. */
  readonly typicalDistance: number
  readonly typicalUnsharedWords: number | undefined
  readonly typicalWordRarity: number | undefined
  /** Items left out because the model knows no token of them. */
  readonly withoutVector: number
}
