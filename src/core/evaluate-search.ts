import type { EvaluationOptions } from '../evaluate/evaluation.ts'
import type { Run } from '../evaluate/retrieval.ts'
import { evaluateRetrieval } from '../evaluate/retrieval-evaluation.ts'
import type { SearchMode } from '../spec/collection.ts'
import type { EmbeddingModel } from '../spec/model.ts'
import type { Store } from '../spec/store.ts'
import type { TaskEvaluation } from './evaluate-task.ts'
import { judgementsOf } from './evaluate-task.ts'
import type { RetrievalTask } from './evaluation-tasks.ts'
import { beginningWithin } from './evaluation-vectors.ts'
import { ingest } from './ingest.ts'
import { search } from './search.ts'

/** Sources that a run holds. */
const depth = 100

/** Put a task's documents into an empty store as a user would: cut into passages, with vectors and full text. */
export async function ingestTask({ documents }: RetrievalTask, store: Store, model: EmbeddingModel): Promise<void> {
  await ingest(
    { store, model },
    documents.flatMap(({ id, title, text }) => {
      // A title without a text is all there is to find.
      if (text.trim() !== '') return [{ id, title, text }]
      return title === undefined ? [] : [{ id, text: title }]
    }),
  )
}

/** What `search` itself finds, at most one hit a source, in a store that holds the task's documents. */
export async function evaluateSearch(
  task: RetrievalTask,
  mode: SearchMode,
  { store, model }: { readonly store: Store; readonly model: EmbeddingModel },
  { signal, ...draws }: EvaluationOptions & { readonly signal?: AbortSignal | undefined } = {},
): Promise<TaskEvaluation> {
  const runs: Run[] = []
  let cut = 0
  for (const { text } of task.queries) {
    const query = mode === 'keyword' ? text : beginningWithin(model, model.passport.queryPrompt, text)
    if (query.length < text.length) cut++
    const hits = await search({ store, model }, query, { mode, topK: depth, bySource: true, signal })
    runs.push(new Map(hits.map(({ source, score }) => [source, score])))
  }
  return { evaluation: evaluateRetrieval(runs, judgementsOf(task), { ...draws, depth }), cut, withoutVector: 0 }
}
