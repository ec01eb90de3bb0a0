import { knnGraph } from '../kernels/knn-graph.ts'
import { dot } from '../kernels/metric.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import type { Matrix } from '../spec/matrix.ts'

export interface RepresentativesOptions {
  /** Rows to choose, integer in [1, rows]. */
  readonly size: number
  /**
   * `typical`: rows that many others are near to (facility location); `spread`: rows far from each other, down to the
   * oddest (k-center). @default 'typical'
   */
  readonly method?: 'typical' | 'spread' | undefined
  /** Names of rows, each once, by which ties are broken, so that the order of the rows decides nothing. */
  readonly ids: readonly string[]
  readonly signal?: AbortSignal | undefined
}

export interface Representatives {
  /** Rows in the order chosen: the first n of them are what a smaller sample would be. */
  readonly chosen: Int32Array
  /** For each row the place in `chosen` of the nearest chosen one, and the cosine to it. */
  readonly nearest: Int32Array
  readonly cosines: Float32Array
}

/** Neighbours to which a row can speak for others. */
const neighbours = 64

/**
 * Choose a few rows that stand for all, greedily: each time the one that brings most.
 *
 * Under `typical` a row brings what it adds to every row's cosine to its nearest chosen one, among its 64 nearest
 * neighbours; when no row adds anything there, the one farthest from all chosen follows, as under `spread`. The greedy
 * choice reaches at least 63 % of the best sum possible (typical) and twice the best radius (spread). Nothing is random.
 *
 * @param vectors - Rows of unit length.
 * @throws {InvalidArgumentError} when `size` is not an integer from 1 to the number of rows.
 *
 * Cost: one exact neighbour graph and O(size · rows · dimensions).
 * Source: Nemhauser, Wolsey & Fisher 1978, with Minoux's lazy evaluation; Gonzalez 1985.
 */
export async function representatives(vectors: Matrix, options: RepresentativesOptions): Promise<Representatives> {
  const { size, method = 'typical', ids, signal } = options
  const { rows } = vectors
  if (!Number.isSafeInteger(size) || size < 1 || size > rows)
    throw new InvalidArgumentError('options.size', `an integer from 1 to ${rows}`, size)
  if (method !== 'typical' && method !== 'spread')
    throw new InvalidArgumentError('options.method', 'typical, spread', method)
  if (ids.length !== rows) throw new InvalidArgumentError('options.ids', `${rows} ids, one for each row`, ids.length)
  const place = placesOf(ids)
  const state = new Choice(vectors, size)
  if (method === 'typical' && rows > 1) {
    const k = Math.min(neighbours, rows - 1)
    const graph = await knnGraph(vectors, { k, signal })
    chooseTypical(state, graph, k, place)
  }
  while (state.count < size) {
    signal?.throwIfAborted()
    state.add(state.count === 0 ? centralRow(vectors, place) : farthestRow(state, place))
  }
  return { chosen: state.chosen, nearest: state.nearest, cosines: Float32Array.from(state.cosines) }
}

/** What has been chosen so far, and how near every row is to it. */
class Choice {
  readonly chosen: Int32Array
  readonly nearest: Int32Array
  readonly cosines: Float64Array
  readonly isChosen: Uint8Array
  count = 0
  private readonly vectors: Matrix

  constructor(vectors: Matrix, size: number) {
    this.vectors = vectors
    this.chosen = new Int32Array(size)
    this.nearest = new Int32Array(vectors.rows).fill(-1)
    this.cosines = new Float64Array(vectors.rows).fill(-1)
    this.isChosen = new Uint8Array(vectors.rows)
  }

  add(row: number): void {
    const { data, columns, rows } = this.vectors
    for (let i = 0; i < rows; i++) {
      const cosine = i === row ? 1 : dot(data, i * columns, data, row * columns, columns)
      if (this.nearest[i] === -1 || cosine > (this.cosines[i] as number)) {
        this.cosines[i] = cosine
        this.nearest[i] = this.count
      }
    }
    this.isChosen[row] = 1
    this.chosen[this.count++] = row
  }
}

function chooseTypical(
  state: Choice,
  { ids, scores }: { readonly ids: Int32Array; readonly scores: Float32Array },
  k: number,
  place: Int32Array,
): void {
  const rows = state.isChosen.length
  // Whom a row can speak for: those that have it among their neighbours, and itself.
  const speaksFor: { row: number; cosine: number }[][] = Array.from({ length: rows }, (_, row) => [{ row, cosine: 1 }])
  for (let i = 0; i < rows; i++)
    for (let rank = 0; rank < k; rank++)
      (speaksFor[ids[i * k + rank] as number] as { row: number; cosine: number }[]).push({
        row: i,
        cosine: scores[i * k + rank] as number,
      })
  const gainOf = (candidate: number) => {
    let gain = 0
    for (const { row, cosine } of speaksFor[candidate] as { row: number; cosine: number }[])
      gain += Math.max(0, cosine - Math.max(0, state.cosines[row] as number))
    return gain
  }
  // Gains only fall, so an old one is an upper bound: a row whose fresh gain still leads needs no rival looked at.
  const gains = Float64Array.from({ length: rows }, (_, row) => gainOf(row))
  while (state.count < state.chosen.length) {
    let best = -1
    for (let row = 0; row < rows; row++) {
      if (state.isChosen[row] === 1 || (best !== -1 && !precedes(gains, place, row, best))) continue
      gains[row] = gainOf(row)
      if (best === -1 || precedes(gains, place, row, best)) best = row
    }
    if (best === -1 || (gains[best] as number) <= 1e-9) return
    state.add(best)
  }
}

function precedes(gains: Float64Array, place: Int32Array, row: number, other: number): boolean {
  const difference = (gains[row] as number) - (gains[other] as number)
  // Sums in another order differ in their last digits.
  if (Math.abs(difference) > 1e-9) return difference > 0
  return (place[row] as number) < (place[other] as number)
}

function farthestRow({ cosines, isChosen }: Choice, place: Int32Array): number {
  let best = -1
  for (let row = 0; row < cosines.length; row++) {
    if (isChosen[row] === 1) continue
    if (best === -1 || (cosines[row] as number) < (cosines[best] as number)) best = row
    else if (cosines[row] === cosines[best] && (place[row] as number) < (place[best] as number)) best = row
  }
  return best
}

/** The row nearest to the mean of all, taken in the order of the ids. */
function centralRow({ data, rows, columns }: Matrix, place: Int32Array): number {
  const order = new Int32Array(rows)
  for (let row = 0; row < rows; row++) order[place[row] as number] = row
  const mean = new Float64Array(columns)
  for (const row of order)
    for (let j = 0; j < columns; j++) mean[j] = (mean[j] as number) + (data[row * columns + j] as number)
  const centre = Float32Array.from(mean, (sum) => sum / rows)
  let best = order[0] as number
  let bestScore = Number.NEGATIVE_INFINITY
  for (const row of order) {
    const score = dot(data, row * columns, centre, 0, columns)
    if (score > bestScore) {
      best = row
      bestScore = score
    }
  }
  return best
}

/** Place of each row in the order of the ids. */
function placesOf(ids: readonly string[]): Int32Array {
  const order = Array.from(ids, (_, row) => row).sort((a, b) => ((ids[a] as string) < (ids[b] as string) ? -1 : 1))
  const places = new Int32Array(ids.length)
  for (const [place, row] of order.entries()) places[row] = place
  return places
}
