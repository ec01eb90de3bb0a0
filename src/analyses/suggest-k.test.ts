import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createRandom } from '../kernels/random.ts'
import { createMatrix, type Matrix, toMatrix } from '../spec/matrix.ts'
import { partitionOverlap } from './partition-overlap.ts'
import { silhouette } from './silhouette.ts'
import { suggestK } from './suggest-k.ts'

/** Unit rows around `groups` axes of 10 dimensions; one cloud for 0. */
function cloud(groups: number, rows: number, spread: number): Matrix {
  const random = createRandom(5)
  const made = Array.from({ length: rows }, (_, i) => {
    const row = Float64Array.from({ length: 10 }, (_, j) => Number(j === i % groups) + spread * random.normal())
    const length = Math.hypot(...row)
    return row.map((value) => value / length)
  })
  return toMatrix(made)
}

test('planted groups are counted, and the reason says what they were weighed by', async () => {
  for (const groups of [2, 3, 6]) {
    const { k, reason, candidates } = await suggestK(cloud(groups, 120, 0.15), { threads: 1, maxK: 12 })
    assert.equal(k, groups)
    assert.match(reason, /silhouette 0\.\d{3} against 0\.\d{3}.*adjusted Rand/)
    assert.ok(candidates.length > 5)
  }
})

test('one cloud is one group', async () => {
  const { k, reason } = await suggestK(cloud(0, 200, 1), { threads: 1, maxK: 8 })
  assert.equal(k, 1)
  assert.equal(reason, '1 group: no number of groups parts the items better than noise')
})

test('one item is one group, and so are equal ones, each with its reason', async () => {
  const row = [0.6, 0.8]
  assert.equal((await suggestK(toMatrix([row]))).reason, '1 group: there is only one item')
  assert.equal((await suggestK(toMatrix([row, row, row]))).reason, '1 group: all items are equal')
})

test('the same seed gives the same candidates', async () => {
  const rows = cloud(3, 60, 0.3)
  assert.deepEqual(await suggestK(rows, { seed: 9, threads: 1 }), await suggestK(rows, { seed: 9, threads: 1 }))
})

test('no rows and a bad bound are refused', async () => {
  await assert.rejects(suggestK(createMatrix(0, 3)), /at least 1 row/)
  await assert.rejects(suggestK(cloud(2, 20, 0.1), { maxK: 1 }), /options.maxK/)
})

test('the silhouette is that of comparing all pairs', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 1, max: 4 }), (seed, k) => {
      const random = createRandom(seed)
      const rows = cloud(3, 12, 0.5)
      const labels = Int32Array.from({ length: 12 }, () => random.below(k))
      const distance = (i: number, j: number) => {
        let dot = 0
        for (let c = 0; c < 10; c++) dot += rows.data[i * 10 + c]! * rows.data[j * 10 + c]!
        return 1 - dot
      }
      let total = 0
      for (let i = 0; i < 12; i++) {
        const means = Array.from({ length: k }, (_, c) => {
          const others = [...labels.keys()].filter((j) => labels[j] === c && j !== i)
          return others.length === 0 ? Number.NaN : others.reduce((sum, j) => sum + distance(i, j), 0) / others.length
        })
        const own = means[labels[i]!]!
        const nearest = Math.min(...means.filter((mean, c) => c !== labels[i] && !Number.isNaN(mean)))
        if (!Number.isNaN(own) && Number.isFinite(nearest)) total += (nearest - own) / Math.max(own, nearest)
      }
      assert.ok(Math.abs(silhouette(rows, labels, k) - total / 12) < 1e-5)
    }),
    { numRuns: 50 },
  )
})

test('overlap is 1 for renamed partitions and near 0 for unrelated ones', () => {
  const a = Int32Array.of(0, 0, 0, 1, 1, 1)
  assert.deepEqual(partitionOverlap(a, 2, Int32Array.of(1, 1, 1, 0, 0, 0)), {
    adjustedRand: 1,
    jaccard: Float64Array.of(1, 1),
  })
  const { adjustedRand, jaccard } = partitionOverlap(a, 2, Int32Array.of(0, 1, -1, 0, 1, -1))
  assert.ok(adjustedRand < 0)
  assert.deepEqual(jaccard, Float64Array.of(1 / 4, 1 / 4))
})
