import type { Prompts } from './hosted-model.ts'
import type { RateLimits } from './rate-limiter.ts'

export interface KnownHostedModel {
  readonly provider: 'openai' | 'cohere' | 'voyage'
  readonly model: string
  /** Dimensions when none are asked for. */
  readonly dimensions: number
  /** Dimensions that can be asked for: any up to `dimensions`, those listed, or none but `dimensions`. */
  readonly choice: 'any' | readonly number[] | 'none'
  /** Tokens of one text. */
  readonly maxTokens: number
  /** Tokens of one request. */
  readonly tokensPerCall: number
  /** US dollars for a million tokens as published on `pricedOn` (year and month); null where no price is published. */
  readonly usdPerMillionTokens: number | null
  readonly pricedOn: string
  /** What the lowest paid tier may send in a minute, as published on `limitsSeenOn` (year and month). */
  readonly limits: RateLimits
  readonly limitsSeenOn: string
}

const openaiCall = {
  provider: 'openai',
  maxTokens: 8192,
  tokensPerCall: 300_000,
  pricedOn: '2025-11',
  limits: { requestsPerMinute: 3000, tokensPerMinute: 1_000_000 },
  limitsSeenOn: '2026-06',
} as const
const cohere = { provider: 'cohere', limits: { textsPerMinute: 2000 }, limitsSeenOn: '2026-09' } as const
const cohereV3 = {
  ...cohere,
  choice: 'none',
  maxTokens: 512,
  tokensPerCall: Infinity,
  pricedOn: '2026-05',
} as const
const voyageSizes = [256, 512, 1024, 2048] as const
const voyageOf = (millionTokensPerMinute: number) =>
  ({
    provider: 'voyage',
    dimensions: 1024,
    maxTokens: 32_000,
    pricedOn: '2026-05',
    choice: voyageSizes,
    limits: { requestsPerMinute: 2000, tokensPerMinute: millionTokensPerMinute * 1_000_000 },
    limitsSeenOn: '2026-09',
  }) as const
const [voyageLarge, voyage, voyageLite] = [voyageOf(3), voyageOf(8), voyageOf(16)]

/** Hosted models whose limits and prices are known without asking. Voyage caps a request's tokens by model. */
export const knownHostedModels: readonly KnownHostedModel[] = [
  { ...openaiCall, model: 'text-embedding-3-small', dimensions: 1536, choice: 'any', usdPerMillionTokens: 0.02 },
  { ...openaiCall, model: 'text-embedding-3-large', dimensions: 3072, choice: 'any', usdPerMillionTokens: 0.13 },
  { ...openaiCall, model: 'text-embedding-ada-002', dimensions: 1536, choice: 'none', usdPerMillionTokens: 0.1 },
  {
    ...cohere,
    model: 'embed-v4.0',
    dimensions: 1536,
    choice: [256, 512, 1024, 1536],
    maxTokens: 128_000,
    tokensPerCall: Infinity,
    usdPerMillionTokens: 0.12,
    pricedOn: '2026-05',
  },
  { ...cohereV3, model: 'embed-english-v3.0', dimensions: 1024, usdPerMillionTokens: null },
  { ...cohereV3, model: 'embed-multilingual-v3.0', dimensions: 1024, usdPerMillionTokens: null },
  { ...cohereV3, model: 'embed-english-light-v3.0', dimensions: 384, usdPerMillionTokens: null },
  { ...cohereV3, model: 'embed-multilingual-light-v3.0', dimensions: 384, usdPerMillionTokens: null },
  { ...voyageLarge, model: 'voyage-4-large', tokensPerCall: 120_000, usdPerMillionTokens: 0.12 },
  { ...voyage, model: 'voyage-4', tokensPerCall: 320_000, usdPerMillionTokens: 0.06 },
  { ...voyageLite, model: 'voyage-4-lite', tokensPerCall: 1_000_000, usdPerMillionTokens: 0.02 },
  { ...voyageLarge, model: 'voyage-3-large', tokensPerCall: 120_000, usdPerMillionTokens: 0.18 },
  { ...voyage, model: 'voyage-3.5', tokensPerCall: 320_000, usdPerMillionTokens: 0.06 },
  { ...voyageLite, model: 'voyage-3.5-lite', tokensPerCall: 1_000_000, usdPerMillionTokens: 0.02 },
  { ...voyageLarge, model: 'voyage-code-3', tokensPerCall: 120_000, usdPerMillionTokens: 0.18 },
]

export function knownHostedModel(provider: string, model: string): KnownHostedModel | undefined {
  return knownHostedModels.find((known) => known.provider === provider && known.model === model)
}

export interface KnownOpenModel {
  /** Names it goes by, without owner, tag and file ending; lower case. */
  readonly names: readonly string[]
  readonly dimensions: number
  /** Tokens of one text, prompt included. */
  readonly maxTokens: number
  readonly prompts: Prompts
}

const searchPassages = { query: 'Represent this sentence for searching relevant passages: ' } as const
const nomic = {
  query: 'search_query: ',
  document: 'search_document: ',
  classification: 'classification: ',
  clustering: 'clustering: ',
} as const
const e5 = {
  query: 'query: ',
  document: 'passage: ',
  similarity: 'query: ',
  classification: 'query: ',
  clustering: 'query: ',
} as const

/** Open models that Ollama and compatible servers run, with the prompts of their cards. */
const knownOpenModels: readonly KnownOpenModel[] = [
  {
    names: ['nomic-embed-text', 'nomic-embed-text-v1.5', 'nomic-embed-text-v1'],
    dimensions: 768,
    maxTokens: 2048,
    prompts: nomic,
  },
  { names: ['mxbai-embed-large', 'mxbai-embed-large-v1'], dimensions: 1024, maxTokens: 512, prompts: searchPassages },
  { names: ['all-minilm', 'all-minilm-l6-v2'], dimensions: 384, maxTokens: 256, prompts: {} },
  { names: ['bge-small-en-v1.5'], dimensions: 384, maxTokens: 512, prompts: searchPassages },
  { names: ['bge-base-en-v1.5'], dimensions: 768, maxTokens: 512, prompts: searchPassages },
  { names: ['bge-large', 'bge-large-en-v1.5'], dimensions: 1024, maxTokens: 512, prompts: searchPassages },
  { names: ['bge-m3'], dimensions: 1024, maxTokens: 4096, prompts: {} },
  { names: ['e5-large-v2', 'multilingual-e5-large'], dimensions: 1024, maxTokens: 512, prompts: e5 },
  { names: ['multilingual-e5-base', 'e5-base-v2'], dimensions: 768, maxTokens: 512, prompts: e5 },
  { names: ['multilingual-e5-small', 'e5-small-v2'], dimensions: 384, maxTokens: 512, prompts: e5 },
  { names: ['all-mpnet-base-v2'], dimensions: 768, maxTokens: 384, prompts: {} },
  { names: ['paraphrase-multilingual-mpnet-base-v2'], dimensions: 768, maxTokens: 128, prompts: {} },
]

/** The known model of a name such as `nomic-embed-text:v1.5`, `BAAI/bge-m3` or `bge-m3.gguf`. */
export function knownOpenModel(model: string): KnownOpenModel | undefined {
  const name = model
    .slice(model.lastIndexOf('/') + 1)
    .toLowerCase()
    .replace(/\.gguf$/, '')
  const bare = name.replace(/:.*$/, '')
  // Of the tags only those that name the same weights; others may be another size.
  const isSame = name === bare || /:(latest|v1\.5|v1|335m|137m-v1\.5-fp16|567m)$/.test(name)
  return isSame ? knownOpenModels.find(({ names }) => names.includes(bare)) : undefined
}
