import { binomialInterval } from '../kernels/binomial-interval.ts'
import type { FalseAlarms } from '../spec/duplicates.ts'
import { InvalidArgumentError } from '../spec/errors.ts'

/** Fewer pairs at a level say too little about it. */
const leastCounted = 20
/** Fewer pairs have no tail to speak of. */
export const leastPairs = 100

/**
 * The upper tail of the cosines of random pairs, and with it the threshold for a false-alarm rate.
 *
 * Down to the level that 20 pairs reach the quantile is read off. Beyond it the tail goes on as a generalised Pareto
 * distribution through the quantiles at exceedances p, p / 4 and p / 16. Real duplicates among the random pairs, which
 * would drag the threshold upwards, are left out: pairs so far out that not even a twentieth of one is expected there.
 *
 * Source: Pickands 1975 (estimator of the shape); Clopper & Pearson 1934 (interval).
 */
export class PairTail {
  /** Ascending, without the duplicates among them. */
  private readonly cosines: Float64Array
  private readonly tail: Tail

  /** @param cosines - Of at least 100 random pairs, ascending. */
  constructor(cosines: Float64Array) {
    if (cosines.length < leastPairs)
      throw new InvalidArgumentError('cosines', `those of at least ${leastPairs} pairs`, cosines.length)
    let kept = cosines
    for (;;) {
      // From the wide of the tail, where a few duplicates change little, and no shorter than an exponential one.
      const limit = tailFrom(kept, 0.2, 0).quantile(1 / (20 * kept.length))
      const inside = countBelow(kept, limit)
      // Beyond one pair in fifty there is no background left to tell from duplicates.
      if (inside === kept.length || inside < 0.98 * cosines.length) break
      kept = kept.subarray(0, inside)
    }
    this.cosines = kept
    const deepest = Math.max(leastCounted / kept.length, 0.0002)
    this.tail = tailFrom(kept, Math.min(0.2, 16 * deepest), -0.5)
  }

  get pairs(): number {
    return this.cosines.length
  }

  /** The least cosine that random pairs reach with probability `rate`, in (0, 0.5]. At most 1. */
  threshold(rate: number): number {
    if (!(rate > 0 && rate <= 0.5))
      throw new InvalidArgumentError('options.falseAlarmRate', 'a number above 0 and at most 0.5', rate)
    const { cosines } = this
    if (rate * cosines.length < leastCounted) return Math.min(1, this.tail.quantile(rate))
    return quantileAt(cosines, rate)
  }

  /** The share of random pairs at or above a cosine, and how sure that is. */
  falseAlarms(threshold: number): Omit<FalseAlarms, 'source'> {
    const pairs = this.cosines.length
    const reached = pairs - countBelow(this.cosines, threshold)
    const { low, high } = binomialInterval(reached, pairs)
    if (reached >= leastCounted) return { rate: reached / pairs, low, high, pairs, support: 'counted' }
    const rate = Math.min(this.tail.exceedance(threshold), leastCounted / pairs)
    return { rate, low: Math.min(low, rate), high: Math.max(high, rate), pairs, support: 'extrapolated' }
  }
}

interface Tail {
  quantile(rate: number): number
  exceedance(cosine: number): number
}

/** The tail from the exceedance `level` on. */
function tailFrom(cosines: Float64Array, level: number, leastShape: number): Tail {
  const start = quantileAt(cosines, level)
  const middle = quantileAt(cosines, level / 4)
  const end = quantileAt(cosines, level / 16)
  const [near, far] = [Math.max(middle - start, 1e-9), Math.max(end - middle, 1e-9)]
  // A shape beyond these comes from too few pairs: a tail of cosines is neither cut off at once nor heavier than 1 / x.
  const shape = Math.max(leastShape, Math.min(0.5, Math.log(far / near) / Math.log(4)))
  const flat = Math.abs(shape) < 1e-6
  // Through the deepest quantile, with the scale that the step before it had there.
  const scale = flat ? far / Math.log(4) : (far * shape) / (1 - 4 ** -shape)
  return {
    quantile(rate) {
      const times = level / 16 / rate
      return end + (flat ? scale * Math.log(times) : (scale * (times ** shape - 1)) / shape)
    },
    exceedance(cosine) {
      const excess = (cosine - end) / scale
      if (flat) return (level / 16) * Math.exp(-excess)
      return (level / 16) * Math.max(0, 1 + shape * excess) ** (-1 / shape)
    },
  }
}

/** The value that a share `rate` of the ascending values reaches, between two where it falls between them. */
function quantileAt(ascending: Float64Array, rate: number): number {
  const place = (1 - rate) * ascending.length
  const below = Math.min(ascending.length - 1, Math.floor(place))
  const above = Math.min(ascending.length - 1, below + 1)
  const from = ascending[below] as number
  return from + (place - below) * ((ascending[above] as number) - from)
}

function countBelow(ascending: Float64Array, value: number): number {
  let [low, high] = [0, ascending.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ascending[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return low
}
