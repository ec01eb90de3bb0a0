/** A threshold for a yes or no: scores above it mean yes. */
export interface Threshold {
  readonly value: number
  readonly threshold: number
  readonly precision: number
  readonly recall: number
}

/** The threshold of the most right answers; `value` is their share. Ties: the highest threshold. */
export function bestAccuracy(scores: ArrayLike<number>, positive: ArrayLike<boolean>): Threshold {
  return best(scores, positive, (found, above, total, all) => (found + (all - above) - (total - found)) / all)
}

/** The threshold of the greatest F1 = 2 · found / (above + positives). Ties: the highest threshold. */
export function bestF1(scores: ArrayLike<number>, positive: ArrayLike<boolean>): Threshold {
  return best(scores, positive, (found, above, total) => (2 * found) / (above + total))
}

/** Tries the middle between each two neighbouring distinct scores, and one below all. */
function best(
  scores: ArrayLike<number>,
  positive: ArrayLike<boolean>,
  measure: (found: number, above: number, total: number, all: number) => number,
): Threshold {
  const order = Array.from({ length: scores.length }, (_, i) => i).sort(
    (i, j) => (scores[j] as number) - (scores[i] as number),
  )
  let total = 0
  for (const i of order) if (positive[i]) total++
  let found = 0
  let chosen: Threshold = { value: Number.NEGATIVE_INFINITY, threshold: Number.NaN, precision: 0, recall: 0 }
  for (const [place, i] of order.entries()) {
    if (positive[i]) found++
    const here = scores[i] as number
    const next = order[place + 1]
    if (next !== undefined && scores[next] === here) continue
    const value = measure(found, place + 1, total, order.length)
    if (value > chosen.value)
      chosen = {
        value,
        threshold: next === undefined ? here : (here + (scores[next] as number)) / 2,
        precision: found / (place + 1),
        recall: total === 0 ? 0 : found / total,
      }
  }
  return chosen
}
