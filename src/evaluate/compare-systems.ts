import { InvalidArgumentError } from '../spec/errors.ts'
import type { BootstrapOptions } from './bootstrap.ts'
import { type PairedDifference, pairedBootstrap } from './paired-bootstrap.ts'

export interface CompareSystemsOptions extends BootstrapOptions {
  /** Chance, in (0, 1), that any of several equal systems is called different. Smaller needs more items. @default 0.02 */
  readonly falseDifferenceRate?: number | undefined
}

export interface ComparedSystems {
  /** Index of the greatest mean, the first of equals. */
  readonly best: number
  /** Of each system: what it lacks to the best. The best's own is 0. */
  readonly againstBest: readonly PairedDifference[]
}

/**
 * Which of several systems are worse than the best on the same items, beyond what other items could turn round?
 *
 * The best is chosen by looking, so each pair of systems counts as a comparison: intervals are widened (Bonferroni) until
 * the chance of any false difference is at most the rate. The rate is below the usual 5 % because percentile intervals
 * are a little narrow on few items.
 *
 * @param scores - One array a system, each with a score for every item; larger is better.
 * @throws {InvalidArgumentError} for no system, unlike numbers of items, or an option out of range.
 *
 * Cost: systems · items · resamples.
 */
export function compareSystems(
  scores: readonly ArrayLike<number>[],
  options: CompareSystemsOptions = {},
): ComparedSystems {
  const { falseDifferenceRate = 0.02, resamples = 10_000, seed } = options
  if (!(falseDifferenceRate > 0 && falseDifferenceRate < 1))
    throw new InvalidArgumentError('options.falseDifferenceRate', 'a number between 0 and 1', falseDifferenceRate)
  if (scores.length === 0) throw new InvalidArgumentError('scores', 'at least one system', 0)
  const means = scores.map(
    (one) => Array.from(one).reduce((sum: number, score) => sum + (score as number), 0) / one.length,
  )
  const best = means.indexOf(Math.max(...means))
  const comparisons = Math.max(1, (scores.length * (scores.length - 1)) / 2)
  const level = 1 - falseDifferenceRate / comparisons
  return {
    best,
    againstBest: scores.map((one) =>
      pairedBootstrap(one, scores[best] as ArrayLike<number>, { level, resamples, seed }),
    ),
  }
}
