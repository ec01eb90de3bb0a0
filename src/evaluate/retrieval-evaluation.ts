import { InvalidArgumentError } from '../spec/errors.ts'
import { bootstrapReplicates, countedMean, percentileInterval } from './bootstrap.ts'
import type { Evaluation, EvaluationOptions } from './evaluation.ts'
import {
  averagePrecisionAtK,
  type Judgements,
  ndcgAtK,
  precisionAtK,
  type Run,
  rankDocuments,
  recallAtK,
  reciprocalRankAtK,
} from './retrieval.ts'

const measures = {
  ndcg: ndcgAtK,
  map: averagePrecisionAtK,
  recall: recallAtK,
  precision: precisionAtK,
  mrr: reciprocalRankAtK,
}
const cutOffs = [1, 3, 5, 10, 20, 100, 1000]

export interface RetrievalEvaluationOptions extends EvaluationOptions {
  /** Documents that each run may hold; measures beyond are left out. @default 1000 */
  readonly depth?: number | undefined
}

/**
 * Do the documents found answer the queries?
 *
 * @param runs - One a query: documents found, with scores; ties rank by id descending as in trec_eval.
 * @param judgements - One a query, of the same order.
 * @returns Mean nDCG@10 as main measure; its interval over draws of queries. `perQuery` holds nDCG@10 of each.
 * @throws {InvalidArgumentError} when there is no query, or not one run a query.
 *
 * Source: trec_eval's measures at MTEB's cut-offs.
 */
export function evaluateRetrieval(
  runs: readonly Run[],
  judgements: readonly Judgements[],
  options: RetrievalEvaluationOptions = {},
): Evaluation & { readonly perQuery: Float64Array } {
  if (runs.length !== judgements.length)
    throw new InvalidArgumentError('judgements', `${runs.length}, one a run`, judgements.length)
  if (runs.length === 0) throw new InvalidArgumentError('runs', 'at least one query', 0)
  const { depth = 1000 } = options
  const ranked = runs.map(rankDocuments)
  const scores: Record<string, number> = {}
  for (const [name, measure] of Object.entries(measures))
    for (const k of cutOffs)
      if (k <= depth) {
        let sum = 0
        for (const [i, judged] of judgements.entries()) sum += measure(ranked[i] as string[], judged, k)
        scores[`${name}_at_${k}`] = sum / runs.length
      }
  const perQuery = Float64Array.from(judgements, (judged, i) => ndcgAtK(ranked[i] as string[], judged, 10))
  const replicates = bootstrapReplicates(runs.length, (counts) => countedMean(perQuery, counts), options)
  return {
    type: 'Retrieval',
    measure: 'ndcg_at_10',
    value: scores['ndcg_at_10'] as number,
    interval: percentileInterval(replicates),
    replicates,
    scores,
    perQuery,
  }
}
