import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createRandom } from '../kernels/random.ts'
import type { ClusterOptions } from '../spec/clusters.ts'
import {
  InvalidArgumentError,
  InvalidVectorError,
  PassportMismatchError,
  UnreadableInputError,
} from '../spec/errors.ts'
import { createMatrix, toMatrix } from '../spec/matrix.ts'
import type { Passport } from '../spec/passport.ts'
import { type ClusterInput, clusters } from './clusters.ts'
import { assignToClusters, clustersFromJson, clustersToJson } from './saved-clusters.ts'

const passport: Passport = {
  provider: 'test',
  model: 'blobs',
  weightsDigest: '',
  tokenizerDigest: '',
  dimensions: 8,
  pooling: 'none',
  queryPrompt: '',
  documentPrompt: '',
  normalized: true,
  maxTokens: null,
  dtype: 'float32',
}

/** Items around the first axes, `sizes[c]` of them around axis c, with one word that names the group. */
function blobs(sizes: readonly number[], spread = 0.2, seed = 1): ClusterInput & { truth: number[] } {
  const random = createRandom(seed)
  const truth = sizes.flatMap((size, group) => Array<number>(size).fill(group))
  const rows = truth.map((group) =>
    Float32Array.from({ length: 8 }, (_, j) => (j === group ? 1 : 0) + spread * random.normal()),
  )
  return {
    ids: truth.map((group, i) => `${'abcdefgh'[group]}${String(i).padStart(4, '0')}`),
    texts: truth.map((group) => `${['apple', 'boat', 'castle', 'desert', 'engine'][group]} number`),
    vectors: toMatrix(rows, passport),
    truth,
  }
}

const quick: ClusterOptions = { subsamples: 2, threads: 1 }

test('groups are found, numbered by size and named by their words', async () => {
  const items = blobs([20, 60, 40])
  const found = await clusters(items, { ...quick, k: 3 })
  assert.deepEqual(
    found.clusters.map(({ size, name }) => ({ size, name })),
    [
      { size: 60, name: 'boat' },
      { size: 40, name: 'castle' },
      { size: 20, name: 'apple' },
    ],
  )
  assert.deepEqual(
    Array.from(found.labels),
    items.truth.map((group) => [2, 0, 1][group]),
  )
  assert.ok(found.clusters.every(({ stability }) => stability! > 0.95))
  assert.ok(found.stability! > 0.95)
})

test('k is suggested where it is not given, with the reason', async () => {
  const { k, suggestion } = await clusters(blobs([60, 50, 40, 30]), quick)
  assert.equal(k, 4)
  assert.equal(suggestion?.k, 4)
  assert.match(suggestion?.reason ?? '', /^4 groups: they part better than noise/)
})

test('representatives are nearest to the centroid, boundary items nearest to another cluster', async () => {
  const items: ClusterInput = {
    ids: ['a', 'b', 'c', 'd', 'e'],
    texts: ['', '', '', '', ''],
    vectors: toMatrix([
      [1, 0],
      [1, 0.02],
      [0.9, 0.5],
      [0, 1],
      [-0.1, 1],
    ]),
  }
  const { clusters: found, labels } = await clusters(items, { ...quick, k: 2 })
  assert.deepEqual([...labels], [0, 0, 0, 1, 1])
  assert.equal(found[0]?.representatives[0]?.id, 'b')
  const [closest] = found[0]?.boundary ?? []
  assert.equal(closest?.id, 'c')
  assert.equal(closest?.other, 1)
  assert.ok(closest!.margin < found[0]!.boundary[1]!.margin)
})

test('the same groups, names and bytes come out whatever the order of the items', async () => {
  const items = blobs([12, 9, 7], 0.5)
  const expected = await clusters(items, { ...quick, k: 3 })
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray([...items.ids.keys()], { minLength: items.ids.length }), async (order) => {
      const vectors = createMatrix(order.length, 8, undefined, passport)
      for (const [i, row] of order.entries()) vectors.data.set(items.vectors.data.subarray(row * 8, row * 8 + 8), i * 8)
      const shuffled = { ids: order.map((i) => items.ids[i]!), texts: order.map((i) => items.texts[i]!), vectors }
      const found = await clusters(shuffled, { ...quick, k: 3 })
      assert.deepEqual(
        order.map((row, i) => found.labels[i] === expected.labels[row]),
        order.map(() => true),
      )
      assert.deepEqual(found.centroids, expected.centroids)
      const shown = (of: typeof found) => of.clusters.map(({ name, stability, size }) => ({ name, stability, size }))
      assert.deepEqual(shown(found), shown(expected))
    }),
    { numRuns: 10 },
  )
})

test('density leaves out what lies alone, and says what is nearest and how far', async () => {
  const items = blobs([40, 40], 0.1)
  const lonely = new Float32Array(8)
  lonely[5] = 1
  lonely[0] = 0.3
  const vectors = createMatrix(81, 8, Float32Array.from([...items.vectors.data, ...lonely]), passport)
  const found = await clusters(
    { ids: [...items.ids, 'lonely'], texts: [...items.texts, 'nothing'], vectors },
    { ...quick, method: 'density', minClusterSize: 8 },
  )
  assert.equal(found.k, 2)
  const placed = assignToClusters(found, createMatrix(1, 8, lonely, passport))
  assert.equal(placed[0]?.label, -1)
  assert.equal(placed[0]?.nearest, found.labels[0])
  for (const { similarity, reach, reason } of found.noise) assert.equal(reason, similarity! < reach! ? 'far' : 'sparse')
})

test('fewer items than a dense cluster needs are noise without a cluster', async () => {
  const found = await clusters(blobs([3]), { ...quick, method: 'density' })
  assert.deepEqual([...found.labels], [-1, -1, -1])
  assert.deepEqual(found.noise[0], {
    row: 0,
    id: 'a0000',
    nearest: undefined,
    similarity: undefined,
    reach: undefined,
    reason: 'no-clusters',
  })
  assert.throws(() => assignToClusters(found, createMatrix(0, 8)), /at least 1 cluster/)
})

test('new items go to the nearest cluster, with the margin to the next', async () => {
  const found = await clusters(blobs([30, 20]), { ...quick, k: 2 })
  const [first, second] = assignToClusters(
    found,
    toMatrix(
      [
        [0, 3, 0, 0, 0, 0, 0, 0],
        [1, 0.9, 0, 0, 0, 0, 0, 0],
      ],
      passport,
    ),
  )
  assert.equal(first?.label, 1)
  assert.equal(second?.label, 0)
  assert.ok(first!.margin! > second!.margin! && second!.margin! > 0)
})

test('saved clusters come back the same and take no vectors of another model', async () => {
  const found = await clusters(blobs([30, 20]), quick)
  const back = clustersFromJson(clustersToJson(found))
  assert.deepEqual(back, found)
  assert.equal(clustersToJson(back), clustersToJson(found))
  const other = createMatrix(1, 8, new Float32Array(8).fill(1), { ...passport, model: 'other' })
  assert.throws(() => assignToClusters(back, other), PassportMismatchError)
})

test('a document that is no saved clustering is refused by its name', () => {
  for (const text of ['', '[]', '{"format":"other"}', '{"format":"vecino-clusters","version":2}'])
    assert.throws(() => clustersFromJson(text, 'c.json'), UnreadableInputError)
  assert.throws(
    () => clustersFromJson('{"format":"vecino-clusters","version":1,"centroids":{"rows":1}}', 'c.json'),
    /c\.json, centroids: expected a matrix/,
  )
})

test('names come from nameWith where it is given, and an empty one is refused', async () => {
  const items = blobs([10, 8])
  const seen: string[][] = []
  const found = await clusters(items, {
    ...quick,
    k: 2,
    examples: 1,
    nameWith: async (cluster, texts) => {
      seen.push([...texts])
      return ` About ${cluster.terms[0]?.term} `
    },
  })
  assert.deepEqual(
    found.clusters.map(({ name }) => name),
    ['About apple', 'About boat'],
  )
  assert.deepEqual(seen, [['apple number'], ['boat number']])
  await assert.rejects(clusters(items, { ...quick, k: 2, nameWith: async () => '' }), InvalidArgumentError)
})

test('one item, two items and equal items are one group, and more than there are different ones are refused', async () => {
  for (const size of [1, 2]) assert.equal((await clusters(blobs([size]), quick)).k, 1)
  const equal = {
    ids: ['a', 'b', 'c'],
    texts: ['', '', ''],
    vectors: toMatrix([
      [1, 0],
      [1, 0],
      [1, 0],
    ]),
  }
  const found = await clusters(equal, quick)
  assert.equal(found.suggestion?.reason, '1 group: all items are equal')
  assert.equal(found.clusters[0]?.name, '')
  await assert.rejects(clusters(equal, { ...quick, k: 2 }), /options.k: expected at most 1, the different items, got 2/)
  await assert.rejects(clusters(equal, { ...quick, k: 4 }), /from 1 to 3, the items, got 4/)
})

test('a zero vector is refused by the id of its item', async () => {
  const items = {
    ids: ['good', 'empty'],
    texts: ['', ''],
    vectors: toMatrix([
      [1, 0],
      [0, 0],
    ]),
  }
  for (const method of ['k-means', 'density'] as const)
    await assert.rejects(clusters(items, { ...quick, method }), (error: unknown) => {
      assert.ok(error instanceof InvalidVectorError)
      assert.match(error.message, /vector of item "empty": expected a direction, got a zero vector/)
      return true
    })
})

test('options that do not go together or are out of range are refused', async () => {
  const items = blobs([4])
  const refused: [ClusterOptions, RegExp][] = [
    [{ k: 0 }, /options.k/],
    [{ k: 1.5 }, /options.k/],
    [{ method: 'density', k: 3 }, /none with density/],
    [{ minClusterSize: 4 }, /none without method 'density'/],
    [{ method: 'density', minClusterSize: 1 }, /options.minClusterSize/],
    [{ subsamples: -1 }, /options.subsamples/],
    [{ examples: 0 }, /options.examples/],
    [{ method: 'spectral' as 'density' }, /options.method/],
  ]
  for (const [options, message] of refused) await assert.rejects(clusters(items, options), message)
  await assert.rejects(clusters({ ids: [], texts: [], vectors: createMatrix(0, 8) }), /at least 1 item/)
  await assert.rejects(clusters({ ...items, ids: ['a', 'a', 'b', 'c'] }), /each id once/)
})
