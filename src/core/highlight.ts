import { dot } from '../kernels/metric.ts'
import type { Hit } from '../spec/collection.ts'
import { createMatrix, type Matrix } from '../spec/matrix.ts'
import type { EmbeddingModel } from '../spec/model.ts'
import type { Store } from '../spec/store.ts'
import { plainMarkdown } from '../text/markdown-inline.ts'
import { sentenceStarts } from '../text/sentences.ts'
import { embedMany } from './embed-many.ts'
import { contentWords } from './function-words.ts'

type Highlights = Hit['highlights']

export interface Found {
  readonly highlights: Highlights
  /** Words of the query that stand in the text. */
  readonly words: readonly string[]
}

/**
 * Where in each text the answer stands: the words of the query, and the one sentence nearest to it in meaning. The
 * latter only for models of negligible cost, since every sentence is embedded.
 *
 * @param vector - The query's vector; undefined where words alone were compared.
 */
export async function highlight(
  { store, model }: { store: Store; model: EmbeddingModel },
  query: string,
  vector: Matrix | undefined,
  texts: readonly string[],
): Promise<Found[]> {
  const matches = await store.matches(contentWords(query), texts)
  const sentences =
    vector === undefined || model.cost !== 'negligible' ? [] : await nearestSentences(model, vector, texts)
  return texts.map((_, i) => {
    const { spans, words } = matches[i] as (typeof matches)[number]
    const sentence = sentences[i]
    const byWords = spans.map(({ start, end }) => ({ start, end, kind: 'word' as const }))
    return {
      words,
      highlights: sentence === undefined ? byWords : [...byWords, { ...sentence, kind: 'meaning' as const }],
    }
  })
}

interface Span {
  readonly start: number
  readonly end: number
}

async function nearestSentences(
  model: EmbeddingModel,
  vector: Matrix,
  texts: readonly string[],
): Promise<(Span | undefined)[]> {
  const sentences = texts.flatMap((text, i) => sentencesOf(text).map((span) => ({ text: i, span })))
  // Without markup, as passages are embedded: the address of a link is no part of what a sentence says.
  const inputs = sentences.map(({ text, span }) => plainMarkdown((texts[text] as string).slice(span.start, span.end)))
  // A sentence over the window cannot be compared whole; its passage then shows no sentence but the others.
  const fits = inputs.map((input) => model.limits.tokensPerText === Infinity || fitsWindow(model, input))
  const { vectors, without } = await embedMany(
    inputs.filter((_, i) => fits[i]),
    { model, task: 'document', onNoVector: 'skip' },
  )
  const hasNone = new Set(without)
  const best: { cosine: number; span: Span | undefined }[] = texts.map(() => ({ cosine: -Infinity, span: undefined }))
  let row = -1
  for (const [i, { text, span }] of sentences.entries()) {
    if (fits[i] !== true) continue
    row++
    if (hasNone.has(row)) continue
    const cosine = dot(vectors.data, row * vectors.columns, vector.data, 0, vectors.columns)
    const held = best[text] as (typeof best)[number]
    if (cosine > held.cosine) best[text] = { cosine, span }
  }
  return best.map(({ span }) => span)
}

function fitsWindow(model: EmbeddingModel, text: string): boolean {
  return model.countTokens(model.passport.documentPrompt + text) <= model.limits.tokensPerText
}

/** Sentences without the white space around them; an empty line ends one too. */
function sentencesOf(text: string): Span[] {
  const blocks = [0, ...[...text.matchAll(/\n[ \t\r]*\n/g)].map((gap) => gap.index + gap[0].length), text.length]
  const spans: Span[] = []
  for (let i = 1; i < blocks.length; i++) {
    const from = blocks[i - 1] as number
    const to = blocks[i] as number
    const starts = [from, ...sentenceStarts(text, from, to), to]
    for (let j = 1; j < starts.length; j++) {
      const sentence = text.slice(starts[j - 1], starts[j])
      const start = (starts[j - 1] as number) + sentence.length - sentence.trimStart().length
      const end = start + sentence.trim().length
      if (end > start) spans.push({ start, end })
    }
  }
  return spans
}

/** A query as one row; undefined where the model knows no token of it. */
export async function queryVector(
  { store, model }: { store: Store; model: EmbeddingModel },
  query: string,
  signal: AbortSignal | undefined,
): Promise<Matrix | undefined> {
  const { vectors, without } = await embedMany([query], {
    model,
    task: 'query',
    cache: store,
    signal,
    onNoVector: 'skip',
  })
  return without.length > 0 ? undefined : createMatrix(1, vectors.columns, vectors.data, vectors.passport)
}
