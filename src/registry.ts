import { loadModel } from './models/load.ts'
import { parseLocalName } from './models/local-names.ts'
import { exists } from './models/model-files.ts'
import type { OllamaFacts } from './providers/ollama-facts.ts'
import { InvalidArgumentError, NotFoundError } from './spec/errors.ts'
import type { EmbeddingModel } from './spec/model.ts'
import type { Passport } from './spec/passport.ts'
import type { Reranker } from './spec/reranker.ts'

interface NamedOptions {
  readonly dimensions?: number | undefined
  readonly passport?: Passport | undefined
}

type Load = (model: string, options: NamedOptions) => Promise<EmbeddingModel>

/** What stands before the colon of a hosted model's name. Each is imported when it is named. */
const providers: Readonly<Record<string, Load>> = {
  openai: async (model, options) => (await import('./providers/openai-compatible.ts')).openaiModel(model, options),
  'openai-compatible': async (model, options) =>
    (await import('./providers/openai-compatible.ts')).openaiCompatibleModel(model, options),
  ollama: async (model, options) => (await import('./providers/ollama.ts')).ollamaModel(model, options),
  cohere: async (model, options) => (await import('./providers/cohere.ts')).cohereModel(model, options),
  voyage: async (model, options) => (await import('./providers/voyage.ts')).voyageModel(model, options),
}

type LoadReranker = (model: string) => Promise<Reranker>

const rerankers: Readonly<Record<string, LoadReranker>> = {
  'openai-compatible': async (model) =>
    (await import('./providers/openai-compatible-rerank.ts')).openaiCompatibleReranker(model),
  cohere: async (model) => (await import('./providers/cohere-rerank.ts')).cohereReranker(model),
  voyage: async (model) => (await import('./providers/voyage-rerank.ts')).voyageReranker(model),
}

interface HostedName {
  readonly provider: string
  readonly model: string
  readonly dimensions: number | undefined
}

/** Whether a name is remembered as it is: that of a hosted or a pulled model, and not a path. */
export async function isModelName(name: string): Promise<boolean> {
  if (hostedName(name) !== undefined) return true
  const { name: place } = parseLocalName(name)
  if (await exists(place)) return false
  const { pulledFolder } = await import('./models/pulled.ts')
  return (await pulledFolder(place)) !== undefined
}

/**
 * The model of a name: `starter`, the path of a model folder, the name of a pulled model, or `provider:model`; with
 * `?dimensions=512` after it where the model gives several, and `?dtype=int8` where a local one has several graphs.
 *
 * @param passport - Of the vectors there already, where the model of a collection is found again.
 * @throws {NotFoundError} when there is no such folder, and the model was not pulled.
 * @throws {InvalidArgumentError} for a hosted model without its key, or unknown to its provider.
 * @throws {UnsupportedError} for a chat model.
 */
export async function namedModel(name: string, passport?: Passport): Promise<EmbeddingModel> {
  const hosted = hostedName(name)
  if (hosted !== undefined) {
    const { provider, model, dimensions } = hosted
    return (providers[provider] as Load)(model, { dimensions, passport })
  }
  if (name !== 'starter' && !(await isHere(name))) await assertNoStranger(name)
  return loadModel(name)
}

/**
 * The reranker of a name: the folder of a cross-encoder in ONNX, the name of a pulled one, or `provider:model`; `?dtype=int8`
 * after a local one's where it has several graphs.
 *
 * @throws {NotFoundError} when there is no such folder, and nothing was pulled under this name.
 * @throws {UnsupportedError} for a model that scores no pairs.
 */
export async function namedReranker(name: string): Promise<Reranker> {
  const [, provider = '', hosted = ''] = /^([a-z][a-z-]+):(.*)$/s.exec(name) ?? []
  const load = Object.hasOwn(rerankers, provider) ? rerankers[provider] : undefined
  if (load !== undefined && hosted !== '') return load(hosted)
  const { name: place, dtype, dimensions } = parseLocalName(name)
  if (dimensions !== undefined)
    throw new InvalidArgumentError('rerank', '?dtype=<dtype> and nothing else', 'dimensions')
  const [{ folderOf }, { loadCrossEncoder }, { hubIdOf }] = await Promise.all([
    import('./models/load.ts'),
    import('./models/cross-encoder.ts'),
    import('./models/pulled.ts'),
  ])
  if (hubIdOf(place) === undefined && !(await exists(place)))
    throw new NotFoundError(
      'reranker',
      name,
      `Name the folder of a cross-encoder, a pulled one, or a hosted one: ${Object.keys(rerankers).join(':…, ')}:….`,
    )
  return loadCrossEncoder(await folderOf(place), { dtype, name })
}

function hostedName(name: string): HostedName | undefined {
  const [, provider = '', rest = ''] = /^([a-z][a-z-]+):(.*)$/s.exec(name) ?? []
  if (!Object.hasOwn(providers, provider)) return undefined
  const [model = '', query, ...more] = rest.split('?')
  if (model === '') throw new InvalidArgumentError('model', `${provider}:<model>`, name)
  if (query === undefined) return { provider, model, dimensions: undefined }
  const [, digits] = /^dimensions=([1-9]\d{0,5})$/.exec(query) ?? []
  if (digits === undefined || more.length > 0)
    throw new InvalidArgumentError(
      'model',
      '?dimensions=<number> after the name, and nothing else',
      'something else',
      'Keys come from the environment.',
    )
  return { provider, model, dimensions: Number(digits) }
}

async function isHere(name: string): Promise<boolean> {
  const { name: place } = parseLocalName(name)
  return (await exists(place)) || (await isModelName(name))
}

/** Names of other houses, which are no folders: say what to write instead. */
async function assertNoStranger(name: string): Promise<void> {
  const { assertEmbedder } = await import('./providers/chat-models.ts')
  const { name: bare } = parseLocalName(name)
  const model = bare.slice(bare.indexOf(':') + 1)
  assertEmbedder(name, model, '`starter`, openai:text-embedding-3-small or ollama:nomic-embed-text')
  const { knownHostedModels, knownOpenModel } = await import('./providers/known-models.ts')
  const known = knownHostedModels.find((one) => one.model === model)
  if (known !== undefined) throw new NotFoundError('model', name, `Write ${known.provider}:${known.model}.`)
  if (/^[a-z][a-z-]+:/.test(name))
    throw new NotFoundError('model', name, `Hosted models begin with ${Object.keys(providers).join(':, ')}:.`)
  const { knownLocalModel } = await import('./models/known-local-models.ts')
  const local = knownLocalModel(model)
  if (local !== undefined)
    throw new NotFoundError(
      'model',
      name,
      `Bring it here first: vecino pull ${local.model} (about ${local.megabytes} MB, ${local.licence}); or write ollama:${model}, openai-compatible:${model}, or the path of its folder.`,
    )
  if (knownOpenModel(model) !== undefined)
    throw new NotFoundError(
      'model',
      name,
      `Write ollama:${model}, openai-compatible:${model}, or the path of its folder.`,
    )
}

/** What Ollama has, for `doctor`. */
export async function ollamaFacts(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<OllamaFacts | undefined> {
  const asking = await import('./providers/ollama-facts.ts')
  return asking.ollamaFacts(environment)
}
