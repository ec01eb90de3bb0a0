import { InvalidArgumentError } from '../spec/errors.ts'

/**
 * How well predicted labels agree with true ones: accuracy, and precision, recall and F1 as means over the labels, each
 * label alike (macro) or by how often it is true (weighted).
 *
 * @param truth - n labels, n ≥ 1. @param predicted - n labels.
 * @returns By MTEB's names. A label that is never predicted has precision 0, one that is never true recall 0.
 *
 * Source: scikit-learn's `accuracy_score`, `precision_recall_fscore_support` with `zero_division=0`.
 */
export function classificationScores(truth: readonly string[], predicted: readonly string[]): Record<string, number> {
  if (truth.length !== predicted.length)
    throw new InvalidArgumentError('predicted', `${truth.length} labels like truth`, predicted.length)
  if (truth.length === 0) throw new InvalidArgumentError('truth', 'at least one label', 0)
  const tallies = new Map<string, { right: number; predicted: number; true: number }>()
  const tallyOf = (label: string) => {
    const known = tallies.get(label)
    if (known !== undefined) return known
    const tally = { right: 0, predicted: 0, true: 0 }
    tallies.set(label, tally)
    return tally
  }
  let right = 0
  for (const [i, label] of truth.entries()) {
    tallyOf(label).true++
    tallyOf(predicted[i] as string).predicted++
    if (label !== predicted[i]) continue
    tallyOf(label).right++
    right++
  }
  const sums = { f1: 0, f1_weighted: 0, precision: 0, precision_weighted: 0, recall: 0, recall_weighted: 0 }
  for (const tally of tallies.values()) {
    const each = {
      precision: tally.predicted === 0 ? 0 : tally.right / tally.predicted,
      recall: tally.true === 0 ? 0 : tally.right / tally.true,
      f1: (2 * tally.right) / (tally.predicted + tally.true),
    }
    for (const name of ['f1', 'precision', 'recall'] as const) {
      sums[name] += each[name] / tallies.size
      sums[`${name}_weighted`] += (each[name] * tally.true) / truth.length
    }
  }
  return { accuracy: right / truth.length, ...sums }
}
