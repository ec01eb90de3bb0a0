import { topK } from '../../kernels/compare.ts'
import { umapTransform } from '../../kernels/umap-transform.ts'
import { UnsupportedError } from '../../spec/errors.ts'
import type { Items } from '../../spec/items.ts'
import type { SavedMap } from '../../spec/map.ts'
import { createMatrix, type Matrix, rowOf } from '../../spec/matrix.ts'
import { defaultNeighbors, type Layout } from './layout.ts'
import { assertSameMaker, vectorMark } from './saved-map.ts'

/** t-SNE and PCA place a new point at the mean of so many nearest items. */
const meanOf = 5

/**
 * Items on a map made earlier: those on it keep their places, to the bit; the others are placed among them.
 *
 * @throws {PassportMismatchError} when another model made the vectors of the map.
 * @throws {UnsupportedError} when fewer than two of the map's items are left.
 */
export async function joinMap(items: Items, map: SavedMap, threads?: number): Promise<Layout> {
  assertSameMaker(map, items)
  const known = new Map(map.items.map((item) => [item.id, item]))
  const marks = items.ids.map((_, i) => vectorMark(items, i))
  const stays = items.ids.map((id, i) => known.get(id)?.vector === marks[i])
  const [old, added] = [true, false].map((wanted) => stays.flatMap((stay, i) => (stay === wanted ? [i] : []))) as [
    number[],
    number[],
  ]
  if (old.length < 2)
    throw new UnsupportedError(
      'the saved map',
      'at least 2 of its items among these, unchanged',
      `${old.length}`,
      'Draw a new map instead.',
    )
  const places = createMatrix(items.ids.length, 2)
  for (const i of old) {
    const { x, y } = known.get(items.ids[i] as string) as SavedMap['items'][number]
    places.data.set([x, y], i * 2)
  }
  const fitted = { vectors: pick(items.vectors, old), layout: pick(places, old) }
  const newcomers = pick(items.vectors, added)
  const placed =
    map.method === 'umap'
      ? await umapTransform(newcomers, fitted, {
          metric: 'cosine',
          seed: map.seed,
          nNeighbors: Math.min(map.nNeighbors ?? defaultNeighbors(old.length), old.length),
          ...(map.minDist === null ? {} : { minDist: map.minDist }),
          ...(threads === undefined ? {} : { threads }),
        })
      : meansOfNearest(newcomers, fitted)
  for (const [at, i] of added.entries()) places.data.set(rowOf(placed, at), i * 2)
  return { places, method: map.method, notices: noticesOf(items, map, known, added, old.length) }
}

function noticesOf(
  items: Items,
  map: SavedMap,
  known: ReadonlyMap<string, unknown>,
  added: readonly number[],
  stayed: number,
): string[] {
  const changed = added.filter((i) => known.has(items.ids[i] as string)).length
  const gone = map.items.length - stayed - changed
  const method = map.method === 'tsne' ? 't-SNE' : 'PCA'
  return [
    `${stayed} items keep their places; ${added.length - changed} are new${changed > 0 ? `, ${changed} have changed and are placed anew` : ''}${gone > 0 ? `, ${gone} are gone` : ''}.`,
    ...(map.method === 'umap' || added.length === 0
      ? []
      : [`${method} places no newcomers itself: each stands at the mean place of its ${meanOf} nearest items.`]),
  ]
}

function pick(matrix: Matrix, rows: readonly number[]): Matrix {
  const { columns, passport } = matrix
  const picked = createMatrix(rows.length, columns, undefined, passport)
  for (const [at, row] of rows.entries()) picked.data.set(rowOf(matrix, row), at * columns)
  return picked
}

function meansOfNearest(added: Matrix, { vectors, layout }: { vectors: Matrix; layout: Matrix }): Matrix {
  const k = Math.min(meanOf, vectors.rows)
  const { ids } = topK(added, vectors, { topK: k })
  const places = createMatrix(added.rows, 2)
  for (let i = 0; i < added.rows; i++)
    for (let c = 0; c < 2; c++) {
      let sum = 0
      for (let j = 0; j < k; j++) sum += layout.data[(ids[i * k + j] as number) * 2 + c] as number
      places.data[i * 2 + c] = sum / k
    }
  return places
}
