import { logisticRegression } from '../kernels/logistic-regression.ts'
import { createRandom } from '../kernels/random.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import { createMatrix, type Matrix, rowOf } from '../spec/matrix.ts'
import { bootstrapReplicates, drawCounts, percentileInterval } from './bootstrap.ts'
import { classificationScores } from './classification-scores.ts'
import type { Evaluation, EvaluationOptions } from './evaluation.ts'

export interface ClassificationSet {
  /** One row a text. */
  readonly vectors: Matrix
  readonly labels: readonly string[]
}

export interface ExamplesOptions {
  /** Examples a label, integer ≥ 1; fewer where a label has fewer. @default 8 */
  readonly examplesPerLabel?: number | undefined
  /** Draws of examples, each with a classifier of its own, integer ≥ 1. @default 10 */
  readonly experiments?: number | undefined
  /** @default 0 */
  readonly seed?: number | undefined
}

/** The rows to learn from in each experiment, by labels alone: equal for all models. */
export function drawExamples(labels: readonly string[], options: ExamplesOptions = {}): Int32Array[] {
  const { examplesPerLabel = 8, experiments = 10, seed = 0 } = options
  for (const [name, value] of Object.entries({ examplesPerLabel, experiments }))
    if (!Number.isSafeInteger(value) || value < 1)
      throw new InvalidArgumentError(`options.${name}`, 'an integer ≥ 1', value)
  const random = createRandom(seed)
  return Array.from({ length: experiments }, (_, experiment) => {
    const order = random.fork(experiment).shuffle(Int32Array.from(labels, (_, i) => i))
    const taken = new Map<string, number>()
    return order.filter((row) => {
      const label = labels[row] as string
      const count = taken.get(label) ?? 0
      taken.set(label, count + 1)
      return count < examplesPerLabel
    })
  })
}

/**
 * Few-shot classification: a logistic regression on a few examples a label, several times over.
 *
 * @param train - Rows that `examples` are drawn from. @param test - Rows to classify.
 * @param examples - From `drawExamples` on the training labels; at least two labels in each.
 * @returns Mean accuracy as main measure. Its interval is over draws both of test rows and of experiments, so it holds
 *   for other examples too.
 * @throws {InvalidArgumentError} when labels don't fit the rows, or fewer than two labels are to be told apart.
 *
 * Cost: `examples.length` regressions.
 * Source: MTEB's `Classification`: 8 a label, 10 experiments, scikit-learn's logistic regression of at most 100
 *   iterations. Departs from it: in the generator that draws the examples.
 */
export async function evaluateClassification(
  train: ClassificationSet,
  test: ClassificationSet,
  examples: readonly Int32Array[],
  options: EvaluationOptions = {},
): Promise<Evaluation> {
  for (const [name, { vectors, labels }] of Object.entries({ train, test }))
    if (labels.length !== vectors.rows)
      throw new InvalidArgumentError(`${name}.labels`, `${vectors.rows} labels, one a row`, labels.length)
  const perExperiment: Record<string, number>[] = []
  const correct: Uint8Array[] = []
  for (const rows of examples) {
    const classes = [...new Set(Array.from(rows, (row) => train.labels[row] as string))].sort()
    const classOf = new Map(classes.map((label, i) => [label, i]))
    const { predict } = await logisticRegression(
      pick(train.vectors, rows),
      Int32Array.from(rows, (row) => classOf.get(train.labels[row] as string) as number),
    )
    const predicted = Array.from(predict(test.vectors), (index) => classes[index] as string)
    perExperiment.push(classificationScores(test.labels, predicted))
    correct.push(Uint8Array.from(predicted, (label, i) => (label === test.labels[i] ? 1 : 0)))
  }
  const mean = (name: string) =>
    perExperiment.reduce((sum, scores) => sum + (scores[name] as number), 0) / perExperiment.length
  const replicates = resampledAccuracy(correct, options)
  return {
    type: 'Classification',
    measure: 'accuracy',
    value: mean('accuracy'),
    interval: percentileInterval(replicates),
    replicates,
    scores: {
      ...Object.fromEntries(Object.keys(perExperiment[0] ?? {}).map((name) => [name, mean(name)])),
      scores_per_experiment: perExperiment,
    },
  }
}

function resampledAccuracy(correct: readonly Uint8Array[], options: EvaluationOptions): Float64Array {
  const random = createRandom(options.seed ?? 0).fork('experiments')
  const experiments = new Int32Array(correct.length)
  const rows = correct[0]?.length ?? 0
  return bootstrapReplicates(
    rows,
    (counts) => {
      drawCounts(random, experiments)
      let sum = 0
      for (const [experiment, times] of experiments.entries()) {
        if (times === 0) continue
        const right = correct[experiment] as Uint8Array
        let found = 0
        for (let i = 0; i < rows; i++) found += (counts[i] as number) * (right[i] as number)
        sum += times * found
      }
      return sum / (rows * correct.length)
    },
    options,
  )
}

function pick(matrix: Matrix, rows: Int32Array): Matrix {
  const picked = createMatrix(rows.length, matrix.columns, undefined, matrix.passport)
  for (const [i, row] of rows.entries()) picked.data.set(rowOf(matrix, row), i * matrix.columns)
  return picked
}
