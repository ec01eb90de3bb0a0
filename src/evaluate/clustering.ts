import { kMeans } from '../kernels/k-means.ts'
import { createRandom } from '../kernels/random.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import { createMatrix, type Matrix, rowOf } from '../spec/matrix.ts'
import { bootstrapReplicates, countedMean, percentileInterval } from './bootstrap.ts'
import { vMeasure } from './cluster-agreement.ts'
import type { Evaluation, EvaluationOptions } from './evaluation.ts'

export interface ClusteringOptions extends EvaluationOptions {
  /** Draws of rows, each clustered by itself, integer ≥ 1. @default 10 */
  readonly experiments?: number | undefined
  /** Rows of a draw, with replacement, integer ≥ 1. @default 16384 */
  readonly rowsPerExperiment?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Do clusters of the vectors agree with the labels? K-means with as many clusters as labels, several times over.
 *
 * @param vectors - One row a text. @param labels - One a row, at least two of them different.
 * @returns Mean V-measure as main measure; its interval over draws of the experiments.
 * @throws {InvalidArgumentError} when labels don't fit the rows, all are equal or an option is out of range.
 *
 * Cost: `experiments` runs of k-means.
 * Source: MTEB's `AbsTaskClustering` (10 draws of 16,384 with replacement). Departs from it: Lloyd's k-means over all
 *   rows of a draw in place of mini-batches, and the generator.
 */
export async function evaluateClustering(
  vectors: Matrix,
  labels: readonly string[],
  options: ClusteringOptions = {},
): Promise<Evaluation> {
  const { experiments = 10, rowsPerExperiment = 16_384, seed = 0, signal } = options
  for (const [name, value] of Object.entries({ experiments, rowsPerExperiment }))
    if (!Number.isSafeInteger(value) || value < 1)
      throw new InvalidArgumentError(`options.${name}`, 'an integer ≥ 1', value)
  if (labels.length !== vectors.rows)
    throw new InvalidArgumentError('labels', `${vectors.rows} labels, one a row`, labels.length)
  const k = new Set(labels).size
  if (k < 2) throw new InvalidArgumentError('labels', 'at least two different ones', k)
  const random = createRandom(seed)
  const measures: number[] = []
  for (let experiment = 0; experiment < experiments; experiment++) {
    signal?.throwIfAborted()
    const draw = random.fork(experiment)
    const rows = Int32Array.from({ length: rowsPerExperiment }, () => draw.below(vectors.rows))
    const drawn = createMatrix(rows.length, vectors.columns)
    for (const [i, row] of rows.entries()) drawn.data.set(rowOf(vectors, row), i * vectors.columns)
    const { labels: clusters } = await kMeans(drawn, { k: Math.min(k, rows.length), seed: experiment, signal })
    measures.push(
      vMeasure(
        Array.from(rows, (row) => labels[row] as string),
        clusters,
      ),
    )
  }
  const value = measures.reduce((sum, measure) => sum + measure, 0) / experiments
  const replicates = bootstrapReplicates(experiments, (counts) => countedMean(measures, counts), options)
  return {
    type: 'Clustering',
    measure: 'v_measure',
    value,
    interval: percentileInterval(replicates),
    replicates,
    scores: {
      v_measure: value,
      v_measure_std: Math.sqrt(measures.reduce((sum, measure) => sum + (measure - value) ** 2, 0) / experiments),
    },
  }
}
