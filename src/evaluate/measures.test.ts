import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { averagePrecision } from './average-precision.ts'
import { adjustedRand, vMeasure } from './cluster-agreement.ts'
import { averagePrecisionAtK, ndcgAtK, rankDocuments, recallAtK, reciprocalRankAtK } from './retrieval.ts'
import { spearman } from './spearman.ts'

const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 1e-12, `${actual} ≉ ${expected}`)

test('spearman of a case worked by hand, with a tie', () => {
  // Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4: Σ = 4.5 / √(4.5 · 5).
  near(spearman([1, 2, 2, 9], [10, 20, 30, 40]), 4.5 / Math.sqrt(22.5))
  near(spearman([1, 2, 3], [3, 2, 1]), -1)
  assert.ok(Number.isNaN(spearman([1, 1], [1, 2])))
})

test('spearman of equal values is no number, however many there are', () => {
  for (let n = 2; n < 20; n++) assert.ok(Number.isNaN(spearman(Array(n).fill(0), Array(n).fill(0.1))), `${n}`)
})

test('spearman sees order only: any growing transform leaves it', () => {
  const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 3, maxLength: 30 })
  fc.assert(
    fc.property(values, (xs) => {
      const ys = xs.map((_, i) => (i * 7919) % 31)
      const plain = spearman(xs, ys)
      const grown = spearman(
        xs.map((x) => Math.exp(x / 500)),
        ys,
      )
      assert.ok(Object.is(plain, grown) || Math.abs(plain - grown) < 1e-12)
    }),
  )
})

test('spearman refuses what has no ranking', () => {
  assert.throws(() => spearman([1], [1]), /at least 2 values/)
  assert.throws(() => spearman([1, Number.NaN], [1, 2]), /a\[1\]/)
  assert.throws(() => spearman([1, 2], [1]), /expected 2 values like a, got 1/)
})

test('retrieval measures of a case worked by hand', () => {
  const judgements = new Map([
    ['a', 2],
    ['b', 1],
    ['c', 0],
    ['d', 1],
  ])
  const ranked = ['c', 'a', 'x', 'b']
  near(ndcgAtK(ranked, judgements, 4), (2 / Math.log2(3) + 1 / Math.log2(5)) / (2 + 1 / Math.log2(3) + 1 / 2))
  near(recallAtK(ranked, judgements, 2), 1 / 3)
  near(reciprocalRankAtK(ranked, judgements, 10), 1 / 2)
  near(averagePrecisionAtK(ranked, judgements, 10), (1 / 2 + 2 / 4) / 3)
})

test('a query without a relevant document scores 0, and ties rank by id descending', () => {
  assert.equal(ndcgAtK(['a'], new Map([['a', 0]]), 10), 0)
  assert.equal(recallAtK(['a'], new Map(), 10), 0)
  assert.deepEqual(
    rankDocuments(
      new Map([
        ['a', 1],
        ['c', 1],
        ['b', 2],
      ]),
    ),
    ['b', 'c', 'a'],
  )
  assert.throws(() => ndcgAtK([], new Map(), 0), /an integer ≥ 1/)
})

test('average precision of a case worked by hand, ties as one threshold', () => {
  near(averagePrecision([0.9, 0.8, 0.7, 0.6], [1, 0, 1, 0]), 1 / 2 + (1 / 2) * (2 / 3))
  near(averagePrecision([0.5, 0.5, 0.5, 0.5], [1, 0, 0, 0]), 1 / 4)
  assert.throws(() => averagePrecision([1], [0]), /at least one positive/)
})

test('partition measures know equal partitions under any names, and chance', () => {
  near(vMeasure([0, 0, 1, 1], ['x', 'x', 'y', 'y']), 1)
  near(adjustedRand([0, 0, 1, 1], [5, 5, 7, 7]), 1)
  near(vMeasure([0, 0, 1, 1], [0, 0, 0, 0]), 0)
  // scikit-learn: v_measure_score([0,0,1,1],[0,0,1,2]) = 0.8, adjusted_rand_score = 0.5714…
  near(vMeasure([0, 0, 1, 1], [0, 0, 1, 2]), 0.8)
  near(adjustedRand([0, 0, 1, 1], [0, 0, 1, 2]), 4 / 7)
  assert.throws(() => vMeasure([0], []), /labels/)
})
