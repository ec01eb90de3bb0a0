import { type Metric, rankingScore, shownScore, squaredNorms } from '../kernels/metric.ts'
import { createMatrix, type Matrix, rowOf } from '../spec/matrix.ts'
import type { EmbeddingModel } from '../spec/model.ts'
import type { Background } from './background.ts'
import { type EmbeddingCache, embedMany } from './embed-many.ts'
import { unrelatedTexts } from './unrelated-texts.ts'

/**
 * How alike a model finds texts that have nothing to do with each other: the scores of all pairs of the built-in
 * unrelated texts, some 5,000, for comparisons without a collection.
 *
 * @param metric - Of the scores; larger is nearer, so under `l2` they are minus distances.
 *
 * Cost: about 100 short texts embedded.
 */
export async function pairBackground(
  model: EmbeddingModel,
  metric: Metric,
  options: { readonly cache?: EmbeddingCache | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<Background> {
  const embedded = await embedMany(unrelatedTexts, { model, task: 'similarity', onNoVector: 'skip', ...options })
  const vectors = withoutRows(embedded.vectors, embedded.without)
  const norms = squaredNorms(vectors)
  const scores: number[] = []
  for (let i = 0; i < vectors.rows; i++)
    for (let j = i + 1; j < vectors.rows; j++)
      scores.push(
        shownScore(metric, rankingScore(metric, vectors, i, norms[i] as number, vectors, j, norms[j] as number)),
      )
  const cosines = Float64Array.from(scores).sort()
  return { mean: cosines.reduce((sum, score) => sum + score, 0) / cosines.length, cosines }
}

function withoutRows(matrix: Matrix, rows: readonly number[]): Matrix {
  if (rows.length === 0) return matrix
  const left = Array.from({ length: matrix.rows }, (_, i) => i).filter((i) => !rows.includes(i))
  const kept = createMatrix(left.length, matrix.columns, undefined, matrix.passport)
  for (const [i, row] of left.entries()) kept.data.set(rowOf(matrix, row), i * matrix.columns)
  return kept
}
