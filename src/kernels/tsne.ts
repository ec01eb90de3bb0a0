import { InvalidArgumentError } from '../spec/errors.ts'
import { assertFinite, createMatrix, type Matrix } from '../spec/matrix.ts'
import type { SparseRows } from './fuzzy-set.ts'
import { type DistanceMetric, neighboursWithin } from './neighbour-distances.ts'
import { assertChoice, assertInteger, assertNumber } from './option-checks.ts'
import { pca } from './pca.ts'
import { portableLog } from './portable-math.ts'
import { createRandom, type Random } from './random.ts'
import { affinities } from './tsne-affinities.ts'
import { descend } from './tsne-layout.ts'
import type { Engine } from './wasm/features.ts'
import { defaultThreads } from './wasm/pool.ts'

export interface TsneOptions {
  readonly perplexity?: number
  readonly iterations?: number
  readonly exaggerationIterations?: number
  readonly earlyExaggeration?: number
  readonly learningRate?: 'auto' | number
  readonly momentum?: number
  readonly theta?: number
  readonly metric?: DistanceMetric
  readonly init?: 'pca' | Matrix
  readonly seed?: number
  readonly threads?: number
  readonly engine?: Engine
  readonly onProgress?: (progress: { readonly iteration: number; readonly iterations: number }) => void
  readonly signal?: AbortSignal
}

export interface Tsne {
  /** `rows × 2`. */
  readonly embedding: Matrix
  /** Kullback–Leibler divergence of the layout's similarities from the vectors', in nats, over the neighbours' pairs. */
  readonly klDivergence: number
}

const startDeviation = 1e-4
const longestStep = 5

/**
 * Lay rows out in the plane so that near rows stay near: t-SNE, by Barnes and Hut's approximation.
 *
 * @param matrix - `rows × columns`, read only; finite; any number of rows, 0 too.
 * @param options.perplexity - About how many neighbours count, from 1 to (rows − 1) / 3; larger shows more of the whole.
 *   @default 30, or (rows − 1) / 3 where that is less
 * @param options.iterations - Steps in all, integer ≥ 1. @default 750
 * @param options.exaggerationIterations - The first of them, with exaggerated attraction; integer from 0 to `iterations`. @default 250
 * @param options.earlyExaggeration - Factor of that attraction, ≥ 1; larger gathers clusters more strongly. @default 12
 * @param options.learningRate - Step, > 0; `auto`: rows / exaggeration. @default 'auto'
 * @param options.momentum - Share of the last step that goes on, from 0 to below 1. @default 0.8
 * @param options.theta - Cells seen under a smaller angle than this push as one point, from 0 to 1; 0 is exact. @default 0.7
 * @param options.metric - `l2` or `cosine`. @default 'l2'
 * @param options.init - `pca`, or a matrix `rows × 2` to start from. @default 'pca'
 * @param options.seed - Safe integer; same seed, same bytes on every platform and on any number of threads. @default 0
 * @param options.threads - Integer ≥ 1. @default the logical cores
 * @throws {InvalidArgumentError} when an option is out of range.
 * @throws {InvalidVectorError} when a row is not finite, or zero under cosine (names the row).
 *
 * Cost: exact neighbours O(rows² · columns), then O(rows · (log rows + perplexity)) an iteration.
 * Source: van der Maaten & Hinton 2008; van der Maaten 2014; schedule and defaults of openTSNE, as Belkina et al. 2019.
 * Departs from openTSNE: θ is measured from a group of neighbouring points, which is stricter than from each point.
 */
export async function tsne(matrix: Matrix, options: TsneOptions = {}): Promise<Tsne> {
  const { rows } = matrix
  const settings = settingsOf(rows, options)
  const { perplexity, metric, threads, engine, iterations, exaggerationIterations, earlyExaggeration } = settings
  const { signal, onProgress } = options
  signal?.throwIfAborted()
  assertFinite(matrix, 'matrix')
  if (rows < 2) return { embedding: createMatrix(rows, 2), klDivergence: 0 }

  const k = Math.min(rows - 1, Math.max(1, Math.floor(3 * perplexity)))
  const neighbours = await neighboursWithin(matrix, { k, metric, threads, engine, signal })
  signal?.throwIfAborted()
  const joint = affinities(neighbours, perplexity)
  const start = await startOf(matrix, options.init, createRandom(settings.seed), engine)
  const rateOf = (exaggeration: number) =>
    settings.learningRate === 'auto' ? rows / exaggeration : settings.learningRate
  const normalizer = await descend(joint, start, {
    phases: [
      { iterations: exaggerationIterations, exaggeration: earlyExaggeration, learningRate: rateOf(earlyExaggeration) },
      { iterations: iterations - exaggerationIterations, exaggeration: 1, learningRate: rateOf(1) },
    ],
    ...{ theta: settings.theta, momentum: settings.momentum, longestStep, threads, engine },
    onIteration(iteration) {
      onProgress?.({ iteration, iterations })
      signal?.throwIfAborted()
    },
  })
  return { embedding: createMatrix(rows, 2, start), klDivergence: divergence(joint, start, normalizer) }
}

function settingsOf(rows: number, options: TsneOptions) {
  const largest = Math.max(1, (rows - 1) / 3)
  const iterations = options.iterations ?? 750
  const settings = {
    perplexity: options.perplexity ?? Math.min(30, largest),
    iterations,
    exaggerationIterations: options.exaggerationIterations ?? Math.min(250, iterations),
    earlyExaggeration: options.earlyExaggeration ?? 12,
    learningRate: options.learningRate ?? ('auto' as const),
    momentum: options.momentum ?? 0.8,
    theta: options.theta ?? 0.7,
    metric: options.metric ?? 'l2',
    seed: options.seed ?? 0,
    threads: options.threads ?? defaultThreads(),
    engine: options.engine,
  }
  assertNumber('perplexity', settings.perplexity, 1, largest)
  assertInteger('iterations', iterations, 1)
  assertInteger('exaggerationIterations', settings.exaggerationIterations, 0, iterations)
  assertNumber('earlyExaggeration', settings.earlyExaggeration, 1)
  if (settings.learningRate !== 'auto') assertNumber('learningRate', settings.learningRate, Number.MIN_VALUE)
  assertNumber('momentum', settings.momentum, 0, 1 - Number.EPSILON)
  assertNumber('theta', settings.theta, 0, 1)
  assertChoice('metric', settings.metric, ['l2', 'cosine'])
  assertInteger('threads', settings.threads, 1)
  const { init } = options
  if (typeof init === 'object') {
    if (init.rows !== rows || init.columns !== 2)
      throw new InvalidArgumentError('options.init', `${rows} × 2`, `${init.rows} × ${init.columns}`)
    assertFinite(init, 'options.init')
  } else if (init !== undefined) assertChoice('init', init, ['pca'])
  return settings
}

/** Principal axes, so small that all points begin together, with a jitter that parts equal ones. */
async function startOf(
  matrix: Matrix,
  init: TsneOptions['init'],
  random: Random,
  engine: Engine | undefined,
): Promise<Float32Array> {
  const { rows } = matrix
  if (typeof init === 'object') return init.data.slice()
  const start = new Float32Array(rows * 2)
  if (rows > 3 && matrix.columns >= 2) {
    const axes = await pca(matrix, { components: 2, method: 'randomized', seed: random.uint32(), engine })
    start.set(axes.transform(matrix).data)
  }
  let variance = 0
  for (let at = 0; at < start.length; at += 2) variance += start[at]! ** 2 / rows
  const scale = variance > 0 ? startDeviation / Math.sqrt(variance) : 0
  const jitter = startDeviation * (variance > 0 ? 0.01 : 1)
  for (let at = 0; at < start.length; at++) start[at] = start[at]! * scale + jitter * random.normal()
  return start
}

/** Σ p · ln(p / q) with q = 1 / (1 + d²) / normalizer. */
function divergence(joint: SparseRows, places: Float32Array, normalizer: number): number {
  let sum = 0
  for (let i = 0; i < joint.rows; i++)
    for (let e = joint.starts[i]!; e < joint.starts[i + 1]!; e++) {
      const p = joint.weights[e]!
      if (p === 0) continue
      const j = joint.columns[e]!
      const dx = places[i * 2]! - places[j * 2]!
      const dy = places[i * 2 + 1]! - places[j * 2 + 1]!
      sum += p * portableLog(p * (1 + dx * dx + dy * dy) * normalizer)
    }
  return sum
}
