import { InvalidArgumentError, InvalidVectorError } from '../spec/errors.ts'
import { assertComparable, assertFinite, createMatrix, type Matrix } from '../spec/matrix.ts'
import { seedCentroids } from './k-means-seeding.ts'
import { createSweeper, mostSeedCandidates, type Sweeper } from './k-means-sweep.ts'
import { assertInteger, assertNumber } from './option-checks.ts'
import { createRandom, type Random } from './random.ts'
import { bestEngine, type Engine } from './wasm/features.ts'

export interface KMeansOptions {
  /** Number of clusters, integer in [1, rows]. */
  readonly k: number
  /** Upper bound on sweeps, those over the starting sample included; with `miniBatch` on passes over the rows. @default 300 */
  readonly maxIterations?: number
  /**
   * Stop when the summed squared shift of the centroids in a sweep is at most this share of the mean column variance;
   * unitless, ≥ 0. Larger stops earlier. @default 1e-4
   */
  readonly tolerance?: number
  /** A safe integer; same seed, same bytes on every platform and number of threads. @default 0 */
  readonly seed?: number
  /** `'k-means++'`, or the starting centroids, k × columns. @default 'k-means++' */
  readonly init?: 'k-means++' | Matrix
  /** Runs from different starts, integer in [1, 1000]; the one of least inertia is returned. @default 1 */
  readonly nInit?: number
  /**
   * Rows tried for each centroid at the start, integer from 1 to 100: more bring the rows nearer to the centroids, and runs
   * nearer to each other. @default 2 + ⌊ln k⌋, fewer where that takes long (one beyond some 500 clusters)
   */
  readonly seedCandidates?: number | undefined
  /** Rows and centroids as directions: everything is scaled to unit length first. @default false */
  readonly spherical?: boolean
  /** Rows of a batch, integer in [1, rows]: centroids move after each batch. Faster on millions of rows, and rougher. */
  readonly miniBatch?: number | undefined
  /** Threads to use at most, integer ≥ 1. @default the logical cores, at most 8 */
  readonly threads?: number
  readonly engine?: Engine
  /** Looked at before each sweep. */
  readonly signal?: AbortSignal | undefined
}

export interface KMeans {
  /** Cluster of each row, 0 … k − 1. */
  readonly labels: Int32Array
  /** k × columns; unit length with `spherical`. */
  readonly centroids: Matrix
  /** Sum of squared Euclidean distances of the rows to their centroids, in input units squared (unit rows with `spherical`). */
  readonly inertia: number
  /** Sweeps done. */
  readonly iterations: number
  /** Nearest centroid of other rows, the lowest of equals. Refuses rows of another model. */
  predict(matrix: Matrix): Promise<Int32Array>
}

/** The start is found on growing samples: rows a cluster, and the sweep and share of `maxIterations` at which each ends. */
const stages = [
  { rowsPerCluster: 32, untilSweep: 8, untilShare: 0.32 },
  { rowsPerCluster: 96, untilSweep: 16, untilShare: 0.64 },
  { rowsPerCluster: 128, untilSweep: 22, untilShare: 0.88 },
]

/**
 * Partition rows into `k` clusters: k-means++ seeding, then Lloyd's iterations.
 *
 * With `k-means++` the first sweeps run over a seeded sample of the rows that grows: 32 · k rows (up to sweep 8, and 32 %
 * of `maxIterations`), 96 · k (up to 16, and 64 %), 128 · k (up to 22, and 88 %), each where there are more than twice as
 * many rows; the others over all rows. With a `Matrix` as start every sweep is over all rows.
 * A cluster that loses its last row restarts at the row farthest from its centroid.
 *
 * @param matrix - `rows × columns`, read only; finite; rows need not be unit length.
 * @throws {InvalidArgumentError} when an option is out of range, or `init` has another shape.
 * @throws {InvalidVectorError} when a row is not finite, or zero with `spherical` (names the row).
 * @throws {UnsupportedError} when the rows take more than the 4 GB a kernel can address.
 * @throws {PassportMismatchError} when `init` or the rows to predict come from another model.
 *
 * Cost: O(rows · k · columns) for a sweep, falling towards O(rows · k) as the centroids settle; rows × k float32 bounds
 *   up to 1 GB, none beyond; a copy of the rows.
 * Source: Lloyd 1982; Arthur & Vassilvitskii 2007 (seeding); Bradley & Fayyad 1998 (start on a sample); Elkan 2003
 *   (bounds); Sculley 2010 (mini-batch). Defaults of scikit-learn's KMeans.
 * Departs from it: seeding draws from at most 16 · k rows, and tries fewer candidates where k is large; the start on
 *   a sample; mini-batch doesn't restart small clusters.
 */
export async function kMeans(matrix: Matrix, options: KMeansOptions): Promise<KMeans> {
  const { rows, columns } = matrix
  const { k, maxIterations = 300, tolerance = 1e-4, seed = 0, init = 'k-means++', nInit = 1 } = options
  const { spherical = false, miniBatch, seedCandidates, threads, engine = bestEngine(), signal } = options
  if (rows < 1) throw new InvalidArgumentError('matrix', 'at least 1 row', rows)
  if (columns < 1) throw new InvalidArgumentError('matrix', 'at least 1 column', columns)
  assertInteger('k', k, 1, rows)
  assertInteger('maxIterations', maxIterations, 1)
  assertNumber('tolerance', tolerance, 0)
  assertInteger('nInit', nInit, 1, 1000)
  if (seedCandidates !== undefined) assertInteger('seedCandidates', seedCandidates, 1, mostSeedCandidates)
  if (threads !== undefined) assertInteger('threads', threads, 1)
  if (miniBatch !== undefined) assertInteger('miniBatch', miniBatch, 1, rows)
  const random = createRandom(seed)
  const given = init === 'k-means++' ? undefined : startOf(init, matrix, k, spherical)
  const points = spherical ? unitRows(matrix, 'matrix') : matrix

  const sweeper = await createSweeper(points, k, { engine, threads, bounded: miniBatch === undefined })
  try {
    const run: Run = { points, sweeper, k, seedCandidates, maxIterations, tolerance, spherical, signal }
    let best: Found | undefined
    for (let attempt = 0; attempt < (given === undefined ? nInit : 1); attempt++) {
      const stream = random.fork(attempt)
      sweeper.reset()
      const found = await (miniBatch === undefined
        ? lloyd(run, given, stream)
        : inBatches(run, given, stream, miniBatch))
      if (best === undefined || found.inertia < best.inertia) best = found
    }
    const { labels, centroids, inertia, iterations } = best!
    return {
      labels,
      centroids: createMatrix(k, columns, centroids, matrix.passport),
      inertia,
      iterations,
      async predict(other) {
        assertComparable(matrix, other, 'matrix')
        const unseen = spherical ? unitRows(other, 'matrix') : other
        const assigner = await createSweeper(unseen, k, { engine, threads, bounded: false })
        try {
          await assigner.assign(centroids)
          return assigner.labels.slice()
        } finally {
          assigner.close()
        }
      },
    }
  } finally {
    sweeper.close()
  }
}

interface Run {
  readonly points: Matrix
  readonly sweeper: Sweeper
  readonly k: number
  readonly seedCandidates: number | undefined
  readonly maxIterations: number
  readonly tolerance: number
  readonly spherical: boolean
  readonly signal: AbortSignal | undefined
}

interface Found {
  readonly labels: Int32Array
  readonly centroids: Float32Array
  readonly inertia: number
  readonly iterations: number
}

async function lloyd(run: Run, given: Float32Array | undefined, random: Random): Promise<Found> {
  const { points, sweeper, k, maxIterations, tolerance } = run
  let centroids = given ?? seedCentroids(run, random.fork('seeding'))
  let threshold = -1
  let iterations = 0
  let settled = false
  const order = given === undefined ? samplingOrder(points.rows, k, random.fork('sample')) : undefined
  for (const { rowsPerCluster, untilSweep, untilShare } of order === undefined ? [] : stages) {
    if (points.rows <= 2 * rowsPerCluster * k) break
    const sample = order!.slice(0, rowsPerCluster * k).sort()
    const end = Math.min(untilSweep, Math.floor(untilShare * maxIterations))
    while (iterations < end) {
      run.signal?.throwIfAborted()
      const changed = await sweeper.assign(centroids, sample)
      iterations++
      if (changed === 0) break
      centroids = await nextCentroids(run, centroids, sample)
    }
  }
  while (iterations < maxIterations) {
    run.signal?.throwIfAborted()
    const changed = await sweeper.assign(centroids)
    iterations++
    settled = changed === 0
    if (settled) break
    if (threshold < 0) threshold = tolerance * meanVariance(run)
    const next = await nextCentroids(run, centroids)
    const shift = squaredShift(centroids, next)
    centroids = next
    if (shift <= threshold) break
  }
  if (!settled) await sweeper.assign(centroids)
  const distances = await sweeper.ownDistances()
  return { labels: sweeper.labels.slice(), centroids, inertia: sum(distances), iterations }
}

/** The rows of the largest sample, each smaller one a prefix: a row's bounds stay true as the sample grows. */
function samplingOrder(rows: number, k: number, random: Random): Int32Array {
  const most = Math.max(...stages.map((stage) => stage.rowsPerCluster * k).filter((size) => 2 * size < rows), 0)
  return random.sample(rows, most)
}

async function inBatches(run: Run, given: Float32Array | undefined, random: Random, size: number): Promise<Found> {
  const { points, sweeper, k, maxIterations, tolerance } = run
  const { rows, columns } = points
  let centroids = given ?? seedCentroids(run, random.fork('seeding'))
  const weights = new Float64Array(k)
  const order = Int32Array.from({ length: rows }, (_, i) => i)
  const shuffler = random.fork('batches')
  const columnVariance = tolerance === 0 ? 0 : meanVarianceOf(points)
  let iterations = 0
  for (let shift = Number.POSITIVE_INFINITY; iterations < maxIterations && shift > tolerance * columnVariance; ) {
    shuffler.shuffle(order)
    const before = centroids
    for (let start = 0; start < rows; start += size) {
      run.signal?.throwIfAborted()
      sweeper.reset()
      await sweeper.assign(centroids, order.subarray(start, Math.min(rows, start + size)))
      const next = centroids.slice()
      for (let c = 0; c < k; c++) {
        const count = sweeper.counts[c]!
        if (count === 0) continue
        weights[c]! += count
        for (let j = c * columns; j < (c + 1) * columns; j++)
          next[j] = centroids[j]! + (sweeper.sums[j]! - count * centroids[j]!) / weights[c]!
      }
      if (run.spherical) scaleToUnit(next, columns, centroids)
      centroids = next
    }
    iterations++
    shift = squaredShift(before, centroids)
  }
  sweeper.reset()
  await sweeper.assign(centroids)
  return { labels: sweeper.labels.slice(), centroids, inertia: sum(await sweeper.ownDistances()), iterations }
}

/** Means of the clusters, over `list` or all rows; empty ones take the rows farthest from their centroids. */
async function nextCentroids(run: Run, centroids: Float32Array, list?: Int32Array): Promise<Float32Array> {
  const { points, sweeper, k } = run
  const { data, columns } = points
  let { sums, counts } = sweeper
  const empty: number[] = []
  for (let c = 0; c < k; c++) if (counts[c] === 0) empty.push(c)
  if (empty.length > 0) {
    sums = sums.slice()
    counts = counts.slice()
    const distances = await sweeper.ownDistances()
    const candidates = Array.from(list ?? distances.keys()).sort((a, b) => distances[b]! - distances[a]! || a - b)
    empty.forEach((cluster, i) => {
      const row = candidates[i]
      // Fewer different rows than clusters: a move would gain nothing.
      if (row === undefined || distances[row] === 0) return
      const from = sweeper.labels[row]!
      for (let j = 0; j < columns; j++) {
        const value = data[row * columns + j]!
        sums[from * columns + j]! -= value
        sums[cluster * columns + j] = value
      }
      counts[from]!--
      counts[cluster] = 1
    })
  }
  const biggest = counts.indexOf(counts.reduce((a, b) => Math.max(a, b), 0))
  const next = new Float32Array(centroids.length)
  for (let c = 0; c < k; c++) {
    const from = counts[c]! > 0 ? c : biggest
    for (let j = 0; j < columns; j++) next[c * columns + j] = sums[from * columns + j]! / counts[from]!
  }
  if (run.spherical) scaleToUnit(next, columns, centroids)
  return next
}

/** Scale each row to unit length; where directions cancel to nothing, keep the row of `otherwise`. */
function scaleToUnit(values: Float32Array, columns: number, otherwise: Float32Array): void {
  for (let at = 0; at < values.length; at += columns) {
    let square = 0
    for (let j = at; j < at + columns; j++) square += values[j]! * values[j]!
    const length = Math.sqrt(square)
    for (let j = at; j < at + columns; j++) values[j] = length > 0 ? values[j]! / length : otherwise[j]!
  }
}

function unitRows(matrix: Matrix, name: string): Matrix {
  assertFinite(matrix, name)
  const { rows, columns } = matrix
  const data = new Float32Array(matrix.data)
  for (let row = 0; row < rows; row++) {
    const part = data.subarray(row * columns, (row + 1) * columns)
    if (part.every((value) => value === 0))
      throw new InvalidVectorError(`${name}, row ${row}`, 'a direction with `spherical`', 'a zero vector', { row })
  }
  scaleToUnit(data, columns, data)
  return createMatrix(rows, columns, data, matrix.passport)
}

function startOf(init: Matrix, matrix: Matrix, k: number, spherical: boolean): Float32Array {
  if (typeof init !== 'object' || init.rows !== k || init.columns !== matrix.columns)
    throw new InvalidArgumentError(
      'options.init',
      `'k-means++' or a matrix of ${k} × ${matrix.columns}`,
      typeof init === 'object' ? `${init.rows} × ${init.columns}` : init,
    )
  assertComparable(matrix, init, 'options.init')
  assertFinite(init, 'options.init')
  return spherical ? unitRows(init, 'options.init').data : init.data.slice()
}

/** Mean over columns of the variance over all rows, once all rows are assigned: from their lengths and sums. */
function meanVariance({ points, sweeper }: Run): number {
  const { rows, columns } = points
  const totals = new Float64Array(columns)
  for (let i = 0; i < sweeper.sums.length; i++) totals[i % columns]! += sweeper.sums[i]!
  const ofMean = sum(totals.map((total) => (total / rows) * (total / rows)))
  return Math.max(0, sum(sweeper.squaredLengths) / rows - ofMean) / columns
}

function meanVarianceOf({ data, rows, columns }: Matrix): number {
  const totals = new Float64Array(columns)
  let squares = 0
  for (let i = 0; i < data.length; i++) {
    totals[i % columns]! += data[i]!
    squares += data[i]! * data[i]!
  }
  return Math.max(0, squares / rows - sum(totals.map((total) => (total / rows) * (total / rows)))) / columns
}

function squaredShift(before: Float32Array, after: Float32Array): number {
  let total = 0
  for (let i = 0; i < before.length; i++) {
    const shift = after[i]! - before[i]!
    total += shift * shift
  }
  return total
}

function sum(values: Float64Array): number {
  let total = 0
  for (const value of values) total += value
  return total
}
