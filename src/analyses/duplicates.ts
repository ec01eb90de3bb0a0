import { similarityJoin } from '../kernels/similarity-join.ts'
import type { DuplicateKind, Keep } from '../spec/duplicates.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import type { Items } from '../spec/items.ts'
import { createMatrix, type Matrix, rowOf } from '../spec/matrix.ts'
import { compareKeepers } from './keepers.ts'
import { UnionFind } from './union-find.ts'

export interface DuplicateOptions {
  /** `text`: the same words (see `sameText`); `meaning`: a cosine of at least `threshold`; `both`: either. @default 'both' */
  readonly method?: DuplicateKind | 'both' | undefined
  /** Least cosine of near-duplicates, in (−1, 1]. Not used by `text`. */
  readonly threshold: number
  /** Which item of a group stays; see `Keep`. @default 'first' */
  readonly keep?: Keep | undefined
  /** Compare only items of unlike sides, such as train and test; one side for each item. @default all with all */
  readonly sides?: readonly (string | undefined)[] | undefined
  /** Items of this side always stay. @default none */
  readonly keepSide?: string | undefined
  readonly signal?: AbortSignal | undefined
}

export interface RemovedItem {
  /** Row of the items. */
  readonly row: number
  /** Row of the item that stays in its place; at least as alike as the threshold, or of the same text. */
  readonly keeper: number
  readonly cosine: number
  readonly kind: DuplicateKind
}

/** Items that are duplicates of each other, directly or by way of others. */
export interface DuplicateGroup {
  /** Rows that stay: one, or more where a chain of duplicates ends in things that are none of each other. */
  readonly kept: readonly number[]
  /** The least alike first: those are the ones to look at. */
  readonly removed: readonly RemovedItem[]
}

/** More pairs than anybody has duplicates: the threshold is too low. */
const mostPairs = 5_000_000

/**
 * Groups of duplicates. Which items are in a group depends on their texts and vectors alone, never on their order, and
 * every removed item is a duplicate of the one that stays in its place.
 *
 * @param items - Their vectors are compared by cosine, exactly.
 * @returns Groups of two and more, the one with the least alike pair first.
 * @throws {InvalidArgumentError} when more than 5,000,000 pairs reach the threshold.
 *
 * Cost: one exact similarity join over the unlike texts.
 */
export async function duplicates(items: Items, options: DuplicateOptions): Promise<DuplicateGroup[]> {
  return groupsOf(await duplicateLinks(items, options), items, options)
}

/** Which items are alike: items of a class share their text, pairs of classes are near-duplicates. */
export interface DuplicateLinks {
  /** Class of each item; in order of their first item by id. */
  readonly classOf: Int32Array
  readonly classes: readonly (readonly number[])[]
  /** Pairs of classes with their cosine. */
  readonly first: Int32Array
  readonly second: Int32Array
  readonly cosines: Float32Array
}

/**
 * The pairs behind `duplicates`, for who looks for the right threshold: groups at any higher one follow from them.
 * A class of equal texts is compared by the vector of its first item by id.
 */
export async function duplicateLinks(
  items: Items,
  { method = 'both', threshold, signal }: DuplicateOptions,
): Promise<DuplicateLinks> {
  if (!(threshold > -1 && threshold <= 1))
    throw new InvalidArgumentError('options.threshold', 'a cosine above -1 and at most 1', threshold)
  const classes = classesOf(items, method)
  const classOf = new Int32Array(items.ids.length)
  for (const [number, rows] of classes.entries()) for (const row of rows) classOf[row] = number
  if (method === 'text' || classes.length < 2)
    return { classOf, classes, first: new Int32Array(0), second: new Int32Array(0), cosines: new Float32Array(0) }
  const vectors = rowsOf(
    items.vectors,
    classes.map(([row]) => row as number),
  )
  const parts: { first: Int32Array; second: Int32Array; scores: Float32Array }[] = []
  let count = 0
  await similarityJoin(vectors, undefined, {
    threshold,
    signal,
    onPairs(pairs) {
      count += pairs.first.length
      if (count > mostPairs)
        throw new InvalidArgumentError(
          'options.threshold',
          `one that at most ${mostPairs} pairs reach`,
          threshold,
          'Raise it.',
        )
      parts.push(pairs)
    },
  })
  const links = { first: new Int32Array(count), second: new Int32Array(count), cosines: new Float32Array(count) }
  let at = 0
  for (const { first, second, scores } of parts) {
    links.first.set(first, at)
    links.second.set(second, at)
    links.cosines.set(scores, at)
    at += first.length
  }
  return { classOf, classes, ...links }
}

/** Groups of the links at or above a threshold. */
export function groupsOf(links: DuplicateLinks, items: Items, options: DuplicateOptions): DuplicateGroup[] {
  const { threshold, keep = 'first', sides, keepSide } = options
  const { classOf, classes } = links
  if (sides !== undefined && sides.length !== items.ids.length)
    throw new InvalidArgumentError('options.sides', `${items.ids.length} sides, one for each item`, sides.length)
  const isLink = (i: number, j: number) => sides === undefined || sides[i] !== sides[j]
  const buckets = classes.map((rows) => bySide(rows, sides))
  const neighbours = new Map<number, { other: number; cosine: number }[]>()
  const components = new UnionFind(items.ids.length)
  // Scores of a join are rounded once; so is the threshold, or a pair exactly on it would be lost.
  const least = Math.fround(threshold)
  for (let pair = 0; pair < links.cosines.length; pair++) {
    const [a, b] = [links.first[pair] as number, links.second[pair] as number]
    const cosine = links.cosines[pair] as number
    if (cosine < least) continue
    append(neighbours, a, { other: b, cosine })
    append(neighbours, b, { other: a, cosine })
    for (const rows of buckets[a] as Bucket[])
      for (const others of buckets[b] as Bucket[])
        if (isLink(rows[0] as number, others[0] as number)) joinAll(components, [...rows, ...others])
  }
  for (const [first = [], ...others] of buckets) {
    if (sides === undefined) joinAll(components, first)
    else for (const rows of others) joinAll(components, [...first, ...rows])
  }

  const better = compareKeepers(items, keep, (row) => keepSide !== undefined && sides?.[row] === keepSide)
  const groups = components.groups().map((rows): DuplicateGroup => {
    const kept: number[] = []
    const keptOfClass = new Map<number, number[]>()
    const removed: RemovedItem[] = []
    for (const row of rows.sort(better)) {
      const own = classOf[row] as number
      const near = [{ other: own, cosine: 1 }, ...(neighbours.get(own) ?? [])]
      let best: RemovedItem | undefined
      for (const { other, cosine } of near)
        for (const keeper of keptOfClass.get(other) ?? [])
          if (isLink(row, keeper) && (best === undefined || cosine > best.cosine)) {
            const kind = other === own ? 'text' : 'meaning'
            best = { row, keeper, cosine, kind }
          }
      if (best !== undefined && !(keepSide !== undefined && sides?.[row] === keepSide)) removed.push(best)
      else {
        kept.push(row)
        append(keptOfClass, own, row)
      }
    }
    removed.sort((a, b) => a.cosine - b.cosine || compareIds(items, a.row, b.row))
    return { kept, removed }
  })
  const weakest = ({ removed }: DuplicateGroup) => removed[0]?.cosine ?? 1
  return groups.sort((a, b) => weakest(a) - weakest(b) || compareIds(items, a.kept[0] as number, b.kept[0] as number))
}

/**
 * Texts that are the same to a reader: Unicode NFKC, lower case, white space as one space and none at the ends.
 * Punctuation counts.
 */
export function sameText(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim()
}

function classesOf({ ids, texts }: Items, method: DuplicateKind | 'both'): number[][] {
  const order = Array.from(ids, (_, row) => row).sort((a, b) => compareStrings(ids[a] as string, ids[b] as string))
  if (method === 'meaning') return order.map((row) => [row])
  const classes = new Map<string, number[]>()
  for (const row of order) append(classes, sameText(texts[row] as string), row)
  return [...classes.values()]
}

/** Rows of one class and one side: what is linked to one of them is linked to all. */
type Bucket = readonly number[]

function bySide(rows: readonly number[], sides: DuplicateOptions['sides']): Bucket[] {
  const buckets = new Map<string | undefined, number[]>()
  for (const row of rows) append(buckets, sides?.[row], row)
  return [...buckets.values()]
}

function joinAll(components: UnionFind, rows: readonly number[]): void {
  for (const row of rows) components.join(rows[0] as number, row)
}

function append<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}

function rowsOf(matrix: Matrix, rows: readonly number[]): Matrix {
  const chosen = createMatrix(rows.length, matrix.columns, undefined, matrix.passport)
  for (const [i, row] of rows.entries()) chosen.data.set(rowOf(matrix, row), i * matrix.columns)
  return chosen
}

function compareIds({ ids }: Items, a: number, b: number): number {
  return compareStrings(ids[a] as string, ids[b] as string)
}

function compareStrings(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
