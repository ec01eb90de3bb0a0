import { knnGraph } from '../kernels/knn-graph.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import type { Items } from '../spec/items.ts'
import { rowOf } from '../spec/matrix.ts'
import type { CollectionRelatedOptions, RelatedItem, RelatedItems } from '../spec/related.ts'
import { diversify } from './diversify.ts'
import { wordsAlike } from './words-alike.ts'

export interface RelatedOptions extends Omit<CollectionRelatedOptions, 'filter'> {
  /** Words that say nothing about the topic. @default none */
  readonly isIgnored?: ((word: string) => boolean) | undefined
  readonly threads?: number | undefined
}

/** Of so many times `topK` nearest items the diverse ones are chosen. */
const candidatesATop = 4

/**
 * For each item the others to read next, with the same by words alone and by meaning alone beside them.
 *
 * @param items - Unit vectors; a text counts with its title.
 * @returns `items` in their order; `overlap`: mean share of an item's `topK` that words and meaning have in common.
 * @throws {InvalidArgumentError} when an option is out of range, or there are fewer than two items.
 *
 * Cost: the neighbour graph, O(items² · dimensions) at most, and a word index of the texts.
 */
export async function relatedItems(items: Items, options: RelatedOptions = {}): Promise<RelatedItems> {
  const { topK = 5, mode = 'both', diversity = 0.2, isIgnored, threads, signal } = options
  const { ids, texts, titles, vectors } = items
  if (!['meaning', 'words', 'both'].includes(mode))
    throw new InvalidArgumentError('options.mode', "'meaning', 'words' or 'both'", mode)
  if (!Number.isSafeInteger(topK) || topK < 1) throw new InvalidArgumentError('options.topK', 'an integer ≥ 1', topK)
  if (ids.length < 2) throw new InvalidArgumentError('items', 'at least 2', ids.length)
  const wanted = Math.min(topK, ids.length - 1)
  const candidates = Math.min(wanted * candidatesATop, ids.length - 1)
  const graph = await knnGraph(vectors, { k: candidates, metric: 'cosine', threads, signal })
  const words = wordsAlike(
    texts.map((text, i) => `${titles[i] ?? ''}\n${text}`),
    isIgnored,
  )
  const cosine = (a: number, b: number) => {
    const [u, v] = [rowOf(vectors, a), rowOf(vectors, b)]
    let sum = 0
    for (let j = 0; j < u.length; j++) sum += (u[j] as number) * (v[j] as number)
    return sum
  }
  const shown = (row: number, score: number): RelatedItem => ({ id: ids[row] as string, title: titles[row], score })
  let shared = 0
  const related = ids.map((id, row) => {
    signal?.throwIfAborted()
    const nearest = Array.from({ length: candidates }, (_, at) => ({
      row: graph.ids[row * candidates + at] as number,
      score: graph.scores[row * candidates + at] as number,
    })).filter((one) => one.row >= 0)
    const worded = words.nearest(row, candidates)
    const byMeaning = nearest.slice(0, wanted)
    const byWords = worded.slice(0, wanted)
    shared += byWords.filter((one) => byMeaning.some((other) => other.row === one.row)).length
    const pool =
      mode === 'meaning' ? nearest : mode === 'words' ? worded : fuse(nearest, worded, (other) => cosine(row, other))
    const chosen = diversify(
      pool.map(({ score }) => score),
      (a, b) => cosine(pool[a]?.row as number, pool[b]?.row as number),
      { topK: wanted, diversity },
    )
    const show = (list: readonly Scored[]) => list.map((one) => shown(one.row, one.score))
    return {
      ...{ id, title: titles[row] },
      related: show(chosen.map((at) => pool[at] as Scored)),
      byMeaning: show(byMeaning),
      byWords: show(byWords),
    }
  })
  return { items: related, overlap: shared / (ids.length * wanted) }
}

interface Scored {
  readonly row: number
  readonly score: number
}

/** The mean of both scores, for all that either list holds. */
function fuse(nearest: readonly Scored[], worded: readonly Scored[], cosine: (row: number) => number): Scored[] {
  const byWords = new Map(worded.map(({ row, score }) => [row, score]))
  const rows = new Set([...nearest, ...worded].map(({ row }) => row))
  return [...rows]
    .map((row) => ({ row, score: (cosine(row) + (byWords.get(row) ?? 0)) / 2 }))
    .sort((a, b) => b.score - a.score || a.row - b.row)
}
