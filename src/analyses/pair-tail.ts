import { binomialInterval } from '../kernels/binomial-interval.ts'
import type { FalseAlarms } from '../spec/duplicates.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import { countBelow, quantileAt, type UpperTail, upperTail } from './upper-tail.ts'

/** Fewer pairs at a level say too little about it. */
const leastCounted = 20
/** Fewer pairs have no tail to speak of. */
export const leastPairs = 100

/**
 * The upper tail of the cosines of random pairs, and with it the threshold for a false-alarm rate.
 *
 * Down to the level that 20 pairs reach the quantile is read off. Beyond it the tail goes on as a generalised Pareto
 * distribution of the inverse hyperbolic tangents (cosines end at 1, these do not) through the quantiles at exceedances p,
 * p / 4 and p / 16. Real duplicates among the random pairs, which
 * would drag the threshold upwards, are left out: pairs so far out that not even a twentieth of one is expected there.
 *
 * Source: Pickands 1975 (estimator of the shape); Clopper & Pearson 1934 (interval).
 */
export class PairTail {
  /** Ascending, without the duplicates among them. */
  private readonly cosines: Float64Array
  private readonly tail: UpperTail

  /** @param cosines - Of at least 100 random pairs, ascending. */
  constructor(cosines: Float64Array) {
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

  /** The share of random pairs at or above a cosine, and how sure that is. */
  falseAlarms(threshold: number): Omit<FalseAlarms, 'source'> {
    const pairs = this.cosines.length
    const reached = pairs - countBelow(this.cosines, threshold)
    const { low, high } = binomialInterval(reached, pairs)
    if (reached >= leastCounted) return { rate: reached / pairs, low, high, pairs, support: 'counted' }
    const rate = Math.min(this.tail.exceedance(stretch(threshold)), leastCounted / pairs)
    return { rate, low: Math.min(low, rate), high: Math.max(high, rate), pairs, support: 'extrapolated' }
  }
}

function stretch(cosine: number): number {
  // Equal vectors have a cosine of 1, give or take a rounding.
  return Math.atanh(Math.max(-1 + 1e-9, Math.min(1 - 1e-9, cosine)))
}
