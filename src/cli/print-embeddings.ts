import { type Matrix, rowOf } from '../spec/matrix.ts'
import type { EmbeddingTask } from '../spec/model.ts'
import { fingerprint, type Passport } from '../spec/passport.ts'

export interface EmbeddingSummary {
  readonly model: string | null
  readonly fingerprint: string | null
  readonly passport: Passport | null
  readonly task: EmbeddingTask
  readonly rows: number
  readonly dimensions: number
}

export function embeddingSummary({ passport, rows, columns }: Matrix, task: EmbeddingTask): EmbeddingSummary {
  return {
    model: passport?.model ?? null,
    fingerprint: passport === undefined ? null : fingerprint(passport),
    passport: passport ?? null,
    task,
    rows,
    dimensions: columns,
  }
}

/** One JSON document: what made the vectors, and `{ text, vector }` for each text, one a line. */
export function embeddingJson(texts: readonly string[], vectors: Matrix, task: EmbeddingTask): string {
  const summary = JSON.stringify(embeddingSummary(vectors, task)).slice(0, -1)
  const items = texts.map(
    (text, i) => `  {"text":${JSON.stringify(text)},"vector":[${Array.from(rowOf(vectors, i), shortest).join(',')}]}`,
  )
  return `${summary},"embeddings":[\n${items.join(',\n')}\n]}\n`
}

/** Nine digits bring a float32 back exactly; seventeen would only print its noise as a double. */
function shortest(value: number): string {
  return String(Number(value.toPrecision(9)))
}
