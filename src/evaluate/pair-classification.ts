import type { Matrix } from '../spec/matrix.ts'
import { averagePrecision } from './average-precision.ts'
import { bootstrapReplicates, percentileInterval } from './bootstrap.ts'
import type { Evaluation, EvaluationOptions } from './evaluation.ts'
import { pairScores } from './pair-scores.ts'
import { bestAccuracy, bestF1 } from './thresholds.ts'

const measures = ['cosine', 'dot', 'euclidean', 'manhattan'] as const

/**
 * Do pairs that belong together score above those that do not, whatever the threshold?
 *
 * @param a - One row a pair, the first texts. @param b - The second texts.
 * @param positive - Which pairs belong together; at least one does.
 * @returns Average precision as main measure, the best of cosine, dot, Euclidean and Manhattan; its interval over draws
 *   of pairs. A draw without a positive counts as 0.
 * @throws {InvalidArgumentError} when numbers of rows differ or nothing is positive.
 *
 * Source: MTEB's `PairClassification` (`max_ap`); thresholds between neighbouring scores as in sentence-transformers.
 */
export function evaluatePairClassification(
  a: Matrix,
  b: Matrix,
  positive: readonly boolean[],
  options: EvaluationOptions = {},
): Evaluation {
  const pairs = pairScores(a, b)
  const scores: Record<string, number> = {}
  for (const measure of measures) {
    const ofPairs = pairs[measure]
    scores[`${measure}_ap`] = averagePrecision(ofPairs, positive)
    const [accuracy, f1] = [bestAccuracy(ofPairs, positive), bestF1(ofPairs, positive)]
    // Distances are reported as such: smaller is nearer.
    const sign = measure === 'euclidean' || measure === 'manhattan' ? -1 : 1
    scores[`${measure}_accuracy`] = accuracy.value
    scores[`${measure}_accuracy_threshold`] = sign * accuracy.threshold
    scores[`${measure}_f1`] = f1.value
    scores[`${measure}_f1_threshold`] = sign * f1.threshold
    scores[`${measure}_precision`] = f1.precision
    scores[`${measure}_recall`] = f1.recall
  }
  for (const quality of ['ap', 'accuracy', 'f1'])
    scores[`max_${quality}`] = Math.max(...measures.map((measure) => scores[`${measure}_${quality}`] as number))
  const resampled = measures.map((measure) => resampledAveragePrecision(pairs[measure], positive))
  const replicates = bootstrapReplicates(
    positive.length,
    (counts) => Math.max(...resampled.map((measure) => measure(counts))),
    options,
  )
  return {
    type: 'PairClassification',
    measure: 'max_ap',
    value: scores['max_ap'] as number,
    interval: percentileInterval(replicates),
    replicates,
    scores,
  }
}

/** What `averagePrecision` gives on pair i taken `counts[i]` times; sorted once. */
export function resampledAveragePrecision(
  scores: Float64Array,
  positive: readonly boolean[],
): (counts: Int32Array) => number {
  const order = Int32Array.from(scores, (_, i) => i).sort((i, j) => (scores[j] as number) - (scores[i] as number))
  return (counts) => {
    let total = 0
    for (let i = 0; i < counts.length; i++) if (positive[i]) total += counts[i] as number
    let seen = 0
    let found = 0
    let area = 0
    for (let start = 0; start < order.length; ) {
      const score = scores[order[start] as number]
      let gained = 0
      for (; start < order.length && scores[order[start] as number] === score; start++) {
        const pair = order[start] as number
        seen += counts[pair] as number
        if (positive[pair]) gained += counts[pair] as number
      }
      found += gained
      if (gained > 0) area += (gained / total) * (found / seen)
    }
    return area
  }
}
