import { CorruptDataError, UnsupportedError } from '../spec/errors.ts'
import type { Passport } from '../spec/passport.ts'
import { type HeadStep, readDense } from './head.ts'
import { knownLocalModel } from './known-local-models.ts'
import { type ModelFolder, readModelJson, readModelJsonValue, readModuleJson } from './model-folder.ts'

/** What a sentence-transformers folder says of the way from text to vector. */
export interface TransformerConfig {
  readonly pooling: Exclude<Passport['pooling'], 'none' | 'hosted'>
  /** What follows pooling, in order. */
  readonly head: readonly HeadStep[]
  /** What follows pooling where fewer dimensions are kept than there are. */
  readonly cutHead: readonly HeadStep[]
  readonly maxTokens: number
  readonly prompts: TransformerPrompts
  readonly hiddenSize: number
  /** Attention heads of a layer; 1 where the folder does not say. */
  readonly heads: number
  /** Texts are made lower case before anything else. */
  readonly lowerCase: boolean
}

/** What is put before a text by its role; a role without a prompt of its own takes the document's. */
export interface TransformerPrompts {
  readonly query: string
  readonly document: string
  readonly similarity?: string | undefined
  readonly classification?: string | undefined
  readonly clustering?: string | undefined
}

const poolingNames: Readonly<Record<string, TransformerConfig['pooling']>> = {
  cls: 'cls',
  cls_token: 'cls',
  max: 'max',
  max_tokens: 'max',
  mean: 'mean',
  mean_tokens: 'mean',
  mean_sqrt_len_tokens: 'mean-sqrt-length',
  weightedmean: 'weighted-mean',
  weightedmean_tokens: 'weighted-mean',
  lasttoken: 'last-token',
}

/**
 * Read modules.json and what it points at.
 *
 * @param name - The model's name, where it is known; decides the prompts of a model whose folder says nothing of them.
 * @throws {UnsupportedError} naming a module or a pooling that is not computed here.
 *
 * A folder without modules.json is pooled by the mean, as sentence-transformers does, unless its model is known to be
 * pooled otherwise.
 */
export async function readTransformerConfig(folder: ModelFolder, name: string): Promise<TransformerConfig> {
  const config = (await readModelJson(folder, 'config.json')) ?? {}
  const hiddenSize = config['hidden_size'] ?? config['dim'] ?? config['d_model'] ?? config['n_embd']
  if (typeof hiddenSize !== 'number' || !Number.isInteger(hiddenSize) || hiddenSize < 1)
    throw new CorruptDataError(`${folder.place}/config.json`, 'hidden_size, an integer ≥ 1', String(hiddenSize), {
      remedy,
    })
  const heads = Number(config['num_attention_heads'] ?? config['n_heads'] ?? config['n_head'] ?? 1)
  const named = config['_name_or_path']
  const known = knownLocalModel(name) ?? (typeof named === 'string' ? knownLocalModel(named) : undefined)
  const modules = await readModelJsonValue(folder, 'modules.json')
  const { pooling, head } =
    modules === undefined
      ? { pooling: known?.pooling ?? 'mean', head: known?.normalize === true ? [{ kind: 'normalize' } as const] : [] }
      : await readModules(folder, modules)
  const limits = (await readSentenceConfig(folder)) ?? {}
  return {
    pooling,
    head,
    cutHead: known?.layerNormBeforeCut === true ? [{ kind: 'layer-norm' }, ...unitLength(head)] : head,
    hiddenSize,
    heads,
    maxTokens: await readMaxTokens(folder, limits, config),
    prompts: (await readPrompts(folder)) ?? known?.prompts ?? { query: '', document: '' },
    lowerCase: limits['do_lower_case'] === true,
  }
}

function unitLength(head: readonly HeadStep[]): readonly HeadStep[] {
  return head.at(-1)?.kind === 'normalize' ? head : [...head, { kind: 'normalize' }]
}

async function readModules(folder: ModelFolder, modules: unknown) {
  if (!Array.isArray(modules))
    throw new CorruptDataError(`${folder.place}/modules.json`, 'an array', 'another value', { remedy })
  let pooling: TransformerConfig['pooling'] | undefined
  const head: HeadStep[] = []
  for (const module of modules as { type?: unknown; path?: unknown }[]) {
    const kind = String(module.type).split('.').at(-1)
    const path = String(module.path ?? '')
    if (kind === 'Pooling' && pooling === undefined) pooling = await readPooling(folder, path)
    else if (kind === 'Normalize') head.push({ kind: 'normalize' })
    else if (kind === 'Dense') head.push(await readDense(folder, path))
    else if (kind !== 'Transformer')
      throw new UnsupportedError(
        `${folder.place}/modules.json`,
        'Transformer, one Pooling, Dense and Normalize',
        String(kind),
      )
  }
  if (pooling === undefined) throw new UnsupportedError(`${folder.place}/modules.json`, 'a Pooling module', 'none')
  return { pooling, head }
}

const remedy = 'Take the folder from its source again.'

async function readPooling(folder: ModelFolder, path: string): Promise<TransformerConfig['pooling']> {
  const config = await readModuleJson(folder, path)
  let modes: string[]
  if (config['pooling_mode'] !== undefined) modes = [config['pooling_mode']].flat().map(String)
  else
    modes = Object.keys(config)
      .filter((key) => key.startsWith('pooling_mode_') && config[key] === true)
      .map((key) => key.slice('pooling_mode_'.length))
  if (modes.length === 0) return 'mean'
  const mode = modes.length === 1 ? poolingNames[modes[0] as string] : undefined
  if (mode === undefined)
    throw new UnsupportedError(
      `${folder.place}/${path}/config.json`,
      `one pooling of ${Object.keys(poolingNames).join(', ')}`,
      modes.join(' and '),
    )
  if (config['include_prompt'] === false)
    throw new UnsupportedError(
      `${folder.place}/${path}/config.json`,
      'a prompt that takes part in pooling',
      'include_prompt: false',
    )
  return mode
}

/** `sentence_bert_config.json`, whatever the family it is named after. */
async function readSentenceConfig(folder: ModelFolder): Promise<Record<string, unknown> | undefined> {
  for (const family of ['bert', 'roberta', 'distilbert', 'camembert', 'albert', 'xlm-roberta', 'xlnet']) {
    const found = await readModelJson(folder, `sentence_${family}_config.json`)
    if (found !== undefined) return found
  }
  return undefined
}

export async function readMaxTokens(
  folder: ModelFolder,
  limits: Record<string, unknown>,
  config: Record<string, unknown>,
): Promise<number> {
  const tokenizer = (await readModelJson(folder, 'tokenizer_config.json'))?.['model_max_length']
  const positions = config['max_position_embeddings'] ?? config['n_positions']
  // RoBERTa's positions begin after the padding id, so two of them are never used.
  const offset = ['roberta', 'xlm-roberta', 'camembert', 'mpnet'].includes(String(config['model_type'])) ? 2 : 0
  const usable = typeof positions === 'number' ? positions - offset : undefined
  // A missing limit is written as 1e30 in tokenizer_config.json.
  const found = [limits['max_seq_length'], tokenizer, usable].find(
    (value) => typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 1e9,
  )
  if (found === undefined)
    throw new CorruptDataError(folder.place, 'a token limit (max_seq_length or model_max_length)', 'none', { remedy })
  return Math.min(found as number, usable ?? Infinity)
}

/** Undefined where the folder says nothing of prompts. */
async function readPrompts(folder: ModelFolder): Promise<TransformerPrompts | undefined> {
  const config = (await readModelJson(folder, 'config_sentence_transformers.json')) ?? {}
  const prompts = (config['prompts'] ?? {}) as Record<string, unknown>
  const named = (...names: unknown[]): string | undefined => {
    const found = names.find((name) => typeof name === 'string' && typeof prompts[name] === 'string')
    return prompts[found as string] as string | undefined
  }
  const fallback = named(config['default_prompt_name'])
  // Newer releases write an empty query and document prompt for every model.
  if (Object.values(prompts).every((prompt) => prompt === '')) return undefined
  return {
    query: named('query') ?? fallback ?? '',
    document: named('document', 'passage', 'corpus') ?? fallback ?? '',
    similarity: named('similarity', 'STS') ?? fallback,
    classification: named('classification', 'Classification') ?? fallback,
    clustering: named('clustering', 'Clustering') ?? fallback,
  }
}
