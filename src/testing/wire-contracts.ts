import { plantedVector } from './planted-vectors.ts'

export type WireContract = 'openai' | 'ollama' | 'cohere' | 'voyage'

/** What a request asks, whichever contract it speaks. */
export interface WireQuestion {
  readonly contract: WireContract
  readonly model: string
  readonly texts: readonly string[]
  readonly dimensions: number
  readonly wantsBase64: boolean
  /** The client forbids cutting. */
  readonly isUncut: boolean
}

/** Vectors to send, each with the index it claims; undefined: none. */
export interface WireVector {
  index: number | undefined
  values: (number | null)[]
  /** Send this instead of numbers, in base64 or as it is. */
  base64?: Buffer | undefined
}

export interface WireAnswer {
  model: string
  tokens: number
  vectors: WireVector[]
}

const paths: Readonly<Record<string, WireContract>> = {
  '/v1/embeddings': 'openai',
  '/api/embed': 'ollama',
  '/v2/embed': 'cohere',
  '/voyage/v1/embeddings': 'voyage',
}

/** Where each contract's client is pointed at, below the server's address. */
export const contractBase: Readonly<Record<WireContract, string>> = {
  openai: '/v1',
  ollama: '',
  cohere: '',
  voyage: '/voyage/v1',
}

export function contractOf(path: string): WireContract | undefined {
  return paths[path]
}

/** @returns undefined for a body that the contract does not know. */
export function readQuestion(contract: WireContract, body: unknown, dimensions: number): WireQuestion | undefined {
  if (typeof body !== 'object' || body === null) return undefined
  const fields = body as Record<string, unknown>
  const given = contract === 'cohere' ? fields['texts'] : fields['input']
  const texts = typeof given === 'string' ? [given] : given
  const { model } = fields
  if (typeof model !== 'string' || !Array.isArray(texts) || !texts.every((text) => typeof text === 'string'))
    return undefined
  const asked = fields['dimensions'] ?? fields['output_dimension']
  return {
    contract,
    model,
    texts,
    dimensions: typeof asked === 'number' ? asked : dimensions,
    wantsBase64: fields['encoding_format'] === 'base64',
    isUncut:
      contract === 'openai' ||
      fields['truncate'] === false ||
      fields['truncate'] === 'NONE' ||
      fields['truncation'] === false,
  }
}

/** The right answer, before any fault: one token a word. */
export function answerTo(
  question: WireQuestion,
  { weights, share }: { readonly weights: number; readonly share: number },
): WireAnswer {
  const { texts, dimensions, model } = question
  const vectorOf = (text: string) => {
    const other = plantedVector(text, { dimensions, weights })
    if (share === 1) return other
    const own = plantedVector(text, { dimensions })
    return own.map((value, i) => value + share * ((other[i] as number) - value))
  }
  return {
    model,
    tokens: texts.reduce((sum, text) => sum + wordsOf(text).length, 0),
    vectors: texts.map((text, index) => ({ index, values: vectorOf(text) })),
  }
}

/** The answer in the shape of its contract. */
export function writeAnswer(question: WireQuestion, { model, tokens, vectors }: WireAnswer): unknown {
  const rows = vectors.map(({ values, base64 }) => {
    if (base64 !== undefined) return base64.toString('base64')
    return question.wantsBase64 ? Buffer.from(Float32Array.from(values as number[]).buffer).toString('base64') : values
  })
  const data = () => rows.map((embedding, i) => ({ object: 'embedding', index: vectors[i]?.index, embedding }))
  switch (question.contract) {
    case 'openai':
      return { object: 'list', data: data(), model, usage: { prompt_tokens: tokens, total_tokens: tokens } }
    case 'voyage':
      return { object: 'list', data: data(), model, usage: { total_tokens: tokens } }
    case 'cohere':
      return { id: 'answer', embeddings: { float: rows }, meta: { billed_units: { input_tokens: tokens } } }
    case 'ollama':
      return { model, embeddings: rows, total_duration: 1, load_duration: 1, prompt_eval_count: tokens }
  }
}

/** An error in the shape of its contract. */
export function writeError(contract: WireContract | undefined, message: string, code: string | null): unknown {
  if (contract === 'ollama') return { error: message }
  if (contract === 'cohere') return { message }
  if (contract === 'voyage') return { detail: message }
  return { error: { message, type: 'invalid_request_error', param: null, code } }
}

export function wordsOf(text: string): string[] {
  return text.match(/[\p{L}\p{N}]+/gu) ?? []
}
