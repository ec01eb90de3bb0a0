import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { InvalidArgumentError, InvalidVectorError } from '../spec/errors.ts'
import { createMatrix, type Matrix, toMatrix } from '../spec/matrix.ts'
import { minimize } from './lbfgs.ts'
import { type LogisticRegressionOptions, logisticRegression } from './logistic-regression.ts'
import { createRandom } from './random.ts'
import type { Engine } from './wasm/features.ts'

const engines: Engine[] = ['typescript', 'simd']
const reference = JSON.parse(
  readFileSync(new URL('../../test/reference/logistic-regression.json', import.meta.url), 'utf8'),
)

function assertClose(got: ArrayLike<number>, want: ArrayLike<number>, tolerance: number, what: string) {
  assert.equal(got.length, want.length, what)
  for (let i = 0; i < got.length; i++)
    assert.ok(Math.abs(got[i]! - want[i]!) <= tolerance, `${what}[${i}]: ${got[i]} is not ${want[i]}`)
}

function labelled(
  rows: number,
  columns: number,
  classes: number,
  seed: number,
): { matrix: Matrix; labels: Int32Array } {
  const random = createRandom(seed)
  const labels = Int32Array.from({ length: rows }, (_, i) => i % classes)
  const data = Float32Array.from({ length: rows * columns }, (_, at) => {
    const label = labels[Math.floor(at / columns)]!
    return random.normal() + (at % columns === label % columns ? 1.5 : 0)
  })
  return { matrix: createMatrix(rows, columns, data), labels }
}

test('L-BFGS finds the minimum of a badly scaled quadratic', () => {
  const scales = [1, 10, 100, 1000]
  const { point, converged } = minimize(
    (at, gradient) => {
      let value = 0
      scales.forEach((scale, i) => {
        gradient[i] = scale * (at[i]! - i)
        value += (scale / 2) * (at[i]! - i) ** 2
      })
      return value
    },
    new Float64Array(4),
    { maxIterations: 100, tolerance: 1e-9 },
  )
  assert.ok(converged)
  assertClose(point, [0, 1, 2, 3], 1e-9, 'point')
})

for (const engine of engines) {
  test(`two points each side of zero are told apart at zero (${engine})`, async () => {
    const model = await logisticRegression(toMatrix([[-2], [-1], [1], [2]]), Int32Array.of(0, 0, 1, 1), { engine })
    assert.deepEqual([...model.predict(toMatrix([[-0.1], [0.1]]))], [0, 1])
    assertClose(model.predictProbabilities(toMatrix([[0]])).data, [0.5, 0.5], 1e-6, 'probabilities at zero')
    assert.equal(model.coefficients.data[0], -model.coefficients.data[1]!)
  })
}

test("it gives scikit-learn's coefficients, probabilities and accuracy", async () => {
  const matrices = new Map<string, Matrix>()
  for (const { name, c, labels, ...wanted } of reference.cases) {
    if (wanted.rows !== null) {
      const { data, rows, columns } = toMatrix(wanted.rows)
      matrices.set(
        name,
        createMatrix(
          rows,
          columns,
          data.map((value) => value / wanted.divisor),
        ),
      )
    }
    const matrix = matrices.get(name)!
    const pick = (isHeldOut: boolean) => {
      const chosen = [...labels.keys()].filter((i) => (i % 3 === 0) === isHeldOut)
      const rows = chosen.map((i) => matrix.data.subarray(i * matrix.columns, (i + 1) * matrix.columns))
      return { rows: toMatrix(rows), labels: Int32Array.from(chosen, (i) => labels[i]!) }
    }
    const training = pick(false)
    const heldOut = pick(true)
    const model = await logisticRegression(training.rows, training.labels, { c, tolerance: 1e-6, maxIterations: 2000 })
    assert.ok(model.converged)
    const few = wanted.probabilities.flat()
    assertClose(
      model.predictProbabilities(heldOut.rows).data.subarray(0, few.length),
      few,
      1e-3,
      `${name} probabilities`,
    )
    if (wanted.coefficients?.length > 1)
      assertClose(model.coefficients.data, wanted.coefficients.flat(), 1e-3, `${name} coefficients`)
    const right = model.predict(heldOut.rows).filter((label, i) => label === heldOut.labels[i]).length
    assert.ok(right / heldOut.labels.length >= wanted.accuracy - 0.005, `${name}: ${right} right`)
  }
})

test('at the end the gradient is zero: mean residual, and residual times column plus penalty', async () => {
  const input = fc.record({
    rows: fc.integer({ min: 4, max: 60 }),
    columns: fc.integer({ min: 1, max: 6 }),
    classes: fc.integer({ min: 2, max: 4 }),
    seed: fc.nat(),
    c: fc.constantFrom(0.1, 1, 5),
  })
  await fc.assert(
    fc.asyncProperty(input, async ({ rows, columns, classes, seed, c }) => {
      const { matrix, labels } = labelled(rows, columns, classes, seed)
      const model = await logisticRegression(matrix, labels, { c, tolerance: 1e-7, maxIterations: 2000 })
      const probabilities = model.predictProbabilities(matrix).data
      for (let k = 0; k < classes; k++)
        for (let j = 0; j <= columns; j++) {
          let slope = 0
          for (let i = 0; i < rows; i++) {
            const residual = probabilities[i * classes + k]! - (labels[i] === k ? 1 : 0)
            slope += residual * (j === columns ? 1 : matrix.data[i * columns + j]!)
          }
          if (j < columns) slope += ((classes === 2 ? 2 : 1) / c) * model.coefficients.data[k * columns + j]!
          assert.ok(Math.abs(slope) < 1e-3, `${slope}`)
        }
    }),
    { seed: 1, numRuns: 40 },
  )
})

test('engines give the same bytes', async () => {
  const { matrix, labels } = labelled(150, 9, 3, 2)
  const models = await Promise.all(engines.map((engine) => logisticRegression(matrix, labels, { engine })))
  assert.deepEqual(models[1]!.coefficients.data, models[0]!.coefficients.data)
  assert.deepEqual(models[1]!.intercepts, models[0]!.intercepts)
})

test('rows that say nothing are given the shares of the classes', async () => {
  const model = await logisticRegression(
    createMatrix(10, 3),
    Int32Array.from({ length: 10 }, (_, i) => (i < 7 ? 0 : 1)),
  )
  assertClose(model.predictProbabilities(createMatrix(1, 3)).data, [0.7, 0.3], 1e-4, 'shares')
  assert.equal(model.predict(createMatrix(0, 3)).length, 0)
})

test('separable rows and too few iterations end, and say whether they converged', async () => {
  const { matrix, labels } = labelled(40, 5, 2, 3)
  const short = await logisticRegression(matrix, labels, { maxIterations: 1, tolerance: 1e-9 })
  assert.equal(short.converged, false)
  assert.equal(short.iterations, 1)
  const far = await logisticRegression(toMatrix([[-1e6], [1e6]]), Int32Array.of(0, 1), { c: 1e6 })
  assert.deepEqual([...far.predict(toMatrix([[-5], [5]]))], [0, 1])
})

test('4,100 columns work', async () => {
  const { matrix, labels } = labelled(12, 4100, 2, 4)
  const model = await logisticRegression(matrix, labels)
  assert.deepEqual(model.predict(matrix), labels)
})

test('what it cannot learn from is refused by name', async () => {
  const { matrix, labels } = labelled(6, 2, 2, 5)
  const refused: LogisticRegressionOptions[] = [
    { c: 0 },
    { c: Number.NaN },
    { c: Number.POSITIVE_INFINITY },
    { maxIterations: 0 },
    { tolerance: -1 },
  ]
  for (const options of refused) await assert.rejects(logisticRegression(matrix, labels, options), InvalidArgumentError)
  for (const bad of [
    [0, 1],
    [0, 0, 0, 0, 0, 0],
    [0, 2, 0, 2, 0, 2],
    [0, -1, 0, 1, 0, 1],
  ])
    await assert.rejects(logisticRegression(matrix, Int32Array.from(bad)), InvalidArgumentError)
  await assert.rejects(logisticRegression(createMatrix(0, 2), new Int32Array(0)), InvalidArgumentError)
  await assert.rejects(logisticRegression(createMatrix(6, 0), labels), InvalidArgumentError)
  const infinite = createMatrix(6, 2, matrix.data.slice().fill(Number.NEGATIVE_INFINITY, 5, 6))
  await assert.rejects(logisticRegression(infinite, labels), { code: 'invalid-vector', row: 2 })
  const model = await logisticRegression(matrix, labels)
  assert.throws(() => model.predict(createMatrix(1, 3)), InvalidArgumentError)
  assert.throws(() => model.predict(createMatrix(1, 2, Float32Array.of(0, Number.NaN))), InvalidVectorError)
})
