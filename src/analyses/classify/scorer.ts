import { logisticRegression } from '../../kernels/logistic-regression.ts'
import { portableExp, portableLog } from '../../kernels/portable-math.ts'
import { createMatrix, type Matrix } from '../../spec/matrix.ts'

/** What a trained classifier knows; `scores` turns it and a vector into one score a class. */
export type Scorer =
  /** Score: weights · vector + intercept. */
  | { readonly kind: 'linear'; readonly weights: Matrix; readonly intercepts: Float64Array }
  /** Score: logarithm of the votes of the `k` nearest rows. */
  | { readonly kind: 'nearest'; readonly rows: Matrix; readonly labels: Int32Array; readonly k: number }

export type ClassifyMethod = 'logistic' | 'centroid' | 'knn'

export interface ScorerOptions {
  readonly method: ClassifyMethod
  /** Inverse strength of the penalty of `logistic`. */
  readonly c: number
  /** Neighbours that vote in `knn`. */
  readonly k: number
}

/** A neighbour this much farther (in cosine) has 1/e of a vote. */
const voteWidth = 0.05

/** Learn from unit rows whose labels are 0 … classes − 1, each of which occurs. */
export async function trainScorer(
  rows: Matrix,
  labels: Int32Array,
  classes: number,
  options: ScorerOptions,
): Promise<Scorer> {
  if (options.method === 'knn') return { kind: 'nearest', rows, labels, k: Math.min(options.k, rows.rows) }
  if (options.method === 'centroid') return centroidScorer(rows, labels, classes)
  const { coefficients, intercepts } = await logisticRegression(rows, labels, { c: options.c })
  return { kind: 'linear', weights: { ...coefficients, passport: rows.passport }, intercepts }
}

/** Cosines to the mean directions of the classes. */
export function centroidScorer({ data, columns, passport }: Matrix, labels: Int32Array, classes: number): Scorer {
  const sums = new Float64Array(classes * columns)
  labels.forEach((label, i) => {
    for (let j = 0; j < columns; j++) sums[label * columns + j]! += data[i * columns + j]!
  })
  const weights = createMatrix(classes, columns, undefined, passport)
  for (let c = 0; c < classes; c++) {
    const row = sums.subarray(c * columns, (c + 1) * columns)
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0))
    // Directions that cancel to nothing are near no item.
    if (length > 1e-9)
      weights.data.set(
        row.map((value) => value / length),
        c * columns,
      )
  }
  return { kind: 'linear', weights, intercepts: new Float64Array(classes) }
}

/** Scores of each row, `classes` of them. */
export function scoresOf(scorer: Scorer, { data, rows, columns }: Matrix, classes: number): Float64Array[] {
  return Array.from({ length: rows }, (_, i) => {
    const vector = data.subarray(i * columns, (i + 1) * columns)
    return scorer.kind === 'linear' ? linearScores(scorer, vector) : votes(scorer, vector, classes)
  })
}

function linearScores({ weights, intercepts }: Scorer & { kind: 'linear' }, vector: Float32Array): Float64Array {
  return Float64Array.from(intercepts, (intercept, c) => intercept + dot(weights.data, c * vector.length, vector))
}

function votes({ rows, labels, k }: Scorer & { kind: 'nearest' }, vector: Float32Array, classes: number): Float64Array {
  const cosines = Float64Array.from(labels, (_, i) => dot(rows.data, i * vector.length, vector))
  const nearest = Array.from(labels.keys())
    .sort((a, b) => cosines[b]! - cosines[a]! || a - b)
    .slice(0, k)
  const best = cosines[nearest[0]!]!
  // Every class gets a share of one vote of the farthest neighbour, so that none is impossible.
  const floor = portableExp((cosines[nearest.at(-1)!]! - best) / voteWidth) / classes
  const sums = new Float64Array(classes).fill(floor)
  for (const row of nearest) sums[labels[row]!]! += portableExp((cosines[row]! - best) / voteWidth)
  return sums.map((sum) => portableLog(sum))
}

function dot(values: Float32Array, at: number, vector: Float32Array): number {
  let sum = 0
  for (let j = 0; j < vector.length; j++) sum += values[at + j]! * vector[j]!
  return sum
}
