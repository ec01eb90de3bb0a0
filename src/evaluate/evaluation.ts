import type { Interval } from './bootstrap.ts'

export type EvaluationType = 'STS' | 'Retrieval' | 'Classification' | 'Clustering' | 'PairClassification'

/** What one system reached on one task. */
export interface Evaluation {
  readonly type: EvaluationType
  /** Name of the main measure, as MTEB has it. */
  readonly measure: string
  readonly value: number
  /** Of `value`, by bootstrap. */
  readonly interval: Interval
  /** Replicates of `value`. Two systems evaluated on one task with one seed have paired ones. */
  readonly replicates: Float64Array
  /** Every measure under MTEB's name. */
  readonly scores: Readonly<Record<string, number | readonly Readonly<Record<string, number>>[]>>
}

export interface EvaluationOptions {
  /** Of the draws. @default 0 */
  readonly seed?: number | undefined
  /** Bootstrap draws, integer ≥ 1. @default 1000 */
  readonly resamples?: number | undefined
}
