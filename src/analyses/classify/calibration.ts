import { portableExp, portableLog } from '../../kernels/portable-math.ts'
import type { Random } from '../../kernels/random.ts'
import { InvalidArgumentError } from '../../spec/errors.ts'

const bins = 15

/**
 * Expected calibration error: how far confidence and accuracy lie apart, over 15 equal bins of confidence, weighted by
 * their items.
 *
 * @param confidences - Probability given to each predicted label, in [0, 1]. @param isRight - Whether it was right.
 * @returns In [0, 1]; 0 where of the answers given with 80 %, 80 % are right.
 *
 * Source: Guo et al. 2017.
 */
export function calibrationError(confidences: ArrayLike<number>, isRight: ArrayLike<boolean>): number {
  if (confidences.length !== isRight.length || confidences.length === 0)
    throw new InvalidArgumentError('isRight', `${confidences.length} (at least 1) answers`, isRight.length)
  const sums = new Float64Array(bins)
  for (let i = 0; i < confidences.length; i++) {
    const confidence = confidences[i]!
    if (!(confidence >= 0 && confidence <= 1))
      throw new InvalidArgumentError(`confidences[${i}]`, 'a probability from 0 to 1', confidence)
    sums[Math.min(bins - 1, Math.floor(confidence * bins))]! += confidence - Number(isRight[i])
  }
  return sums.reduce((total, sum) => total + Math.abs(sum), 0) / confidences.length
}

const drawsOfChance = 20

/**
 * The calibration error that probabilities which are exactly true would get with as many answers: of few answers a good
 * part of the error is chance, 0.05 of 500 spread over the bins.
 *
 * @param confidences - Probability given to each predicted label, in [0, 1].
 * @param random - Whether each answer is right is drawn 20 times; the mean counts.
 */
export function calibrationErrorByChance(confidences: ArrayLike<number>, random: Random): number {
  let sum = 0
  for (let draw = 0; draw < drawsOfChance; draw++)
    sum += calibrationError(
      confidences,
      Array.from(confidences, (confidence) => random.float64() < confidence),
    )
  return sum / drawsOfChance
}

/** Probabilities of a row of scores: softmax of scores / temperature. */
export function softmax(scores: Float64Array, temperature: number): Float64Array {
  const most = scores.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  const powers = scores.map((score) => portableExp((score - most) / temperature))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map((power) => power / sum)
}

/** Held-out scores of a classifier, and what the answers should have been. */
export interface HeldOut {
  readonly scores: readonly Float64Array[]
  readonly truth: readonly number[]
}

/** What is thought of a temperature before the held-out answers have their say. */
export interface TemperaturePrior {
  readonly temperature: number
  /** Standard deviation of its logarithm: 0.3 means off by a third, one time in three. */
  readonly spread: number
  /** Different items behind the held-out answers, where some answer for several. */
  readonly items: number
}

/** The mean margin counts as at least this many standard deviations: below it, a few answers say nothing. */
const leastMargin = 0.15

/**
 * The temperature that held-out margins ask for: how far the right class is above each other one, variance over twice the
 * mean. All classes count in every answer, not only the two at the top, so a few dozen answers say more than by their
 * likelihood.
 *
 * @returns Above 0, in units of the scores; 1 where all margins are zero.
 *
 * Source: margins of a normal distribution, of which the log-odds are 2 · mean · margin / variance.
 */
export function marginTemperature({ scores, truth }: HeldOut): number {
  let [count, sum, squares] = [0, 0, 0]
  scores.forEach((row, i) => {
    const own = row[truth[i]!]!
    row.forEach((score, c) => {
      if (c === truth[i]) return
      count++
      sum += own - score
      squares += (own - score) * (own - score)
    })
  })
  const mean = sum / count
  const variance = Math.max(0, squares / count - mean * mean)
  const temperature = variance / (2 * Math.max(mean, leastMargin * Math.sqrt(variance)))
  return temperature > 0 ? temperature : 1
}

/**
 * The temperature under which the held-out answers are most likely, in [1/1000, 1000]; with `prior` the most probable one,
 * so that thirty lucky answers don't make a classifier boast.
 *
 * Source: Guo et al. 2017 (temperature scaling); golden-section search over its logarithm, in which the loss has one
 *   minimum.
 */
export function bestTemperature({ scores, truth }: HeldOut, prior?: TemperaturePrior): number {
  const weight = prior === undefined ? 1 : Math.min(1, prior.items / truth.length)
  const loss = (logTemperature: number) => {
    const temperature = portableExp(logTemperature)
    let total = 0
    scores.forEach((row, i) => {
      total -= portableLog(Math.max(softmax(row, temperature)[truth[i]!]!, 1e-300))
    })
    if (prior === undefined) return total
    const distance = (logTemperature - portableLog(prior.temperature)) / prior.spread
    return weight * total + (distance * distance) / 2
  }
  const golden = (Math.sqrt(5) - 1) / 2
  let [low, high] = [portableLog(1e-3), portableLog(1e3)]
  let [left, right] = [high - golden * (high - low), low + golden * (high - low)]
  let [lossLeft, lossRight] = [loss(left), loss(right)]
  while (high - low > 1e-3) {
    if (lossLeft <= lossRight) {
      ;[high, right, lossRight] = [right, left, lossLeft]
      left = high - golden * (high - low)
      lossLeft = loss(left)
    } else {
      ;[low, left, lossLeft] = [left, right, lossRight]
      right = low + golden * (high - low)
      lossRight = loss(right)
    }
  }
  return portableExp((low + high) / 2)
}

/** Where a classifier says "unsure", and what that gained on held-out items. */
export interface Sureness {
  /** Answers of a lower probability are unsure. */
  readonly threshold: number
  /** Share of the answers that are sure, and how many of these are right. */
  readonly coverage: number
  readonly accuracy: number
}

/**
 * The lowest threshold above which at least the wanted share of the held-out answers is right, by the count of them and by
 * their probabilities: of a few dozen answers a lucky stretch reaches any share.
 *
 * @returns Undefined where no threshold gets there.
 */
export function sureFrom(
  confidences: readonly number[],
  isRight: readonly boolean[],
  accuracy: number,
): Sureness | undefined {
  const order = confidences.map((_, i) => i).sort((a, b) => confidences[b]! - confidences[a]!)
  let [right, probable] = [0, 0]
  let best: Sureness | undefined
  order.forEach((i, taken) => {
    right += Number(isRight[i])
    probable += confidences[i]!
    const isLastOfEquals = confidences[order[taken + 1] ?? -1] !== confidences[i]
    if (isLastOfEquals && Math.min(right, probable) >= accuracy * (taken + 1))
      best = { threshold: confidences[i]!, coverage: (taken + 1) / order.length, accuracy: right / (taken + 1) }
  })
  return best
}
