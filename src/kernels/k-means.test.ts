import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { InvalidArgumentError, InvalidVectorError } from '../spec/errors.ts'
import { createMatrix, type Matrix, rowOf, toMatrix } from '../spec/matrix.ts'
import { type KMeans, type KMeansOptions, kMeans } from './k-means.ts'
import { createRandom } from './random.ts'
import type { Engine } from './wasm/features.ts'

const engines: Engine[] = ['typescript', 'simd', 'relaxed']
const reference = JSON.parse(readFileSync(new URL('../../test/reference/k-means.json', import.meta.url), 'utf8'))

function squared(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, j) => sum + (value - b[j]!) ** 2, 0)
}

/** Nearest centroid in float64, the lowest of equals. */
function nearest(row: Float32Array, centroids: Matrix): number {
  let best = 0
  for (let c = 1; c < centroids.rows; c++)
    if (squared(row, rowOf(centroids, c)) < squared(row, rowOf(centroids, best))) best = c
  return best
}

/** Rows around a few centres, some of them twice. */
function clustered(rows: number, columns: number, centres: number, spread: number, seed: number): Matrix {
  const random = createRandom(seed)
  const middle = Float64Array.from({ length: centres * columns }, () => random.normal())
  const matrix = createMatrix(rows, columns)
  for (let i = 0; i < rows; i++) {
    if (i > 0 && i % 7 === 0) {
      matrix.data.copyWithin(i * columns, (i - 1) * columns, i * columns)
      continue
    }
    const centre = random.below(centres) * columns
    for (let j = 0; j < columns; j++) matrix.data[i * columns + j] = middle[centre + j]! + spread * random.normal()
  }
  return matrix
}

const bytesOf = ({ labels, centroids, inertia, iterations }: KMeans) => ({
  labels,
  centroids: centroids.data,
  inertia,
  iterations,
})

for (const engine of engines) {
  test(`four points make the two clusters a hand finds (${engine})`, async () => {
    const matrix = toMatrix([
      [0, 0],
      [0, 2],
      [10, 0],
      [10, 2],
    ])
    const found = await kMeans(matrix, { k: 2, init: toMatrix([[1, 0], [2, 0]]), engine }) // biome-ignore format: one line
    assert.deepEqual([...found.labels], [0, 0, 1, 1])
    assert.deepEqual([...found.centroids.data], [0, 1, 10, 1])
    assert.equal(found.inertia, 4)
    assert.equal(found.iterations, 2)
    assert.deepEqual([...(await found.predict(toMatrix([[9, 9], [5, 1]])))], [1, 0]) // biome-ignore format: one line
  })

  test(`from the same start it ends where scikit-learn ends (${engine})`, async () => {
    const matrices = new Map<string, Matrix>()
    for (const wanted of reference.cases) {
      if (wanted.rows !== null) matrices.set(wanted.name, toMatrix(wanted.rows))
      const matrix = matrices.get(wanted.name)!
      const step = Math.floor(matrix.rows / wanted.k)
      const start = toMatrix(Array.from({ length: wanted.k }, (_, c) => rowOf(matrix, c * step)))
      const found = await kMeans(matrix, { k: wanted.k, init: start, engine })
      assert.deepEqual([...found.labels], wanted.labels)
      assert.equal(found.iterations, wanted.iterations)
      assert.ok(Math.abs(found.inertia / wanted.inertia - 1) < 1e-6)
      found.centroids.data.forEach((value, i) => {
        assert.ok(Math.abs(value - wanted.centroids.flat()[i]) < 1e-5)
      })
    }
  })
}

test('every label is the nearest centroid in float64, with any engine, threads, scale or duplicates', async () => {
  const input = fc.record({
    rows: fc.integer({ min: 1, max: 400 }),
    columns: fc.integer({ min: 1, max: 21 }),
    centres: fc.integer({ min: 1, max: 6 }),
    spread: fc.constantFrom(0, 1e-6, 0.1, 1),
    scale: fc.constantFrom(1, 1e-18, 1e18, 3e-3),
    part: fc.double({ min: 0, max: 1, noNaN: true }),
    seed: fc.nat(),
    spherical: fc.boolean(),
    maxIterations: fc.constantFrom(1, 2, 8, 40),
  })
  await fc.assert(
    fc.asyncProperty(input, async ({ rows, columns, centres, spread, scale, part, seed, spherical, maxIterations }) => {
      const matrix = clustered(rows, columns, centres, spread, seed)
      matrix.data.forEach((value, i) => {
        matrix.data[i] = value * scale
      })
      const k = 1 + Math.floor(part * (Math.min(rows, 40) - 1))
      const options: KMeansOptions = { k, seed, spherical, maxIterations, tolerance: 0 }
      const plain = await kMeans(matrix, { ...options, engine: 'typescript' })
      for (const engine of ['simd', 'relaxed'] as const)
        assert.deepEqual(bytesOf(await kMeans(matrix, { ...options, engine, threads: 1 })), bytesOf(plain))
      if (!spherical)
        for (let i = 0; i < rows; i++) assert.equal(plain.labels[i], nearest(rowOf(matrix, i), plain.centroids))
    }),
    { seed: 1, numRuns: 60 },
  )
})

test('samples, threads and engines give the same bytes for the same seed', async () => {
  const matrix = clustered(6000, 40, 12, 0.8, 2)
  const options = { k: 10, seed: 5, maxIterations: 25, tolerance: 0 }
  const first = await kMeans(matrix, { ...options, engine: 'typescript' })
  for (const threads of [1, 2, 3])
    for (const engine of ['simd', 'relaxed'] as const)
      assert.deepEqual(bytesOf(await kMeans(matrix, { ...options, engine, threads })), bytesOf(first))
  assert.notDeepEqual((await kMeans(matrix, { ...options, seed: 6 })).labels, first.labels)
})

test('separate clusters are found whole', async () => {
  const matrix = clustered(3000, 16, 8, 0.05, 3)
  const found = await kMeans(matrix, { k: 8, seed: 1, nInit: 5 })
  assert.ok(found.inertia < 3000 * 16 * 0.05 ** 2 * 1.02, `inertia ${found.inertia}`)
})

test('a start on a sample ends within 1 % of a start on all rows', async () => {
  const matrix = clustered(9000, 24, 60, 1, 4)
  const start = toMatrix(Array.from({ length: 20 }, (_, c) => rowOf(matrix, c * 449)))
  const onAll = await kMeans(matrix, { k: 20, init: start })
  const onSample = await kMeans(matrix, { k: 20, seed: 1 })
  assert.ok(onSample.inertia < onAll.inertia * 1.01, `${onSample.inertia} against ${onAll.inertia}`)
})

test('mini-batches come within 3 % of whole sweeps, and repeat for the same seed', async () => {
  const matrix = clustered(4000, 12, 10, 0.5, 5)
  const whole = await kMeans(matrix, { k: 10, seed: 2, nInit: 3 })
  const options = { k: 10, seed: 2, miniBatch: 256, nInit: 3, maxIterations: 20 }
  const batches = await kMeans(matrix, { ...options, engine: 'simd' })
  assert.ok(batches.inertia < whole.inertia * 1.03, `${batches.inertia} against ${whole.inertia}`)
  assert.deepEqual(bytesOf(await kMeans(matrix, { ...options, engine: 'typescript' })), bytesOf(batches))
})

test('spherical clusters don’t see lengths, and their centroids have length 1', async () => {
  const matrix = clustered(500, 8, 5, 0.2, 6)
  const longer = createMatrix(
    500,
    8,
    matrix.data.map((value, i) => value * (1 + (i >> 3) * 8)),
  )
  const found = await kMeans(matrix, { k: 5, spherical: true })
  assert.deepEqual((await kMeans(longer, { k: 5, spherical: true })).labels, found.labels)
  for (let c = 0; c < 5; c++) assert.ok(Math.abs(squared(rowOf(found.centroids, c), new Float32Array(8)) - 1) < 1e-6)
  assert.deepEqual(await found.predict(longer), found.labels)
})

test('equal rows, k = rows and one row give an inertia of zero', async () => {
  for (const engine of engines) {
    const equal = await kMeans(createMatrix(50, 3, new Float32Array(150).fill(7)), { k: 4, engine })
    assert.equal(equal.inertia, 0)
    assert.ok(equal.labels.every((label) => label === 0))
    const each = await kMeans(clustered(6, 3, 6, 1, 8), { k: 6, engine })
    assert.equal(each.inertia, 0)
    assert.equal((await kMeans(createMatrix(1, 2, Float32Array.of(3, 4)), { k: 1, engine })).inertia, 0)
    assert.equal((await kMeans(createMatrix(3, 2), { k: 2, engine })).inertia, 0)
  }
})

test('a start that leaves clusters empty fills them with the farthest rows', async () => {
  const matrix = toMatrix([[0], [1], [10], [30]])
  for (const engine of engines) {
    const found = await kMeans(matrix, { k: 3, init: toMatrix([[0], [-500], [-600]]), engine })
    assert.equal(found.inertia, 0.5)
    assert.deepEqual([...found.labels], [0, 0, 2, 1])
  }
})

test('1 to 4,100 columns work on all engines alike', async () => {
  for (const columns of [1, 2, 3, 5, 8, 15, 17, 1023, 4100]) {
    const matrix = clustered(60, columns, 4, 0.4, columns)
    const [first, ...others] = await Promise.all(engines.map((engine) => kMeans(matrix, { k: 5, engine })))
    for (const other of others) assert.deepEqual(bytesOf(other), bytesOf(first!))
  }
})

test('values at both ends of float32 fall back to float64 and give finite results', async () => {
  for (const scale of [3e38, 1e-40]) {
    const matrix = clustered(40, 4, 3, 0.1, 9)
    const largest = matrix.data.reduce((a, b) => Math.max(a, Math.abs(b)), 0)
    const data = matrix.data.map((value) => (value / largest) * scale)
    const found = await kMeans(createMatrix(40, 4, data), { k: 3, engine: 'simd' })
    assert.ok(Number.isFinite(found.inertia) && found.centroids.data.every(Number.isFinite))
  }
})

test('all engines draw the same start, also from more candidates than are measured at once', async () => {
  const matrix = clustered(40, 13, 4, 0.4, 17)
  const options = { k: 5, seed: 3, seedCandidates: 20, maxIterations: 1 }
  const first = await kMeans(matrix, { ...options, engine: 'typescript' })
  for (const engine of engines) assert.deepEqual(bytesOf(await kMeans(matrix, { ...options, engine })), bytesOf(first))
})

test('the more rows seeding tries, the nearer the rows are to their centroids', async () => {
  const matrix = clustered(400, 6, 30, 0.2, 12)
  const inertiaWith = async (seedCandidates: number) => {
    let sum = 0
    for (let seed = 0; seed < 10; seed++)
      sum += (await kMeans(matrix, { k: 30, seed, seedCandidates, maxIterations: 1, engine: 'typescript' })).inertia
    return sum
  }
  assert.ok((await inertiaWith(6)) < 0.95 * (await inertiaWith(1)))
})

test('a signal ends it between two sweeps', async () => {
  const matrix = clustered(300, 5, 6, 1, 11)
  for (const miniBatch of [undefined, 50])
    await assert.rejects(kMeans(matrix, { k: 5, miniBatch, signal: AbortSignal.abort() }), { name: 'AbortError' })
  assert.equal((await kMeans(matrix, { k: 5 })).labels.length, 300)
})

test('what k-means cannot do is refused by name', async () => {
  const matrix = clustered(10, 3, 2, 1, 10)
  const refused: Partial<KMeansOptions>[] = [
    { k: 0 },
    { k: 11 },
    { k: 1.5 },
    { k: undefined as never },
    { maxIterations: 0 },
    { tolerance: -1 },
    { tolerance: Number.NaN },
    { seed: 0.1 },
    { nInit: 0 },
    { seedCandidates: 0 },
    { threads: 0 },
    { miniBatch: 0 },
    { init: 'random' as never },
    { init: createMatrix(3, 3) },
    { init: createMatrix(2, 2) },
  ]
  for (const change of refused)
    await assert.rejects(kMeans(matrix, { k: 2, ...change }), InvalidArgumentError, JSON.stringify(change))
  await assert.rejects(kMeans(createMatrix(0, 3), { k: 1 }), InvalidArgumentError)
  await assert.rejects(kMeans(createMatrix(2, 0), { k: 1 }), InvalidArgumentError)
  await assert.rejects(kMeans(matrix, { k: 2, spherical: true, init: createMatrix(2, 3) }), InvalidVectorError)
  for (const engine of engines)
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 1e39]) {
      const bad = createMatrix(10, 3, matrix.data.slice())
      bad.data[13] = value
      await assert.rejects(kMeans(bad, { k: 2, engine }), { code: 'invalid-vector', row: 4 })
    }
  const withZero = createMatrix(10, 3, matrix.data.slice().fill(0, 6, 9))
  await assert.rejects(kMeans(withZero, { k: 2, spherical: true }), { code: 'invalid-vector', row: 2 })
  await assert.rejects((await kMeans(matrix, { k: 2 })).predict(createMatrix(1, 4)), InvalidArgumentError)
})
