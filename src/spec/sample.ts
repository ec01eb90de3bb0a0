import type { Filter, Metadata } from './filter.ts'

export interface SampleOptions {
  /** Items wanted, integer ≥ 1, at most those there are. */
  readonly size: number
  /** `typical`: items that many others are near to; `spread`: items far from each other, down to the oddest. @default 'typical' */
  readonly method?: 'typical' | 'spread' | undefined
  /** Choose among sources (by the mean direction of their passages), or passages. @default 'source' */
  readonly by?: 'source' | 'passage' | undefined
  readonly filter?: Filter | undefined
  readonly signal?: AbortSignal | undefined
}

export interface SampledItem {
  readonly id: string
  readonly title: string | undefined
  readonly text: string
  readonly metadata: Metadata
  /** Items, itself included, to which no other chosen one is nearer. */
  readonly standsFor: number
}

export interface SampleReport {
  readonly items: number
  /** In the order chosen: the first n are the sample of size n. */
  readonly chosen: readonly SampledItem[]
  readonly coverage: {
    /** Share of items that are covered: at least as alike to a chosen one as `cosine`. */
    readonly share: number
    /** What 99 % of random pairs stay below. */
    readonly cosine: number
    /** Mean cosine of an item to its nearest chosen one. */
    readonly meanCosine: number
    /** The item farthest from all chosen ones. */
    readonly farthest: { readonly id: string; readonly cosine: number }
  }
  /** Items left out because the model knows no token of them. */
  readonly withoutVector: number
}
