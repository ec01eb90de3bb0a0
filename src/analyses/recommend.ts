import { InvalidArgumentError, NotFoundError } from '../spec/errors.ts'
import type { Items } from '../spec/items.ts'
import { type Matrix, rowOf } from '../spec/matrix.ts'
import type { Recommendation, RecommendOptions } from '../spec/recommend.ts'
import { diversify } from './diversify.ts'

/** How far what was disliked pushes away, beside 1 for what was liked. */
const dislikeWeight = 0.5
/** Diverse ones are chosen among so many times as many as wanted. */
const candidatesATop = 10

/**
 * What somebody may like who liked some items and disliked others: nearest to the mean of the liked less half the mean of
 * the disliked. What was named is not recommended.
 *
 * @param items - Unit vectors.
 * @returns best first; `because` is the liked item nearest to it. Fewer than `topK` where there are fewer others.
 * @throws {NotFoundError} for an id that is not among the items.
 * @throws {InvalidArgumentError} when nothing is liked, an id is liked and disliked, likes and dislikes cancel out, or an
 *   option is out of range.
 *
 * Cost: items · dimensions, then O(topK² · 10). Source: Rocchio 1971; Carbonell & Goldstein 1998 for diversity.
 */
export function recommend(items: Items, options: RecommendOptions): Recommendation[] {
  const { like, dislike = [], topK = 10, diversity = 0.2 } = options
  const { ids, titles, vectors } = items
  if (!Array.isArray(like) || like.length === 0) throw new InvalidArgumentError('options.like', 'at least one id', like)
  if (!Number.isSafeInteger(topK) || topK < 1) throw new InvalidArgumentError('options.topK', 'an integer ≥ 1', topK)
  const both = like.find((id) => dislike.includes(id))
  if (both !== undefined) throw new InvalidArgumentError('options.dislike', 'ids that are not liked', both)
  const rows = new Map(ids.map((id, row) => [id, row]))
  const rowsOf = (wanted: readonly string[]) =>
    [...new Set(wanted)].map((id) => {
      const row = rows.get(id)
      if (row === undefined) throw new NotFoundError('item', id)
      return row
    })
  const [liked, disliked] = [rowsOf(like), rowsOf(dislike)]
  const taste = tasteOf(vectors, liked, disliked)
  const named = new Set([...liked, ...disliked])
  const candidates = ids
    .map((_, row) => ({ row, score: dot(taste, rowOf(vectors, row)) }))
    .filter(({ row }) => !named.has(row))
    .sort((a, b) => b.score - a.score || a.row - b.row)
    .slice(0, topK * candidatesATop)
  const chosen = diversify(
    candidates.map(({ score }) => score),
    (a, b) => dot(rowOf(vectors, candidates[a]?.row as number), rowOf(vectors, candidates[b]?.row as number)),
    { topK, diversity },
  )
  return chosen.map((at) => {
    const { row, score } = candidates[at] as { row: number; score: number }
    const alike = (other: number) => dot(rowOf(vectors, row), rowOf(vectors, other))
    const because = liked.reduce((best, other) => (alike(other) > alike(best) ? other : best))
    return { id: ids[row] as string, title: titles[row], score, because: ids[because] as string }
  })
}

function tasteOf(vectors: Matrix, liked: readonly number[], disliked: readonly number[]): Float64Array {
  const taste = new Float64Array(vectors.columns)
  const add = (rows: readonly number[], weight: number) => {
    for (const row of rows)
      for (const [d, value] of rowOf(vectors, row).entries())
        taste[d] = (taste[d] as number) + (weight * value) / rows.length
  }
  add(liked, 1)
  add(disliked, -dislikeWeight)
  const length = Math.sqrt(dot(taste, taste))
  if (length < 1e-6)
    throw new InvalidArgumentError(
      'options.dislike',
      'ids that leave something of what is liked',
      'ones that cancel it out',
    )
  return taste.map((value) => value / length)
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let d = 0; d < a.length; d++) sum += (a[d] as number) * (b[d] as number)
  return sum
}
