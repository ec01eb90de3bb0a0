export interface UpperTail {
  /** The value that a share `rate` reaches. */
  quantile(rate: number): number
  /** The share that reaches a value. */
  exceedance(value: number): number
}

/** A shape beyond it comes from too few values. */
const heaviest = 0.5

/**
 * The upper tail of a distribution beyond the values there are: generalised Pareto, through the quantiles at the exceedances
 * `level`, `level` / 4 and `level` / 16. What lies above the last of them decides nothing, so a few strangers out there
 * don't hide each other.
 *
 * @param ascending - At least 16 / `level` values, ascending.
 * @param level - Exceedance from which on the tail counts, in (0, 1).
 * @param shapes - Least and largest shape: 0 is exponential, below it the tail has an end. @default [−0.5, 0.5]
 *
 * Source: Pickands 1975.
 */
export function upperTail(
  ascending: Float64Array,
  level: number,
  [least, largest]: readonly [number, number] = [-heaviest, heaviest],
): UpperTail {
  const start = quantileAt(ascending, level)
  const middle = quantileAt(ascending, level / 4)
  const end = quantileAt(ascending, level / 16)
  const [near, far] = [Math.max(middle - start, 1e-9), Math.max(end - middle, 1e-9)]
  const shape = Math.max(least, Math.min(largest, Math.log(far / near) / Math.log(4)))
  const isFlat = Math.abs(shape) < 1e-6
  // The scale at the last quantile, from the step to it.
  const scale = isFlat ? far / Math.log(4) : (far * shape) / (1 - 4 ** -shape)
  const last = level / 16
  return {
    quantile(rate) {
      const times = last / rate
      return end + (isFlat ? scale * Math.log(times) : (scale * (times ** shape - 1)) / shape)
    },
    exceedance(value) {
      const excess = (value - end) / scale
      return last * (isFlat ? Math.exp(-excess) : Math.max(0, 1 + shape * excess) ** (-1 / shape))
    },
  }
}

/** The value that a share `rate` of the ascending values reaches, between two where it falls between them. */
export function quantileAt(ascending: Float64Array, rate: number): number {
  const place = (1 - rate) * ascending.length
  const below = Math.min(ascending.length - 1, Math.floor(place))
  const above = Math.min(ascending.length - 1, below + 1)
  const from = ascending[below] as number
  return from + (place - below) * ((ascending[above] as number) - from)
}

/** How many of the ascending values are below one. */
export function countBelow(ascending: Float64Array, value: number): number {
  let [low, high] = [0, ascending.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ascending[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return low
}
