import { joinTransposed, type SparseRows, toSparseRows } from './fuzzy-set.ts'
import type { Neighbours } from './neighbour-distances.ts'
import { portableExp, portableLog } from './portable-math.ts'

const entropyTolerance = 1e-6
/** exp(−700) is the last that float64 tells from 0. */
const farthest = 700

/**
 * Joint probabilities p of the rows: each row's Gaussian over its neighbours, as wide as gives it the wished perplexity,
 * then (p(j|i) + p(i|j)) / 2n.
 *
 * Source: van der Maaten 2014, section 4.1; the widths by Newton's method on 1/2σ², kept inside a bracket.
 */
export function affinities(neighbours: Neighbours, perplexity: number): SparseRows {
  const { k, distances } = neighbours
  const rows = distances.length / k
  const conditional = new Float32Array(distances.length)
  const entropy = portableLog(perplexity)
  const squares = new Float64Array(k)
  const shares = new Float64Array(k)
  for (let i = 0; i < rows; i++) {
    let nearest = Number.POSITIVE_INFINITY
    for (let j = 0; j < k; j++) {
      squares[j] = distances[i * k + j]! ** 2
      nearest = Math.min(nearest, squares[j]!)
    }
    for (let j = 0; j < k; j++) squares[j]! -= nearest
    fillShares(squares, entropy, shares)
    conditional.set(shares, i * k)
  }
  const scale = 1 / (2 * rows)
  return joinTransposed(toSparseRows(neighbours, conditional), (there, back) => (there + back) * scale)
}

/** Shares ∝ exp(−β·square) with the wished entropy, or the nearest possible one. */
function fillShares(squares: Float64Array, entropy: number, shares: Float64Array): void {
  let largest = 0
  let mean = 0
  for (const square of squares) {
    largest = Math.max(largest, square)
    mean += square / squares.length
  }
  let [low, high] = [0, largest > 0 ? (farthest * 1e6) / largest : 0]
  let beta = mean > 0 ? Math.min(1 / mean, high) : 0
  for (let iteration = 0; ; iteration++) {
    let [sum, first, second] = [0, 0, 0]
    for (let j = 0; j < squares.length; j++) {
      const square = squares[j]!
      const share = beta * square > farthest ? 0 : portableExp(-beta * square)
      shares[j] = share
      sum += share
      first += share * square
      second += share * square * square
    }
    const average = first / sum
    const excess = portableLog(sum) + beta * average - entropy
    if (Math.abs(excess) < entropyTolerance || iteration === 100 || !(high > low)) {
      for (let j = 0; j < squares.length; j++) shares[j]! /= sum
      return
    }
    if (excess > 0) low = beta
    else high = beta
    // Entropy falls with β at the rate β · variance.
    const next = beta + excess / (beta * (second / sum - average * average))
    beta = next > low && next < high ? next : Math.min((low + high) / 2, Math.max(beta, 1e-300) * 2)
    if (!(beta > low && beta < high)) beta = (low + high) / 2
  }
}
