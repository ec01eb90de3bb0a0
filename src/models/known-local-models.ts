import type { TransformerConfig, TransformerPrompts } from './transformer-config.ts'

/** A model of the hub that runs here, with what its card says of it. */
export interface KnownLocalModel {
  /** Owner and name on the hub. */
  readonly model: string
  readonly dimensions: number
  /** The sizes a vector may be cut to; undefined for models that were not trained for it. */
  readonly matryoshka?: readonly number[] | undefined
  /** A vector goes through a layer norm before it is cut. @default false */
  readonly layerNormBeforeCut?: boolean | undefined
  /** Tokens of one text, prompt and special tokens included. */
  readonly maxTokens: number
  readonly licence: string
  /** Megabytes (10⁶ bytes) of the float32 graph, about. */
  readonly megabytes: number
  readonly pooling: TransformerConfig['pooling']
  /** Whether its vectors are made of unit length. */
  readonly normalize: boolean
  readonly prompts: TransformerPrompts
  readonly languages: string
  /** Mean over MTEB's 56 English tasks (first edition) as published, and when. Compare such figures with each other only. */
  readonly score?: { readonly mteb: number; readonly date: string } | undefined
  /** What a user should know before choosing it. */
  readonly warning?: string | undefined
}

const none: TransformerPrompts = { query: '', document: '' }

// https://huggingface.co/BAAI/bge-large-en-v1.5, "Usage": the instruction is for queries of retrieval, passages have none.
const bge: TransformerPrompts = { query: 'Represent this sentence for searching relevant passages: ', document: '' }

// https://huggingface.co/intfloat/e5-large-v2, FAQ 1: each input begins with "query: " or "passage: "; for symmetric tasks
// and for vectors used as features, "query: ".
const e5: TransformerPrompts = {
  query: 'query: ',
  document: 'passage: ',
  similarity: 'query: ',
  classification: 'query: ',
  clustering: 'query: ',
}

// https://huggingface.co/nomic-ai/nomic-embed-text-v1.5, "Task instruction prefixes".
const nomic: TransformerPrompts = {
  query: 'search_query: ',
  document: 'search_document: ',
  classification: 'classification: ',
  clustering: 'clustering: ',
}

// https://huggingface.co/mixedbread-ai/mxbai-embed-large-v1: the prompt is for queries of retrieval only.
const mxbai: TransformerPrompts = bge

const english = 'English'
const mean = { pooling: 'mean', normalize: true } as const
const cls = { pooling: 'cls', normalize: true } as const
const noSentenceModel =
  'not trained to compare texts: its vectors of whole texts are hardly better than chance at search'

/** Models that tutorials name. Everything here is also in their folders, where those say it; a folder's word counts. */
export const knownLocalModels: readonly KnownLocalModel[] = [
  {
    model: 'sentence-transformers/all-MiniLM-L6-v2',
    dimensions: 384,
    maxTokens: 256,
    licence: 'Apache-2.0',
    megabytes: 90,
    ...mean,
    prompts: none,
    languages: english,
    score: { mteb: 56.26, date: '2022-10' },
  },
  {
    model: 'sentence-transformers/all-mpnet-base-v2',
    dimensions: 768,
    maxTokens: 384,
    licence: 'Apache-2.0',
    megabytes: 436,
    ...mean,
    prompts: none,
    languages: english,
    score: { mteb: 57.78, date: '2022-10' },
  },
  {
    model: 'sentence-transformers/paraphrase-multilingual-mpnet-base-v2',
    dimensions: 768,
    maxTokens: 128,
    licence: 'Apache-2.0',
    megabytes: 1110,
    pooling: 'mean',
    normalize: false,
    prompts: none,
    languages: '50 languages',
  },
  {
    model: 'BAAI/bge-small-en-v1.5',
    dimensions: 384,
    maxTokens: 512,
    licence: 'MIT',
    megabytes: 133,
    ...cls,
    prompts: bge,
    languages: english,
    score: { mteb: 62.17, date: '2023-09' },
  },
  {
    model: 'BAAI/bge-base-en-v1.5',
    dimensions: 768,
    maxTokens: 512,
    licence: 'MIT',
    megabytes: 436,
    ...cls,
    prompts: bge,
    languages: english,
    score: { mteb: 63.55, date: '2023-09' },
  },
  {
    model: 'BAAI/bge-large-en-v1.5',
    dimensions: 1024,
    maxTokens: 512,
    licence: 'MIT',
    megabytes: 1340,
    ...cls,
    prompts: bge,
    languages: english,
    score: { mteb: 64.23, date: '2023-09' },
  },
  {
    model: 'intfloat/e5-large-v2',
    dimensions: 1024,
    maxTokens: 512,
    licence: 'MIT',
    megabytes: 1340,
    ...mean,
    prompts: e5,
    languages: english,
    score: { mteb: 62.25, date: '2023-05' },
  },
  {
    model: 'intfloat/multilingual-e5-large',
    dimensions: 1024,
    maxTokens: 512,
    licence: 'MIT',
    megabytes: 2240,
    ...mean,
    prompts: e5,
    languages: '94 languages',
    score: { mteb: 61.5, date: '2024-02' },
  },
  {
    model: 'nomic-ai/nomic-embed-text-v1.5',
    dimensions: 768,
    matryoshka: [64, 128, 256, 512, 768],
    // https://huggingface.co/nomic-ai/nomic-embed-text-v1.5, "Adjusting dimensionality".
    layerNormBeforeCut: true,
    maxTokens: 8192,
    licence: 'Apache-2.0',
    megabytes: 547,
    ...mean,
    prompts: nomic,
    languages: english,
    score: { mteb: 62.28, date: '2024-02' },
  },
  {
    model: 'mixedbread-ai/mxbai-embed-large-v1',
    dimensions: 1024,
    matryoshka: [128, 256, 512, 768, 1024],
    maxTokens: 512,
    licence: 'Apache-2.0',
    megabytes: 1340,
    ...cls,
    prompts: mxbai,
    languages: english,
    score: { mteb: 64.68, date: '2024-03' },
  },
  {
    model: 'google-bert/bert-base-uncased',
    dimensions: 768,
    maxTokens: 512,
    licence: 'Apache-2.0',
    megabytes: 436,
    pooling: 'mean',
    normalize: false,
    prompts: none,
    languages: english,
    warning: noSentenceModel,
  },
  {
    model: 'microsoft/codebert-base',
    dimensions: 768,
    maxTokens: 512,
    licence: 'MIT',
    megabytes: 499,
    pooling: 'mean',
    normalize: false,
    prompts: none,
    languages: 'English and six programming languages',
    warning: `${noSentenceModel}; its repository has no ONNX graph`,
  },
]

/** The known model of a hub id, or of a folder or a copy that goes by the last part of one; whatever the case. */
export function knownLocalModel(name: string): KnownLocalModel | undefined {
  const bare = (id: string) => id.slice(id.lastIndexOf('/') + 1).toLowerCase()
  return (
    knownLocalModels.find(({ model }) => model.toLowerCase() === name.toLowerCase()) ??
    knownLocalModels.find(({ model }) => bare(model) === bare(name))
  )
}
