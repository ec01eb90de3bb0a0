import { InvalidArgumentError } from '../spec/errors.ts'
import { pearson } from './pearson.ts'

/**
 * Spearman's rank correlation ρ: Pearson's correlation of the ranks, ties given their mean rank.
 *
 * @param a - n finite values.
 * @param b - n finite values, pair by pair with `a`.
 * @returns ρ in [−1, 1]; NaN where one side is constant (no ranking to compare), as SciPy gives.
 * @throws {InvalidArgumentError} when the lengths differ, n < 2 or a value is not finite.
 *
 * Source: the definition; agrees with `scipy.stats.spearmanr`. Cost: O(n log n).
 */
export function spearman(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new InvalidArgumentError('b', `${a.length} values like a`, b.length)
  if (a.length < 2) throw new InvalidArgumentError('a', 'at least 2 values', a.length)
  return pearson(averageRanks(a, 'a'), averageRanks(b, 'b'))
}

/** Ranks from 1, ties given the mean of the ranks they span. */
function averageRanks(values: ArrayLike<number>, name: string): Float64Array {
  const order = Array.from({ length: values.length }, (_, i) => i)
  for (const i of order)
    if (!Number.isFinite(values[i])) throw new InvalidArgumentError(`${name}[${i}]`, 'a finite number', values[i])
  order.sort((i, j) => (values[i] as number) - (values[j] as number))
  const ranks = new Float64Array(values.length)
  for (let start = 0; start < order.length; ) {
    let end = start + 1
    while (end < order.length && values[order[end] as number] === values[order[start] as number]) end++
    for (let i = start; i < end; i++) ranks[order[i] as number] = (start + 1 + end) / 2
    start = end
  }
  return ranks
}
