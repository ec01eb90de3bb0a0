import { type Matrix, rowOf } from '../spec/matrix.ts'
import type { EmbeddingTask } from '../spec/model.ts'
import { fingerprint, type Passport } from '../spec/passport.ts'
import type { Receipt } from '../spec/usage.ts'

export interface EmbeddingSummary {
  readonly model: string | null
  readonly fingerprint: string | null
  readonly passport: Passport | null
  readonly task: EmbeddingTask
  readonly rows: number
  readonly dimensions: number
  /** What was sent, to whom, and what it cost. */
  readonly receipt: Receipt | undefined
}

interface EmbeddingRun {
  readonly task: EmbeddingTask
  readonly receipt: Receipt | undefined
}

export function embeddingSummary(
  { passport, rows, columns }: Matrix,
  { task, receipt }: EmbeddingRun,
): EmbeddingSummary {
  return {
    model: passport?.model ?? null,
    fingerprint: passport === undefined ? null : fingerprint(passport),
    passport: passport ?? null,
    task,
    rows,
    dimensions: columns,
    receipt,
  }
}

/** One JSON document: what made the vectors, and `{ text, vector }` for each text, one a line. */
export function embeddingJson(texts: readonly string[], vectors: Matrix, run: EmbeddingRun): string {
  const summary = JSON.stringify(embeddingSummary(vectors, run)).slice(0, -1)
  const items = texts.map(
    (text, i) => `  {"text":${JSON.stringify(text)},"vector":[${Array.from(rowOf(vectors, i), shortest).join(',')}]}`,
  )
  return `${summary},"embeddings":[\n${items.join(',\n')}\n]}\n`
}

/** Nine digits bring a float32 back exactly; seventeen would only print its noise as a double. */
function shortest(value: number): string {
  return String(Number(value.toPrecision(9)))
}
