import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { InvalidArgumentError, InvalidVectorError } from '../spec/errors.ts'
import { createMatrix, type Matrix, toMatrix } from '../spec/matrix.ts'
import { pca } from './pca.ts'
import { createRandom } from './random.ts'
import { type SparseMatrix, truncatedSvd } from './truncated-svd.ts'
import type { Engine } from './wasm/features.ts'

const engines: Engine[] = ['typescript', 'simd']
const reference = JSON.parse(readFileSync(new URL('../../test/reference/pca.json', import.meta.url), 'utf8'))

function assertClose(got: ArrayLike<number>, want: ArrayLike<number>, tolerance: number, what: string) {
  assert.equal(got.length, want.length, what)
  for (let i = 0; i < got.length; i++)
    assert.ok(Math.abs(got[i]! - want[i]!) <= tolerance, `${what}[${i}]: ${got[i]} is not ${want[i]}`)
}

function randomMatrix(rows: number, columns: number, seed: number): Matrix {
  const random = createRandom(seed)
  return createMatrix(
    rows,
    columns,
    Float32Array.from({ length: rows * columns }, (_, i) => random.normal() * (1 + (i % columns))),
  )
}

function toSparse({ data, rows, columns }: Matrix): SparseMatrix {
  const offsets = [0]
  const indices: number[] = []
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) if (data[i * columns + j] !== 0) indices.push(i * columns + j)
    offsets.push(indices.length)
  }
  return {
    rows,
    columns,
    offsets: Int32Array.from(offsets),
    indices: Int32Array.from(indices, (at) => at % columns),
    values: Float32Array.from(indices, (at) => data[at]!),
  }
}

for (const engine of engines) {
  test(`three points on a line have one direction of variance (${engine})`, async () => {
    const matrix = toMatrix([
      [0, 0],
      [3, 4],
      [6, 8],
    ])
    const model = await pca(matrix, { engine })
    assertClose(model.components.data.subarray(0, 2), [0.6, 0.8], 1e-7, 'components')
    assert.deepEqual([...model.mean], [3, 4])
    assertClose(model.explainedVariance, [25, 0], 1e-12, 'explainedVariance')
    assertClose(model.explainedVarianceRatio, [1, 0], 1e-12, 'explainedVarianceRatio')
    assertClose(model.transform(matrix).data, [-5, 0, 0, 0, 5, 0], 1e-6, 'transformed')
  })

  test(`PCA gives scikit-learn's numbers, signs too (${engine})`, async () => {
    for (const wanted of reference.cases) {
      const matrix = toMatrix(wanted.rows)
      const components = wanted.components.length
      for (const method of ['exact', 'randomized'] as const) {
        const model = await pca(matrix, { components, whiten: wanted.whiten, method, engine })
        assertClose(model.components.data, wanted.components.flat(), 1e-5, `components, ${method}`)
        assertClose(model.mean, wanted.mean, 1e-6, 'mean')
        assertClose(model.explainedVariance, wanted.explainedVariance, 1e-5, 'explainedVariance')
        assertClose(model.explainedVarianceRatio, wanted.explainedVarianceRatio, 1e-6, 'explainedVarianceRatio')
        assertClose(model.singularValues, wanted.singularValues, 1e-5, 'singularValues')
        assertClose(model.transform(matrix).data, wanted.transformed.flat(), 3e-5, 'transformed')
      }
    }
  })

  test(`truncated SVD gives scikit-learn's numbers on dense and sparse rows (${engine})`, async () => {
    const wanted = reference.truncated
    const matrix = toMatrix(wanted.rows)
    for (const [input, method] of [
      [matrix, 'exact'],
      [matrix, 'randomized'],
      [toSparse(matrix), 'randomized'],
    ] as const) {
      const model = await truncatedSvd(input, { components: 4, method, engine })
      assertClose(model.components.data, wanted.components.flat(), 1e-4, 'components')
      assertClose(model.singularValues, wanted.singularValues, 1e-5, 'singularValues')
      assertClose(model.transform(input).data, wanted.transformed.flat(), 1e-4, 'transformed')
      assertClose(model.transform(matrix).data, model.transform(toSparse(matrix)).data, 1e-5, 'sparse transform')
    }
  })
}

test('components are orthonormal and the transform keeps all distances, on every shape', async () => {
  const shape = fc.record({
    rows: fc.integer({ min: 2, max: 30 }),
    columns: fc.integer({ min: 1, max: 30 }),
    seed: fc.nat(),
  })
  await fc.assert(
    fc.asyncProperty(shape, async ({ rows, columns, seed }) => {
      const matrix = randomMatrix(rows, columns, seed)
      const { components, transform } = await pca(matrix)
      for (let a = 0; a < components.rows; a++)
        for (let b = 0; b <= a; b++) {
          let dot = 0
          for (let j = 0; j < columns; j++) dot += components.data[a * columns + j]! * components.data[b * columns + j]!
          assert.ok(Math.abs(dot - (a === b ? 1 : 0)) < 1e-5)
        }
      const seen = transform(matrix)
      const squared = ({ data, columns: width }: Matrix, i: number, j: number) => {
        let sum = 0
        for (let c = 0; c < width; c++) sum += (data[i * width + c]! - data[j * width + c]!) ** 2
        return sum
      }
      const want = squared(matrix, 0, rows - 1)
      assert.ok(Math.abs(squared(seen, 0, rows - 1) - want) <= 1e-4 * (1 + want))
    }),
    { seed: 3, numRuns: 40 },
  )
})

test('all engines give the same bytes, and the same seed gives them again', async () => {
  for (const [matrix, method] of [
    [randomMatrix(150, 21, 4), 'exact'],
    [randomMatrix(900, 37, 5), 'exact'],
    [randomMatrix(250, 250, 6), 'randomized'],
  ] as const) {
    const [first, ...others] = await Promise.all(
      (['typescript', 'simd', 'relaxed', 'typescript'] as const).map((engine) =>
        pca(matrix, { components: 5, method, seed: 9, engine }),
      ),
    )
    for (const other of others) {
      assert.deepEqual(other.components.data, first!.components.data)
      assert.deepEqual(other.explainedVariance, first!.explainedVariance)
      assert.deepEqual(other.transform(matrix).data, first!.transform(matrix).data)
    }
  }
})

test('few random axes carry at least 99 % of the variance that the best ones carry', async () => {
  const matrix = randomMatrix(300, 300, 5)
  const sum = (values: Float64Array) => values.reduce((a, b) => a + b, 0)
  const exact = await pca(matrix, { components: 5 })
  const random = await pca(matrix, { components: 5, method: 'randomized', seed: 1 })
  assert.ok(sum(random.explainedVariance) > 0.99 * sum(exact.explainedVariance))
})

test('weak components beside a strong one are as good as float64 makes them', async () => {
  const random = createRandom(11)
  const scales = [1000, 3, 1, 0.1]
  const rows = Array.from({ length: 600 }, () => scales.map((scale) => scale * random.normal()))
  const { explainedVariance } = await pca(toMatrix(rows))
  const alone = await pca(toMatrix(rows.map((row) => row.slice(1))))
  // The strong column shares a little of its direction with the others: 1 in √rows.
  for (let i = 1; i < 4; i++)
    assert.ok(Math.abs(explainedVariance[i]! / alone.explainedVariance[i - 1]! - 1) < 0.02, `${explainedVariance}`)
  assert.ok(alone.explainedVariance[2]! > 0.008 && alone.explainedVariance[2]! < 0.012)
})

test('many rows far from the origin give the variances of float64, whatever their scale', async () => {
  const random = createRandom(12)
  const data = Float32Array.from({ length: 3000 * 5 }, (_, i) => 100 + (1 + (i % 5)) * random.normal())
  const want = new Float64Array(5)
  for (let j = 0; j < 5; j++) {
    const column = Float64Array.from({ length: 3000 }, (_, i) => data[i * 5 + j]!)
    const mean = column.reduce((a, b) => a + b, 0) / 3000
    want[j] = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 2999
  }
  const total = want.reduce((a, b) => a + b, 0)
  for (const scale of [2 ** -120, 1, 2 ** 100]) {
    const model = await pca(
      createMatrix(
        3000,
        5,
        data.map((value) => value * scale),
      ),
    )
    const sum = model.explainedVariance.reduce((a, b) => a + b, 0)
    assert.ok(Math.abs(sum / scale / scale / total - 1) < 1e-7)
  }
})

test('equal rows have no variance, and say so only when whitening needs some', async () => {
  const matrix = createMatrix(5, 3, new Float32Array(15).fill(2))
  const model = await pca(matrix)
  assert.deepEqual([...model.explainedVarianceRatio], [0, 0, 0])
  assert.ok(model.transform(matrix).data.every((value) => value === 0))
  await assert.rejects(pca(matrix, { whiten: true }), InvalidArgumentError)
})

test('one column and 4,100 columns work', async () => {
  const narrow = await pca(randomMatrix(50, 1, 6))
  assert.deepEqual([...narrow.components.data], [1])
  const wide = await pca(randomMatrix(6, 4100, 7), { components: 5 })
  assert.ok(Math.abs(wide.explainedVarianceRatio.reduce((a, b) => a + b, 0) - 1) < 1e-9)
})

test('what PCA cannot do is refused by name', async () => {
  const matrix = randomMatrix(4, 3, 8)
  await assert.rejects(pca(createMatrix(0, 3)), InvalidArgumentError)
  await assert.rejects(pca(createMatrix(1, 3)), InvalidArgumentError)
  await assert.rejects(pca(createMatrix(3, 0)), InvalidArgumentError)
  for (const components of [0, 4, 1.5, Number.NaN])
    await assert.rejects(pca(matrix, { components }), InvalidArgumentError)
  await assert.rejects(pca(matrix, { method: 'arpack' as never }), InvalidArgumentError)
  await assert.rejects(pca(matrix, { method: 'randomized', seed: 0.5 }), InvalidArgumentError)
  await assert.rejects(pca(createMatrix(2, 2, Float32Array.of(1, 2, 3, Number.NaN))), { row: 1 })
  const model = await pca(matrix)
  assert.throws(() => model.transform(createMatrix(1, 2)), InvalidArgumentError)
  assert.throws(
    () => model.transform(createMatrix(1, 3, Float32Array.of(0, 0, Number.POSITIVE_INFINITY))),
    InvalidVectorError,
  )
})

test('sparse rows that lie about their shape are refused', async () => {
  const good = toSparse(randomMatrix(4, 3, 9))
  const bad: Partial<SparseMatrix>[] = [
    { offsets: Int32Array.of(0, 3, 6, 9) },
    { offsets: Int32Array.of(0, 6, 3, 9, 12) },
    { indices: good.indices.map(() => 3) },
    { indices: good.indices.subarray(1) },
    { values: good.values.map(() => Number.NaN) },
  ]
  for (const change of bad)
    await assert.rejects(truncatedSvd({ ...good, ...change }, { components: 2 }), { name: /Invalid/ })
  await assert.rejects(truncatedSvd(good, { components: 2, method: 'exact' }), InvalidArgumentError)
  const model = await truncatedSvd(good, { components: 2 })
  assert.throws(() => model.transform({ ...good, columns: 4 }), InvalidArgumentError)
})
