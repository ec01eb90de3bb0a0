import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drawMap, embed } from '../src/index.ts'

const topics = [
  ...['machine learning', 'deep learning', 'neural networks'],
  ...['Python programming', 'JavaScript web dev', 'React components'],
  ...['cooking recipes', 'Italian pasta', 'French cuisine'],
]
const groups = ['AI', 'AI', 'AI', 'code', 'code', 'code', 'food', 'food', 'food']

test('the nine topics of a tutorial lie in three separate groups on the map, seed 42', async () => {
  const items = {
    ids: topics,
    texts: topics,
    titles: topics.map(() => undefined),
    metadata: groups.map((group) => ({ group })),
    vectors: await embed(topics),
  }
  const map = await drawMap(items, {
    method: 'tsne',
    ...{ seed: 42, title: 'Nine topics', colorings: [{ name: 'group', values: groups }] },
  })
  const triangle = (group: number) =>
    [0, 1, 2].map(
      (i) => [...map.places.data.subarray((group * 3 + i) * 2, (group * 3 + i) * 2 + 2)] as [number, number],
    )
  for (const [a, b] of [
    [0, 1],
    [0, 2],
    [1, 2],
  ] as const)
    assert.ok(areApart(triangle(a), triangle(b)), `${groups[a * 3]} and ${groups[b * 3]}`)
  // Measured: 0.74 to 0.83 with the starters so far.
  assert.ok(map.trustworthiness!.score > 0.7)
  const svg = map.svg()
  for (const topic of topics) assert.ok(svg.includes(`>${topic}</text>`), topic)
})

/** Whether a line passes between two triangles: one along an edge does, where any does. */
function areApart(a: readonly [number, number][], b: readonly [number, number][]): boolean {
  return [a, b].some((corners) =>
    corners.some(([x, y], i) => {
      const [nextX, nextY] = corners[(i + 1) % 3]!
      const [acrossX, acrossY] = [y - nextY, nextX - x]
      const along = (points: readonly [number, number][]) =>
        points.map((point) => point[0] * acrossX + point[1] * acrossY)
      return Math.max(...along(a)) < Math.min(...along(b)) || Math.max(...along(b)) < Math.min(...along(a))
    }),
  )
}
