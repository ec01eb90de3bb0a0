import type { Interval } from '../evaluate/bootstrap.ts'
import { type ComparedSystems, compareSystems } from '../evaluate/compare-systems.ts'
import { evaluateRetrieval } from '../evaluate/retrieval-evaluation.ts'
import { dot } from '../kernels/metric.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import type { Matrix } from '../spec/matrix.ts'
import type { EmbeddingModel } from '../spec/model.ts'
import { chunk } from '../text/chunk.ts'
import { recordDocument } from '../text/record.ts'
import { type ChooseDocument, type ChooseQuery, drawQueries, type QuerySource, querySources } from './choose-queries.ts'
import { asKept, bytesPerVector, type KeptDtype, keptDtypes, shortened } from './choose-variants.ts'
import { cuttingOf } from './cutting.ts'
import { embedMany } from './embed-many.ts'
import { assertKnownOptions, integerOption } from './options.ts'
import { withUnitLength } from './unit-length.ts'

export interface ChooseOptions {
  /** Vectors cut to their first so many dimensions, integers ≥ 1; a model leaves out those beyond its own. @default each model's own */
  readonly dimensions?: readonly number[] | undefined
  /** How vectors are kept. @default ['float32'] */
  readonly dtypes?: readonly KeptDtype[] | undefined
  /** Where queries come from, or queries of your own with the ids of documents that answer. @default titles, headings or sentences, the first that gives 50 */
  readonly queries?: QuerySource | readonly ChooseQuery[] | undefined
  /** Queries drawn at most, integer in [2, 10000], not beside queries of your own; more find smaller differences. @default 300 */
  readonly maxQueries?: number | undefined
  /** Chance that any of several equal choices is called different, in (0, 1). @default 0.02 */
  readonly falseDifferenceRate?: number | undefined
  /** @default 0 */
  readonly seed?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Milliseconds from any start, for the speed. @default performance.now */
  readonly clock?: (() => number) | undefined
  readonly onProgress?: ((progress: { model: string; done: number; total: number }) => void) | undefined
}

export interface ChoiceRow {
  readonly model: string
  readonly dimensions: number
  readonly dtype: KeptDtype
  /** Mean nDCG@10 of the queries, in [0, 1], and its 95 % interval. */
  readonly ndcg: number
  readonly interval: Interval
  /** What it lacks to the best, ≤ 0, and whether that is more than chance. */
  readonly difference: number
  readonly differenceInterval: Interval
  readonly isWorse: boolean
  /** Texts embedded in a second, documents and queries together. */
  readonly textsPerSecond: number
  /** Of all vectors, as kept. */
  readonly bytes: number
  /** US dollars for embedding these documents once; 0 for a model that runs here, null where no price is known. */
  readonly usd: number | null
}

export interface Choice {
  readonly documents: number
  readonly queries: number
  readonly from: QuerySource | 'own'
  /** Best first. */
  readonly rows: readonly ChoiceRow[]
  /** Index of the row to take: the cheapest of those that are not worse than the best. */
  readonly chosen: number
  readonly verdict: string
}

const known = [
  'dimensions',
  'dtypes',
  'queries',
  'maxQueries',
  'falseDifferenceRate',
  'seed',
  'signal',
  'clock',
  'onProgress',
] as const satisfies readonly (keyof ChooseOptions)[]

/**
 * Which model, at how many dimensions, kept how, finds best in these documents, and is the best worth its price?
 *
 * Every model embeds the documents' passages and the queries; a document scores as its best passage. Choices are compared
 * on the same queries. Of those not detectably worse than the best the cheapest is chosen: by price, then by bytes, then
 * by speed.
 *
 * @param documents - Ids each once. @param models - By the names to report.
 * @throws {InvalidArgumentError} when there is nothing to ask for or to choose from, or an option is out of range.
 *
 * Cost: each model's, for all documents; queries · passages · dimensions for each choice.
 */
export async function choose(
  documents: readonly ChooseDocument[],
  models: ReadonlyMap<string, EmbeddingModel>,
  options: ChooseOptions = {},
): Promise<Choice> {
  assertKnownOptions(options, known, 'choose')
  const { dtypes = ['float32'], queries: wanted, seed = 0, falseDifferenceRate } = options
  const most = integerOption('maxQueries', options.maxQueries, 2, 10_000, 300)
  assertChoices(options, models)
  const {
    from,
    queries,
    documents: asked,
  } = Array.isArray(wanted)
    ? { from: 'own' as const, queries: ownQueries(wanted, documents), documents }
    : drawQueries(documents, { from: wanted as QuerySource | undefined, most, seed })

  const found: (Omit<ChoiceRow, 'difference' | 'differenceInterval' | 'isWorse'> & { perQuery: Float64Array })[] = []
  for (const [name, model] of models) {
    const embedded = await embedAll(name, withUnitLength(model), asked, queries, options)
    const own = embedded.documents.columns
    for (const dimensions of (options.dimensions ?? [own]).filter((count) => count <= own))
      for (const dtype of dtypes) {
        options.signal?.throwIfAborted()
        const kept = asKept(shortened(embedded.documents, dimensions), shortened(embedded.queries, dimensions), dtype)
        const { value, interval, perQuery } = evaluateRetrieval(
          runsOf(kept.documents, kept.queries, embedded),
          queries.map(({ relevant }) => relevant),
          { depth: 10, seed },
        )
        const { textsPerSecond, usd } = embedded
        const bytes = embedded.sources.length * bytesPerVector(dimensions, dtype)
        found.push({ model: name, dimensions, dtype, ndcg: value, interval, textsPerSecond, bytes, usd, perQuery })
      }
  }
  const compared = compareSystems(
    found.map(({ perQuery }) => perQuery),
    { falseDifferenceRate, seed },
  )
  return { documents: documents.length, queries: queries.length, from, ...verdictOf(found, compared) }
}

function assertChoices(
  { dimensions, dtypes = [], queries, maxQueries }: ChooseOptions,
  models: ReadonlyMap<string, EmbeddingModel>,
) {
  if (models.size === 0) throw new InvalidArgumentError('models', 'at least one', 0)
  if (dtypes.some((dtype) => !keptDtypes.includes(dtype)) || new Set(dtypes).size < dtypes.length)
    throw new InvalidArgumentError('options.dtypes', `${keptDtypes.join(', ')}, each once`, dtypes.join(', '))
  if (typeof queries === 'string' && !querySources.includes(queries))
    throw new InvalidArgumentError('options.queries', querySources.join(', '), queries)
  if (Array.isArray(queries) && maxQueries !== undefined)
    throw new InvalidArgumentError(
      'options.maxQueries',
      'none beside queries of your own',
      maxQueries,
      'Leave it out: all of yours are asked.',
    )
  if (dimensions === undefined) return
  if (
    dimensions.length === 0 ||
    dimensions.some((count) => !Number.isSafeInteger(count) || count < 1) ||
    new Set(dimensions).size < dimensions.length
  )
    throw new InvalidArgumentError('options.dimensions', 'integers ≥ 1, each once', dimensions.join(', '))
  for (const [name, { passport }] of models)
    if (dimensions.every((count) => count > passport.dimensions))
      throw new InvalidArgumentError(
        'options.dimensions',
        `one of at most ${passport.dimensions} for ${name}`,
        Math.min(...dimensions),
      )
}

function ownQueries(queries: readonly ChooseQuery[], documents: readonly ChooseDocument[]): readonly ChooseQuery[] {
  if (queries.length < 2) throw new InvalidArgumentError('options.queries', 'at least two', queries.length)
  const ids = new Set(documents.map(({ id }) => id))
  for (const [i, { relevant }] of queries.entries())
    for (const id of relevant.keys())
      if (!ids.has(id)) throw new InvalidArgumentError(`options.queries[${i}]`, 'ids of the documents', id)
  return queries
}

interface Embedded {
  readonly documents: Matrix
  readonly queries: Matrix
  /** Source of each row of `documents`. */
  readonly sources: readonly string[]
  readonly textsPerSecond: number
  readonly usd: number | null
  /** Rows whose texts the model knows no token of: they find nothing and are not found. */
  readonly unknown: { readonly documents: ReadonlySet<number>; readonly queries: ReadonlySet<number> }
}

async function embedAll(
  name: string,
  model: EmbeddingModel,
  documents: readonly ChooseDocument[],
  queries: readonly ChooseQuery[],
  { signal, clock = () => performance.now(), onProgress }: ChooseOptions,
): Promise<Embedded> {
  const cutting = cuttingOf({}, model)
  const countTokens = (text: string) => model.countTokens(text)
  const passages = documents
    .filter(({ text }) => text.trim() !== '')
    .flatMap(({ id, text }, i) =>
      chunk(recordDocument({ id, text }, i), { countTokens, ...cutting }).map(({ input }) => ({ id, input })),
    )
  const total = passages.length + queries.length
  const startedAt = clock()
  const embed = (texts: readonly string[], task: 'document' | 'query', before: number) =>
    embedMany(texts, {
      model,
      task,
      signal,
      onNoVector: 'skip',
      onProgress: ({ done }) => onProgress?.({ model: name, done: before + done, total }),
    })
  const found = await embed(
    passages.map(({ input }) => input),
    'document',
    0,
  )
  const asked = await embed(
    queries.map(({ text }) => text),
    'query',
    passages.length,
  )
  const seconds = (clock() - startedAt) / 1000
  const { tariff } = model
  const price = tariff === undefined ? 0 : tariff.usdPerMillionTokens
  return {
    documents: found.vectors,
    queries: asked.vectors,
    unknown: { documents: new Set(found.without), queries: new Set(asked.without) },
    sources: passages.map(({ id }) => id),
    textsPerSecond: seconds > 0 ? total / seconds : Number.POSITIVE_INFINITY,
    usd: price === null ? null : (price * found.usage.tokens) / 1e6,
  }
}

/** Each document by its best passage; the ten best a query are all that nDCG@10 looks at. */
function runsOf(
  documents: Matrix,
  queries: Matrix,
  { sources, unknown }: Pick<Embedded, 'sources' | 'unknown'>,
): ReadonlyMap<string, number>[] {
  const { columns } = documents
  return Array.from({ length: queries.rows }, (_, query) => {
    const best = new Map<string, number>()
    if (unknown.queries.has(query)) return best
    for (let row = 0; row < documents.rows; row++) {
      if (unknown.documents.has(row)) continue
      const score = dot(documents.data, row * columns, queries.data, query * columns, columns)
      const source = sources[row] as string
      if (score > (best.get(source) ?? Number.NEGATIVE_INFINITY)) best.set(source, score)
    }
    return best
  })
}

function verdictOf<
  Found extends Omit<ChoiceRow, 'difference' | 'differenceInterval' | 'isWorse'> & { perQuery: unknown },
>(found: readonly Found[], { best, againstBest }: ComparedSystems): Pick<Choice, 'rows' | 'chosen' | 'verdict'> {
  const rows = found.map(({ perQuery: _, ...row }, i) => {
    const { difference, interval, isDetectable } = againstBest[i] as ComparedSystems['againstBest'][number]
    return { ...row, difference, differenceInterval: interval, isWorse: isDetectable } as ChoiceRow
  })
  const top = rows[best] as ChoiceRow
  const sorted = [...rows].sort((a, b) => b.ndcg - a.ndcg)
  const equals = sorted.filter(({ isWorse }) => !isWorse)
  const [take = top] = [...equals].sort(byCost)
  const reason =
    equals.length === 1
      ? rows.length === 1
        ? 'the only choice'
        : 'detectably better than all others'
      : take === top
        ? 'the best and the cheapest of those it is no different from'
        : `no detectable difference to ${titleOf(top)} (at most ${(-100 * take.differenceInterval.low).toFixed(1)} points worse): take the cheaper`
  return { rows: sorted, chosen: sorted.indexOf(take), verdict: `${titleOf(take)}: ${reason}.` }
}

function titleOf({ model, dimensions, dtype }: ChoiceRow): string {
  return `${model}, ${dimensions} dimensions, ${dtype}`
}

/** An unknown price counts as the dearest. */
function byCost(a: ChoiceRow, b: ChoiceRow): number {
  const price = ({ usd }: ChoiceRow) => usd ?? Number.MAX_VALUE
  return price(a) - price(b) || a.bytes - b.bytes || b.textsPerSecond - a.textsPerSecond
}
