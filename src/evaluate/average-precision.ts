import { InvalidArgumentError } from '../spec/errors.ts'

/**
 * Area under the precision–recall steps of scored pairs: Σ (recall_i − recall_{i−1}) · precision_i over distinct scores.
 *
 * @param scores - n finite values, larger means "more likely positive".
 * @param positive - n truths.
 * @returns In (0, 1]. Tied scores count as one threshold.
 * @throws {InvalidArgumentError} when lengths differ, nothing is positive or a score is not finite.
 *
 * Source: `sklearn.metrics.average_precision_score`. Cost: O(n log n).
 */
export function averagePrecision(scores: ArrayLike<number>, positive: ArrayLike<boolean | number>): number {
  if (scores.length !== positive.length)
    throw new InvalidArgumentError('positive', `${scores.length} truths`, positive.length)
  const order = Array.from({ length: scores.length }, (_, i) => i)
  for (const i of order)
    if (!Number.isFinite(scores[i])) throw new InvalidArgumentError(`scores[${i}]`, 'a finite number', scores[i])
  order.sort((i, j) => (scores[j] as number) - (scores[i] as number))
  const total = order.filter((i) => positive[i]).length
  if (total === 0) throw new InvalidArgumentError('positive', 'at least one positive', 0)
  let found = 0
  let area = 0
  for (let start = 0; start < order.length; ) {
    let end = start
    let gained = 0
    while (end < order.length && scores[order[end] as number] === scores[order[start] as number])
      if (positive[order[end++] as number]) gained++
    found += gained
    area += (gained / total) * (found / end)
    start = end
  }
  return area
}
