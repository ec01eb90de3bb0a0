import { type Contestant, type EvaluateOptions, evaluate, type TaskResults } from './core/evaluate.ts'
import type { EvaluationTask } from './core/evaluation-tasks.ts'
import { assertKnownOptions } from './core/options.ts'
import { loadModel } from './models/load.ts'
import { namedModel } from './registry.ts'
import { InvalidArgumentError } from './spec/errors.ts'
import type { EmbeddingModel } from './spec/model.ts'
import type { Store } from './spec/store.ts'
import { openSqliteStore } from './stores/sqlite/store.ts'

export interface EvaluateModelsOptions extends Omit<EvaluateOptions, 'openStore' | 'cache'> {
  /**
   * Names as for `open`, also `<folder>?dtype=int8` for the quantized graph of a transformer; `bm25` (search by words),
   * `hybrid` and `semantic` (search with the starter), `hybrid:<model>` and `semantic:<model>`.
   *
   * @default ['starter']
   */
  readonly models?: readonly string[] | undefined
  /** File that keeps the vectors of models that cost time or money. @default none */
  readonly cache?: string | undefined
}

/** The model behind a contestant's name; `model` says whether a search may stand before a colon. */
const searches = { bm25: 'keyword', hybrid: 'hybrid', semantic: 'semantic' } as const

/**
 * Measure models and ways to search on tasks, all on the same draws: see `readEvaluationTasks` for what a task is.
 *
 * @throws {InvalidArgumentError} for an unknown option, no task, or a model named twice.
 * @throws {NotFoundError} when there is no such model.
 *
 * Cost: the models', for every text; a search also stores the documents in memory.
 */
export async function evaluateModels(
  tasks: readonly EvaluationTask[],
  options: EvaluateModelsOptions = {},
): Promise<TaskResults[]> {
  assertKnownOptions(
    options,
    ['models', 'cache', 'seed', 'resamples', 'signal', 'clock', 'onTask', 'onProgress'],
    'evaluateModels',
  )
  const { models = ['starter'], cache, ...rest } = options
  const loaded = new Map<string, EmbeddingModel>()
  let kept: Store | undefined
  try {
    const contestants: Contestant[] = []
    for (const name of models) {
      const { by, model: named } = contestantOf(name)
      const model = loaded.get(named) ?? (await modelOf(named))
      loaded.set(named, model)
      contestants.push({ name, model, by })
    }
    const [first] = contestants
    if (cache !== undefined && first !== undefined)
      kept = await openSqliteStore(cache, { passport: first.model.passport, name: 'evaluation' })
    return await evaluate(tasks, contestants, {
      ...rest,
      cache: kept,
      openStore: (passport) => openSqliteStore(':memory:', { passport }),
    })
  } finally {
    await kept?.close()
    for (const model of loaded.values()) await model.close?.()
  }
}

function contestantOf(name: string): { by: Contestant['by']; model: string } {
  const [, search, model] = /^(bm25|hybrid|semantic)(?::(.+))?$/s.exec(name) ?? []
  if (search === undefined) return { by: 'vectors', model: name }
  if (search === 'bm25' && model !== undefined)
    throw new InvalidArgumentError('models', 'bm25 without a model, since words need none', name)
  return { by: searches[search as keyof typeof searches], model: model ?? 'starter' }
}

async function modelOf(name: string): Promise<EmbeddingModel> {
  const [, folder, dtype] = /^(.+)\?dtype=(int8|float32)$/s.exec(name) ?? []
  return folder === undefined ? namedModel(name) : loadModel(folder, { dtype: dtype as 'int8' | 'float32' })
}
