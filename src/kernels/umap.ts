import { assertFinite, createMatrix, type Matrix } from '../spec/matrix.ts'
import {
  firingRates,
  fuzzyUnion,
  intersectLabels,
  largestOf,
  memberships,
  type SparseRows,
  toSparseRows,
} from './fuzzy-set.ts'
import { type Neighbours, neighboursWithin } from './neighbour-distances.ts'
import { pca } from './pca.ts'
import { createRandom, type Random } from './random.ts'
import { countParts } from './spectral-start.ts'
import { fitCurve } from './umap-curve.ts'
import { type LayoutSettings, optimizeLayout, spectralStart } from './umap-layout.ts'
import { settingsOf, spectralComponents, type UmapOptions } from './umap-settings.ts'
import { umapTransform } from './umap-transform.ts'
import type { Engine } from './wasm/features.ts'

/** Where a layout began; anything but `spectral` shows less of how far apart the groups are. */
export type UmapStart = 'spectral' | 'pca' | 'random' | 'given'

export interface Umap {
  /** `rows × components`. */
  readonly embedding: Matrix
  /** `pca` where the graph falls into parts or has few rows, `random` where there is not even that. */
  readonly start: UmapStart
  /** Place new rows among the fitted ones, which stay where they are. */
  transform(rows: Matrix): Promise<Matrix>
}

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
  if (rows < 2)
    return {
      embedding: createMatrix(rows, components),
      start: 'random',
      transform: (added) => umapTransform(added, { vectors: matrix, layout: createMatrix(rows, components) }, options),
    }

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
  const embedding = await optimizeLayout(graph, firingRates(graph), start.places, {
    ...layout,
    epochs: settings.epochs,
    learningRate: settings.learningRate,
    pull: 2,
    onEpoch(epoch) {
      options.onProgress?.({ epoch, epochs: settings.epochs })
      options.signal?.throwIfAborted()
    },
  })
  const fitted = { vectors: matrix, layout: createMatrix(rows, components, embedding) }
  return {
    embedding: createMatrix(rows, components, embedding.slice()),
    start: start.kind,
    transform: (added) => umapTransform(added, fitted, options),
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

async function startOf(
  matrix: Matrix,
  graph: SparseRows,
  init: UmapOptions['init'],
  options: { components: number; random: Random; threads: number; engine: Engine | undefined },
): Promise<{ kind: UmapStart; places: Float32Array }> {
  const { components, random } = options
  if (typeof init === 'object') return { kind: 'given', places: init.data.slice() }
  const { rows } = matrix
  const noise = random.fork('start')
  let start: Float32Array
  let kind: UmapStart = 'pca'
  if (rows <= components + 1 || matrix.columns < components) {
    kind = 'random'
    start = Float32Array.from({ length: rows * components }, () => noise.float64() - 0.5)
  } else if (init !== 'pca' && components <= spectralComponents && rows > 8 && countParts(graph) === 1) {
    kind = 'spectral'
    start = await spectralStart(graph, components, noise, options)
  } else {
    const axes = await pca(matrix, { components, method: 'randomized', seed: noise.uint32(), engine: options.engine })
    start = axes.transform(matrix).data
  }
  return { kind, places: spreadOut(start, rows, components, noise) }
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
