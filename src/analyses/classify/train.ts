import { portableExp, portableLog } from '../../kernels/portable-math.ts'
import { createRandom, type Random } from '../../kernels/random.ts'
import { InvalidArgumentError } from '../../spec/errors.ts'
import type { Matrix } from '../../spec/matrix.ts'
import { rowsOf } from '../cluster-stability.ts'
import {
  bestTemperature,
  calibrationError,
  type HeldOut,
  marginTemperature,
  type Sureness,
  softmax,
  sureFrom,
  type TemperaturePrior,
} from './calibration.ts'
import { assertLabels, classesOf, unitRows } from './labelled-rows.ts'
import { type ClassifyMethod, centroidScorer, type Scorer, scoresOf, trainScorer } from './scorer.ts'

export interface TrainOptions {
  /** `logistic`: logistic regression; `centroid`: nearest class mean; `knn`: votes of the nearest items. @default 'logistic' */
  readonly method?: ClassifyMethod
  /** Classes that must each have an item, in the order wanted. @default the labels that occur, sorted */
  readonly classes?: readonly string[] | undefined
  /** For logistic regression: inverse strength of the penalty, > 0. Larger fits the items closer. @default 1 */
  readonly c?: number
  /** For knn: neighbours that vote, integer ≥ 1. @default 10 */
  readonly k?: number
  /** Share of the sure answers that shall be right, in (0, 1]: less probable ones are "unsure". @default 0.9 */
  readonly sureAccuracy?: number
  /** Decides the folds; a safe integer. @default 0 */
  readonly seed?: number
  readonly signal?: AbortSignal | undefined
}

/** What held-out items said about a classifier. */
export interface Calibration {
  /** Scores are divided by it before they become probabilities. */
  readonly temperature: number
  /** Held-out answers, some items counted in several repetitions. */
  readonly answers: number
  readonly accuracy: number
  /** Expected calibration error of these answers. */
  readonly error: number
}

/** Puts vectors of one model into classes. Plain data: `classify` uses it, `classifierToJson` keeps it. */
export interface Classifier {
  readonly method: ClassifyMethod | 'zero-shot'
  readonly classes: readonly string[]
  readonly scorer: Scorer
  /** Undefined where nothing could be held out: then probabilities only rank. */
  readonly calibration: Calibration | undefined
  /** Undefined where no threshold reaches the wanted accuracy, or nothing could be held out. */
  readonly sure: Sureness | undefined
}

const leastFolds = 5
const mostFolds = 10
/** Few items are split anew until about so many answers were held out: a temperature from 30 is mostly luck. */
const wantedAnswers = 200
const mostRepetitions = 5
/** From so many items on one part held out says enough. */
const singleSplitFrom = 2000
const mostHeldOut = 2000
/** Temperature of cosines where nothing can be held out. */
const usualTemperature = 0.05

/**
 * Learn to put vectors into classes from labelled examples, a few a class are enough, and find out on held-out examples
 * how probable the answers are.
 *
 * @param vectors - `rows × dimensions`; finite, none zero; compared by direction. Their passport goes with the classifier.
 * @param labels - Class of each row.
 * @throws {InvalidArgumentError} for one class only, a class without items, labels that are not one a row, or an option
 *   out of range.
 * @throws {InvalidVectorError} for a zero vector or one that is not finite (names the row).
 *
 * Cost: the method's training, and 5 to 10 times as much to hold out (up to 50 times where items are few, once from
 *   2,000 on).
 * Source: temperature scaling (Guo et al. 2017) on stratified cross-validation; a threshold for "unsure" after
 *   Geifman & El-Yaniv 2017.
 */
export async function trainClassifier(
  vectors: Matrix,
  labels: readonly string[],
  options: TrainOptions = {},
): Promise<Classifier> {
  const { method = 'logistic', c = 1, k = 10, sureAccuracy = 0.9, seed = 0, signal } = options
  if (!['logistic', 'centroid', 'knn'].includes(method))
    throw new InvalidArgumentError('options.method', "'logistic', 'centroid' or 'knn'", method)
  if (!Number.isSafeInteger(k) || k < 1) throw new InvalidArgumentError('options.k', 'an integer ≥ 1', k)
  if (!(c > 0 && c < Number.POSITIVE_INFINITY)) throw new InvalidArgumentError('options.c', 'a finite number > 0', c)
  if (!(sureAccuracy > 0 && sureAccuracy <= 1))
    throw new InvalidArgumentError('options.sureAccuracy', 'a number above 0 and at most 1', sureAccuracy)
  assertLabels(labels, vectors.rows)
  const { classes, numbers } = classesOf(labels, options.classes)
  const rows = unitRows(vectors)
  const train = (part: Matrix, own: Int32Array) => trainScorer(part, own, classes.length, { method, c, k })
  const scorer = await train(rows, numbers)

  const heldOut: { scores: Float64Array[]; truth: number[] } = { scores: [], truth: [] }
  for (const { kept, out } of splitsOf(numbers, classes.length, createRandom(seed))) {
    signal?.throwIfAborted()
    const trained = await train(
      rowsOf(rows, kept),
      kept.map((row) => numbers[row]!),
    )
    heldOut.scores.push(...scoresOf(trained, rowsOf(rows, out), classes.length))
    for (const row of out) heldOut.truth.push(numbers[row]!)
  }
  return {
    method,
    classes,
    scorer,
    ...calibrated(heldOut, sureAccuracy, { method, c, items: numbers.length, classes: classes.length }),
  }
}

/**
 * A classifier without examples: each class is described in words, and an item goes to the description it is nearest to.
 *
 * @param descriptions - Vectors of the descriptions, of the same model as the items to come; several of a class are averaged.
 * @param labels - The class that each describes.
 */
export function zeroShotClassifier(descriptions: Matrix, labels: readonly string[]): Classifier {
  assertLabels(labels, descriptions.rows)
  const { classes, numbers } = classesOf(labels)
  const scorer = centroidScorer(unitRows(descriptions), numbers, classes.length)
  return { method: 'zero-shot', classes, scorer, calibration: undefined, sure: undefined }
}

export function temperatureOf({ calibration, scorer, method }: Classifier): number {
  if (calibration !== undefined) return calibration.temperature
  return method !== 'logistic' && scorer.kind === 'linear' ? usualTemperature : 1
}

/** How a classifier was trained, as far as it bears on its temperature. */
interface Learnt {
  readonly method: ClassifyMethod
  readonly c: number
  readonly items: number
  readonly classes: number
}

/**
 * Logistic regression's weights, and so its temperature, grow with the square root of items a class and of `c`; beside that
 * it is low for classes that part well and high for others, which the margins show. What a few dozen items say of it is off
 * by half, so in logarithms the margins count four tenths, and the likelihood little. Chosen on the training files of six
 * labelled sets with two models, at 4 to 16 a label: as they are, with some of their classes, and with classes thrown
 * together. Of the other methods less is known.
 */
function priorOf(heldOut: HeldOut, { method, c, items, classes }: Learnt): TemperaturePrior {
  if (method !== 'logistic') return { temperature: method === 'knn' ? 1 : usualTemperature, spread: 1, items }
  const bySize = portableLog(0.085 * Math.sqrt((c * items) / classes))
  const byMargins = portableLog(marginTemperature(heldOut))
  return { temperature: portableExp(0.6 * bySize + 0.4 * byMargins), spread: 0.1, items }
}

function calibrated(heldOut: HeldOut, sureAccuracy: number, learnt: Learnt): Pick<Classifier, 'calibration' | 'sure'> {
  const answers = heldOut.truth.length
  if (answers === 0) return { calibration: undefined, sure: undefined }
  const temperature = bestTemperature(heldOut, priorOf(heldOut, learnt))
  const confidences: number[] = []
  const isRight: boolean[] = []
  heldOut.scores.forEach((scores, i) => {
    const probabilities = softmax(scores, temperature)
    const best = probabilities.reduce((a, b) => Math.max(a, b))
    confidences.push(best)
    isRight.push(probabilities.indexOf(best) === heldOut.truth[i])
  })
  const accuracy = isRight.filter(Boolean).length / answers
  const error = calibrationError(confidences, isRight)
  return {
    calibration: { temperature, answers, accuracy, error },
    sure: sureFrom(confidences, isRight, sureAccuracy),
  }
}

interface Split {
  readonly kept: Int32Array
  readonly out: Int32Array
}

/** Stratified splits in which every class keeps an item; a class of one item is never held out. */
function* splitsOf(numbers: Int32Array, classes: number, random: Random): Generator<Split> {
  const members: number[][] = Array.from({ length: classes }, () => [])
  numbers.forEach((number, row) => {
    members[number]!.push(row)
  })
  const splittable = members.filter((rows) => rows.length > 1).reduce((sum, rows) => sum + rows.length, 0)
  if (splittable === 0) return
  const isLarge = numbers.length >= singleSplitFrom
  // One item a class in each fold, where that many folds are not too many: a fold that holds out one class more than
  // others would make that class look improbable, and the classifier worse than it is.
  const folds = Math.min(mostFolds, Math.max(leastFolds, Math.round(numbers.length / classes)))
  const repetitions = isLarge ? 1 : Math.min(mostRepetitions, Math.ceil(wantedAnswers / splittable))
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const foldOf = new Int32Array(numbers.length).fill(-1)
    for (const rows of members)
      if (rows.length > 1)
        random.shuffle([...rows]).forEach((row, place) => {
          foldOf[row] = place % folds
        })
    for (let fold = 0; fold < (isLarge ? 1 : folds); fold++) {
      const all = rowsWhere(foldOf, (own) => own === fold)
      const out =
        all.length <= mostHeldOut
          ? all
          : random
              .sample(all.length, mostHeldOut)
              .map((i) => all[i]!)
              .sort()
      if (out.length === 0) continue
      const held = new Set(out)
      yield { kept: rowsWhere(foldOf, (_, row) => !held.has(row)), out }
    }
  }
}

function rowsWhere(foldOf: Int32Array, test: (fold: number, row: number) => boolean): Int32Array {
  const rows: number[] = []
  foldOf.forEach((fold, row) => {
    if (test(fold, row)) rows.push(row)
  })
  return Int32Array.from(rows)
}
