import { dot } from '../kernels/metric.ts'
import { createRandom, type Random } from '../kernels/random.ts'
import { VecinoError } from '../spec/errors.ts'
import { createMatrix, type Matrix } from '../spec/matrix.ts'
import type { EmbeddingModel } from '../spec/model.ts'
import { fingerprint } from '../spec/passport.ts'
import type { Store } from '../spec/store.ts'

/**
 * How alike things of this collection are by chance: `passages`, pairs of passages of different sources; `questions`,
 * pairs of a foreign question and a passage. A question is shorter than a passage and a model may embed it otherwise, so
 * what a hit's cosine means is told by the latter.
 */
export type BackgroundKind = 'passages' | 'questions'

export interface Background {
  readonly mean: number
  /** Cosines of random pairs (inner products: vectors of a collection have unit length), ascending. */
  readonly cosines: Float64Array
}

interface KeptBackground {
  readonly fingerprint: string
  readonly generation: number
  readonly passages: number
  readonly cosines: readonly number[]
}

const mostPairs = 5000
/** Fewer do not tell one percent from the next. */
const fewestPairs = 100
const mostPassages = 3000
/** Growth or shrinkage after which the pairs are drawn again: a fifth moves the percentiles by less than they are shown with. */
const staleGrowth = 1.2

/**
 * The collection's background, from the store where one is kept that was made by this model when the collection was
 * nearly this large, else drawn anew: up to 5,000 seeded random pairs, all pairs where there are fewer.
 *
 * @returns undefined where there is no pair: one source alone has none of passages, no vector none at all.
 *
 * Cost: O(1) when kept; else up to 3,000 passages and vectors are read once, and for questions 240 texts embedded.
 */
export async function backgroundOf(
  store: Store,
  model: EmbeddingModel,
  kind: BackgroundKind,
): Promise<Background | undefined> {
  const { passages } = await store.counts()
  const name = `background/${kind}`
  const kept = (await store.setting(name)) as KeptBackground | undefined
  if (
    kept !== undefined &&
    kept.fingerprint === fingerprint(store.passport) &&
    passages <= kept.passages * staleGrowth &&
    passages * staleGrowth >= kept.passages
  )
    return fromSorted(Float64Array.from(kept.cosines))
  const drawn = kind === 'passages' ? await betweenPassages(store) : await withQuestions(store, model)
  const cosines = drawn.sort()
  await keepSetting(store, name, {
    fingerprint: fingerprint(store.passport),
    generation: store.generation,
    passages,
    cosines: Array.from(cosines, (cosine) => Number(cosine.toFixed(6))),
  } satisfies KeptBackground)
  return fromSorted(cosines)
}

/**
 * Percent of random pairs less alike than `cosine`, `cosine` itself counted among them: `n` pairs tell at most
 * 100 · n / (n + 1). Rounded down to the digits that `n` pairs support: whole percents from 100 pairs on, tenths from 1,000.
 *
 * @returns undefined where there are fewer than 100 pairs.
 */
export function percentileOf({ cosines }: Background, cosine: number): number | undefined {
  const pairs = cosines.length
  if (pairs < fewestPairs) return undefined
  let low = 0
  let high = pairs
  while (low < high) {
    const middle = (low + high) >> 1
    if ((cosines[middle] as number) < cosine) low = middle + 1
    else high = middle
  }
  const steps = pairs < 1000 ? 1 : 10
  return Math.floor((100 * steps * low) / (pairs + 1)) / steps
}

/** Keep a derived value where the store can be written now; it is drawn again where it cannot. */
export async function keepSetting(store: Store, name: string, value: unknown): Promise<void> {
  try {
    await store.setSetting(name, value)
  } catch (error) {
    if (!(VecinoError.isInstance(error) && (error.code === 'busy' || error.code === 'storage-full'))) throw error
  }
}

function fromSorted(cosines: Float64Array): Background | undefined {
  if (cosines.length === 0) return undefined
  return { mean: cosines.reduce((sum, cosine) => sum + cosine, 0) / cosines.length, cosines }
}

async function betweenPassages(store: Store): Promise<Float64Array> {
  const random = createRandom(0)
  const chosen = await someKeys(store, random)
  const sources = (await inPages(chosen, (keys) => store.passages(keys))).flat().map(({ source }) => source)
  const vectors = stack(await inPages(chosen, (keys) => store.vectors(keys)))
  const { columns } = vectors
  const cosines: number[] = []
  const take = (i: number, j: number) => {
    if (sources[i] !== sources[j]) cosines.push(dot(vectors.data, i * columns, vectors.data, j * columns, columns))
  }
  const n = chosen.length
  if ((n * (n - 1)) / 2 <= mostPairs) {
    for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) take(i, j)
  } else {
    // A bound on tries, for collections that are one huge source and some crumbs.
    for (let tries = 0; cosines.length < mostPairs && tries < 4 * mostPairs; tries++)
      take(random.below(n), random.below(n))
  }
  return Float64Array.from(cosines)
}

async function withQuestions(store: Store, model: EmbeddingModel): Promise<Float64Array> {
  const random = createRandom(0)
  const chosen = await someKeys(store, random)
  if (chosen.length === 0) return new Float64Array(0)
  const vectors = stack(await inPages(chosen, (keys) => store.vectors(keys)))
  const { embedForeignQuestions } = await import('./foreign-questions.ts')
  const questions = await embedForeignQuestions(store, model)
  const { columns } = vectors
  const take = (question: number, passage: number) =>
    dot(questions.data, question * columns, vectors.data, passage * columns, columns)
  const all = questions.rows * chosen.length
  if (all <= mostPairs)
    return Float64Array.from({ length: all }, (_, i) => take(i % questions.rows, Math.floor(i / questions.rows)))
  return Float64Array.from({ length: mostPairs }, () => take(random.below(questions.rows), random.below(chosen.length)))
}

async function someKeys(store: Store, random: Random): Promise<Int32Array> {
  const all = await store.keys('embedded')
  return random.sample(all.length, Math.min(all.length, mostPassages)).map((i) => all[i] as number)
}

export async function inPages<Page>(keys: Int32Array, read: (keys: Int32Array) => Promise<Page>): Promise<Page[]> {
  const pages: Page[] = []
  for (let start = 0; start < keys.length; start += 1000) pages.push(await read(keys.subarray(start, start + 1000)))
  return pages
}

function stack(pages: readonly Matrix[]): Matrix {
  const rows = pages.reduce((sum, page) => sum + page.rows, 0)
  const matrix = createMatrix(rows, pages[0]?.columns ?? 0)
  let at = 0
  for (const page of pages) {
    matrix.data.set(page.data, at)
    at += page.data.length
  }
  return matrix
}
