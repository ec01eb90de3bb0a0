import type { Hit, HitExplanation, SearchMode, SearchOptions } from '../spec/collection.ts'
import { InvalidArgumentError, InvalidVectorError } from '../spec/errors.ts'
import { assertFilter, type Filter } from '../spec/filter.ts'
import type { Matrix } from '../spec/matrix.ts'
import type { EmbeddingModel } from '../spec/model.ts'
import type { Store, StoredPassage } from '../spec/store.ts'
import { type Background, backgroundOf, percentileOf } from './background.ts'
import { assertFalseAlarmRate, falseAlarmThreshold } from './false-alarm.ts'
import { semanticWeight } from './fuse.ts'
import { type Found, highlight, queryVector } from './highlight.ts'
import { assertKnownOptions, integerOption } from './options.ts'
import { type RankedPassage, type RankRequest, rank } from './rank.ts'
import { assertReranker, reorder } from './rerank.ts'
import { RunLedger, spendingOptions, withLedger } from './run-ledger.ts'

export const mostHits = 10_000
/** A reranker reads each candidate whole: more of them cost minutes or money. */
const mostCandidates = 1000
const modes: readonly SearchMode[] = ['hybrid', 'semantic', 'keyword']
const knownOptions = [
  'topK',
  'offset',
  'mode',
  'filter',
  'explain',
  'bySource',
  'falseAlarmRate',
  'rerank',
  'candidates',
  'signal',
  ...spendingOptions,
] as const satisfies readonly (keyof SearchOptions)[]

/**
 * Search a collection by meaning, by words or by both; see `SearchOptions` and `Hit` for what each option and field says.
 *
 * @throws {InvalidArgumentError} for an empty query, one longer than the model's window, an option out of range, and a
 *   filter on a field that no source has.
 * @throws {InvalidVectorError} in semantic mode, when the model knows no word of the query.
 * @throws {BudgetError} before the call that could cost more than `maxUsd`.
 *
 * Cost: one exact scan of the vectors, one of the full-text index, and the reading of `topK` passages; with a reranker its
 * reading of `candidates` passages.
 */
export async function search(
  context: { store: Store; model: EmbeddingModel },
  query: string,
  options: SearchOptions = {},
): Promise<Hit[]> {
  assertKnownOptions(options, knownOptions, 'search')
  const ledger = new RunLedger(context.model, options)
  try {
    return await find({ store: context.store, model: withLedger(context.model, ledger) }, query, options)
  } finally {
    options.onReceipt?.(ledger.receipt())
  }
}

async function find(
  context: { store: Store; model: EmbeddingModel },
  query: string,
  options: SearchOptions,
): Promise<Hit[]> {
  const { store, model } = context
  const { mode = 'hybrid', filter, bySource = false, explain = false, falseAlarmRate, signal } = options
  const topK = integerOption('topK', options.topK, 1, mostHits, 10)
  const offset = integerOption('offset', options.offset, 0, Number.MAX_SAFE_INTEGER, 0)
  const { rerank } = options
  const candidates = candidatesOf(options, offset + topK)
  if (!modes.includes(mode)) throw new InvalidArgumentError('options.mode', modes.join(', '), mode)
  assertFalseAlarmRate(falseAlarmRate)
  assertQuery(query, mode, model)
  signal?.throwIfAborted()

  const { passages } = await store.counts()
  if (filter !== undefined) await assertKnownFields(store, filter, passages)
  if (passages === 0) return []
  const vector = mode === 'keyword' ? undefined : await queryVector(context, query, signal)
  if (mode === 'semantic' && vector === undefined)
    throw new InvalidVectorError('query', 'words the model knows', 'none', {
      remedy: "Search with options.mode 'keyword'.",
    })
  const background = mode === 'keyword' ? undefined : await backgroundOf(store, model, 'questions')
  const mean = background?.mean ?? 0
  const request: RankRequest = { store, mode, query, vector, mean, filter, signal }
  const threshold =
    falseAlarmRate === undefined ? undefined : await falseAlarmThreshold({ store, model, mean, mode }, falseAlarmRate)
  const page = { topK, offset, bySource, threshold, passages }
  const reordered =
    rerank === undefined
      ? undefined
      : (await reorder(rerank, query, await choose(request, { ...page, topK: candidates, offset: 0 }), signal)).slice(
          offset,
          offset + topK,
        )
  const chosen = reordered?.map((one) => one.chosen) ?? (await choose(request, page))
  const found = await highlight(
    context,
    query,
    vector,
    chosen.map(({ passage }) => passage.text),
  )
  return chosen.map((one, i) => {
    const hit = toHit(one, background, { found: found[i], explain, mode })
    const { score, before } = reordered?.[i] ?? {}
    if (rerank === undefined || score === undefined || before === undefined) return hit
    return { ...hit, score, explain: hit.explain && { ...hit.explain, rerank: { model: rerank.model, score, before } } }
  })
}

/** @throws {InvalidArgumentError} for candidates without a reranker, or fewer than the page wants. */
function candidatesOf({ rerank, candidates }: SearchOptions, wanted: number): number {
  assertReranker(rerank)
  if (rerank === undefined && candidates !== undefined)
    throw new InvalidArgumentError('options.candidates', 'a reranker beside it', candidates, 'Give options.rerank too.')
  if (rerank !== undefined && wanted > mostCandidates)
    throw new InvalidArgumentError('options.offset + topK', `at most ${mostCandidates} with a reranker`, wanted)
  return integerOption('candidates', candidates, Math.min(wanted, mostCandidates), mostCandidates, Math.max(50, wanted))
}

function assertQuery(query: string, mode: SearchMode, model: EmbeddingModel): void {
  if (typeof query !== 'string' || query.trim() === '')
    throw new InvalidArgumentError('query', 'a text with at least one word', query)
  if (mode === 'keyword' || model.limits.tokensPerText === Infinity) return
  const tokens = model.countTokens(model.passport.queryPrompt + query)
  if (tokens > model.limits.tokensPerText)
    throw new InvalidArgumentError(
      'query',
      `at most ${model.limits.tokensPerText} tokens, the model's window`,
      tokens,
      "Shorten it, or search with mode 'keyword'; nothing is cut silently.",
    )
}

/** A misspelt field would otherwise just find nothing. In a collection without sources every field is unknown, so none is refused. */
export async function assertKnownFields(store: Pick<Store, 'fields'>, filter: Filter, passages: number): Promise<void> {
  assertFilter(filter, 'options.filter')
  if (passages === 0) return
  const known = await store.fields()
  const unknown = fieldsOf(filter).find((field) => field !== '$source' && !known.includes(field))
  if (unknown !== undefined)
    throw new InvalidArgumentError(
      'options.filter',
      `fields of this collection's metadata ($source${known.map((field) => `, ${field}`).join('')})`,
      unknown,
    )
}

function fieldsOf(filter: Filter): string[] {
  if ('and' in filter) return filter.and.flatMap(fieldsOf)
  if ('or' in filter) return filter.or.flatMap(fieldsOf)
  if ('not' in filter) return fieldsOf(filter.not)
  return [filter.field]
}

export interface Chosen {
  readonly ranked: RankedPassage
  readonly passage: StoredPassage
}

/** The page asked for: from `offset` on, above the threshold, at most one a source where that is wished. */
async function choose(
  request: RankRequest,
  {
    topK,
    offset,
    bySource,
    threshold = -Infinity,
    passages,
  }: { topK: number; offset: number; bySource: boolean; threshold: number | undefined; passages: number },
): Promise<Chosen[]> {
  const wanted = Math.min(offset + topK, passages)
  if (offset >= passages) return []
  if (!bySource) {
    const { passages: ranked } = await rank(request, wanted)
    return withPassages(
      request.store,
      ranked.slice(offset, offset + topK).filter(({ score }) => score > threshold),
    )
  }
  for (let limit = 2 * wanted; ; limit *= 4) {
    const { passages: ranked, isComplete } = await rank(request, Math.min(limit, passages))
    const best = firstOfEachSource(await withPassages(request.store, ranked))
    if (best.length >= wanted || isComplete || limit >= passages)
      return best.slice(offset, offset + topK).filter(({ ranked: { score } }) => score > threshold)
  }
}

export function firstOfEachSource(chosen: readonly Chosen[]): Chosen[] {
  const seen = new Set<string>()
  return chosen.filter(({ passage: { source } }) => !seen.has(source) && seen.add(source))
}

export async function withPassages(store: Store, ranked: readonly RankedPassage[]): Promise<Chosen[]> {
  const passages = await store.passages(Int32Array.from(ranked, ({ key }) => key))
  return ranked.map((one, i) => ({ ranked: one, passage: passages[i] as StoredPassage }))
}

export function toHit(
  { ranked, passage }: Chosen,
  background: Background | undefined,
  { found, explain, mode }: { found: Found | undefined; explain: boolean; mode: SearchMode },
): Hit {
  const cosine = ranked.semantic?.cosine
  return {
    id: passageId(passage),
    source: passage.source,
    title: passage.title,
    text: passage.text,
    start: passage.start,
    end: passage.end,
    line: passage.line,
    headings: passage.headings,
    metadata: passage.metadata,
    score: ranked.score,
    percentile: cosine === undefined || background === undefined ? undefined : percentileOf(background, cosine),
    highlights: found?.highlights ?? [],
    explain: explain ? explanation(ranked, found?.words ?? [], mode) : undefined,
  }
}

function explanation({ semantic, keyword }: RankedPassage, words: readonly string[], mode: SearchMode): HitExplanation {
  const isHybrid = mode === 'hybrid'
  return {
    semantic: semantic && { ...semantic, weight: isHybrid ? semanticWeight : 1 },
    keyword: keyword && { ...keyword, words, weight: isHybrid ? 1 - semanticWeight : 1 },
  }
}

/** The source's id where it has one passage, else `source#n` (n from 1). */
export function passageId({
  source,
  ordinal,
  siblings,
}: Pick<StoredPassage, 'source' | 'ordinal' | 'siblings'>): string {
  return siblings === 1 ? source : `${source}#${ordinal + 1}`
}

/** One vector of the mean direction of the rows, which have unit length; the first where they cancel each other. */
export function meanDirection(vectors: Matrix): Float32Array {
  const mean = new Float64Array(vectors.columns)
  for (let i = 0; i < vectors.data.length; i++) mean[i % vectors.columns]! += vectors.data[i] as number
  const length = Math.sqrt(mean.reduce((sum, value) => sum + value * value, 0))
  return length === 0 ? vectors.data.slice(0, vectors.columns) : Float32Array.from(mean, (value) => value / length)
}
