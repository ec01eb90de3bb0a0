import { createMatrix, type Matrix } from '../spec/matrix.ts'
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
  /** Columns padded to a multiple of 16. */
  readonly width: number
  /** Power of two that brings the longest row near length 1; 1 under cosine, where rows have it. */
  readonly unit: number
  /** Of the scaled rows, `columns` long. */
  readonly mean: Float64Array
  /** `width × width`: column j is axis j; undefined where rows are coded as they stand. */
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
/** Larger corpora get a larger sample: their searches repay it. */
const sampleRows = { least: 1536, most: 4096, share: 1 / 24 }

/** What the first pass is for. */
export interface HeadChoice {
  /** Score that pairs must reach (cosine, or product of scaled rows, or −‖x − y‖²/2). @default that of the tenth neighbour */
  readonly threshold?: number | undefined
  /** What the second pass of a row costs, in instructions. @default 1300, most of it waiting for memory */
  readonly refineCost?: number | undefined
}

/** Rows that `trainBasis` wants to see: evenly spread ids, ascending. */
export function sampleIds(rows: number): Int32Array {
  const { least, most, share } = sampleRows
  const count = Math.min(rows, Math.round(Math.min(most, Math.max(least, rows * share))))
  return Int32Array.from({ length: count }, (_, i) => Math.floor((i * rows) / count))
}

/** @param sample - Prepared rows (scaled by `unit`, unit length under cosine). */
export async function trainBasis(
  sample: Matrix,
  options: { metric: Metric; rows: number; unit: number; nibbles: boolean; engine: Engine } & HeadChoice,
): Promise<Basis> {
  const { columns } = sample
  const { metric, rows, unit, nibbles, engine, threshold, refineCost } = options
  const width = Math.ceil(columns / 16) * 16
  const mean = new Float64Array(columns)
  for (let i = 0; i < sample.rows; i++)
    for (let j = 0; j < columns; j++) mean[j] = mean[j]! + sample.data[i * columns + j]! / sample.rows
  const centred = createMatrix(sample.rows, width)
  for (let i = 0; i < sample.rows; i++)
    for (let j = 0; j < columns; j++) centred.data[i * width + j] = sample.data[i * columns + j]! - mean[j]!

  let axes: Float32Array | undefined
  let turned = centred
  if (columns <= mostColumnsTurned && columns > 1 && sample.rows > columns) {
    const found = await exactAxes(centred, width, { engine })
    axes = new Float32Array(width * width)
    for (let a = 0; a < width; a++) for (let j = 0; j < width; j++) axes[j * width + a] = found.axes[a * width + j]!
    turned = await turnSample(centred, axes, engine)
  }
  const energies = new Float64Array(width)
  for (let i = 0; i < turned.rows; i++)
    for (let j = 0; j < width; j++) energies[j] = energies[j]! + turned.data[i * width + j]! ** 2 / turned.rows
  const total = energies.reduce((sum, energy) => sum + energy, 0)
  const least = Math.sqrt(total / width) * 1e-3 || 1e-30
  const deviations = Float32Array.from(energies, (energy) => Math.max(Math.sqrt(energy), least))
  const queries = metric === 'l2' ? undefined : mean
  const head =
    axes === undefined
      ? width
      : chooseHead(turned, deviations, {
          rows,
          nibbles,
          metric,
          mean: queries,
          axes,
          threshold,
          refineCost,
        })
  return {
    metric,
    columns,
    width,
    unit,
    mean,
    axes,
    deviations,
    head,
    nibbles,
  }
}

/** Axes as the kernel turns by them: panels of 8 columns, each line by line. */
export function basisPanels(axes: Float32Array, width: number): Float32Array {
  const panels = new Float32Array(width * width)
  let at = 0
  for (let panel = 0; panel < width; panel += 8)
    for (let k = 0; k < width; k++, at += 8) panels.set(axes.subarray(k * width + panel, k * width + panel + 8), at)
  return panels
}

async function turnSample(centred: Matrix, axes: Float32Array, engine: Engine): Promise<Matrix> {
  const { rows, columns: width, data } = centred
  const arena = new Arena()
  const [from, basis, to] = [rows * width, width * width, rows * width].map((floats) => arena.alloc(floats * 4))
  const kernel = await loadKernel<{
    rotate(rows: number, basis: number, out: number, count: number, width: number): void
  }>(engine === 'relaxed' ? 'search.relaxed' : 'search', arena.memory)
  arena.float32(from!, rows * width).set(data)
  arena.float32(basis!, width * width).set(basisPanels(axes, width))
  kernel.rotate(from!, basis!, to!, rows, width)
  return createMatrix(rows, width, arena.float32(to!, rows * width))
}

/**
 * The number of first-pass dimensions that costs least: each costs time on every row, and spares the second pass of rows
 * it rules out. Some rows of the sample play queries; the score of their tenth neighbour is extrapolated to all rows.
 */
function chooseHead(
  turned: Matrix,
  deviations: Float32Array,
  options: {
    rows: number
    nibbles: boolean
    metric: Metric
    mean: Float64Array | undefined
    axes: Float32Array
  } & HeadChoice,
): number {
  const { columns: width, data } = turned
  const queries = Math.min(16, turned.rows >> 2)
  const others = turned.rows - queries
  if (others < 256) return Math.min(width, 128)
  const meanAlongAxes = new Float64Array(width)
  if (options.mean !== undefined)
    for (let k = 0; k < options.mean.length; k++)
      for (let j = 0; j < width; j++)
        meanAlongAxes[j] = meanAlongAxes[j]! + options.mean[k]! * options.axes[k * width + j]!
  const steps = Math.floor(width / 16)
  const survivors = new Float64Array(steps)
  const norms = new Float64Array(turned.rows)
  const tails = new Float32Array(turned.rows * (steps + 1))
  for (let i = 0; i < turned.rows; i++) {
    let tail = 0
    for (let step = steps; step > 0; step--) {
      tails[i * (steps + 1) + step] = Math.sqrt(tail)
      tail += dot(data, i * width + step * 16 - 16, data, i * width + step * 16 - 16, 16)
    }
    norms[i] = tail
  }
  const scores = new Float64Array(others)
  const coding = options.nibbles ? 0.096 : 0.027
  const query = new Float32Array(width)
  for (let q = 0; q < queries; q++) {
    // Rows of the sample are spread evenly, so any stride through it is a fair choice.
    const row = Math.floor((q * turned.rows) / queries)
    for (let j = 0; j < width; j++) query[j] = data[row * width + j]! + meanAlongAxes[j]!
    const queryTails = new Float64Array(steps + 1)
    let tail = 0
    for (let step = steps; step > 0; step--) {
      queryTails[step] = Math.sqrt(tail)
      tail += dot(query, step * 16 - 16, query, step * 16 - 16, 16)
    }
    const bias = (i: number) => (options.metric === 'l2' ? norms[i]! / 2 : 0)
    for (let i = 0; i < others; i++) {
      const other = i < row ? i : i + 1
      scores[i] = dot(query, 0, data, other * width, width) - bias(other)
    }
    const best = Float64Array.from(scores).sort()
    const quarter = scores.slice(0, others >> 2).sort()
    const tenth = best[best.length - 10]!
    const perDoubling = (tenth - quarter[quarter.length - 10]!) / 2
    const own = options.metric === 'l2' ? norms[row]! / 2 : 0
    const threshold =
      options.threshold !== undefined
        ? options.threshold + own
        : tenth + Math.max(0, perDoubling) * Math.max(0, Math.log2(options.rows / others))
    for (let i = 0; i < others; i += 4) {
      const other = i < row ? i : i + 1
      let head = -bias(other)
      let spread = 0
      for (let step = 1; step <= steps; step++) {
        const at = step * 16 - 16
        head += dot(query, at, data, other * width + at, 16)
        spread += dot(deviations, at, deviations, at, 16)
        const slack = queryTails[step]! * tails[other * (steps + 1) + step]! + coding * Math.sqrt(spread * tail)
        if (head + slack >= threshold) survivors[step - 1] = survivors[step - 1]! + 4 / (others * queries)
      }
    }
  }
  const perDimension = options.nibbles ? 0.32 : 0.25
  let chosen = width
  let least = Infinity
  for (let step = 1; step <= steps; step++) {
    const cost = perDimension * 16 * step + (options.refineCost ?? 1300) * survivors[step - 1]!
    if (cost < least) [least, chosen] = [cost, step * 16]
  }
  return chosen
}
