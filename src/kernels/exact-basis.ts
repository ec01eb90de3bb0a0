import { createMatrix, type Matrix } from '../spec/matrix.ts'
import { paddedColumns, Turning, turnedWidth, turnVector } from './exact-turning.ts'
import { dot, type Metric } from './metric.ts'
import { exactAxes } from './principal-axes.ts'
import { Arena } from './wasm/arena.ts'
import type { Engine } from './wasm/features.ts'
import { loadKernel } from './wasm/load.ts'

/**
 * Coordinates in which a corpus is coded: centred, and turned so that the first dimensions carry most of its energy.
 * Chosen once from a sample; rows added later use it as it is (a poor fit costs time, never exactness).
 */
export interface Basis {
  readonly metric: Metric
  readonly columns: number
  /** Dimensions of a turned row: columns padded to a multiple of 16, and the leading axes where only these are turned to. */
  readonly width: number
  /** Power of two that brings the longest row near length 1; 1 under cosine, where rows have it. */
  readonly unit: number
  /** Of the scaled rows, `columns` long. */
  readonly mean: Float64Array
  /**
   * Padded columns × number of axes: column j is axis j. All axes, or the leading ones, after which stands what is left of
   * a row; undefined where rows are coded as they stand.
   */
  readonly axes: Float32Array | undefined
  /** Spread of the rows along each axis, `width` long, positive. */
  readonly deviations: Float32Array
  /** Dimensions of the first pass, a multiple of 16. */
  readonly head: number
  /** First pass in 4 bits a value instead of 6: fewer bytes for corpora beyond the processor's cache. */
  readonly nibbles: boolean
}

/** Beyond this the eigenvectors take longer than they save. */
const mostColumnsTurned = 1024
/** Axes of a first pass at most for which the other dimensions need not be turned. */
const mostLeading = 64
/** Larger corpora get a larger sample: their searches repay it. */
const sampleRows = { least: 1536, most: 4096, share: 1 / 24 }

/** What the first pass is for. */
export interface HeadChoice {
  /** Score that pairs must reach (cosine, or product of scaled rows, or −‖x − y‖²/2). @default that of the tenth neighbour */
  readonly threshold?: number | undefined
  /** What the second pass of a row costs, in instructions. @default 1300, most of it waiting for memory */
  readonly refineCost?: number | undefined
}

interface Training extends HeadChoice {
  readonly metric: Metric
  readonly rows: number
  readonly nibbles: boolean
  readonly engine: Engine
}

/** Rows that `trainBasis` wants to see: evenly spread ids, ascending. */
export function sampleIds(rows: number): Int32Array {
  const { least, most, share } = sampleRows
  const count = Math.min(rows, Math.round(Math.min(most, Math.max(least, rows * share))))
  return Int32Array.from({ length: count }, (_, i) => Math.floor((i * rows) / count))
}

/** @param sample - Prepared rows (scaled by `unit`, unit length under cosine). */
export async function trainBasis(sample: Matrix, options: Training & { readonly unit: number }): Promise<Basis> {
  const { columns } = sample
  const { metric, unit, nibbles } = options
  const inputWidth = paddedColumns(columns)
  const mean = new Float64Array(columns)
  for (let i = 0; i < sample.rows; i++)
    for (let j = 0; j < columns; j++) mean[j] = mean[j]! + sample.data[i * columns + j]! / sample.rows
  const centred = createMatrix(sample.rows, inputWidth)
  for (let i = 0; i < sample.rows; i++)
    for (let j = 0; j < columns; j++) centred.data[i * inputWidth + j] = sample.data[i * columns + j]! - mean[j]!

  const { axes, turned, head } = await turnedSample(centred, columns, metric === 'l2' ? undefined : mean, options)
  const { columns: width } = turned
  return { metric, columns, width, unit, mean, axes, deviations: deviationsOf(turned), head, nibbles }
}

interface TurnedSample {
  readonly axes: Float32Array | undefined
  readonly turned: Matrix
  readonly head: number
}

async function turnedSample(
  centred: Matrix,
  columns: number,
  mean: Float64Array | undefined,
  options: Training,
): Promise<TurnedSample> {
  const { engine } = options
  const inputWidth = centred.columns
  if (columns > mostColumnsTurned || columns < 2 || centred.rows <= columns)
    return { axes: undefined, turned: centred, head: inputWidth }
  const turnTo = async (count: number, most: number): Promise<TurnedSample & { axes: Float32Array }> => {
    const found = await exactAxes(centred, count, { engine })
    const axes = new Float32Array(inputWidth * count)
    for (let a = 0; a < count; a++)
      for (let j = 0; j < inputWidth; j++) axes[j * count + a] = found.axes[a * inputWidth + j]!
    const turned = await turnSample(centred, axes, engine)
    const turnedMean = mean === undefined ? undefined : turnVector(mean, axes, inputWidth)
    return { axes, turned, head: chooseHead(turned, { ...options, mean: turnedMean, most }) }
  }
  const leading = options.threshold === undefined ? 0 : Math.min(mostLeading, (inputWidth >> 2) & ~15)
  if (leading > 0) {
    const { axes, head } = await turnTo(leading, leading)
    if (head < leading) {
      const first = new Float32Array(inputWidth * head)
      for (let j = 0; j < inputWidth; j++) first.set(axes.subarray(j * leading, j * leading + head), j * head)
      return { axes: first, turned: await turnSample(centred, first, engine), head }
    }
  }
  return turnTo(inputWidth, inputWidth)
}

/** Spread along each dimension, none of it zero. */
function deviationsOf({ rows, columns: width, data }: Matrix): Float32Array {
  const energies = new Float64Array(width)
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < width; j++) energies[j] = energies[j]! + data[i * width + j]! ** 2 / rows
  const total = energies.reduce((sum, energy) => sum + energy, 0)
  const least = Math.sqrt(total / width) * 1e-3 || 1e-30
  return Float32Array.from(energies, (energy) => Math.max(Math.sqrt(energy), least))
}

async function turnSample(centred: Matrix, axes: Float32Array, engine: Engine): Promise<Matrix> {
  const { rows, columns: inputWidth, data } = centred
  const width = turnedWidth(axes, inputWidth)
  const arena = new Arena()
  const [from, to] = [rows * inputWidth, rows * width].map((floats) => arena.alloc(floats * 4)) as [number, number]
  const turning = new Turning(axes, inputWidth, arena)
  const kernel = await loadKernel(engine === 'relaxed' ? 'search.relaxed' : 'search', arena.memory)
  arena.float32(from, rows * inputWidth).set(data)
  kernel[turning.method]!(...turning.call(from, to, rows))
  return createMatrix(rows, width, arena.float32(to, rows * width))
}

/**
 * The number of first-pass dimensions that costs least: each costs time on every row, and spares the second pass of rows
 * it rules out. Some rows of the sample play queries; the score of their tenth neighbour is extrapolated to all rows.
 */
function chooseHead(
  turned: Matrix,
  options: Training & {
    /** Of the rows, turned; none under l2, where queries are rows less it. */
    readonly mean: Float64Array | undefined
    /** Dimensions that may be chosen. */
    readonly most: number
  },
): number {
  const { columns: width, data } = turned
  const { most, mean } = options
  const queries = Math.min(16, turned.rows >> 2)
  const others = turned.rows - queries
  if (others < 256) return Math.min(most, 128)
  const deviations = deviationsOf(turned)
  const steps = Math.floor(most / 16)
  const survivors = new Float64Array(steps)
  const norms = new Float64Array(turned.rows)
  const tails = new Float32Array(turned.rows * (steps + 1))
  for (let i = 0; i < turned.rows; i++) {
    let tail = dot(data, i * width + most, data, i * width + most, width - most)
    for (let step = steps; step > 0; step--) {
      tails[i * (steps + 1) + step] = Math.sqrt(tail)
      tail += dot(data, i * width + step * 16 - 16, data, i * width + step * 16 - 16, 16)
    }
    norms[i] = tail
  }
  const coding = options.nibbles ? 0.096 : 0.027
  const spreads = Float64Array.from(
    { length: steps + 1 },
    (_, step) => coding * Math.sqrt(dot(deviations, 0, deviations, 0, step * 16)),
  )
  const query = new Float32Array(width)
  for (let q = 0; q < queries; q++) {
    // Rows of the sample are spread evenly, so any stride through it is a fair choice.
    const row = Math.floor((q * turned.rows) / queries)
    for (let j = 0; j < width; j++) query[j] = data[row * width + j]! + (mean?.[j] ?? 0)
    const queryTails = new Float64Array(steps + 1)
    let tail = dot(query, most, query, most, width - most)
    for (let step = steps; step > 0; step--) {
      queryTails[step] = Math.sqrt(tail)
      tail += dot(query, step * 16 - 16, query, step * 16 - 16, 16)
    }
    const length = Math.sqrt(tail)
    const bias = (i: number) => (options.metric === 'l2' ? norms[i]! / 2 : 0)
    const own = bias(row)
    const threshold =
      options.threshold === undefined
        ? scoreOfTenth(query, turned, { row, others, rows: options.rows, bias })
        : options.threshold + own
    for (let i = 0; i < others; i += 4) {
      const other = i < row ? i : i + 1
      let head = -bias(other)
      for (let step = 1; step <= steps; step++) {
        const at = step * 16 - 16
        head += dot(query, at, data, other * width + at, 16)
        const slack = queryTails[step]! * tails[other * (steps + 1) + step]! + spreads[step]! * length
        if (head + slack >= threshold) survivors[step - 1] = survivors[step - 1]! + 4 / (others * queries)
      }
    }
  }
  const perDimension = options.nibbles ? 0.32 : 0.25
  let chosen = most
  let least = Infinity
  for (let step = 1; step <= steps; step++) {
    const cost = perDimension * 16 * step + (options.refineCost ?? 1300) * survivors[step - 1]!
    if (cost < least) [least, chosen] = [cost, step * 16]
  }
  return chosen
}

/** Of a row's tenth neighbour among all rows, from the scores of the sample and of a quarter of it. */
function scoreOfTenth(
  query: Float32Array,
  { columns: width, data }: Matrix,
  options: { row: number; others: number; rows: number; bias: (i: number) => number },
): number {
  const { row, others, rows, bias } = options
  const scores = new Float64Array(others)
  for (let i = 0; i < others; i++) {
    const other = i < row ? i : i + 1
    scores[i] = dot(query, 0, data, other * width, width) - bias(other)
  }
  const quarter = scores.slice(0, others >> 2).sort()
  const best = scores.sort()
  const tenth = best[best.length - 10]!
  const perDoubling = (tenth - quarter[quarter.length - 10]!) / 2
  return tenth + Math.max(0, perDoubling) * Math.max(0, Math.log2(rows / others))
}
