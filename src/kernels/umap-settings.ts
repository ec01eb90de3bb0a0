import { InvalidArgumentError } from '../spec/errors.ts'
import { assertFinite, type Matrix } from '../spec/matrix.ts'
import type { DistanceMetric } from './neighbour-distances.ts'
import { assertChoice, assertInteger, assertNumber } from './option-checks.ts'
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

/** A spectral start has no more components than these. */
export const spectralComponents = 3

/** Options with their defaults, checked; `matrix` holds the rows that are fitted. */
export function settingsOf(matrix: Matrix, options: UmapOptions) {
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
