import { CorruptDataError, UnsupportedError } from '../spec/errors.ts'
import type { Passport } from '../spec/passport.ts'
import { readModelJson, readModelJsonValue } from './model-files.ts'

/** What a sentence-transformers folder says of the way from text to vector. */
export interface TransformerConfig {
  readonly pooling: Exclude<Passport['pooling'], 'none' | 'hosted'>
  readonly normalize: boolean
  readonly maxTokens: number
  readonly queryPrompt: string
  readonly documentPrompt: string
  readonly hiddenSize: number
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
 * @throws {UnsupportedError} naming a module or a pooling that is not computed here.
 */
export async function readTransformerConfig(folder: string): Promise<TransformerConfig> {
  const config = (await readModelJson(folder, 'config.json')) ?? {}
  const hiddenSize = config['hidden_size'] ?? config['dim'] ?? config['d_model']
  if (typeof hiddenSize !== 'number' || !Number.isInteger(hiddenSize) || hiddenSize < 1)
    throw new CorruptDataError(`${folder}/config.json`, 'hidden_size, an integer ≥ 1', String(hiddenSize), { remedy })

  const modules = await readModelJsonValue(folder, 'modules.json')
  let pooling: TransformerConfig['pooling'] = 'mean'
  let normalize = false
  if (modules !== undefined) {
    if (!Array.isArray(modules))
      throw new CorruptDataError(`${folder}/modules.json`, 'an array', 'another value', { remedy })
    for (const module of modules as { type?: unknown; path?: unknown }[]) {
      const kind = String(module.type).split('.').at(-1)
      if (kind === 'Pooling') pooling = await readPooling(folder, String(module.path ?? ''))
      else if (kind === 'Normalize') normalize = true
      else if (kind !== 'Transformer')
        throw new UnsupportedError(`${folder}/modules.json`, 'Transformer, Pooling and Normalize', String(kind))
    }
  }
  return {
    pooling,
    normalize,
    hiddenSize,
    maxTokens: await readMaxTokens(folder, config),
    ...(await readPrompts(folder)),
  }
}

const remedy = 'Take the folder from its source again.'

async function readPooling(folder: string, path: string): Promise<TransformerConfig['pooling']> {
  const config = (await readModelJson(folder, `${path}/config.json`)) ?? {}
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
      `${folder}/${path}/config.json`,
      `one pooling of ${Object.keys(poolingNames).join(', ')}`,
      modes.join(' and '),
    )
  if (config['include_prompt'] === false)
    throw new UnsupportedError(
      `${folder}/${path}/config.json`,
      'a prompt that takes part in pooling',
      'include_prompt: false',
    )
  return mode
}

async function readMaxTokens(folder: string, config: Record<string, unknown>): Promise<number> {
  const names = ['bert', 'roberta', 'distilbert', 'camembert', 'albert', 'xlm-roberta', 'xlnet']
  const candidates: unknown[] = []
  for (const name of names)
    candidates.push((await readModelJson(folder, `sentence_${name}_config.json`))?.['max_seq_length'])
  const tokenizer = (await readModelJson(folder, 'tokenizer_config.json'))?.['model_max_length']
  candidates.push(tokenizer, config['max_position_embeddings'])
  // A missing limit is written as 1e30 in tokenizer_config.json.
  const found = candidates.find(
    (value) => typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 1e9,
  )
  if (found === undefined)
    throw new CorruptDataError(folder, 'a token limit (max_seq_length or model_max_length)', 'none', { remedy })
  return found as number
}

async function readPrompts(folder: string): Promise<{ queryPrompt: string; documentPrompt: string }> {
  const config = (await readModelJson(folder, 'config_sentence_transformers.json')) ?? {}
  const prompts = (config['prompts'] ?? {}) as Record<string, unknown>
  const named = (name: unknown) =>
    typeof name === 'string' && typeof prompts[name] === 'string' ? prompts[name] : undefined
  const fallback = named(config['default_prompt_name']) ?? ''
  return {
    queryPrompt: named('query') ?? fallback,
    documentPrompt: named('document') ?? named('passage') ?? named('corpus') ?? fallback,
  }
}
