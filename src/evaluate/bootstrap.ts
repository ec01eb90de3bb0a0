import { createRandom, type Random } from '../kernels/random.ts'
import { InvalidArgumentError } from '../spec/errors.ts'

export interface BootstrapOptions {
  /** Times the items are drawn anew, integer ≥ 1. Larger steadies the interval's ends. @default 1000 */
  readonly resamples?: number | undefined
  /** A safe integer. Two measures of as many items and one seed see the same draws, so their replicates are pairs. @default 0 */
  readonly seed?: number | undefined
}

export interface Interval {
  readonly low: number
  readonly high: number
  /** Share of such intervals that hold the true value, in (0, 1). */
  readonly level: number
}

/**
 * What a measure would have been on other items of the same kind: its value for each of many draws, with replacement,
 * of as many items as there are.
 *
 * @param items - Number of items, integer ≥ 1.
 * @param measure - Value for a draw, given how often each item is in it; the array is used again for the next draw.
 * @returns One value a draw.
 *
 * Cost: `resamples` calls of `measure` and `resamples · items` random numbers.
 * Source: Efron 1979.
 */
export function bootstrapReplicates(
  items: number,
  measure: (counts: Int32Array, draw: number) => number,
  options: BootstrapOptions = {},
): Float64Array {
  const { resamples = 1000, seed = 0 } = options
  if (!Number.isSafeInteger(items) || items < 1) throw new InvalidArgumentError('items', 'an integer ≥ 1', items)
  if (!Number.isSafeInteger(resamples) || resamples < 1)
    throw new InvalidArgumentError('options.resamples', 'an integer ≥ 1', resamples)
  const random = createRandom(seed)
  const counts = new Int32Array(items)
  return Float64Array.from({ length: resamples }, (_, draw) => measure(drawCounts(random, counts), draw))
}

/** How often each of `counts.length` items is in a draw of as many, with replacement; filled in and returned. */
export function drawCounts(random: Random, counts: Int32Array): Int32Array {
  counts.fill(0)
  for (let i = 0; i < counts.length; i++) counts[random.below(counts.length)]!++
  return counts
}

/** The middle `level` of the replicates, between order statistics by linear interpolation. NaN replicates are refused. */
export function percentileInterval(replicates: Float64Array, level = 0.95): Interval {
  if (!(level > 0 && level < 1)) throw new InvalidArgumentError('level', 'a number between 0 and 1', level)
  if (replicates.length === 0) throw new InvalidArgumentError('replicates', 'at least one', 0)
  const sorted = replicates.slice().sort()
  if (Number.isNaN(sorted[sorted.length - 1])) throw new InvalidArgumentError('replicates', 'numbers', Number.NaN)
  const at = (share: number) => {
    const place = share * (sorted.length - 1)
    const below = Math.floor(place)
    const from = sorted[below] as number
    return from + (place - below) * ((sorted[Math.min(below + 1, sorted.length - 1)] as number) - from)
  }
  return { low: at((1 - level) / 2), high: at((1 + level) / 2), level }
}

/** Mean of `values`, each as often as `counts` says. */
export function countedMean(values: ArrayLike<number>, counts: Int32Array): number {
  let sum = 0
  let total = 0
  for (let i = 0; i < counts.length; i++) {
    sum += (counts[i] as number) * (values[i] as number)
    total += counts[i] as number
  }
  return sum / total
}
