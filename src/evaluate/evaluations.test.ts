import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { createRandom } from '../kernels/random.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import { createMatrix, toMatrix } from '../spec/matrix.ts'
import { averagePrecision } from './average-precision.ts'
import { drawExamples, evaluateClassification } from './classification.ts'
import { classificationScores } from './classification-scores.ts'
import { evaluateClustering } from './clustering.ts'
import { mtebResult } from './mteb-result.ts'
import { evaluatePairClassification, resampledAveragePrecision } from './pair-classification.ts'
import { resampledSpearman } from './resampled-spearman.ts'
import { evaluateRetrieval } from './retrieval-evaluation.ts'
import { spearman } from './spearman.ts'
import { evaluateSts } from './sts.ts'
import { bestAccuracy, bestF1 } from './thresholds.ts'

const reference = JSON.parse(readFileSync(new URL('../../test/reference/evaluation.json', import.meta.url), 'utf8'))
const rows = reference.gold.length
const a = createMatrix(rows, reference.columns, Float32Array.from(reference.a))
const b = createMatrix(rows, reference.columns, Float32Array.from(reference.b))
const positive = reference.positive.map((value: number) => value === 1)

function near(actual: number, expected: number, what: string, tolerance = 1e-6): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what}: ${actual} ≉ ${expected}`)
}

test('STS and pair measures are those of SciPy and scikit-learn', () => {
  const sts = evaluateSts(a, b, reference.gold)
  for (const [name, value] of Object.entries<number>(reference.sts)) near(sts.scores[name] as number, value, name)
  assert.equal(sts.value, sts.scores['cosine_spearman'])
  const pairs = evaluatePairClassification(a, b, positive)
  for (const [name, value] of Object.entries<number>(reference.ap)) near(pairs.scores[name] as number, value, name)
  near(pairs.value, Math.max(...Object.values<number>(reference.ap)), 'max_ap')
  for (const { value, interval } of [sts, pairs]) assert.ok(interval.low < value && value < interval.high)
})

test('classification measures are those of scikit-learn, labels that are only predicted included', () => {
  const scores = classificationScores(reference.truth, reference.predicted)
  near(scores['accuracy'] as number, reference.accuracy, 'accuracy')
  for (const [i, name] of ['precision', 'recall', 'f1'].entries()) {
    near(scores[name] as number, reference.macro[i], name)
    near(scores[`${name}_weighted`] as number, reference.weighted[i], `${name}_weighted`)
  }
})

const draws = fc.integer({ min: 2, max: 12 }).chain((n) =>
  fc.record({
    a: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: n, maxLength: n }),
    b: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: n, maxLength: n }),
    counts: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: n, maxLength: n }),
  }),
)

test('measures of a draw are those of the drawn pairs', () => {
  fc.assert(
    fc.property(draws, ({ a, b, counts }) => {
      const drawn = counts.flatMap((count, i) => Array<number>(count).fill(i))
      const of = (values: readonly number[]) => drawn.map((i) => values[i] as number)
      if (drawn.length >= 2) {
        const expected = spearman(of(a), of(b))
        const actual = resampledSpearman(a, b)(Int32Array.from(counts))
        assert.ok(Object.is(actual, expected) || Math.abs(actual - expected) < 1e-12)
      }
      const truth = b.map((value) => value > 2)
      if (!drawn.some((i) => truth[i])) return
      const area = resampledAveragePrecision(Float64Array.from(a), truth)(Int32Array.from(counts))
      const expected = averagePrecision(
        of(a),
        drawn.map((i) => truth[i] as boolean),
      )
      assert.ok(Math.abs(area - expected) < 1e-12)
    }),
  )
})

test('best thresholds stand between neighbouring scores: worked by hand', () => {
  const scores = [0.9, 0.8, 0.6, 0.4]
  const truth = [true, false, true, false]
  assert.deepEqual(bestF1(scores, truth), { value: 0.8, threshold: 0.5, precision: 2 / 3, recall: 1 })
  const accuracy = bestAccuracy(scores, truth)
  assert.equal(accuracy.value, 0.75)
  near(accuracy.threshold, 0.85, 'the highest of equals', 1e-12)
})

test('a zero row has likeness 0 and does not break the measures', () => {
  const pairs = toMatrix([
    [0, 0],
    [1, 0],
    [0, 1],
  ])
  const { value } = evaluateSts(pairs, pairs, [0, 1, 1])
  near(value, 1, 'spearman')
})

test('few-shot classification: examples by label alone, accuracy 1 where labels stand apart', async () => {
  const random = createRandom(0)
  const labels = Array.from({ length: 90 }, (_, i) => ['red', 'green', 'blue'][i % 3] as string)
  const vectors = createMatrix(90, 3)
  for (let i = 0; i < 90; i++)
    for (let j = 0; j < 3; j++) vectors.data[3 * i + j] = (i % 3 === j ? 5 : 0) + 0.1 * random.normal()
  const examples = drawExamples(labels, { examplesPerLabel: 2, experiments: 3 })
  for (const rows of examples)
    assert.deepEqual(Array.from(rows, (row) => labels[row]).sort(), ['blue', 'blue', 'green', 'green', 'red', 'red'])
  assert.notDeepEqual(examples[0], examples[1])
  const set = { vectors, labels }
  const result = await evaluateClassification(set, set, examples)
  assert.deepEqual([result.value, result.interval.low, result.interval.high], [1, 1, 1])
  assert.equal((result.scores['scores_per_experiment'] as unknown[]).length, 3)
  // A label that no example has is never predicted.
  const strange = { vectors, labels: labels.map((label) => (label === 'red' ? 'crimson' : label)) }
  near((await evaluateClassification(set, strange, examples)).value, 2 / 3, 'accuracy', 1e-12)
  await assert.rejects(evaluateClassification({ vectors, labels: ['x'] }, set, examples), InvalidArgumentError)
})

test('clusters that stand apart have V-measure 1, the same on every run', async () => {
  const labels = Array.from({ length: 40 }, (_, i) => String(i % 2))
  const vectors = createMatrix(
    40,
    2,
    Float32Array.from({ length: 80 }, (_, i) => (Math.floor(i / 2) % 2) * 10 + (i % 7) / 10),
  )
  const options = { experiments: 3, rowsPerExperiment: 60 }
  const first = await evaluateClustering(vectors, labels, options)
  assert.deepEqual([first.value, first.scores['v_measure_std']], [1, 0])
  assert.deepEqual(await evaluateClustering(vectors, labels, options), first)
  await assert.rejects(
    evaluateClustering(
      vectors,
      labels.map(() => 'one'),
    ),
    /at least two different ones, got 1/,
  )
})

test('retrieval measures are means over queries, and pairs of systems see the same draws', () => {
  const judgements = [new Map([['a', 1]]), new Map([['b', 1]]), new Map([['c', 1]])]
  const runs = [
    new Map([['a', 1]]),
    new Map([['x', 2]]),
    new Map([
      ['x', 2],
      ['c', 1],
    ] as const),
  ]
  const result = evaluateRetrieval(runs, judgements, { depth: 10 })
  near(result.value, (1 + 0 + 1 / Math.log2(3)) / 3, 'ndcg', 1e-12)
  near(result.scores['mrr_at_10'] as number, 0.5, 'mrr', 1e-12)
  near(result.scores['precision_at_1'] as number, 1 / 3, 'precision', 1e-12)
  assert.equal(result.scores['ndcg_at_100'], undefined)
  assert.deepEqual(evaluateRetrieval(runs, judgements, { depth: 10 }).replicates, result.replicates)
  assert.throws(() => evaluateRetrieval(runs, []), InvalidArgumentError)
})

test('results have the shape of MTEB files', () => {
  const evaluation = evaluateSts(a, b, reference.gold)
  const result = mtebResult({ name: 'stsb', split: 'test', revision: 'r1' }, evaluation, 1.5)
  assert.deepEqual(Object.keys(result), [
    'dataset_revision',
    'task_name',
    'mteb_version',
    'scores',
    'evaluation_time',
    'kg_co2_emissions',
  ])
  const [scores] = result.scores['test'] as [Record<string, unknown>]
  assert.equal(scores['main_score'], scores['cosine_spearman'])
  assert.deepEqual([scores['hf_subset'], scores['languages']], ['default', ['eng-Latn']])
})
