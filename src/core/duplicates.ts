import { duplicates as groupsOfDuplicates } from '../analyses/duplicates.ts'
import { keepRules } from '../analyses/keepers.ts'
import { type DrawnPairs, PairTail } from '../analyses/pair-tail.ts'
import { reduceTo } from '../analyses/target-size.ts'
import { dot } from '../kernels/metric.ts'
import { createRandom } from '../kernels/random.ts'
import type { Collection } from '../spec/collection.ts'
import type { DuplicateItem, DuplicatesOptions, DuplicatesReport, FalseAlarms } from '../spec/duplicates.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import type { Items } from '../spec/items.ts'
import { assertComparable, createMatrix } from '../spec/matrix.ts'
import type { EmbeddingModel } from '../spec/model.ts'
import { sha256Hex } from '../spec/sha256.ts'
import type { Store } from '../spec/store.ts'
import { itemsOf } from './items.ts'
import { assertKnownOptions, integerOption } from './options.ts'
import { pairBackground } from './pair-background.ts'

interface Context {
  readonly store: Store
  readonly model: EmbeddingModel
}

const knownOptions = [
  'method',
  'threshold',
  'falseAlarmRate',
  'targetSize',
  'keep',
  'by',
  'filter',
  'across',
  'keepSide',
  'against',
  'signal',
] as const satisfies readonly (keyof DuplicatesOptions)[]

/** Below it pairs of the collection itself say too little about its tail. */
const leastOwnPairs = 5000
const mostPairs = 1_000_000

/**
 * Groups of duplicates in a collection, which of them stay, and how sure that is; see `DuplicatesOptions`.
 *
 * @param contextOf - Store and model of another collection, for `against`.
 * @throws {InvalidArgumentError} for options that contradict each other, or a field no item has.
 * @throws {PassportMismatchError} when `against` was made by another model.
 *
 * Cost: reads every text and vector once; one exact similarity join; up to 1,000,000 pairs for the false-alarm rate.
 */
export async function duplicates(
  context: Context,
  options: DuplicatesOptions<Collection> = {},
  contextOf: (other: Collection) => Context,
): Promise<DuplicatesReport> {
  assertKnownOptions(options, knownOptions, 'duplicates')
  assertOptions(options)
  const { method = 'both', keep = 'first', by = 'source', filter, signal } = options
  const { items: own, withoutVector } = await itemsOf(context.store, { by, filter, signal })
  const against =
    options.against === undefined ? undefined : (await itemsOf(contextOf(options.against).store, { by, signal })).items
  const items = against === undefined ? own : joined(own, against)
  const sides = sidesOf(own, against, options.across)
  const keepSide = against === undefined ? options.keepSide : otherSide
  if (keepSide !== undefined && sides?.includes(keepSide) !== true)
    throw new InvalidArgumentError(
      'options.keepSide',
      `a value of ${options.across}: ${[...new Set(sides)].slice(0, 10).join(', ')}`,
      keepSide,
    )
  const tail = method === 'text' ? undefined : await pairTail(context.model, own, signal)
  const chosen = { method, keep, sides, keepSide, signal }
  const { targetSize } = options
  let threshold =
    options.threshold ?? (tail === undefined ? 1 : thresholdOf(tail, options, comparedPairs(items.ids.length, sides)))
  let groups: Awaited<ReturnType<typeof groupsOfDuplicates>>
  if (targetSize === undefined) groups = await groupsOfDuplicates(items, { ...chosen, threshold })
  else {
    const reduced = await reduceTo(items, targetSize + items.ids.length - own.ids.length, chosen)
    if (reduced === undefined)
      throw new InvalidArgumentError(
        'options.targetSize',
        'a size that leaving out alike items reaches',
        targetSize,
        'What is left has nothing in common: take a representative sample instead.',
      )
    groups = reduced.groups
    threshold = reduced.threshold
  }
  const item = (row: number): DuplicateItem => ({
    id: plainId(items.ids[row] as string),
    title: items.titles[row],
    text: items.texts[row] as string,
    metadata: items.metadata[row] ?? {},
    digest: sha256Hex(items.texts[row] as string),
    side: sides?.[row],
  })
  const removed = groups.reduce((sum, group) => sum + group.removed.length, 0)
  return {
    items: own.ids.length,
    kept: own.ids.length - removed,
    threshold: method === 'text' ? undefined : threshold,
    falseAlarms: tail === undefined ? undefined : { ...tail.tail.falseAlarms(threshold), source: tail.source },
    groups: groups.map(({ kept, removed }) => ({
      kept: kept.map(item),
      removed: removed.map(({ row, keeper, cosine, kind }) => ({
        ...item(row),
        keeper: plainId(items.ids[keeper] as string),
        cosine,
        kind,
      })),
    })),
    withoutVector,
  }
}

function assertOptions(options: DuplicatesOptions<Collection>): void {
  const { method = 'both', by = 'source', keep = 'first', threshold, falseAlarmRate, targetSize } = options
  if (!['text', 'meaning', 'both'].includes(method))
    throw new InvalidArgumentError('options.method', 'text, meaning, both', method)
  if (!['source', 'passage'].includes(by)) throw new InvalidArgumentError('options.by', 'source, passage', by)
  if (!keepRules.includes(keep)) throw new InvalidArgumentError('options.keep', keepRules.join(', '), keep)
  const given = Object.entries({ threshold, falseAlarmRate, targetSize }).filter(([, value]) => value !== undefined)
  if (given.length > 1)
    throw new InvalidArgumentError(
      'options',
      'one of options.threshold, options.falseAlarmRate and options.targetSize',
      given.map(([name]) => `options.${name}`).join(' and '),
    )
  if (given.length > 0 && method === 'text')
    throw new InvalidArgumentError('options.method', `meaning or both beside options.${given[0]?.[0]}`, method)
  if (falseAlarmRate !== undefined && !(falseAlarmRate > 0 && falseAlarmRate <= 0.5))
    throw new InvalidArgumentError('options.falseAlarmRate', 'a number above 0 and at most 0.5', falseAlarmRate)
  if (threshold !== undefined && !(threshold > -1 && threshold <= 1))
    throw new InvalidArgumentError('options.threshold', 'a cosine above -1 and at most 1', threshold)
  integerOption('targetSize', targetSize, 1, Number.MAX_SAFE_INTEGER, 1)
  if (options.across !== undefined && options.against !== undefined)
    throw new InvalidArgumentError(
      'options.against',
      'no options.across beside it',
      options.across,
      'Give one or the other.',
    )
  if (options.keepSide !== undefined && options.across === undefined)
    throw new InvalidArgumentError('options.keepSide', 'options.across beside it', undefined)
}

/** Cosine that texts on one subject seldom reach unless one is nearly a copy of the other. */
const nearCopies = 0.9

/** Built-in texts know nothing of texts on one subject, so without a rate that was asked for only near copies are taken. */
function thresholdOf(
  { tail, source }: { tail: PairTail; source: FalseAlarms['source'] },
  { falseAlarmRate }: Pick<DuplicatesOptions, 'falseAlarmRate'>,
  pairs: number,
): number {
  const threshold = tail.threshold(falseAlarmRate ?? defaultRate(pairs))
  return falseAlarmRate === undefined && source === 'built-in' ? Math.max(threshold, nearCopies) : threshold
}

/** One chance in ten that any of the pairs compared is taken wrongly. */
function defaultRate(pairs: number): number {
  return Math.min(0.001, 0.1 / Math.max(1, pairs))
}

/** Pairs of unlike sides, or all. */
function comparedPairs(items: number, sides: readonly (string | undefined)[] | undefined): number {
  const pairsOf = (count: number) => (count * (count - 1)) / 2
  const sizes = new Map<string | undefined, number>()
  for (const side of sides ?? []) sizes.set(side, (sizes.get(side) ?? 0) + 1)
  return [...sizes.values()].reduce((pairs, size) => pairs - pairsOf(size), pairsOf(items))
}

const otherSide = 'against'
/** Ids of the other collection may be those of this one. */
const otherMark = 'against\u0000'

function plainId(id: string): string {
  return id.startsWith(otherMark) ? id.slice(otherMark.length) : id
}

function joined(own: Items, other: Items): Items {
  assertComparable(own.vectors, other.vectors, 'options.against')
  const { columns, passport } = own.vectors
  const vectors = createMatrix(own.vectors.rows + other.vectors.rows, columns, undefined, passport)
  vectors.data.set(own.vectors.data)
  vectors.data.set(other.vectors.data, own.vectors.data.length)
  return {
    ids: [...own.ids, ...other.ids.map((id) => otherMark + id)],
    texts: [...own.texts, ...other.texts],
    titles: [...own.titles, ...other.titles],
    metadata: [...own.metadata, ...other.metadata],
    vectors,
  }
}

function sidesOf(own: Items, other: Items | undefined, across: string | undefined): (string | undefined)[] | undefined {
  if (other !== undefined) return [...own.ids.map(() => 'here'), ...other.ids.map(() => otherSide)]
  if (across === undefined) return undefined
  const sides = own.metadata.map((metadata) => {
    const value = Object.hasOwn(metadata, across) ? metadata[across] : undefined
    return value === undefined || value === null ? undefined : String(value)
  })
  if (new Set(sides).size < 2)
    throw new InvalidArgumentError(
      'options.across',
      'a metadata field that differs between items',
      across,
      'See the fields of a source: vecino show <id>.',
    )
  return sides
}

/** What random pairs of the collection look like, or of unrelated texts where it has too few; never the order of its items. */
async function pairTail(
  model: EmbeddingModel,
  { ids, vectors }: Items,
  signal: AbortSignal | undefined,
): Promise<{ tail: PairTail; source: FalseAlarms['source'] }> {
  const n = ids.length
  if ((n * (n - 1)) / 2 < leastOwnPairs)
    return {
      tail: new PairTail({ cosines: (await pairBackground(model, 'cosine', { signal })).cosines }),
      source: 'built-in',
    }
  const order = Array.from(ids, (_, row) => row).sort((a, b) => ((ids[a] as string) < (ids[b] as string) ? -1 : 1))
  const { data, columns } = vectors
  const cosine = (i: number, j: number) =>
    dot(data, (order[i] as number) * columns, data, (order[j] as number) * columns, columns)
  return { tail: new PairTail(randomPairs(n, cosine)), source: 'collection' }
}

function randomPairs(n: number, cosine: (i: number, j: number) => number): Required<DrawnPairs> {
  const all = (n * (n - 1)) / 2
  const count = Math.min(all, mostPairs)
  const drawn = { cosines: new Float64Array(count), first: new Int32Array(count), second: new Int32Array(count) }
  let at = 0
  const take = (i: number, j: number) => {
    drawn.cosines[at] = cosine(i, j)
    drawn.first[at] = i
    drawn.second[at++] = j
  }
  if (all <= mostPairs) {
    for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) take(i, j)
    return drawn
  }
  const random = createRandom(0)
  while (at < mostPairs) {
    const [i, j] = [random.below(n), random.below(n)]
    if (i !== j) take(i, j)
  }
  return drawn
}
