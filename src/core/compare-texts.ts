import { similarityMatrix } from '../kernels/compare.ts'
import { assertMetric, type Metric } from '../kernels/metric.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import type { Matrix } from '../spec/matrix.ts'
import type { EmbeddingModel } from '../spec/model.ts'
import { percentileOf } from './background.ts'
import { embedMany } from './embed-many.ts'
import { assertKnownOptions } from './options.ts'
import { pairBackground } from './pair-background.ts'

export interface TextComparison {
  readonly texts: readonly string[]
  readonly model: string
  readonly metric: Metric
  /** `texts.length × texts.length`, larger is nearer: under `l2` minus the Euclidean distance. */
  readonly scores: Matrix
  /**
   * Same shape: percent of pairs of unrelated texts that are less alike, in whole tenths, at most 99.9; NaN on the diagonal.
   */
  readonly percentiles: Matrix
  /** Scores of pairs of unrelated texts under the same model and metric. */
  readonly background: {
    readonly pairs: number
    readonly mean: number
    readonly least: number
    readonly largest: number
  }
}

export interface CompareTextsOptions {
  /** @default 'cosine' */
  readonly metric?: Metric | undefined
  readonly signal?: AbortSignal | undefined
}

/** A matrix of more texts serves nobody's eyes; neighbours and duplicates are found without it. */
const mostTexts = 5000

/**
 * Compare texts with each other, all against all, and say what each number means: how many pairs of texts that have
 * nothing to do with each other are less alike to this model.
 *
 * @param texts - From 2 to 5,000.
 * @throws {InvalidArgumentError} for fewer or more texts, or one longer than the model's window.
 * @throws {InvalidVectorError} for a text the model knows no token of, naming its row.
 *
 * Cost: the model's for the texts and some 100 short ones; O(texts² · dimensions).
 */
export async function compareTexts(
  model: EmbeddingModel,
  texts: readonly string[],
  options: CompareTextsOptions = {},
): Promise<TextComparison> {
  assertKnownOptions(options, ['metric', 'signal'], 'compareTexts')
  const { metric = 'cosine', signal } = options
  assertMetric(metric)
  if (texts.length < 2) throw new InvalidArgumentError('texts', 'two or more', texts.length)
  if (texts.length > mostTexts)
    throw new InvalidArgumentError(
      'texts',
      `at most ${mostTexts}`,
      texts.length,
      'Look for neighbours or duplicates instead.',
    )
  const { vectors } = await embedMany(texts, { model, task: 'similarity', signal })
  const background = await pairBackground(model, metric, { signal })
  const scores = similarityMatrix(vectors, vectors, { metric })
  const percentiles = {
    ...scores,
    data: scores.data.map((score, at) =>
      Math.floor(at / scores.columns) === at % scores.columns
        ? Number.NaN
        : (percentileOf(background, score) ?? Number.NaN),
    ),
  }
  const { cosines, mean } = background
  return {
    texts,
    model: model.passport.model,
    metric,
    scores,
    percentiles,
    background: {
      pairs: cosines.length,
      mean,
      least: cosines[0] as number,
      largest: cosines[cosines.length - 1] as number,
    },
  }
}
