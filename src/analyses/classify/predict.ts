import { InvalidArgumentError } from '../../spec/errors.ts'
import { assertComparable, type Matrix } from '../../spec/matrix.ts'
import { softmax } from './calibration.ts'
import { unitRows } from './labelled-rows.ts'
import { scoresOf } from './scorer.ts'
import { type Classifier, temperatureOf } from './train.ts'

export interface Prediction {
  /** The most probable class, the first of equals. */
  readonly label: string
  /** Of `label`, in [0, 1]: calibrated where the classifier is, else it only ranks. */
  readonly probability: number
  /** True below the classifier's threshold: the label is not to be relied on. Undefined where it has none. */
  readonly isUnsure: boolean | undefined
  /** Every class with its probability, most probable first. */
  readonly ranked: readonly { readonly label: string; readonly probability: number }[]
}

/**
 * Put vectors into a classifier's classes.
 *
 * @param vectors - Of the model the classifier was trained with; finite, none zero.
 * @throws {PassportMismatchError} when they are another model's.
 * @throws {InvalidVectorError} for a zero vector or one that is not finite (names the row).
 *
 * Cost: O(rows · classes · dimensions), for knn O(rows · training items · dimensions).
 */
export function classify(classifier: Classifier, vectors: Matrix): Prediction[] {
  const { classes, scorer, sure } = classifier
  assertComparable(scorer.kind === 'linear' ? scorer.weights : scorer.rows, vectors)
  const temperature = temperatureOf(classifier)
  return scoresOf(scorer, unitRows(vectors), classes.length).map((scores) => {
    const probabilities = softmax(scores, temperature)
    const ranked = classes
      .map((label, i) => ({ label, probability: probabilities[i]! }))
      .sort((a, b) => b.probability - a.probability)
    const [best] = ranked
    if (best === undefined) throw new InvalidArgumentError('classifier', 'at least 2 classes', 0)
    return { ...best, isUnsure: sure === undefined ? undefined : best.probability < sure.threshold, ranked }
  })
}
