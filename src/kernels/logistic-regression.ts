import { InvalidArgumentError } from '../spec/errors.ts'
import { assertComparable, assertFinite, createMatrix, type Matrix } from '../spec/matrix.ts'
import { minimize } from './lbfgs.ts'
import { assertInteger, assertNumber } from './option-checks.ts'
import { createPanelProduct } from './panel-product.ts'
import { portableExp, portableLog } from './portable-math.ts'
import type { Engine } from './wasm/features.ts'

export interface LogisticRegressionOptions {
  /** Inverse strength of the L2 penalty, > 0. Larger fits the training rows closer. @default 1 */
  readonly c?: number
  /** @default 100 */
  readonly maxIterations?: number
  /** Stop when no component of the gradient of the mean loss is larger; ≥ 0. @default 1e-4 */
  readonly tolerance?: number
  readonly engine?: Engine
}

export interface LogisticRegression {
  /** classes × columns. */
  readonly coefficients: Matrix
  /** One a class. */
  readonly intercepts: Float64Array
  readonly iterations: number
  /** False where `maxIterations` came first. */
  readonly converged: boolean
  /** The most probable class of each row, the lowest of equals. Refuses rows of another model. */
  predict(matrix: Matrix): Int32Array
  /** rows × classes; each row sums to 1. */
  predictProbabilities(matrix: Matrix): Matrix
}

const blockRows = 64

/**
 * Multinomial logistic regression with an L2 penalty: the linear classifier on top of vectors.
 *
 * @param matrix - `rows × columns`, read only; finite; at least 1 row.
 * @param labels - Class of each row, integers 0 … classes − 1; at least two classes occur, and each number up to the
 *   largest does.
 * @throws {InvalidArgumentError} when labels or an option are not what they must be.
 * @throws {InvalidVectorError} when a row is not finite (names the row).
 *
 * Cost: O(rows · columns · classes) an iteration; sums in float64, the same bits on every engine.
 * Source: minimises C · Σ cross-entropy + ½ ‖coefficients‖² over coefficients and free intercepts, by L-BFGS:
 *   scikit-learn's LogisticRegression with its defaults. Departs from it: two classes have two rows of coefficients,
 *   each the other's opposite, for the same probabilities.
 */
export async function logisticRegression(
  matrix: Matrix,
  labels: Int32Array,
  options: LogisticRegressionOptions = {},
): Promise<LogisticRegression> {
  const { rows, columns, data } = matrix
  const { c = 1, maxIterations = 100, tolerance = 1e-4, engine } = options
  if (rows < 1) throw new InvalidArgumentError('matrix', 'at least 1 row', rows)
  if (columns < 1) throw new InvalidArgumentError('matrix', 'at least 1 column', columns)
  if (!(c > 0 && c < Number.POSITIVE_INFINITY)) throw new InvalidArgumentError('options.c', 'a finite number > 0', c)
  assertInteger('maxIterations', maxIterations, 1)
  assertNumber('tolerance', tolerance, 0)
  assertFinite(matrix, 'matrix')
  const classes = countClasses(labels, rows)
  // Two classes share one vector w as ±w/2, whose squares sum to ½ ‖w‖²; scikit-learn penalises ‖w‖² itself.
  const penalty = (classes === 2 ? 2 : 1) / (c * rows)

  const scores = await createPanelProduct({ widthA: blockRows, widthB: classes, capacity: columns, engine })
  const slopes = await createPanelProduct({ widthA: columns, widthB: classes, capacity: blockRows, engine })
  const row = new Float64Array(classes)
  const size = classes * (columns + 1)

  /** Class scores of up to 64 rows from `start`, into `scores.c`. */
  function scoreBlock(values: Float32Array, start: number, height: number): void {
    for (let i = 0; i < height; i++) scores.setAColumn(i, values, (start + i) * columns, columns)
    scores.c.fill(0)
    scores.accumulate(columns)
  }

  function setWeights(point: Float64Array): void {
    for (let k = 0; k < classes; k++) scores.setBColumn(k, point, k * columns, columns)
  }

  /** Probabilities of block row `i` into `row`; returns ln Σ exp(score). */
  function softmax(i: number, intercepts: Float64Array): number {
    let most = Number.NEGATIVE_INFINITY
    for (let k = 0; k < classes; k++) {
      row[k] = scores.c[i * scores.stride + k]! + intercepts[k]!
      most = Math.max(most, row[k]!)
    }
    let sum = 0
    for (let k = 0; k < classes; k++) {
      row[k] = portableExp(row[k]! - most)
      sum += row[k]!
    }
    for (let k = 0; k < classes; k++) row[k]! /= sum
    return most + portableLog(sum)
  }

  const { point, iterations, converged } = minimize(
    (at, gradient) => {
      const intercepts = at.subarray(classes * columns)
      setWeights(at)
      slopes.c.fill(0)
      gradient.fill(0)
      let loss = 0
      for (let start = 0; start < rows; start += blockRows) {
        const height = Math.min(blockRows, rows - start)
        scoreBlock(data, start, height)
        for (let i = 0; i < height; i++) {
          const label = labels[start + i]!
          const score = scores.c[i * scores.stride + label]! + intercepts[label]!
          loss += softmax(i, intercepts) - score
          row[label]!--
          slopes.setA(i, data, (start + i) * columns)
          slopes.setB(i, row, 0)
          for (let k = 0; k < classes; k++) gradient[classes * columns + k]! += row[k]! / rows
        }
        slopes.accumulate(height)
      }
      let squares = 0
      for (let k = 0; k < classes; k++)
        for (let j = 0; j < columns; j++) {
          const weight = at[k * columns + j]!
          squares += weight * weight
          gradient[k * columns + j] = slopes.c[j * slopes.stride + k]! / rows + penalty * weight
        }
      return loss / rows + (penalty / 2) * squares
    },
    new Float64Array(size),
    { maxIterations, tolerance },
  )

  const intercepts = point.slice(classes * columns)
  const space = createMatrix(0, columns, undefined, matrix.passport)

  function forEachRow(other: Matrix, visit: (index: number) => void): void {
    assertComparable(space, other, 'matrix')
    assertFinite(other, 'matrix')
    setWeights(point)
    for (let start = 0; start < other.rows; start += blockRows) {
      const height = Math.min(blockRows, other.rows - start)
      scoreBlock(other.data, start, height)
      for (let i = 0; i < height; i++) {
        softmax(i, intercepts)
        visit(start + i)
      }
    }
  }

  return {
    coefficients: createMatrix(classes, columns, Float32Array.from(point.subarray(0, classes * columns))),
    intercepts,
    iterations,
    converged,
    predict(other) {
      const predicted = new Int32Array(other.rows)
      forEachRow(other, (index) => {
        predicted[index] = row.indexOf(row.reduce((a, b) => Math.max(a, b)))
      })
      return predicted
    },
    predictProbabilities(other) {
      const result = createMatrix(other.rows, classes)
      forEachRow(other, (index) => result.data.set(row, index * classes))
      return result
    },
  }
}

function countClasses(labels: Int32Array, rows: number): number {
  if (labels.length !== rows) throw new InvalidArgumentError('labels', `${rows} labels, one a row`, labels.length)
  const seen = new Set<number>()
  let classes = 0
  labels.forEach((label, i) => {
    if (!Number.isInteger(label) || label < 0) throw new InvalidArgumentError(`labels[${i}]`, 'an integer ≥ 0', label)
    seen.add(label)
    classes = Math.max(classes, label + 1)
  })
  if (classes < 2) throw new InvalidArgumentError('labels', 'at least two classes', classes)
  if (seen.size < classes) {
    let missing = 0
    while (seen.has(missing)) missing++
    throw new InvalidArgumentError('labels', `each class from 0 to ${classes - 1}`, `none of class ${missing}`)
  }
  return classes
}
