import { InvalidArgumentError } from '../spec/errors.ts'

/**
 * Spearman's ρ of draws of pairs: `counts[i]` times pair i. Both sides are sorted once, so a draw costs O(n).
 *
 * @returns A function that gives what `spearman` gives on the drawn pairs; NaN where a side of them is constant.
 */
export function resampledSpearman(a: ArrayLike<number>, b: ArrayLike<number>): (counts: Int32Array) => number {
  if (a.length !== b.length) throw new InvalidArgumentError('b', `${a.length} values like a`, b.length)
  const ranksOfA = ranker(a)
  const ranksOfB = ranker(b)
  return (counts) => {
    const [x, y] = [ranksOfA(counts), ranksOfB(counts)]
    let n = 0
    for (const count of counts) n += count
    const mean = (n + 1) / 2
    let ab = 0
    let aa = 0
    let bb = 0
    for (let i = 0; i < counts.length; i++) {
      const count = counts[i] as number
      const da = (x[i] as number) - mean
      const db = (y[i] as number) - mean
      ab += count * da * db
      aa += count * da * da
      bb += count * db * db
    }
    return aa === 0 || bb === 0 ? Number.NaN : ab / Math.sqrt(aa * bb)
  }
}

/** Mean ranks from 1 among the drawn values; of a value that is not drawn any number. */
function ranker(values: ArrayLike<number>): (counts: Int32Array) => Float64Array {
  const order = Int32Array.from({ length: values.length }, (_, i) => i).sort(
    (i, j) => (values[i] as number) - (values[j] as number),
  )
  const ranks = new Float64Array(values.length)
  return (counts) => {
    let under = 0
    for (let start = 0; start < order.length; ) {
      let end = start
      let drawn = 0
      const value = values[order[start] as number]
      for (; end < order.length && values[order[end] as number] === value; end++)
        drawn += counts[order[end] as number] as number
      for (let i = start; i < end; i++) ranks[order[i] as number] = under + (drawn + 1) / 2
      under += drawn
      start = end
    }
    return ranks
  }
}
