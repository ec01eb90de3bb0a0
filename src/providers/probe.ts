import { AnswerError } from './answer-rows.ts'

/** How many dimensions a model's vectors have, by embedding one word. @throws {AnswerError} when that gives no vector. */
export async function probeDimensions(provider: string, embedOne: (text: string) => Promise<unknown>): Promise<number> {
  const row = await embedOne('dimensions')
  const length = typeof row === 'string' ? Buffer.from(row, 'base64').length / 4 : Array.isArray(row) ? row.length : 0
  if (!Number.isInteger(length) || length < 1) throw new AnswerError(provider, 'a vector', 'none')
  return length
}
