import { createHash } from 'node:crypto'
import type { Evaluation } from '../evaluate/evaluation.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import type { EmbeddingModel } from '../spec/model.ts'
import type { Passport } from '../spec/passport.ts'
import type { Store } from '../spec/store.ts'
import { evaluateSearch, ingestTask } from './evaluate-search.ts'
import { type EvaluateTaskOptions, evaluateTask, type TaskEvaluation } from './evaluate-task.ts'
import type { EvaluationTask, RetrievalTask } from './evaluation-tasks.ts'
import { withUnitLength } from './unit-length.ts'

/** A model by its vectors alone, or a way to search, which retrieval tasks measure. */
export interface Contestant {
  readonly name: string
  readonly model: EmbeddingModel
  /** `vectors`: one vector a text, compared by cosine. Others: what `search` finds in this mode. */
  readonly by: 'vectors' | 'semantic' | 'keyword' | 'hybrid'
}

export interface EvaluateOptions extends EvaluateTaskOptions {
  /** An empty store for a task's documents; needed by contestants that search, closed again here. */
  readonly openStore?: ((passport: Passport) => Promise<Store>) | undefined
  /** Milliseconds from any start. @default performance.now */
  readonly clock?: (() => number) | undefined
  /** Told before each contestant begins a task. */
  readonly onTask?: ((task: EvaluationTask, contestant: Contestant) => void) | undefined
}

export interface ContestantResult {
  readonly contestant: string
  /** Undefined where this contestant has no answer to such a task: a search cannot compare pairs. */
  readonly evaluation: Evaluation | undefined
  /** The whole run, embedding included; what a cache held is not counted in. */
  readonly seconds: number
  readonly cut: number
  readonly withoutVector: number
}

export interface TaskResults {
  readonly task: Pick<EvaluationTask, 'label' | 'name' | 'split' | 'type'> & {
    /** Digest of texts and answers: equal revisions, equal tasks. */
    readonly revision: string
  }
  /** In the order of the contestants. */
  readonly results: readonly ContestantResult[]
}

/**
 * Every contestant on every task. With one seed all see the same draws, so that replicates are pairs.
 *
 * @throws {InvalidArgumentError} for no task, no contestant, or two of either of one name.
 */
export async function evaluate(
  tasks: readonly EvaluationTask[],
  contestants: readonly Contestant[],
  options: EvaluateOptions = {},
): Promise<TaskResults[]> {
  if (tasks.length === 0) throw new InvalidArgumentError('tasks', 'at least one', 0)
  if (contestants.length === 0) throw new InvalidArgumentError('contestants', 'at least one', 0)
  const names = contestants.map(({ name }) => name)
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice !== undefined) throw new InvalidArgumentError('contestants', 'each name once', twice)
  const titles = tasks.map(({ name, split }) => `${name}, ${split}`)
  const again = titles.find((title, i) => titles.indexOf(title) < i)
  if (again !== undefined) throw new InvalidArgumentError('tasks', 'each name and split once', again)
  const { clock = () => performance.now(), onTask } = options
  const all: TaskResults[] = []
  for (const task of tasks) {
    const stores = new TaskStores(task, options)
    const results: ContestantResult[] = []
    try {
      for (const contestant of contestants) {
        options.signal?.throwIfAborted()
        onTask?.(task, contestant)
        const startedAt = clock()
        const found = await evaluateOne(task, contestant, stores, options)
        results.push({
          contestant: contestant.name,
          evaluation: found?.evaluation,
          seconds: (clock() - startedAt) / 1000,
          cut: found?.cut ?? 0,
          withoutVector: found?.withoutVector ?? 0,
        })
      }
    } finally {
      await stores.close()
    }
    const { label, name, split, type } = task
    all.push({ task: { label, name, split, type, revision: revisionOf(task) }, results })
  }
  return all
}

async function evaluateOne(
  task: EvaluationTask,
  { model, by }: Contestant,
  stores: TaskStores,
  { seed, resamples, cache, signal, onProgress }: EvaluateOptions,
): Promise<TaskEvaluation | undefined> {
  if (by === 'vectors') return evaluateTask(task, model, { seed, resamples, cache, signal, onProgress })
  if (task.type !== 'Retrieval') return undefined
  const unit = withUnitLength(model)
  return evaluateSearch(task, by, { store: await stores.of(unit), model: unit }, { seed, resamples, signal })
}

/** One store a model, filled with the task's documents when first asked for. */
class TaskStores {
  private readonly task: EvaluationTask
  private readonly openStore: EvaluateOptions['openStore']
  private readonly stores = new Map<string, Store>()

  constructor(task: EvaluationTask, { openStore }: EvaluateOptions) {
    this.task = task
    this.openStore = openStore
  }

  async of(model: EmbeddingModel): Promise<Store> {
    const key = JSON.stringify(model.passport)
    const known = this.stores.get(key)
    if (known !== undefined) return known
    if (this.openStore === undefined)
      throw new InvalidArgumentError('options.openStore', 'a function, for contestants that search', undefined)
    const store = await this.openStore(model.passport)
    this.stores.set(key, store)
    await ingestTask(this.task as RetrievalTask, store, model)
    return store
  }

  async close(): Promise<void> {
    for (const store of this.stores.values()) await store.close()
  }
}

function revisionOf(task: EvaluationTask): string {
  const plain = JSON.stringify(task, (_, value) => (value instanceof Map ? [...value] : value))
  return createHash('sha256').update(plain).digest('hex').slice(0, 40)
}
