import { InvalidArgumentError } from '../spec/errors.ts'
import { assertComparable, assertFinite, createMatrix, type Matrix } from '../spec/matrix.ts'
import { BestList } from './best-list.ts'
import { assertTopK, emptyNearest, type Nearest } from './compare.ts'
import { assertMetric, assertNonZero, type Metric, rankingScore, shownScore, squaredNorms } from './metric.ts'
import { type QuantizedMatrix, quantize } from './quantize.ts'
import { hasBit, type Selection, toBitmap } from './selection.ts'
import { Arena } from './wasm/arena.ts'
import { bestEngine, type Engine } from './wasm/features.ts'
import { loadKernel } from './wasm/load.ts'

export interface HammingOptions {
  /** Neighbours a query, integer ≥ 1. @default 10 */
  readonly topK?: number | undefined
  /** Ids that may be returned. @default all */
  readonly filter?: Selection | undefined
  /** The float32 rows behind the codes: the nearest by Hamming distance are then ranked by their true scores. @default none */
  readonly rows?: Matrix | undefined
  /** How many times `topK` are taken for that, number ≥ 1; larger finds more of the true neighbours. @default 4 */
  readonly rescoreMultiplier?: number | undefined
  /** Of the true scores. @default 'cosine' */
  readonly metric?: Metric | undefined
}

/**
 * Nearest rows by the number of bits in which binary codes differ: approximate neighbours at a thirty-second of the bytes.
 * `recallOf` tells what was lost.
 */
export class HammingIndex {
  readonly codes: QuantizedMatrix
  private readonly distancesTo: (query: Uint8Array) => Uint16Array

  constructor(codes: QuantizedMatrix, distancesTo: (query: Uint8Array) => Uint16Array) {
    this.codes = codes
    this.distancesTo = distancesTo
  }

  /**
   * @param queries - Float32 rows; their signs are the codes searched with.
   * @returns As from `topK`; without `rows` the score is minus the Hamming distance. Ties by the smaller id.
   * @throws {InvalidArgumentError} when an option is not what it must be.
   * @throws {PassportMismatchError} when other models made queries, codes or rows.
   *
   * Cost: columns / 8 bytes read for each row.
   */
  search(queries: Matrix, options: HammingOptions = {}): Nearest {
    const { topK = 10, filter, rows, rescoreMultiplier = 4, metric = 'cosine' } = options
    const { codes } = this
    assertTopK(topK)
    assertMetric(metric)
    if (!(rescoreMultiplier >= 1 && Number.isFinite(rescoreMultiplier)))
      throw new InvalidArgumentError('options.rescoreMultiplier', 'a number ≥ 1', rescoreMultiplier)
    assertComparable(createMatrix(0, codes.columns, undefined, codes.passport), queries, 'queries')
    assertFinite(queries, 'queries')
    if (rows !== undefined) {
      assertComparable(queries, rows, 'options.rows')
      if (rows.rows !== codes.rows) throw new InvalidArgumentError('options.rows', `${codes.rows} rows`, rows.rows)
    }
    const allowed = filter === undefined ? undefined : toBitmap(filter, codes.rows)
    const queryCodes = quantize(queries, { precision: 'ubinary' })
    const wanted = rows === undefined ? topK : Math.ceil(topK * rescoreMultiplier)
    const nearest = emptyNearest(queries.rows, topK)
    const best = new BestList(Math.min(topK, codes.rows))
    const norms = squaredNorms(queries)
    if (rows !== undefined && metric === 'cosine') assertNonZero(norms, 'queries')
    for (let i = 0; i < queries.rows; i++) {
      const { bytesPerRow } = codes
      const code = queryCodes.data.subarray(i * bytesPerRow, (i + 1) * bytesPerRow) as Uint8Array
      const distances = this.distancesTo(code)
      for (const id of leastOf(distances, codes.columns, wanted, allowed))
        best.offer(rows === undefined ? 0 - distances[id]! : trueScore(metric, queries, i, norms[i]!, rows, id), id)
      const found = best.drain()
      nearest.ids.set(found.ids, i * topK)
      for (let rank = 0; rank < found.scores.length; rank++)
        nearest.scores[i * topK + rank] =
          rows === undefined ? found.scores[rank]! : shownScore(metric, found.scores[rank]!)
    }
    return nearest
  }
}

/**
 * Search over binary codes made by `quantize`.
 *
 * @param codes - `binary` or `ubinary`, at most 32,768 dimensions.
 */
export async function createHammingIndex(
  codes: QuantizedMatrix,
  options: { engine?: Engine | undefined } = {},
): Promise<HammingIndex> {
  const { precision, rows, bytesPerRow, columns } = codes
  if (precision !== 'binary' && precision !== 'ubinary')
    throw new InvalidArgumentError('codes', "precision 'binary' or 'ubinary'", precision)
  if (columns > 32768) throw new InvalidArgumentError('codes', 'at most 32768 dimensions', columns)
  const bytes = precision === 'ubinary' ? (codes.data as Uint8Array) : Uint8Array.from(codes.data, (byte) => byte + 128)
  if ((options.engine ?? bestEngine()) === 'typescript')
    return new HammingIndex(codes, (query) => hammingDistances(bytes, query, rows, bytesPerRow))

  const arena = new Arena()
  const width = Math.ceil(bytesPerRow / 16) * 16
  const [codesAt, queryAt, outAt] = [rows * width, width, rows * 2].map((size) => arena.alloc(size))
  const target = arena.uint8(codesAt!, rows * width)
  for (let i = 0; i < rows; i++) target.set(bytes.subarray(i * bytesPerRow, (i + 1) * bytesPerRow), i * width)
  const kernel = await loadKernel<{
    hammingRows(codes: number, query: number, out: number, rows: number, bytes: number): void
  }>('hamming', arena.memory)
  const queryView = arena.uint8(queryAt!, width)
  const out = new Uint16Array(arena.memory.buffer, outAt!, rows)
  return new HammingIndex(codes, (query) => {
    queryView.set(query)
    kernel.hammingRows(codesAt!, queryAt!, outAt!, rows, width)
    return out
  })
}

/** The specification: bits in which each row of packed bits differs from the query. */
function hammingDistances(bytes: Uint8Array, query: Uint8Array, rows: number, bytesPerRow: number): Uint16Array {
  const distances = new Uint16Array(rows)
  for (let i = 0; i < rows; i++) {
    let sum = 0
    for (let j = 0; j < bytesPerRow; j++) {
      let different = bytes[i * bytesPerRow + j]! ^ query[j]!
      for (; different !== 0; different &= different - 1) sum++
    }
    distances[i] = sum
  }
  return distances
}

/** Ids of the `wanted` least distances, ties by the smaller id, ascending. */
function leastOf(distances: Uint16Array, most: number, wanted: number, allowed: Uint8Array | undefined): number[] {
  const counts = new Uint32Array(most + 1)
  const counted = (id: number) => allowed === undefined || hasBit(allowed, id)
  for (let id = 0; id < distances.length; id++) if (counted(id)) counts[distances[id]!]!++
  let cut = 0
  let under = 0
  while (cut < most && under + counts[cut]! < wanted) under += counts[cut++]!
  let atCut = wanted - under
  const ids: number[] = []
  for (let id = 0; id < distances.length; id++) {
    const distance = distances[id]!
    if (distance > cut || !counted(id)) continue
    if (distance < cut || atCut-- > 0) ids.push(id)
  }
  return ids
}

function trueScore(metric: Metric, queries: Matrix, query: number, norm: number, rows: Matrix, id: number): number {
  const row = { data: rows.data.subarray(id * rows.columns, (id + 1) * rows.columns), rows: 1, columns: rows.columns }
  assertFinite(row, `options.rows, row ${id}`)
  const squared = squaredNorms(row)
  if (metric === 'cosine') assertNonZero(squared, `options.rows, row ${id}`)
  return rankingScore(metric, queries, query, norm, row, 0, squared[0]!)
}

/**
 * Share of the true neighbours that an approximate search found, over all queries: recall@k with k as searched.
 *
 * @param found - Of the approximate search.
 * @param exact - Of an exact search of the same queries and `topK`.
 * @returns From 0 to 1; 1 where there is nothing to find.
 */
export function recallOf(found: Nearest, exact: Nearest, topK: number): number {
  if (found.ids.length !== exact.ids.length || exact.ids.length % topK !== 0)
    throw new InvalidArgumentError('found', `${exact.ids.length} ids, ${topK} a query`, found.ids.length)
  let hits = 0
  let total = 0
  for (let start = 0; start < exact.ids.length; start += topK) {
    const ids = new Set(found.ids.subarray(start, start + topK))
    for (const id of exact.ids.subarray(start, start + topK)) {
      if (id < 0) continue
      total++
      if (ids.has(id)) hits++
    }
  }
  return total === 0 ? 1 : hits / total
}
