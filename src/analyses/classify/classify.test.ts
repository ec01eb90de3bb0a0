import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom } from '../../kernels/random.ts'
import {
  InvalidArgumentError,
  InvalidVectorError,
  PassportMismatchError,
  UnreadableInputError,
} from '../../spec/errors.ts'
import { createMatrix, type Matrix, toMatrix } from '../../spec/matrix.ts'
import type { Passport } from '../../spec/passport.ts'
import { rowsOf } from '../cluster-stability.ts'
import {
  bestTemperature,
  calibrationError,
  calibrationErrorByChance,
  marginTemperature,
  softmax,
  sureFrom,
} from './calibration.ts'
import { evaluateClassifier } from './evaluate.ts'
import { classify } from './predict.ts'
import { classifierFromJson, classifierToJson } from './saved.ts'
import { trainClassifier, zeroShotClassifier } from './train.ts'

const passport: Passport = {
  provider: 'test',
  model: 'axes',
  weightsDigest: '',
  tokenizerDigest: '',
  dimensions: 12,
  pooling: 'none',
  queryPrompt: '',
  documentPrompt: '',
  normalized: true,
  maxTokens: null,
  dtype: 'float32',
}
const names = ['apple', 'boat', 'castle']

/** `each` items of every class around its own axis. */
function labelled(each: number, spread: number, seed = 1): { vectors: Matrix; labels: string[] } {
  const random = createRandom(seed)
  const labels = Array.from({ length: 3 * each }, (_, i) => names[i % 3] as string)
  const rows = labels.map((label) =>
    Float32Array.from({ length: 12 }, (_, j) => Number(j === names.indexOf(label)) + spread * random.normal()),
  )
  return { vectors: toMatrix(rows, passport), labels }
}

test('every method learns from eight a class and tells what it is', async () => {
  const { vectors, labels } = labelled(8, 0.2)
  const unseen = labelled(100, 0.2, 2)
  for (const method of ['logistic', 'centroid', 'knn'] as const) {
    const classifier = await trainClassifier(vectors, labels, { method })
    assert.deepEqual(classifier.classes, names)
    const { accuracy, items } = evaluateClassifier(classifier, unseen.vectors, unseen.labels)
    assert.equal(items, 300)
    assert.ok(accuracy.value > 0.95, `${method} ${accuracy.value}`)
    assert.ok(accuracy.low <= accuracy.value && accuracy.value <= accuracy.high)
  }
})

test('probabilities mean what they say, also where the classes overlap', async () => {
  const { vectors, labels } = labelled(60, 0.45)
  const unseen = labelled(700, 0.45, 3)
  for (const method of ['logistic', 'centroid', 'knn'] as const) {
    const classifier = await trainClassifier(vectors, labels, { method })
    const report = evaluateClassifier(classifier, unseen.vectors, unseen.labels, { resamples: 100 })
    assert.ok(report.accuracy.value > 0.6 && report.accuracy.value < 0.95, `${method} ${report.accuracy.value}`)
    assert.ok(report.calibrationError.value < 0.06, `${method} ${report.calibrationError.value}`)
  }
})

test('sure answers reach the accuracy asked for, on items never seen', async () => {
  const { vectors, labels } = labelled(100, 0.45)
  const unseen = labelled(700, 0.45, 4)
  const classifier = await trainClassifier(vectors, labels, { sureAccuracy: 0.95 })
  const report = evaluateClassifier(classifier, unseen.vectors, unseen.labels, { resamples: 100 })
  assert.ok(report.sureAccuracy!.value > 0.92 && report.sureAccuracy!.value > report.accuracy.value)
  assert.ok(report.coverage!.value > 0.3 && report.coverage!.value < 1)
  const sure = classify(classifier, unseen.vectors).filter(({ isUnsure }) => isUnsure === false)
  assert.equal(sure.length, Math.round(report.coverage!.value * 2100))
})

test('descriptions alone put items into classes, without a claim to be calibrated', () => {
  const axes = toMatrix(
    names.map((_, c) => Float32Array.from({ length: 12 }, (_, j) => Number(j === c))),
    passport,
  )
  const classifier = zeroShotClassifier(axes, names)
  assert.equal(classifier.calibration, undefined)
  const unseen = labelled(50, 0.2)
  const predictions = classify(classifier, unseen.vectors)
  assert.deepEqual(
    predictions.map(({ label }) => label),
    unseen.labels,
  )
  assert.equal(predictions[0]?.isUnsure, undefined)
})

test('the calibration error is the one worked by hand', () => {
  // Bin of 0.9: two answers, one right: |0.9 − 0.5| · 2/3; bin of 0.5: one answer, wrong: 0.5 · 1/3.
  assert.ok(Math.abs(calibrationError([0.9, 0.9, 0.5], [true, false, false]) - (0.8 + 0.5) / 3) < 1e-12)
  assert.throws(() => calibrationError([1.2], [true]), InvalidArgumentError)
  assert.throws(() => calibrationError([], []), InvalidArgumentError)
})

test('true probabilities have the calibration error of chance: none where they are sure, less of more answers', () => {
  assert.equal(calibrationErrorByChance([1, 1, 1], createRandom(1)), 0)
  // One answer given with a half is off by a half whichever way it turns out.
  assert.equal(calibrationErrorByChance([0.5], createRandom(1)), 0.5)
  const ofAnswers = (count: number) => calibrationErrorByChance(new Float64Array(count).fill(0.8), createRandom(1))
  // The mean distance of 25 draws from their share: √(2/π · 0.8 · 0.2 / 25).
  assert.ok(Math.abs(ofAnswers(25) - 0.064) < 0.03, `${ofAnswers(25)}`)
  assert.ok(ofAnswers(10_000) < 0.01)
})

test('the best temperature makes 3 of 4 right answers likely three times in four', () => {
  const scores = [1, 2, 3, 4].map(() => Float64Array.of(2, 0))
  const temperature = bestTemperature({ scores, truth: [0, 0, 0, 1] })
  assert.ok(Math.abs(softmax(Float64Array.of(2, 0), temperature)[0]! - 0.75) < 1e-3)
})

test('the temperature of the margins is their variance over twice their mean, worked by hand', () => {
  // Margins 3, 1 and 2, 2: mean 2, variance 1/2.
  const scores = [Float64Array.of(3, 0, 2), Float64Array.of(1, 3, 1)]
  assert.equal(marginTemperature({ scores, truth: [0, 1] }), 0.125)
  // Margins 1 and −1 have no mean: 0.15 of their deviation stands for it.
  const even = [Float64Array.of(1, 0), Float64Array.of(1, 0)]
  assert.ok(Math.abs(marginTemperature({ scores: even, truth: [0, 1] }) - 1 / 0.3) < 1e-12)
  assert.equal(marginTemperature({ scores: [Float64Array.of(2, 2)], truth: [0] }), 1)
})

test('two classes that part well are believed from eight examples each', async () => {
  const errors: number[] = []
  for (const seed of [1, 2, 3, 4, 5]) {
    const two = (each: number, from: number) => {
      const { vectors, labels } = labelled(2 * each, 0.3, from)
      const rows = [...labels.keys()].filter((i) => labels[i] !== 'castle').slice(0, 2 * each)
      return { vectors: rowsOf(vectors, rows), labels: rows.map((row) => labels[row] as string) }
    }
    const [known, unseen] = [two(8, seed), two(300, 100 + seed)]
    const classifier = await trainClassifier(known.vectors, known.labels)
    const report = evaluateClassifier(classifier, unseen.vectors, unseen.labels, { resamples: 100 })
    errors.push(report.calibrationError.value)
  }
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length
  assert.ok(mean < 0.02, `${errors}`)
})

test('the threshold of sureness is the lowest that reaches the accuracy', () => {
  const found = sureFrom([0.9, 0.8, 0.7, 0.5], [true, true, false, true], 0.7)
  assert.deepEqual(found, { threshold: 0.5, coverage: 1, accuracy: 0.75 })
  assert.deepEqual(sureFrom([0.95, 0.9, 0.7], [true, true, false], 0.9), {
    threshold: 0.9,
    coverage: 2 / 3,
    accuracy: 1,
  })
  // All right, but by luck: none is more than 80 % probable.
  assert.equal(sureFrom([0.8, 0.7, 0.6], [true, true, true], 0.9), undefined)
  assert.equal(sureFrom([0.9], [false], 0.5), undefined)
})

test('F1, precision, recall and confusions are those worked by hand', () => {
  const axes = toMatrix([
    [1, 0],
    [0, 1],
  ])
  const classifier = zeroShotClassifier(axes, ['a', 'b'])
  const vectors = toMatrix([
    [1, 0],
    [1, 0.1],
    [0.1, 1],
    [0, 1],
  ])
  const report = evaluateClassifier(classifier, vectors, ['a', 'b', 'b', 'b'])
  assert.equal(report.accuracy.value, 0.75)
  assert.deepEqual(report.classes, [
    { label: 'a', items: 1, precision: 0.5, recall: 1, f1: 2 / 3 },
    { label: 'b', items: 3, precision: 1, recall: 2 / 3, f1: 0.8 },
  ])
  assert.deepEqual(report.confusions, [{ truth: 'b', predicted: 'a', items: 1 }])
  assert.equal(report.coverage, undefined)
})

test('a saved classifier answers the same, and takes no vectors of another model', async () => {
  const { vectors, labels } = labelled(10, 0.3)
  for (const method of ['logistic', 'centroid', 'knn'] as const) {
    const classifier = await trainClassifier(vectors, labels, { method })
    const back = classifierFromJson(classifierToJson(classifier))
    assert.deepEqual(classify(back, vectors), classify(classifier, vectors))
    assert.equal(classifierToJson(back), classifierToJson(await trainClassifier(vectors, labels, { method })))
    const other = { ...vectors, passport: { ...passport, model: 'other' } }
    assert.throws(() => classify(back, other), PassportMismatchError)
  }
})

test('a document that is no classifier is refused', () => {
  for (const text of ['x', '{"format":"vecino-clusters","version":1}', '{"format":"vecino-classifier","version":1}'])
    assert.throws(() => classifierFromJson(text, 'c.json'), UnreadableInputError)
})

test('one item a class trains, but claims no calibration', async () => {
  const { vectors, labels } = labelled(1, 0.1)
  const classifier = await trainClassifier(vectors, labels)
  assert.equal(classifier.calibration, undefined)
  assert.equal(classifier.sure, undefined)
  assert.equal(classify(classifier, vectors)[1]?.label, 'boat')
})

test('one class, no labels, an empty class, and labels unlike the items are refused', async () => {
  const { vectors, labels } = labelled(2, 0.1)
  const cases: [readonly string[], object, RegExp][] = [
    [labels.map(() => 'same'), {}, /labels: expected at least 2 different ones, got 1/],
    [[], {}, /labels: expected 6, one an item, got 0/],
    [labels.slice(1), {}, /labels: expected 6, one an item, got 5/],
    [labels.with(2, ''), {}, /labels\[2\]: expected a label/],
    [labels, { classes: [...names, 'desert'] }, /class "desert": expected at least 1 item, got 0/],
    [labels, { classes: ['apple', 'boat'] }, /labels\[2\]: expected one of 2 classes, got "castle"/],
    [labels, { method: 'svm' }, /options.method/],
    [labels, { k: 0 }, /options.k/],
    [labels, { c: 0 }, /options.c/],
    [labels, { sureAccuracy: 1.1 }, /options.sureAccuracy/],
  ]
  for (const [given, options, message] of cases) await assert.rejects(trainClassifier(vectors, given, options), message)
  await assert.rejects(trainClassifier(createMatrix(0, 12), []), InvalidArgumentError)
})

test('a zero vector is refused in training and in use; an unknown label in evaluation', async () => {
  const { vectors, labels } = labelled(2, 0.1)
  const zero = createMatrix(1, 12, undefined, passport)
  const classifier = await trainClassifier(vectors, labels)
  assert.throws(() => classify(classifier, zero), InvalidVectorError)
  const withZero = createMatrix(7, 12, Float32Array.from([...vectors.data, ...zero.data]), passport)
  await assert.rejects(
    trainClassifier(withZero, [...labels, 'apple']),
    /row 6: expected a direction, got a zero vector/,
  )
  assert.throws(
    () => evaluateClassifier(classifier, zero, ['desert']),
    /labels\[0\]: expected a class that the classifier knows/,
  )
  assert.throws(() => evaluateClassifier(classifier, createMatrix(0, 12), []), /at least 1 item/)
})

test('equal items with unlike labels are learnt without a false certainty', async () => {
  const vectors = toMatrix(Array.from({ length: 8 }, () => [1, 0]))
  const classifier = await trainClassifier(vectors, ['a', 'b', 'a', 'b', 'a', 'b', 'a', 'b'])
  const [prediction] = classify(classifier, vectors)
  assert.ok(Math.abs(prediction!.probability - 0.5) < 0.15)
})
