import { createRandom, type Random } from '../kernels/random.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import { plainMarkdown } from '../text/markdown-inline.ts'
import { sentenceStarts } from '../text/sentences.ts'

export interface ChooseDocument {
  readonly id: string
  readonly title?: string | undefined
  readonly text: string
}

/** A question with the documents that answer it. */
export interface ChooseQuery {
  readonly text: string
  /** Document id → grade, 1 or more where it answers. */
  readonly relevant: ReadonlyMap<string, number>
}

export type QuerySource = 'titles' | 'headings' | 'sentences'
export const querySources: readonly QuerySource[] = ['titles', 'headings', 'sentences']

export interface DrawnQueries {
  readonly from: QuerySource
  readonly queries: readonly ChooseQuery[]
  /** The documents without what was made a query: nobody is asked for words that stand before him. */
  readonly documents: readonly ChooseDocument[]
}

/** Fewer tell little, so the next source is tried. */
const enough = 50
const heading = /^[ \t]{0,3}#{1,6}[ \t]+(.+?)[ \t#]*$/gm

/**
 * Queries out of the documents themselves: titles, headings, or one sentence a document, each asked for the document it
 * was taken from, and taken out of it.
 *
 * @param options.from - @default the first of titles, headings and sentences that gives 50; else the one that gives most
 * @param options.most - Queries at most, drawn by the seed, integer ≥ 1.
 * @throws {InvalidArgumentError} when there is nothing to ask.
 */
export function drawQueries(
  documents: readonly ChooseDocument[],
  options: { readonly from?: QuerySource | undefined; readonly most: number; readonly seed: number },
): DrawnQueries {
  const { from, most, seed } = options
  const drawn: DrawnQueries[] = []
  for (const source of from === undefined ? querySources : [from]) {
    const found = drawers[source](documents, createRandom(seed).fork(source))
    if (found.queries.length > most) {
      const kept = createRandom(seed).fork('most').sample(found.queries.length, most).sort()
      drawn.push({ ...found, queries: Array.from(kept, (i) => found.queries[i] as ChooseQuery) })
    } else drawn.push(found)
    if (found.queries.length >= enough) break
  }
  const richest = drawn.reduce((a, b) => (b.queries.length > a.queries.length ? b : a))
  const chosen = drawn.find(({ queries }) => queries.length >= Math.min(enough, most)) ?? richest
  if (chosen.queries.length < 2)
    throw new InvalidArgumentError(
      'documents',
      `at least two with ${from ?? 'titles, headings or sentences'} to ask for`,
      chosen.queries.length,
      'Give questions of your own with the documents that answer them.',
    )
  return chosen
}

const drawers: Readonly<Record<QuerySource, (documents: readonly ChooseDocument[], random: Random) => DrawnQueries>> = {
  titles: fromTitles,
  headings: fromHeadings,
  sentences: fromSentences,
}

function fromTitles(documents: readonly ChooseDocument[]): DrawnQueries {
  const asked = documents.map(({ id, title = '' }) => ({ id, text: plainMarkdown(title) }))
  return {
    from: 'titles',
    queries: distinct(asked),
    documents: documents.map(({ id, text }, i) => {
      const own = normal(asked[i]?.text ?? '')
      const lines = text
        .split('\n')
        .filter((line) => own === '' || normal(plainMarkdown(line.replace(/^#+/, ''))) !== own)
      return { id, text: lines.join('\n') }
    }),
  }
}

function fromHeadings(documents: readonly ChooseDocument[]): DrawnQueries {
  const asked = documents.flatMap(({ id, text }) =>
    [...text.matchAll(heading)].map(([, words = '']) => ({ id, text: plainMarkdown(words) })),
  )
  return {
    from: 'headings',
    queries: distinct(asked),
    documents: documents.map(({ id, text }) => ({ id, text: text.replace(heading, '') })),
  }
}

/** Sentences of 5 to 40 words, from documents that have others beside. */
function fromSentences(documents: readonly ChooseDocument[], random: Random): DrawnQueries {
  const asked: { id: string; text: string }[] = []
  const rest = documents.map(({ id, text }) => {
    const starts = [0, ...sentenceStarts(text, 0, text.length), text.length]
    const spans = starts.slice(1).map((end, i) => ({ start: starts[i] as number, end }))
    const fitting = spans.filter(({ start, end }) => {
      const words = text.slice(start, end).trim().split(/\s+/).length
      return words >= 5 && words <= 40
    })
    if (fitting.length < 3) return { id, text }
    const { start, end } = fitting[random.fork(id).below(fitting.length)] as { start: number; end: number }
    asked.push({ id, text: plainMarkdown(text.slice(start, end)) })
    return { id, text: `${text.slice(0, start)}${text.slice(end)}` }
  })
  return { from: 'sentences', queries: distinct(asked), documents: rest }
}

/** Queries of two words and more; equal ones ask for all the documents they were taken from. */
function distinct(asked: readonly { readonly id: string; readonly text: string }[]): ChooseQuery[] {
  const found = new Map<string, { text: string; relevant: Map<string, number> }>()
  for (const { id, text } of asked) {
    const trimmed = text.replace(/\s+/g, ' ').trim()
    if (trimmed.split(' ').length < 2) continue
    const query = found.get(normal(trimmed)) ?? { text: trimmed, relevant: new Map() }
    found.set(normal(trimmed), query)
    query.relevant.set(id, 1)
  }
  return [...found.values()]
}

function normal(text: string): string {
  return text.trim().replace(/\s+/g, ' ').toLowerCase()
}
