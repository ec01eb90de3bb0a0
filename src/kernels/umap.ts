import { InvalidArgumentError } from '../spec/errors.ts'
import { assertComparable, assertFinite, createMatrix, type Matrix } from '../spec/matrix.ts'
import { fuzzyUnion, intersectLabels, memberships, type SparseRows, toSparseRows } from './fuzzy-set.ts'
import { type DistanceMetric, type Neighbours, neighboursAmong, neighboursWithin } from './neighbour-distances.ts'
import { assertChoice, assertInteger, assertNumber } from './option-checks.ts'
import { pca } from './pca.ts'
import { createRandom, type Random } from './random.ts'
import { countParts } from './spectral-start.ts'
import { fitCurve } from './umap-curve.ts'
import { type LayoutSettings, optimizeLayout, spectralStart } from './umap-layout.ts'
import type { Engine } from './wasm/features.ts'
import { defaultThreads } from './wasm/pool.ts'

export interface UmapOptions {
  readonly nNeighbors?: number
  readonly minDist?: number
  readonly spread?: number
  readonly components?: number
  readonly metric?: DistanceMetric
  readonly epochs?: number
  readonly negativeSampleRate?: number
  readonly repulsionStrength?: number
  readonly learningRate?: number
  readonly init?: 'spectral' | 'pca' | Matrix
  readonly labels?: Int32Array
  readonly seed?: number
  readonly threads?: number
  readonly engine?: Engine
  readonly onProgress?: (progress: { readonly epoch: number; readonly epochs: number }) => void
  readonly signal?: AbortSignal
}

export interface Umap {
  /** `rows × components`. */
  readonly embedding: Matrix
  /** Place new rows among the fitted ones, which stay where they are. */
  transform(rows: Matrix): Promise<Matrix>
}

const spectralComponents = 3
/** The start fills a cube of this edge, as umap-learn's does. */
const startEdge = 10
const startNoise = 1e-4

/**
 * Lay rows out in a few dimensions so that near rows stay near.
 *
 * @param matrix - `rows × columns`, read only; finite; any number of rows, 0 too.
 * @param options.nNeighbors - Neighbours that make up a row's surroundings, itself among them; integer from 2 to rows;
 *   larger shows more of the whole, less of the detail. @default 15, or rows where there are fewer
 * @param options.minDist - Distance below which points need not come closer, from 0 to `spread`; smaller packs tighter. @default 0.1
 * @param options.spread - Scale of the layout, > 0. @default 1
 * @param options.components - Dimensions of the layout, integer ≥ 1. @default 2
 * @param options.metric - `l2` or `cosine`. @default 'l2'
 * @param options.epochs - Passes over the graph, integer ≥ 1. @default 500 up to 10,000 rows, else 200
 * @param options.negativeSampleRate - Random points each pull of an edge is paid for with, integer ≥ 0; larger spaces out. @default 5
 * @param options.repulsionStrength - Weight of these, ≥ 0. @default 1
 * @param options.learningRate - First step, > 0, falling linearly to 0. @default 1
 * @param options.init - `spectral`, `pca`, or a matrix `rows × components` to start from. @default 'spectral';
 *   `pca` for more than three components or a graph in several parts, which have no spectral start here
 * @param options.labels - Class of each row, −1 for unknown: like labels draw together.
 * @param options.seed - Safe integer; same seed, same bytes on every platform and on any number of threads. @default 0
 * @param options.threads - Integer ≥ 1. @default the logical cores
 * @returns the layout, and `transform`.
 * @throws {InvalidArgumentError} when an option is out of range.
 * @throws {InvalidVectorError} when a row is not finite, or zero under cosine (names the row).
 *
 * Cost: exact neighbours O(rows² · columns), then O(rows · nNeighbors · epochs).
 * Source: McInnes, Healy & Melville 2018. Defaults of umap-learn.
 * Departs from umap-learn: the neighbours are exact; points move by the positions of the epoch before, not of the moment.
 */
export async function umap(matrix: Matrix, options: UmapOptions = {}): Promise<Umap> {
  const { rows } = matrix
  const settings = settingsOf(matrix, options)
  const { components, nNeighbors, metric, threads, engine, init, seed } = settings
  const random = createRandom(seed)
  options.signal?.throwIfAborted()
  assertFinite(matrix, 'matrix')
  const curve = fitCurve(settings.spread, settings.minDist)
  if (rows < 2) return { embedding: createMatrix(rows, components), transform: refuseTransform(rows) }

  const neighbours = await neighboursWithin(matrix, {
    ...{ k: nNeighbors - 1, metric, threads, engine },
    signal: options.signal,
  })
  options.signal?.throwIfAborted()
  const graph = prune(joinedGraph(neighbours, options.labels), settings.epochs)
  const start = await startOf(matrix, graph, init, { components, random, threads, engine })
  const layout: Omit<LayoutSettings, 'epochs' | 'pull' | 'learningRate' | 'onEpoch'> = {
    ...{ components, threads, engine, a: curve.a, b: curve.b },
    repulsionStrength: settings.repulsionStrength,
    negativeSampleRate: settings.negativeSampleRate,
    seed: random.fork('layout').uint32() | 0,
  }
  const embedding = await optimizeLayout(graph, firingRates(graph), start, {
    ...layout,
    epochs: settings.epochs,
    learningRate: settings.learningRate,
    pull: 2,
    onEpoch(epoch) {
      options.onProgress?.({ epoch, epochs: settings.epochs })
      options.signal?.throwIfAborted()
    },
  })
  const transform = async (added: Matrix): Promise<Matrix> => {
    assertComparable(matrix, added, 'rows')
    assertFinite(added, 'rows')
    if (added.rows === 0) return createMatrix(0, components)
    const near = await neighboursAmong(added, matrix, {
      ...{ k: Math.min(nNeighbors, rows), metric, threads, engine },
    })
    const edges = toSparseRows(near, memberships(near))
    // As many as umap-learn gives to points that only have to settle among fixed ones.
    const epochs = options.epochs === undefined ? (rows <= 10_000 ? 100 : 30) : Math.ceil(options.epochs / 3)
    const placed = await optimizeLayout(
      edges,
      firingRates(edges),
      weightedMeans(edges, embedding, components),
      { ...layout, epochs, learningRate: settings.learningRate / 4, pull: 1 },
      embedding,
    )
    return createMatrix(added.rows, components, placed)
  }
  return { embedding: createMatrix(rows, components, embedding.slice()), transform }
}

function settingsOf(matrix: Matrix, options: UmapOptions) {
  const { rows } = matrix
  const settings = {
    nNeighbors: options.nNeighbors ?? Math.min(15, rows),
    minDist: options.minDist ?? 0.1,
    spread: options.spread ?? 1,
    components: options.components ?? 2,
    metric: options.metric ?? 'l2',
    epochs: options.epochs ?? (rows <= 10_000 ? 500 : 200),
    negativeSampleRate: options.negativeSampleRate ?? 5,
    repulsionStrength: options.repulsionStrength ?? 1,
    learningRate: options.learningRate ?? 1,
    init: options.init,
    seed: options.seed ?? 0,
    threads: options.threads ?? defaultThreads(),
    engine: options.engine,
  }
  if (options.nNeighbors !== undefined) assertInteger('nNeighbors', settings.nNeighbors, 2, Math.max(2, rows))
  assertNumber('spread', settings.spread, Number.MIN_VALUE)
  assertNumber('minDist', settings.minDist, 0, settings.spread)
  assertInteger('components', settings.components, 1)
  assertInteger('epochs', settings.epochs, 1)
  assertInteger('negativeSampleRate', settings.negativeSampleRate, 0, 1000)
  assertNumber('repulsionStrength', settings.repulsionStrength, 0)
  assertNumber('learningRate', settings.learningRate, Number.MIN_VALUE)
  assertInteger('threads', settings.threads, 1)
  assertChoice('metric', settings.metric, ['l2', 'cosine'])
  const { init } = settings
  if (typeof init === 'object') {
    if (init.rows !== rows || init.columns !== settings.components)
      throw new InvalidArgumentError(
        'options.init',
        `${rows} × ${settings.components}`,
        `${init.rows} × ${init.columns}`,
      )
    assertFinite(init, 'options.init')
  } else if (init !== undefined) assertChoice('init', init, ['spectral', 'pca'])
  if (init === 'spectral' && settings.components > spectralComponents)
    throw new InvalidArgumentError('options.init', `'pca' or a matrix for ${settings.components} components`, init)
  if (options.labels !== undefined && options.labels.length !== rows)
    throw new InvalidArgumentError('options.labels', `${rows} labels, one a row`, options.labels.length)
  return settings
}

function refuseTransform(rows: number): Umap['transform'] {
  return async () => {
    throw new InvalidArgumentError('matrix', 'at least 2 fitted rows to place others among', rows)
  }
}

function joinedGraph(neighbours: Neighbours, labels: Int32Array | undefined): SparseRows {
  const graph = fuzzyUnion(toSparseRows(neighbours, memberships(neighbours)))
  return labels === undefined ? graph : intersectLabels(graph, labels)
}

/** Without the edges too weak to fire even once. */
function prune(graph: SparseRows, epochs: number): SparseRows {
  const { rows, starts, columns, weights } = graph
  const least = largestOf(weights) / epochs
  const kept = { starts: new Uint32Array(rows + 1), columns: new Uint32Array(columns.length), weights: weights.slice() }
  let used = 0
  for (let i = 0; i < rows; i++) {
    for (let e = starts[i]!; e < starts[i + 1]!; e++) {
      if (weights[e]! < least) continue
      kept.columns[used] = columns[e]!
      kept.weights[used++] = weights[e]!
    }
    kept.starts[i + 1] = used
  }
  return { rows, starts: kept.starts, columns: kept.columns.subarray(0, used), weights: kept.weights.subarray(0, used) }
}

function largestOf(weights: Float32Array): number {
  let largest = 0
  for (const weight of weights) largest = Math.max(largest, weight)
  return largest
}

/** Weights as a share of the largest: how often an edge fires an epoch. */
function firingRates({ weights }: SparseRows): Float32Array {
  const largest = largestOf(weights)
  return weights.map((weight) => weight / largest)
}

async function startOf(
  matrix: Matrix,
  graph: SparseRows,
  init: UmapOptions['init'],
  options: { components: number; random: Random; threads: number; engine: Engine | undefined },
): Promise<Float32Array> {
  const { components, random } = options
  if (typeof init === 'object') return init.data.slice()
  const { rows } = matrix
  const noise = random.fork('start')
  let start: Float32Array
  if (rows <= components + 1 || matrix.columns < components)
    start = Float32Array.from({ length: rows * components }, () => noise.float64() - 0.5)
  else if (init !== 'pca' && components <= spectralComponents && rows > 8 && countParts(graph) === 1)
    start = await spectralStart(graph, components, noise, options)
  else {
    const axes = await pca(matrix, { components, method: 'randomized', seed: noise.uint32(), engine: options.engine })
    start = axes.transform(matrix).data
  }
  return spreadOut(start, rows, components, noise)
}

/** To a cube from 0 to 10, with a little noise that parts equal points. */
function spreadOut(start: Float32Array, rows: number, components: number, noise: Random): Float32Array {
  let largest = 0
  for (const value of start) largest = Math.max(largest, Math.abs(value))
  const scale = largest > 0 ? startEdge / largest : 0
  for (let at = 0; at < start.length; at++) start[at] = start[at]! * scale + startNoise * noise.normal()
  for (let c = 0; c < components; c++) {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    for (let i = 0; i < rows; i++) {
      low = Math.min(low, start[i * components + c]!)
      high = Math.max(high, start[i * components + c]!)
    }
    for (let i = 0; i < rows; i++)
      start[i * components + c] = high > low ? (startEdge * (start[i * components + c]! - low)) / (high - low) : 0
  }
  return start
}

/** Each row at the mean of its neighbours' places, weighted by membership. */
function weightedMeans(graph: SparseRows, embedding: Float32Array, components: number): Float32Array {
  const means = new Float32Array(graph.rows * components)
  for (let i = 0; i < graph.rows; i++)
    for (let c = 0; c < components; c++) {
      let [sum, total] = [0, 0]
      for (let e = graph.starts[i]!; e < graph.starts[i + 1]!; e++) {
        sum += graph.weights[e]! * embedding[graph.columns[e]! * components + c]!
        total += graph.weights[e]!
      }
      means[i * components + c] = sum / total
    }
  return means
}
