import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { InvalidArgumentError } from '../spec/errors.ts'
import { createMatrix, type Matrix, toMatrix } from '../spec/matrix.ts'
import { type HdbscanOptions, hdbscan } from './hdbscan.ts'
import { createRandom } from './random.ts'
import { reachabilityTree } from './reachability-tree.ts'
import type { Engine } from './wasm/features.ts'

const engines: Engine[] = ['typescript', 'simd', 'relaxed']
const reference = JSON.parse(readFileSync(new URL('../../test/reference/hdbscan.json', import.meta.url), 'utf8'))

/** Agreement of two partitions, 1 where they are the same, 0 on average by chance (Hubert & Arabie 1985). */
function adjustedRandIndex(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const pairs = (keys: string[]) => {
    const counts = new Map<string, number>()
    for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
    return [...counts.values()].reduce((sum, count) => sum + (count * (count - 1)) / 2, 0)
  }
  const rows = Array.from({ length: a.length }, (_, i) => i)
  const both = pairs(rows.map((i) => `${a[i]} ${b[i]}`))
  const left = pairs(rows.map((i) => `${a[i]}`))
  const right = pairs(rows.map((i) => `${b[i]}`))
  const chance = (left * right) / ((a.length * (a.length - 1)) / 2)
  return left + right === 2 * chance ? 1 : (both - chance) / ((left + right) / 2 - chance)
}

/** Groups of unlike sizes and densities, doubled rows among them. */
function groups(rows: number, columns: number, count: number, spread: number, seed: number): Matrix {
  const random = createRandom(seed)
  const matrix = createMatrix(rows, columns)
  const centres = Float64Array.from({ length: count * columns }, () => 10 * random.normal())
  for (let i = 0; i < rows; i++) {
    if (i > 0 && random.below(9) === 0) {
      const from = random.below(i)
      matrix.data.copyWithin(i * columns, from * columns, (from + 1) * columns)
      continue
    }
    const group = Math.floor(count * random.float64() ** 2)
    for (let j = 0; j < columns; j++)
      matrix.data[i * columns + j] = centres[group * columns + j]! + spread * (group + 1) * random.normal()
  }
  return matrix
}

/** Kruskal over all pairs in the order of weight, smaller row, larger row. */
function naiveTree({ data, rows, columns }: Matrix, minSamples: number) {
  const distance = (a: number, b: number) => {
    let sum = 0
    for (let j = 0; j < columns; j++) sum += (data[a * columns + j]! - data[b * columns + j]!) ** 2
    return Math.sqrt(sum)
  }
  const everyRow = Array.from({ length: rows }, (_, i) => i)
  const cores = everyRow.map((i) => {
    const others = everyRow.filter((other) => other !== i).map((other) => distance(i, other))
    return others.sort((a, b) => a - b)[Math.min(minSamples, rows - 1) - 1]!
  })
  const edges = everyRow.flatMap((low) =>
    everyRow
      .slice(low + 1)
      .map((high) => ({ low, high, weight: Math.max(cores[low]!, cores[high]!, distance(low, high)) })),
  )
  edges.sort((a, b) => a.weight - b.weight || a.low - b.low || a.high - b.high)
  const group = everyRow.slice()
  return edges.filter(({ low, high }) => {
    const [from, to] = [group[high]!, group[low]!]
    if (from === to) return false
    for (let i = 0; i < rows; i++) if (group[i] === from) group[i] = to
    return true
  })
}

for (const engine of engines) {
  test(`two tight groups and a stray are two clusters and noise (${engine})`, async () => {
    const matrix = toMatrix([[0], [0.1], [0.2], [5], [5.1], [5.2], [20]])
    const { labels, probabilities, outlierScores } = await hdbscan(matrix, { minClusterSize: 3, minSamples: 1, engine })
    assert.deepEqual([...labels], [0, 0, 0, 1, 1, 1, -1])
    assert.equal(probabilities[6], 0)
    assert.ok(outlierScores[6]! > 0.99 && outlierScores[1]! < 0.01)
  })

  test(`the tree is the one Kruskal's algorithm finds among all pairs (${engine})`, async () => {
    const input = fc.record({
      rows: fc.integer({ min: 2, max: 90 }),
      columns: fc.integer({ min: 1, max: 9 }),
      count: fc.integer({ min: 1, max: 4 }),
      spread: fc.constantFrom(0, 1e-3, 0.5, 3),
      minSamples: fc.integer({ min: 1, max: 12 }),
      seed: fc.nat(),
    })
    await fc.assert(
      fc.asyncProperty(input, async ({ rows, columns, count, spread, minSamples, seed }) => {
        const matrix = groups(rows, columns, count, spread, seed)
        const found = await reachabilityTree(matrix, minSamples, { engine, threads: 1 })
        const wanted = naiveTree(matrix, minSamples)
        assert.deepEqual(
          [...found.weights],
          wanted.map((edge) => edge.weight),
        )
        assert.deepEqual(
          [...found.low],
          wanted.map((edge) => edge.low),
        )
        assert.deepEqual(
          [...found.high],
          wanted.map((edge) => edge.high),
        )
      }),
      { seed: 1, numRuns: engine === 'typescript' ? 15 : 40 },
    )
  })
}

test('labels agree with those of the Python package hdbscan, probabilities and persistence too', async () => {
  const matrices = new Map<string, Matrix>()
  for (const { name, options, ...wanted } of reference.cases) {
    if (wanted.rows !== null) matrices.set(name, toMatrix(wanted.rows))
    const found = await hdbscan(matrices.get(name)!, {
      minClusterSize: options.min_cluster_size,
      minSamples: options.min_samples,
      clusterSelectionMethod: options.cluster_selection_method,
      clusterSelectionEpsilon: options.cluster_selection_epsilon,
      allowSingleCluster: options.allow_single_cluster,
    })
    const what = `${name} ${JSON.stringify(options)}`
    const agreement = adjustedRandIndex(found.labels, wanted.labels)
    assert.ok(agreement >= 0.98, `${what}: adjusted Rand index ${agreement}`)
    // Ties in the tree are broken in another order, which moves single rows between the clusters of a leaf.
    if (agreement < 1) continue
    const closeTo = (a: Float64Array, b: number[]) => a.filter((value, i) => Math.abs(value - b[i]!) < 1e-5).length
    assert.equal(closeTo(found.probabilities, wanted.probabilities), found.labels.length, what)
    assert.equal(closeTo(found.persistence.slice().sort(), wanted.persistence.sort()), found.persistence.length, what)
    const sameScores = closeTo(found.outlierScores, wanted.outlierScores) / found.labels.length
    assert.ok(sameScores > 0.9, `${what}: ${sameScores} of the outlier scores`)
  }
})

test('engines and threads give the same labels and scores', async () => {
  const matrix = groups(400, 20, 8, 0.4, 3)
  for (const metric of ['euclidean', 'cosine'] as const) {
    const first = await hdbscan(matrix, { metric, engine: 'typescript' })
    for (const engine of ['simd', 'relaxed'] as const)
      for (const threads of [1, 2]) assert.deepEqual(await hdbscan(matrix, { metric, engine, threads }), first)
  }
})

test('separate groups are found whole', async () => {
  const random = createRandom(4)
  const truth = Int32Array.from({ length: 900 }, (_, i) => i % 6)
  const centres = Float64Array.from({ length: 6 * 16 }, () => 10 * random.normal())
  const matrix = createMatrix(
    900,
    16,
    Float32Array.from({ length: 900 * 16 }, (_, at) => {
      const [row, column] = [Math.floor(at / 16), at % 16]
      return centres[truth[row]! * 16 + column]! + 0.5 * random.normal()
    }),
  )
  const { labels } = await hdbscan(matrix, { minClusterSize: 20, minSamples: 5 })
  assert.ok(adjustedRandIndex(labels, truth) > 0.98)
})

test('no row, one row, and fewer rows than a cluster needs are noise', async () => {
  for (const rows of [0, 1, 4]) {
    const { labels, probabilities, persistence } = await hdbscan(createMatrix(rows, 2))
    assert.deepEqual([...labels], new Array(rows).fill(-1))
    assert.deepEqual([...probabilities], new Array(rows).fill(0))
    assert.equal(persistence.length, 0)
  }
})

test('equal rows are one cluster where that is allowed, and no outliers', async () => {
  for (const engine of engines) {
    const equal = createMatrix(40, 3, new Float32Array(120).fill(1))
    const alone = await hdbscan(equal, { engine, allowSingleCluster: true })
    assert.ok(alone.labels.every((label) => label === 0) && alone.probabilities.every((value) => value === 1))
    assert.ok(alone.outlierScores.every((score) => score === 0))
    const noise = await hdbscan(equal, { engine })
    assert.ok(noise.labels.every((label) => label === -1))
  }
})

test('lengths don’t matter under cosine', async () => {
  const matrix = groups(200, 6, 4, 0.3, 5)
  const longer = createMatrix(
    200,
    6,
    matrix.data.map((value, i) => value * 2 ** (Math.floor(i / 6) % 9)),
  )
  assert.deepEqual(await hdbscan(longer, { metric: 'cosine' }), await hdbscan(matrix, { metric: 'cosine' }))
})

test('4,100 columns and values near both ends of float32 work', async () => {
  for (const scale of [1, 1e-22, 1e30]) {
    const matrix = groups(60, scale === 1 ? 4100 : 3, 2, 0.1, 6)
    matrix.data.forEach((value, i) => {
      matrix.data[i] = value * scale
    })
    const { labels } = await hdbscan(matrix, { minClusterSize: 8, minSamples: 2, engine: 'simd' })
    assert.equal(Math.max(...labels), 1)
  }
})

test('a signal ends it', async () => {
  await assert.rejects(hdbscan(groups(50, 3, 2, 1, 8), { signal: AbortSignal.abort() }), { name: 'AbortError' })
})

test('what hdbscan cannot do is refused by name', async () => {
  const matrix = groups(20, 3, 2, 1, 7)
  const refused: HdbscanOptions[] = [
    { minClusterSize: 1 },
    { minSamples: 0 },
    { minSamples: 1.5 },
    { metric: 'manhattan' as never },
    { clusterSelectionMethod: 'flat' as never },
    { clusterSelectionEpsilon: -1 },
    { clusterSelectionEpsilon: Number.NaN },
    { threads: 0 },
  ]
  for (const options of refused) await assert.rejects(hdbscan(matrix, options), InvalidArgumentError)
  await assert.rejects(hdbscan(createMatrix(9, 0)), InvalidArgumentError)
  const bad = createMatrix(20, 3, matrix.data.slice())
  bad.data[7] = Number.NaN
  await assert.rejects(hdbscan(bad), { code: 'invalid-vector', row: 2 })
  await assert.rejects(hdbscan(createMatrix(20, 3, matrix.data.slice().fill(0, 9, 12)), { metric: 'cosine' }), {
    row: 3,
  })
})
