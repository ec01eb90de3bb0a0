import type { Neighbours } from './neighbour-distances.ts'
import { portableExp, portableLog } from './portable-math.ts'

/** A sparse matrix by rows: entries [starts[i], starts[i + 1]) of row i, columns ascending. */
export interface SparseRows {
  readonly rows: number
  readonly starts: Uint32Array
  readonly columns: Uint32Array
  readonly weights: Float32Array
}

/** A row's weights fall from 1 at its nearest neighbour; a width of zero would cut all others off. */
const leastWidth = 1e-3
const widthTolerance = 1e-5

/**
 * Membership of each neighbour in each row's fuzzy set: exp(−(d − ρ) / σ), ρ the distance of the nearest neighbour that is
 * not at distance 0, σ such that a row's memberships sum to log2(k + 1), the row itself being one of the k + 1.
 *
 * @returns `rows × k`, in the order of the neighbours.
 *
 * Source: McInnes, Healy & Melville 2018, algorithm 3, with umap-learn's local connectivity of 1.
 */
export function memberships(neighbours: Neighbours): Float32Array {
  const { k, distances } = neighbours
  const rows = k === 0 ? 0 : distances.length / k
  const result = new Float32Array(distances.length)
  const excess = new Float64Array(k)
  const target = portableLog(k + 1) / portableLog(2)
  let total = 0
  for (const distance of distances) total += distance
  const meanOfAll = total / (rows * (k + 1))
  for (let i = 0; i < rows; i++) {
    let nearest = 0
    let sum = 0
    for (let j = 0; j < k; j++) {
      const distance = distances[i * k + j]!
      if (nearest === 0) nearest = distance
      sum += distance
    }
    for (let j = 0; j < k; j++) excess[j] = Math.max(0, distances[i * k + j]! - nearest)
    const least = leastWidth * (nearest > 0 ? sum / (k + 1) : meanOfAll)
    const width = Math.max(widthOf(excess, target), least)
    for (let j = 0; j < k; j++)
      result[i * k + j] = excess[j] === 0 || width === 0 ? 1 : portableExp(-excess[j]! / width)
  }
  return result
}

/**
 * σ with Σ exp(−excess / σ) = target. Newton on 1/σ: the sum is convex and falling in it, so steps from below never
 * overshoot. The start is where as many excesses of their mean would reach the target, which is below by Jensen's inequality.
 */
function widthOf(excess: Float64Array, target: number): number {
  let [far, total] = [0, 0]
  for (const value of excess) {
    if (value > 0) far++
    total += value
  }
  const left = target - (excess.length - far)
  let inverse = left > 0 && far > left ? (portableLog(far / left) * far) / total : 0
  for (let iteration = 0; iteration < 64; iteration++) {
    let sum = 0
    let slope = 0
    for (let j = 0; j < excess.length; j++) {
      const value = inverse === 0 || excess[j] === 0 ? 1 : portableExp(-excess[j]! * inverse)
      sum += value
      slope += excess[j]! * value
    }
    if (sum - target < widthTolerance || slope === 0) break
    inverse += (sum - target) / slope
  }
  return inverse === 0 ? 0 : 1 / inverse
}

/** Directed memberships as sparse rows. */
export function toSparseRows(neighbours: Neighbours, weights: Float32Array): SparseRows {
  const { k, ids } = neighbours
  const rows = k === 0 ? 0 : ids.length / k
  const columns = new Uint32Array(ids.length)
  const sorted = new Float32Array(ids.length)
  for (let i = 0; i < rows; i++) {
    const begin = i * k
    for (let j = 0; j < k; j++) {
      let at = begin + j
      const id = ids[begin + j]!
      while (at > begin && columns[at - 1]! > id) {
        columns[at] = columns[at - 1]!
        sorted[at] = sorted[at - 1]!
        at--
      }
      columns[at] = id
      sorted[at] = weights[begin + j]!
    }
  }
  return { rows, starts: Uint32Array.from({ length: rows + 1 }, (_, i) => i * k), columns, weights: sorted }
}

/** Fuzzy union with the transpose: a + b − a·b. Symmetric. */
export function fuzzyUnion(graph: SparseRows): SparseRows {
  return joinTransposed(graph, (there, back) => there + back - there * back)
}

/** Every entry joined with the one across the diagonal, 0 where there is none. */
export function joinTransposed(graph: SparseRows, join: (there: number, back: number) => number): SparseRows {
  const { rows, starts, columns, weights } = graph
  const back = transpose(graph)
  const capacity = columns.length * 2
  const joined = new Uint32Array(rows + 1)
  const joinedColumns = new Uint32Array(capacity)
  const joinedWeights = new Float32Array(capacity)
  let used = 0
  for (let i = 0; i < rows; i++) {
    let a = starts[i]!
    let b = back.starts[i]!
    const [aEnd, bEnd] = [starts[i + 1]!, back.starts[i + 1]!]
    while (a < aEnd || b < bEnd) {
      const column = Math.min(a < aEnd ? columns[a]! : rows, b < bEnd ? back.columns[b]! : rows)
      const there = a < aEnd && columns[a] === column ? weights[a++]! : 0
      const mirrored = b < bEnd && back.columns[b] === column ? back.weights[b++]! : 0
      joinedColumns[used] = column
      joinedWeights[used++] = join(there, mirrored)
    }
    joined[i + 1] = used
  }
  return { rows, starts: joined, columns: joinedColumns.slice(0, used), weights: joinedWeights.slice(0, used) }
}

function transpose({ rows, starts, columns, weights }: SparseRows): SparseRows {
  const backStarts = new Uint32Array(rows + 1)
  for (const column of columns) backStarts[column + 1]!++
  for (let i = 0; i < rows; i++) backStarts[i + 1]! += backStarts[i]!
  const next = backStarts.slice()
  const backColumns = new Uint32Array(columns.length)
  const backWeights = new Float32Array(columns.length)
  for (let i = 0; i < rows; i++)
    for (let e = starts[i]!; e < starts[i + 1]!; e++) {
      const at = next[columns[e]!]!++
      backColumns[at] = i
      backWeights[at] = weights[e]!
    }
  return { rows, starts: backStarts, columns: backColumns, weights: backWeights }
}

/** Let labels pull apart: edges between unlike labels shrink by e^−5, edges of an unlabelled row (−1) by e^−1. */
export function intersectLabels(graph: SparseRows, labels: Int32Array): SparseRows {
  const { rows, starts, columns } = graph
  const [unlike, unknown] = [portableExp(-5), portableExp(-1)]
  const weights = graph.weights.slice()
  for (let i = 0; i < rows; i++) {
    let largest = 0
    for (let e = starts[i]!; e < starts[i + 1]!; e++) {
      const [a, b] = [labels[i]!, labels[columns[e]!]!]
      if (a < 0 || b < 0) weights[e]! *= unknown
      else if (a !== b) weights[e]! *= unlike
      largest = Math.max(largest, weights[e]!)
    }
    if (largest > 0) for (let e = starts[i]!; e < starts[i + 1]!; e++) weights[e]! /= largest
  }
  return fuzzyUnion({ rows, starts, columns, weights })
}

export function largestOf(weights: Float32Array): number {
  let largest = 0
  for (const weight of weights) largest = Math.max(largest, weight)
  return largest
}

/** Weights as a share of the largest: how often an edge fires an epoch. */
export function firingRates({ weights }: SparseRows): Float32Array {
  const largest = largestOf(weights)
  return weights.map((weight) => weight / largest)
}
