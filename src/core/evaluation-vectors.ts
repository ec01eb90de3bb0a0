import type { Matrix } from '../spec/matrix.ts'
import type { EmbeddingModel, EmbeddingTask } from '../spec/model.ts'
import { type EmbeddingCache, embedMany } from './embed-many.ts'

export interface EvaluationVectors {
  /** One row a text; zeros for a text without a vector. */
  readonly vectors: Matrix
  /** Texts of which the model's window holds the beginning only. */
  readonly cut: number
  /** Texts the model knows no token of. */
  readonly withoutVector: number
}

export interface EvaluationVectorsOptions {
  readonly model: EmbeddingModel
  readonly task: EmbeddingTask
  readonly cache?: EmbeddingCache | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: { done: number; total: number; tokens: number }) => void) | undefined
}

/** Embed texts as benchmarks do: of a text beyond the model's window the beginning counts. How many is told. */
export async function evaluationVectors(
  texts: readonly string[],
  { model, task, cache, signal, onProgress }: EvaluationVectorsOptions,
): Promise<EvaluationVectors> {
  const prompt = task === 'query' ? model.passport.queryPrompt : model.passport.documentPrompt
  let cut = 0
  const fitted = texts.map((text) => {
    const part = beginningWithin(model, prompt, text)
    if (part.length < text.length) cut++
    return part
  })
  const { vectors, without } = await embedMany(fitted, {
    model,
    task,
    cache,
    signal,
    onProgress,
    onNoVector: 'skip',
  })
  return { vectors, cut, withoutVector: without.length }
}

/** The longest beginning that the window holds. */
export function beginningWithin(model: EmbeddingModel, prompt: string, text: string): string {
  const limit = model.limits.tokensPerText
  const fits = (length: number) => model.countTokens(prompt + text.slice(0, length)) <= limit
  if (limit === Infinity || fits(text.length)) return text
  let least = 0
  let most = text.length - 1
  while (least < most) {
    const middle = Math.ceil((least + most) / 2)
    if (fits(middle)) least = middle
    else most = middle - 1
  }
  const last = text.charCodeAt(least - 1)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? least - 1 : least)
}
