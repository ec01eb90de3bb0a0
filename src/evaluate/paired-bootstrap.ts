import { InvalidArgumentError } from '../spec/errors.ts'
import {
  type BootstrapOptions,
  bootstrapReplicates,
  countedMean,
  type Interval,
  percentileInterval,
} from './bootstrap.ts'

export interface PairedBootstrapOptions extends BootstrapOptions {
  /** In (0, 1); larger declares fewer differences. @default 0.95 */
  readonly level?: number | undefined
}

export interface PairedDifference {
  /** Mean of a − b. */
  readonly difference: number
  readonly interval: Interval
  /** True where the interval leaves 0 out. */
  readonly isDetectable: boolean
}

/**
 * Is one system better than another on the same items? The mean difference of their scores, with its bootstrap
 * interval: items are drawn, and with each both scores, so what makes an item hard for both cancels.
 *
 * @param a - n finite scores, one an item. @param b - n scores of the other on the same items.
 * @throws {InvalidArgumentError} when lengths differ, there is no item, or a score is not finite.
 *
 * Source: Efron & Tibshirani 1993; Sakai 2006 for retrieval.
 */
export function pairedBootstrap(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  options: PairedBootstrapOptions = {},
): PairedDifference {
  if (a.length !== b.length) throw new InvalidArgumentError('b', `${a.length} scores like a`, b.length)
  if (a.length === 0) throw new InvalidArgumentError('a', 'at least one score', 0)
  const differences = Float64Array.from({ length: a.length }, (_, i) => {
    const difference = (a[i] as number) - (b[i] as number)
    if (!Number.isFinite(difference)) throw new InvalidArgumentError(`item ${i}`, 'finite scores', difference)
    return difference
  })
  const replicates = bootstrapReplicates(a.length, (counts) => countedMean(differences, counts), options)
  const interval = percentileInterval(replicates, options.level)
  return {
    difference: differences.reduce((sum, difference) => sum + difference, 0) / a.length,
    interval,
    isDetectable: interval.low > 0 || interval.high < 0,
  }
}
