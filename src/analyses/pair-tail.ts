import { predictionInterval } from '../kernels/binomial-interval.ts'
import type { FalseAlarms } from '../spec/duplicates.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import { UnionFind } from './union-find.ts'
import { countBelow, quantileAt, type UpperTail, upperTail } from './upper-tail.ts'

/** Cosines of random pairs, and which items they are of, where it is known. */
export interface DrawnPairs {
  readonly cosines: Float64Array
  readonly first?: Int32Array | undefined
  readonly second?: Int32Array | undefined
}

/** Fewer pairs at a level say too little about it. */
const leastCounted = 20
/** Fewer pairs have no tail to speak of. */
const leastPairs = 100

/**
 * The upper tail of the cosines of random pairs, and with it the threshold for a false-alarm rate.
 *
 * Down to the level that 20 pairs reach the quantile is read off. Beyond it the tail goes on as a generalised Pareto
 * distribution of the inverse hyperbolic tangents (cosines end at 1, these do not) through the quantiles at exceedances p,
 * p / 4 and p / 16. Real duplicates among the random pairs, which would drag the threshold upwards, are left out: pairs so
 * far out that not even a twentieth of one is expected there.
 *
 * Source: Pickands 1975 (estimator of the shape); Nelson 1970 (interval).
 */
export class PairTail {
  /** Ascending, without the duplicates among them. */
  private readonly cosines: Float64Array
  private readonly tail: UpperTail

  private readonly drawn: DrawnPairs

  /**
   * @param drawn.cosines - Of at least 100 random pairs, in any order.
   * @param drawn.first, drawn.second - The items of each pair. An item that is near to many makes its pairs say the same
   *   again; with them the intervals allow for that. @default every pair says something of its own
   */
  constructor(drawn: DrawnPairs) {
    const cosines = drawn.cosines.toSorted()
    this.drawn = drawn
    if (cosines.length < leastPairs)
      throw new InvalidArgumentError('cosines', `those of at least ${leastPairs} pairs`, cosines.length)
    let stretched = cosines.map(stretch)
    for (;;) {
      // From the wide of the tail, where a few duplicates change little, and no shorter than an exponential one.
      const limit = upperTail(stretched, 0.2, [0, 0.5]).quantile(1 / (20 * stretched.length))
      const inside = countBelow(stretched, limit)
      // Beyond one pair in fifty there is no background left to tell from duplicates.
      if (inside === stretched.length || inside < 0.98 * cosines.length) break
      stretched = stretched.subarray(0, inside)
    }
    this.cosines = cosines.subarray(0, stretched.length)
    const deepest = Math.max(leastCounted / stretched.length, 0.0002)
    this.tail = upperTail(stretched, Math.min(0.2, 16 * deepest))
  }

  get pairs(): number {
    return this.cosines.length
  }

  /** The least cosine that random pairs reach with probability `rate`, in (0, 0.5]. Below 1. */
  threshold(rate: number): number {
    if (!(rate > 0 && rate <= 0.5))
      throw new InvalidArgumentError('options.falseAlarmRate', 'a number above 0 and at most 0.5', rate)
    const { cosines } = this
    if (rate * cosines.length < leastCounted) return Math.tanh(this.tail.quantile(rate))
    return quantileAt(cosines, rate)
  }

  /**
   * The share of random pairs at or above a cosine, and where that of as many pairs of other such items will lie: chance
   * had its part in these pairs and will in those.
   */
  falseAlarms(threshold: number): Omit<FalseAlarms, 'source'> {
    const pairs = this.cosines.length
    const reached = pairs - countBelow(this.cosines, threshold)
    // Fewer pairs say nothing about how they hang together: ask at the level where there are enough.
    const asked = Math.min(threshold, this.cosines[Math.max(0, pairs - leastCounted)] as number)
    const effective = 1 / this.repetition(asked)
    const trials = Math.max(1, Math.round(pairs * effective))
    const { low, high } = predictionInterval(Math.round(reached * effective), trials, trials)
    if (reached >= leastCounted) return { rate: reached / pairs, low, high, pairs, support: 'counted' }
    const rate = Math.min(this.tail.exceedance(stretch(threshold)), leastCounted / pairs)
    return { rate, low: Math.min(low, rate), high: Math.max(high, rate), pairs, support: 'extrapolated' }
  }

  /**
   * How many pairs say what one pair of its own would, at a threshold: the variance of the share as a U-statistic over the
   * items, by that of as many independent pairs. Copies of one thing count as one item: those that a duplicate among the
   * pairs links. Source: Hoeffding 1948.
   */
  private repetition(threshold: number): number {
    const { cosines, first, second } = this.drawn
    if (first === undefined || second === undefined) return 1
    const most = this.cosines[this.cosines.length - 1] as number
    const items = 1 + Math.max(maximum(first), maximum(second))
    const linked = new UnionFind(items)
    for (let pair = 0; pair < cosines.length; pair++)
      if ((cosines[pair] as number) > most) linked.join(first[pair] as number, second[pair] as number)
    const [pairsOf, reachedOf] = [new Float64Array(items), new Float64Array(items)]
    let [pairs, reached] = [0, 0]
    for (let pair = 0; pair < cosines.length; pair++) {
      const cosine = cosines[pair] as number
      if (cosine > most) continue
      const hit = cosine >= threshold ? 1 : 0
      pairs++
      reached += hit
      for (const item of [linked.root(first[pair] as number), linked.root(second[pair] as number)]) {
        pairsOf[item] = (pairsOf[item] as number) + 1
        reachedOf[item] = (reachedOf[item] as number) + hit
      }
    }
    const rate = reached / pairs
    let squares = 0
    for (let item = 0; item < items; item++)
      squares += ((reachedOf[item] as number) - rate * (pairsOf[item] as number)) ** 2
    return Math.max(1, squares / (pairs * rate * (1 - rate)) || 1)
  }
}

function maximum(values: Int32Array): number {
  let most = 0
  for (const value of values) if (value > most) most = value
  return most
}

function stretch(cosine: number): number {
  // Equal vectors have a cosine of 1, give or take a rounding.
  return Math.atanh(Math.max(-1 + 1e-9, Math.min(1 - 1e-9, cosine)))
}
