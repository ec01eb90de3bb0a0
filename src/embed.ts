import { embedMany } from './core/embed-many.ts'
import { assertKnownOptions } from './core/options.ts'
import { RunLedger, spendingOptions, withLedger } from './core/run-ledger.ts'
import { namedModel } from './registry.ts'
import { InvalidArgumentError } from './spec/errors.ts'
import type { Matrix } from './spec/matrix.ts'
import type { EmbeddingModel, EmbeddingTask } from './spec/model.ts'
import type { SpendingOptions } from './spec/usage.ts'

export interface EmbedOptions extends SpendingOptions {
  /**
   * `starter`, the path of a model folder, a hosted model such as `openai:text-embedding-3-small`, or a model of your own.
   * @default 'starter'
   */
  readonly model?: string | EmbeddingModel | undefined
  /** The role of the texts; models with prompts embed a query unlike a document. @default 'document' */
  readonly task?: EmbeddingTask | undefined
  readonly signal?: AbortSignal | undefined
}

const tasks: readonly EmbeddingTask[] = ['document', 'query', 'similarity', 'classification', 'clustering']
const loaded = new Map<string, Promise<EmbeddingModel>>()

/**
 * Embed one text or many: one row a text, in the order given, with the model's passport. A model named by a string is
 * loaded once a process.
 *
 * @throws {InvalidArgumentError} for a text longer than the model's window (nothing is cut), naming its place.
 * @throws {InvalidVectorError} for a text the model knows no token of, naming its row.
 * @throws {NotFoundError} when there is no such model.
 * @throws {BudgetError} before anything is sent, where all of it could cost more than `maxUsd`.
 *
 * Cost: the model's; equal texts are embedded once.
 */
export async function embed(texts: string | readonly string[], options: EmbedOptions = {}): Promise<Matrix> {
  assertKnownOptions(options, ['model', 'task', 'signal', ...spendingOptions], 'embed')
  const { model = 'starter', task = 'document', signal } = options
  if (!tasks.includes(task)) throw new InvalidArgumentError('options.task', tasks.join(', '), task)
  const list = typeof texts === 'string' ? [texts] : texts
  if (!Array.isArray(list)) throw new InvalidArgumentError('texts', 'a text or an array of texts', texts)
  const loadedModel = typeof model === 'string' ? await loadOnce(model) : model
  const ledger = new RunLedger(loadedModel, options)
  if (options.maxUsd !== undefined) ledger.assertAffordable(tokensOf(list, loadedModel, task))
  try {
    const { vectors } = await embedMany(list, { model: withLedger(loadedModel, ledger), task, signal })
    return vectors
  } finally {
    options.onReceipt?.(ledger.receipt())
  }
}

/** Of all texts together: nothing is kept between two runs, so what cannot be paid for in full is not begun. */
function tokensOf(texts: readonly string[], model: EmbeddingModel, task: EmbeddingTask): number {
  const { queryPrompt, documentPrompt } = model.passport
  const prompt = task === 'query' ? queryPrompt : documentPrompt
  let tokens = 0
  for (const text of new Set(texts)) if (typeof text === 'string') tokens += model.countTokens(prompt + text)
  return tokens
}

function loadOnce(name: string): Promise<EmbeddingModel> {
  const known = loaded.get(name)
  if (known !== undefined) return known
  const loading = namedModel(name)
  loaded.set(name, loading)
  loading.catch(() => loaded.delete(name))
  return loading
}
