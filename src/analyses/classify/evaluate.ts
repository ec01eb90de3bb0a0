import { createRandom } from '../../kernels/random.ts'
import { InvalidArgumentError } from '../../spec/errors.ts'
import type { Matrix } from '../../spec/matrix.ts'
import { calibrationError, calibrationErrorByChance } from './calibration.ts'
import { assertLabels } from './labelled-rows.ts'
import { classify } from './predict.ts'
import type { Classifier } from './train.ts'

export interface EvaluateOptions {
  /** Resamples behind the intervals, integer from 100 to 100,000. @default 1000 */
  readonly resamples?: number
  /** A safe integer. @default 0 */
  readonly seed?: number
}

/** A figure and the middle 95 % of it over resamples of the items. */
export interface Interval {
  readonly value: number
  readonly low: number
  readonly high: number
}

export interface ClassReport {
  readonly label: string
  readonly items: number
  readonly precision: number
  readonly recall: number
  readonly f1: number
}

export interface ClassifierReport {
  readonly items: number
  readonly accuracy: Interval
  /** Mean of the classes' F1. */
  readonly macroF1: Interval
  readonly calibrationError: Interval
  /** What of it true probabilities would have by chance, with as many answers. */
  readonly calibrationErrorByChance: number
  /** Share of the answers that are not unsure, and the accuracy of these; undefined where there is no threshold. */
  readonly coverage: Interval | undefined
  readonly sureAccuracy: Interval | undefined
  readonly classes: readonly ClassReport[]
  /** What was taken for what, most frequent first. */
  readonly confusions: readonly { readonly truth: string; readonly predicted: string; readonly items: number }[]
}

/**
 * How good a classifier is on labelled items it has not seen, with bootstrap intervals.
 *
 * @param labels - The true class of each row; classes that the classifier does not know are refused.
 * @throws {InvalidArgumentError} when labels are not one a row, or of a class that the classifier does not know.
 *
 * Cost: one prediction an item; a thousand counts of the items.
 * Source: percentile bootstrap (Efron 1979).
 */
export function evaluateClassifier(
  classifier: Classifier,
  vectors: Matrix,
  labels: readonly string[],
  options: EvaluateOptions = {},
): ClassifierReport {
  const { resamples = 1000, seed = 0 } = options
  if (!Number.isSafeInteger(resamples) || resamples < 100 || resamples > 100_000)
    throw new InvalidArgumentError('options.resamples', 'an integer from 100 to 100000', resamples)
  assertLabels(labels, vectors.rows)
  if (labels.length === 0) throw new InvalidArgumentError('labels', 'at least 1 item', 0)
  const numberOf = new Map(classifier.classes.map((label, i) => [label, i]))
  const truth = Int32Array.from(labels, (label, i) => {
    const number = numberOf.get(label)
    if (number === undefined)
      throw new InvalidArgumentError(
        `labels[${i}]`,
        'a class that the classifier knows',
        label,
        `It knows ${classifier.classes.slice(0, 5).join(', ')}${classifier.classes.length > 5 ? ', …' : ''}.`,
      )
    return number
  })
  const predictions = classify(classifier, vectors)
  const predicted = Int32Array.from(predictions, ({ label }) => numberOf.get(label)!)
  const answers: Answers = {
    truth,
    predicted,
    confidences: Float64Array.from(predictions, ({ probability }) => probability),
    isSure: predictions.map(({ isUnsure }) => isUnsure !== true),
    classes: classifier.classes.length,
  }
  const random = createRandom(seed)
  const all = Int32Array.from(truth.keys())
  const samples = Array.from({ length: resamples }, () => all.map(() => random.below(all.length)))
  const interval = (measure: (answers: Answers, rows: Int32Array) => number): Interval => {
    const values = samples
      .map((rows) => measure(answers, rows))
      .filter((value) => !Number.isNaN(value))
      .sort((a, b) => a - b)
    const value = measure(answers, all)
    const at = (share: number) => values[Math.min(values.length - 1, Math.floor(share * values.length))] ?? value
    return { value, low: at(0.025), high: at(0.975) }
  }
  const hasThreshold = classifier.sure !== undefined
  const isAnySure = answers.isSure.includes(true)
  return {
    items: all.length,
    accuracy: interval(accuracyOf),
    macroF1: interval((own, rows) => mean(perClass(own, rows).map(({ f1 }) => f1))),
    calibrationError: interval(calibrationOf),
    calibrationErrorByChance: calibrationErrorByChance(answers.confidences, random.fork('chance')),
    coverage: hasThreshold ? interval(coverageOf) : undefined,
    sureAccuracy: hasThreshold && isAnySure ? interval(sureAccuracyOf) : undefined,
    classes: perClass(answers, all).map((report, i) => ({ label: classifier.classes[i]!, ...report })),
    confusions: confusionsOf(answers, classifier.classes),
  }
}

interface Answers {
  readonly truth: Int32Array
  readonly predicted: Int32Array
  readonly confidences: Float64Array
  readonly isSure: readonly boolean[]
  readonly classes: number
}

function accuracyOf({ truth, predicted }: Answers, rows: Int32Array): number {
  return rows.reduce((right, row) => right + Number(truth[row] === predicted[row]), 0) / rows.length
}

function coverageOf({ isSure }: Answers, rows: Int32Array): number {
  return rows.reduce((sure, row) => sure + Number(isSure[row]), 0) / rows.length
}

function sureAccuracyOf(answers: Answers, rows: Int32Array): number {
  return accuracyOf(
    answers,
    rows.filter((row) => answers.isSure[row]),
  )
}

function calibrationOf({ truth, predicted, confidences }: Answers, rows: Int32Array): number {
  return calibrationError(
    Float64Array.from(rows, (row) => confidences[row]!),
    Array.from(rows, (row) => truth[row] === predicted[row]),
  )
}

/** Classes without items or answers count 0, as in scikit-learn's default. */
function perClass({ truth, predicted, classes }: Answers, rows: Int32Array): Omit<ClassReport, 'label'>[] {
  const [items, answered, right] = [new Float64Array(classes), new Float64Array(classes), new Float64Array(classes)]
  for (const row of rows) {
    items[truth[row]!]!++
    answered[predicted[row]!]!++
    if (truth[row] === predicted[row]) right[truth[row]!]!++
  }
  return Array.from(items, (count, c) => {
    const precision = answered[c] === 0 ? 0 : right[c]! / answered[c]!
    const recall = count === 0 ? 0 : right[c]! / count
    const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall)
    return { items: count, precision, recall, f1 }
  })
}

function confusionsOf({ truth, predicted }: Answers, classes: readonly string[]) {
  const counts = new Map<string, { truth: string; predicted: string; items: number }>()
  truth.forEach((own, row) => {
    const other = predicted[row]!
    if (own === other) return
    const entry = counts.get(`${own} ${other}`) ?? { truth: classes[own]!, predicted: classes[other]!, items: 0 }
    entry.items++
    counts.set(`${own} ${other}`, entry)
  })
  return [...counts.values()].sort((a, b) => b.items - a.items)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
