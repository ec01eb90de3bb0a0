import type { Matrix } from '../spec/matrix.ts'
import { bootstrapReplicates, percentileInterval } from './bootstrap.ts'
import type { Evaluation, EvaluationOptions } from './evaluation.ts'
import { pairScores } from './pair-scores.ts'
import { pearson } from './pearson.ts'
import { resampledSpearman } from './resampled-spearman.ts'
import { spearman } from './spearman.ts'

/**
 * Semantic textual similarity: do the model's similarities rank pairs as people do?
 *
 * @param a - One row a pair, the first texts. @param b - The second texts.
 * @param scores - What people said, one a pair; larger is more alike.
 * @returns Spearman's ρ of the cosines as main measure; its interval over draws of pairs.
 * @throws {InvalidArgumentError} when numbers of rows differ, there are fewer than 2 pairs or a score is not finite.
 *
 * Source: SemEval STS as in MTEB's `STS` tasks.
 */
export function evaluateSts(
  a: Matrix,
  b: Matrix,
  scores: ArrayLike<number>,
  options: EvaluationOptions = {},
): Evaluation {
  const { cosine, euclidean, manhattan } = pairScores(a, b)
  const value = spearman(cosine, scores)
  const replicates = withoutConstant(bootstrapReplicates(cosine.length, resampledSpearman(cosine, scores), options))
  return {
    type: 'STS',
    measure: 'cosine_spearman',
    value,
    interval: percentileInterval(replicates),
    replicates,
    scores: {
      cosine_pearson: pearson(cosine, scores),
      cosine_spearman: value,
      euclidean_pearson: pearson(euclidean, scores),
      euclidean_spearman: spearman(euclidean, scores),
      manhattan_pearson: pearson(manhattan, scores),
      manhattan_spearman: spearman(manhattan, scores),
    },
  }
}

/** A draw of equal pairs ranks nothing, which is no correlation. */
function withoutConstant(replicates: Float64Array): Float64Array {
  return replicates.map((value) => (Number.isNaN(value) ? 0 : value))
}
