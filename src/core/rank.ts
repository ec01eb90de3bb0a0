import { dot } from '../kernels/metric.ts'
import type { SearchMode } from '../spec/collection.ts'
import { VecinoError } from '../spec/errors.ts'
import type { Filter } from '../spec/filter.ts'
import type { Matrix } from '../spec/matrix.ts'
import type { KeywordRanked, Ranked, Store } from '../spec/store.ts'
import { contentWords } from './function-words.ts'
import { contributions } from './fuse.ts'

/** A passage with what its score is made of. */
export interface RankedPassage {
  readonly key: number
  readonly score: number
  readonly semantic:
    | { readonly rank: number | undefined; readonly cosine: number; readonly contribution: number }
    | undefined
  readonly keyword:
    | { readonly rank: number | undefined; readonly bm25: number; readonly contribution: number }
    | undefined
}

export interface Ranking {
  /** Best first; ties by key. */
  readonly passages: readonly RankedPassage[]
  /** True when there are no more than these. */
  readonly isComplete: boolean
}

export interface RankRequest {
  readonly store: Store
  readonly mode: SearchMode
  readonly query: string
  /** The query's vector, one row; undefined in keyword mode, and where the model knows no word of the query. */
  readonly vector: Matrix | undefined
  /** Mean cosine of random pairs. */
  readonly mean: number
  readonly filter?: Filter | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * The `limit` best passages for a query: exactly those that scoring every passage would give.
 *
 * Hybrid takes the heads of both lists, scores their union in full, and takes longer heads while a passage outside them
 * could still be better than the last one chosen (its score is at most what the last of both heads would give). What
 * scores 0 there, found neither by words nor by a meaning nearer than chance, is left out.
 */
export async function rank(request: RankRequest, limit: number): Promise<Ranking> {
  if (request.mode === 'semantic') return semantic(request, limit)
  if (request.mode === 'keyword') return keyword(request, limit)
  return hybrid(request, limit)
}

async function semantic({ store, vector, filter, signal }: RankRequest, limit: number): Promise<Ranking> {
  const { keys, scores } = await nearest(store, vector, { topK: limit, filter, signal })
  return {
    passages: Array.from(keys, (key, i) => {
      const cosine = scores[i] as number
      return { key, score: cosine, semantic: { rank: i + 1, cosine, contribution: cosine }, keyword: undefined }
    }),
    isComplete: keys.length < limit,
  }
}

async function keyword({ store, query, filter, signal }: RankRequest, limit: number): Promise<Ranking> {
  const { keys, scores, best } = await store.keyword(contentWords(query), { topK: limit, filter, signal })
  return {
    passages: Array.from(keys, (key, i) => {
      const bm25 = scores[i] as number
      const score = share(bm25, best)
      return { key, score, semantic: undefined, keyword: { rank: i + 1, bm25, contribution: score } }
    }).filter(({ score }) => score > 0),
    isComplete: keys.length < limit,
  }
}

async function hybrid(request: RankRequest, limit: number): Promise<Ranking> {
  const { store, query, vector, mean, filter, signal } = request
  for (let head = limit * 5 + 50; ; head *= 4) {
    const byMeaning = await nearest(store, vector, { topK: head, filter, signal })
    const byWords = await store.keyword(contentWords(query), { topK: head, filter, signal, also: byMeaning.keys })
    const passages = await union(request, byMeaning, byWords)
    const beyond = contributions(
      {
        cosine: byMeaning.keys.length < head ? undefined : byMeaning.scores[head - 1],
        keywordShare: byWords.keys.length < head ? 0 : share(byWords.scores[head - 1] as number, byWords.best),
      },
      mean,
    )
    const mostBeyond = beyond.semantic + beyond.keyword
    const isComplete = (byMeaning.keys.length < head && byWords.keys.length < head) || mostBeyond === 0
    const last = passages[limit - 1]
    if (isComplete || (last !== undefined && last.score > mostBeyond))
      return { passages: passages.slice(0, limit), isComplete: isComplete && passages.length < limit }
  }
}

async function union(
  { store, vector, mean }: RankRequest,
  byMeaning: Ranked,
  byWords: KeywordRanked,
): Promise<RankedPassage[]> {
  const cosines = new Map<number, { rank: number | undefined; cosine: number }>()
  for (const [i, key] of byMeaning.keys.entries())
    cosines.set(key, { rank: i + 1, cosine: byMeaning.scores[i] as number })
  const words = new Map<number, { rank: number | undefined; bm25: number }>()
  for (const [i, key] of byMeaning.keys.entries()) {
    const bm25 = byWords.also[i] as number
    if (bm25 > 0) words.set(key, { rank: undefined, bm25 })
  }
  for (const [i, key] of byWords.keys.entries()) words.set(key, { rank: i + 1, bm25: byWords.scores[i] as number })

  const byWordsOnly = byWords.keys.filter((key) => !cosines.has(key))
  if (vector !== undefined)
    for (const [key, cosine] of await innerProducts(store, vector, byWordsOnly))
      cosines.set(key, { rank: undefined, cosine })

  const passages: RankedPassage[] = []
  for (const key of new Set([...byMeaning.keys, ...byWords.keys])) {
    const meaning = cosines.get(key)
    const word = words.get(key)
    const part = contributions(
      { cosine: meaning?.cosine, keywordShare: word === undefined ? 0 : share(word.bm25, byWords.best) },
      mean,
    )
    const score = part.semantic + part.keyword
    if (score === 0) continue
    passages.push({
      key,
      score,
      semantic: meaning && { ...meaning, contribution: part.semantic },
      keyword: word && { ...word, contribution: part.keyword },
    })
  }
  return passages.sort((a, b) => b.score - a.score || a.key - b.key)
}

const nothing: Ranked = { keys: new Int32Array(0), scores: new Float64Array(0) }

async function nearest(
  store: Store,
  vector: Matrix | undefined,
  options: Parameters<Store['nearest']>[1],
): Promise<Ranked> {
  if (vector === undefined) return nothing
  const [ranked] = await store.nearest(vector, options)
  return ranked as Ranked
}

/** Inner products with the passages that have a vector; the others are left out. */
async function innerProducts(store: Store, query: Matrix, keys: Int32Array): Promise<[number, number][]> {
  if (keys.length === 0) return []
  let embedded = keys
  let vectors: Matrix
  try {
    vectors = await store.vectors(keys)
  } catch (error) {
    if (!(VecinoError.isInstance(error) && error.code === 'not-found')) throw error
    // Passages found by words alone are rare, so telling them apart may cost a list of all keys.
    const having = new Set(await store.keys('embedded'))
    embedded = keys.filter((key) => having.has(key))
    vectors = await store.vectors(embedded)
  }
  const { columns } = vectors
  return Array.from(embedded, (key, i) => [key, dot(vectors.data, i * columns, query.data, 0, columns)])
}

function share(bm25: number, best: number): number {
  return best > 0 ? Math.min(1, bm25 / best) : 0
}
