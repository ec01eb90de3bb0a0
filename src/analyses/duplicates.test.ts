import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createRandom } from '../kernels/random.ts'
import type { Metadata } from '../spec/filter.ts'
import type { Items } from '../spec/items.ts'
import { toMatrix } from '../spec/matrix.ts'
import { type DuplicateGroup, type DuplicateOptions, duplicates, sameText } from './duplicates.ts'

interface Item {
  readonly id: string
  readonly text?: string
  readonly vector: readonly number[]
  readonly metadata?: Metadata
}

function itemsOf(list: readonly Item[]): Items {
  return {
    ids: list.map(({ id }) => id),
    texts: list.map(({ id, text }) => text ?? `text of ${id}`),
    titles: list.map(() => undefined),
    metadata: list.map(({ metadata }) => metadata ?? {}),
    vectors: toMatrix(list.map(({ vector }) => vector)),
  }
}

/** A unit vector so many degrees from the first axis. */
function at(degrees: number): number[] {
  return [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)]
}

const tenDegrees = Math.cos((10.01 * Math.PI) / 180)

async function found(list: readonly Item[], options: Partial<DuplicateOptions> = {}) {
  const items = itemsOf(list)
  const groups = await duplicates(items, { threshold: tenDegrees, ...options })
  return groups.map(({ kept, removed }) => ({
    kept: kept.map((row) => items.ids[row]),
    removed: removed.map(({ row, keeper, kind }) => `${items.ids[row]}→${items.ids[keeper]} ${kind}`),
  }))
}

test('a chain is one group, in which nothing is removed that is no duplicate of what stays', async () => {
  const chain = [0, 10, 20, 30].map((degrees, i) => ({ id: `${i}`, vector: at(degrees) }))
  assert.deepEqual(await found([...chain, { id: 'far', vector: at(90) }]), [
    { kept: ['0', '2'], removed: ['1→0 meaning', '3→2 meaning'] },
  ])
})

test('equal texts are duplicates whatever their vectors; case, width and white space do not tell texts apart', async () => {
  const list = [
    { id: 'a', text: 'One  Two', vector: at(0) },
    { id: 'b', text: ' ｏne two\n', vector: at(80) },
    { id: 'c', text: 'one two!', vector: at(160) },
  ]
  assert.deepEqual(await found(list), [{ kept: ['a'], removed: ['b→a text'] }])
  assert.deepEqual(await found(list, { method: 'meaning' }), [])
  assert.deepEqual(await found([...list.slice(0, 2), { id: 'd', vector: at(1) }], { method: 'text' }), [
    { kept: ['a'], removed: ['b→a text'] },
  ])
  assert.equal(sameText('ﬁne\u00a0 Day '), 'fine day')
})

test('the keeper follows the rule', async () => {
  const list: Item[] = [
    { id: 'a', text: 'short', vector: at(0), metadata: { date: '2020-05-01' } },
    { id: 'b', text: 'a longer one', vector: at(1), metadata: { date: '2024-01-31' } },
    { id: 'c', text: 'middle', vector: at(2), metadata: { tags: ['x'], author: 'y' } },
  ]
  const keeper = async (keep: DuplicateOptions['keep']) => (await found(list, { keep }))[0]?.kept
  assert.deepEqual(await keeper('first'), ['a'])
  assert.deepEqual(await keeper('longest'), ['b'])
  assert.deepEqual(await keeper('newest'), ['b'])
  assert.deepEqual(await keeper('richest'), ['c'])
  await assert.rejects(
    found([{ id: 'a', vector: at(0) }], { keep: 'newest' }),
    /options\.keep: expected 'newest' where/,
  )
})

test('across sides only items of unlike sides are duplicates', async () => {
  const list = [
    { id: 'train1', vector: at(0) },
    { id: 'train2', vector: at(1) },
    { id: 'test1', vector: at(5) },
    { id: 'train3', vector: at(60) },
    { id: 'train4', vector: at(61) },
  ]
  const sides = ['train', 'train', 'test', 'train', 'train']
  assert.deepEqual(await found(list, { sides, keepSide: 'test' }), [
    { kept: ['test1'], removed: ['train1→test1 meaning', 'train2→test1 meaning'] },
  ])
  assert.deepEqual(await found(list, { sides, keepSide: 'train' }), [
    { kept: ['train1', 'train2'], removed: ['test1→train2 meaning'] },
  ])
})

test('equal texts of three sides hang together through any of them', async () => {
  const list = ['x', 'y', 'x', 'y', 'z'].map((side, i) => ({
    id: `${side}${i}`,
    text: i < 2 ? 'A' : 'B',
    vector: at(i),
  }))
  const groups = await duplicates(itemsOf(list), { threshold: tenDegrees, sides: ['x', 'y', 'x', 'y', 'z'] })
  assert.equal(groups.length, 1)
})

test('the least alike come first', async () => {
  const list = [0, 9, 40, 41, 100, 105].map((degrees) => ({ id: `${degrees}`, vector: at(degrees) }))
  assert.deepEqual(
    (await found(list)).map(({ kept }) => kept[0]),
    ['0', '100', '40'],
  )
})

/** By comparing every pair, as the definition has it. */
function components(items: Items, threshold: number): string[] {
  const n = items.ids.length
  const group = Array.from({ length: n }, (_, i) => i)
  const cosine = (i: number, j: number) => {
    const [x, y, u, v] = [i, i, j, j].map((row, k) => items.vectors.data[row * 2 + (k % 2)] as number)
    return ((x as number) * (u as number) + (y as number) * (v as number)) as number
  }
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      if (cosine(i, j) >= threshold) {
        const [a, b] = [group[i] as number, group[j] as number]
        for (let k = 0; k < n; k++) if (group[k] === b) group[k] = a
      }
  const sets = new Map<number, string[]>()
  for (let i = 0; i < n; i++)
    sets.set(group[i] as number, [...(sets.get(group[i] as number) ?? []), items.ids[i] as string])
  return [...sets.values()]
    .filter((ids) => ids.length > 1)
    .map((ids) => ids.sort().join(' '))
    .sort()
}

function setsOf(groups: readonly DuplicateGroup[], { ids }: Items): string[] {
  return groups
    .map(({ kept, removed }) =>
      [...kept, ...removed.map(({ row }) => row)]
        .map((row) => ids[row])
        .sort()
        .join(' '),
    )
    .sort()
}

test('groups are the components of the pairs, in any order of the items, and with them what is kept', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), fc.integer({ min: 0, max: 40 }), async (seed, n) => {
      const random = createRandom(seed)
      // Whole degrees, away from the threshold, so that rounding decides nothing.
      const list = Array.from({ length: n }, (_, i) => ({ id: `id${i}`, vector: at(random.below(360)) }))
      const items = itemsOf(list)
      const options = { threshold: tenDegrees, keep: 'longest' as const }
      const groups = await duplicates(items, options)
      assert.deepEqual(setsOf(groups, items), components(items, tenDegrees))
      const shuffled = itemsOf(random.shuffle([...list]))
      const again = await duplicates(shuffled, options)
      const named = (all: readonly DuplicateGroup[], { ids }: Items) =>
        all.map(({ kept, removed }) => [
          kept.map((row) => ids[row]),
          removed.map(({ row, keeper }) => [ids[row], ids[keeper]]),
        ])
      assert.deepEqual(named(again, shuffled), named(groups, items))
    }),
    { numRuns: 60 },
  )
})

test('nothing and one item have no duplicates; a threshold out of range is refused', async () => {
  assert.deepEqual(await found([]), [])
  assert.deepEqual(await found([{ id: 'a', vector: at(0) }]), [])
  for (const threshold of [Number.NaN, -1, 1.1])
    await assert.rejects(found([], { threshold }), /options\.threshold: expected a cosine above -1/)
})
