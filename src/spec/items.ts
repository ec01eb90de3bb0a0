import type { Metadata } from './filter.ts'
import type { Matrix } from './matrix.ts'

/** What an analysis looks at: things in a fixed order, with one vector of unit length each. */
export interface Items {
  /** Ids of sources, or of passages (`source#n`), each once. */
  readonly ids: readonly string[]
  readonly texts: readonly string[]
  readonly titles: readonly (string | undefined)[]
  readonly metadata: readonly Metadata[]
  /** `ids.length × dimensions`, row i for item i. */
  readonly vectors: Matrix
}
