import { drawExamples, evaluateClassification } from '../evaluate/classification.ts'
import { evaluateClustering } from '../evaluate/clustering.ts'
import type { Evaluation, EvaluationOptions } from '../evaluate/evaluation.ts'
import { evaluatePairClassification } from '../evaluate/pair-classification.ts'
import type { Run } from '../evaluate/retrieval.ts'
import { evaluateRetrieval } from '../evaluate/retrieval-evaluation.ts'
import { evaluateSts } from '../evaluate/sts.ts'
import { createIndex } from '../kernels/exact-index.ts'
import { createMatrix, type Matrix, rowOf } from '../spec/matrix.ts'
import type { EmbeddingModel, EmbeddingTask } from '../spec/model.ts'
import type { EmbeddingCache } from './embed-many.ts'
import type { EvaluationTask, LabelledTexts, RetrievalTask } from './evaluation-tasks.ts'
import { type EvaluationVectors, evaluationVectors } from './evaluation-vectors.ts'

export interface EvaluateTaskOptions extends EvaluationOptions {
  /** Where vectors of models that cost time or money are kept, so that a run goes on where it stopped. @default none */
  readonly cache?: EmbeddingCache | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: { done: number; total: number; tokens: number }) => void) | undefined
}

export interface TaskEvaluation {
  readonly evaluation: Evaluation
  /** Texts of which the model's window holds the beginning only. */
  readonly cut: number
  readonly withoutVector: number
}

/** Documents that a run holds. */
const depth = 1000

/**
 * A model's vectors on one task, by MTEB's procedure for it; a document is one vector there, of its title and text.
 *
 * Cost: the model's, for every text of the task, or those of the examples drawn for classification.
 */
export async function evaluateTask(
  task: EvaluationTask,
  model: EmbeddingModel,
  options: EvaluateTaskOptions = {},
): Promise<TaskEvaluation> {
  const { cache, signal, onProgress, ...draws } = options
  const counted = { cut: 0, withoutVector: 0 }
  const embed = async (texts: readonly string[], role: EmbeddingTask): Promise<Matrix> => {
    const part: EvaluationVectors = await evaluationVectors(texts, { model, task: role, cache, signal, onProgress })
    counted.cut += part.cut
    counted.withoutVector += part.withoutVector
    return part.vectors
  }
  const evaluation = await evaluationOf(task, embed, { ...draws, signal })
  return { evaluation, ...counted }
}

type Embed = (texts: readonly string[], role: EmbeddingTask) => Promise<Matrix>

async function evaluationOf(
  task: EvaluationTask,
  embed: Embed,
  options: EvaluationOptions & { readonly signal?: AbortSignal | undefined },
): Promise<Evaluation> {
  switch (task.type) {
    case 'STS':
      return evaluateSts(await embed(task.a, 'similarity'), await embed(task.b, 'similarity'), task.scores, options)
    case 'PairClassification':
      return evaluatePairClassification(
        await embed(task.a, 'similarity'),
        await embed(task.b, 'similarity'),
        task.positive,
        options,
      )
    case 'Classification': {
      const train = await drawnExamples(task.train, embed, options)
      const test = { vectors: await embed(task.test.texts, 'classification'), labels: task.test.labels }
      return evaluateClassification(train, test, train.examples, options)
    }
    case 'Clustering':
      return evaluateClustering(await embed(task.texts, 'clustering'), task.labels, options)
    case 'Retrieval': {
      const runs = await nearestDocuments(task, embed)
      return evaluateRetrieval(runs, judgementsOf(task), { ...options, depth })
    }
  }
}

/** Only the texts that an experiment learns from are embedded. */
async function drawnExamples({ texts, labels }: LabelledTexts, embed: Embed, { seed }: EvaluationOptions) {
  const drawn = drawExamples(labels, { seed })
  const rows = [...new Set(drawn.flatMap((experiment) => [...experiment]))].sort((a, b) => a - b)
  const place = new Map(rows.map((row, i) => [row, i]))
  return {
    vectors: await embed(
      rows.map((row) => texts[row] as string),
      'classification',
    ),
    labels: rows.map((row) => labels[row] as string),
    examples: drawn.map((experiment) => experiment.map((row) => place.get(row) as number)),
  }
}

/** Judgements in the order of the queries. */
export function judgementsOf({ queries, judgements }: RetrievalTask): ReadonlyMap<string, number>[] {
  return queries.map(({ id }) => judgements.get(id) ?? new Map())
}

async function nearestDocuments({ documents, queries }: RetrievalTask, embed: Embed): Promise<Run[]> {
  const found = withDirection(
    await embed(
      documents.map(({ title, text }) => (title === undefined ? text : `${title} ${text}`.trim())),
      'document',
    ),
  )
  const asked = withDirection(
    await embed(
      queries.map(({ text }) => text),
      'query',
    ),
  )
  const runs: Run[] = queries.map(() => new Map())
  if (found.rows.length === 0 || asked.rows.length === 0) return runs
  const index = await createIndex(found.vectors)
  try {
    const topK = Math.min(depth, found.rows.length)
    const { ids, scores } = await index.search(asked.vectors, { topK })
    for (const [i, query] of asked.rows.entries()) {
      const run = new Map<string, number>()
      for (let rank = i * topK; rank < (i + 1) * topK; rank++) {
        const row = found.rows[ids[rank] as number] as number
        run.set((documents[row] as { id: string }).id, scores[rank] as number)
      }
      runs[query] = run
    }
    return runs
  } finally {
    index.close()
  }
}

/** The rows that are not zero: those of texts with a vector. */
function withDirection(matrix: Matrix): { vectors: Matrix; rows: number[] } {
  const rows = Array.from({ length: matrix.rows }, (_, row) => row).filter((row) =>
    rowOf(matrix, row).some((value) => value !== 0),
  )
  if (rows.length === matrix.rows) return { vectors: matrix, rows }
  const vectors = createMatrix(rows.length, matrix.columns, undefined, matrix.passport)
  for (const [i, row] of rows.entries()) vectors.data.set(rowOf(matrix, row), i * matrix.columns)
  return { vectors, rows }
}
