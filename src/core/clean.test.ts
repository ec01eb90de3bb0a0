import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { open } from '../open.ts'
import type { Collection, SourceRecord } from '../spec/collection.ts'
import { unrelatedTexts } from './unrelated-texts.ts'

const folder = mkdtempSync(join(tmpdir(), 'vecino-clean-'))
after(() => rmSync(folder, { recursive: true, force: true }))

async function collectionOf(name: string, records: readonly SourceRecord[]): Promise<Collection> {
  const collection = await open(join(folder, `${name}.vecino`))
  await collection.add(records)
  return collection
}

const unrelated = unrelatedTexts.map((text, i) => ({
  id: `text${i}`,
  text,
  metadata: { part: i % 2 === 0 ? 'even' : 'odd' },
}))
const copies: SourceRecord[] = [
  { id: 'copy', text: `${unrelatedTexts[0]?.toUpperCase()} `, metadata: { part: 'odd', date: '2024-01-01' } },
  {
    id: 'near',
    text: 'The ferry leaves harbour at seven and reaches the island just before noon.',
    metadata: { part: 'odd' },
  },
]
const collection = await collectionOf('texts', [...unrelated, ...copies])
after(() => collection.close())

test('duplicates are found by text, by meaning and by both, with a false-alarm rate that means something', async () => {
  const idsOf = async (method: 'text' | 'meaning' | 'both') =>
    (await collection.duplicates({ method })).groups.map(({ kept, removed }) => [
      kept.map(({ id }) => id),
      removed.map(({ id, keeper, kind }) => `${id}→${keeper} ${kind}`),
    ])
  assert.deepEqual(await idsOf('text'), [[['text0'], ['copy→text0 text']]])
  assert.deepEqual(await idsOf('both'), [[['text0'], ['near→text0 meaning', 'copy→text0 text']]])
  assert.equal((await idsOf('meaning')).length, 1)
  const { falseAlarms, threshold, items, kept } = await collection.duplicates()
  assert.equal(items - kept, 2)
  assert.ok(threshold !== undefined && threshold > 0.3 && threshold < 0.95)
  assert.ok(falseAlarms !== undefined && falseAlarms.low <= falseAlarms.rate && falseAlarms.rate <= falseAlarms.high)
  assert.equal(falseAlarms.source, 'collection')
  assert.equal(falseAlarms.support, 'extrapolated')
})

test('two sets are compared without touching the one that stays', async () => {
  const train = await collectionOf('train', [{ id: 'text0', text: unrelatedTexts[0] as string }])
  try {
    const { groups, kept, items } = await collection.duplicates({ against: train, method: 'text' })
    assert.deepEqual(
      groups.map((group) => [group.kept.map(({ id, side }) => `${side} ${id}`), group.removed.map(({ id }) => id)]),
      [[['against text0'], ['copy', 'text0']]],
    )
    assert.equal(items - kept, 2)
  } finally {
    await train.close()
  }
  // At the rate of no rate given, a pair of unlike texts may be a false alarm beside the copies.
  const across = await collection.duplicates({ across: 'part', keepSide: 'odd', falseAlarmRate: 1e-5 })
  const removed = across.groups.map((group) => group.removed.map(({ id }) => id))
  assert.deepEqual(removed, [['text0']])
})

test('without a rate, the chance that any pair is a false alarm stays the same: more pairs, a higher threshold', async () => {
  const large = await collectionOf('large', [
    ...unrelated,
    ...unrelated.map(({ text }, i) => ({ id: `more${i}`, text })),
  ])
  try {
    const [own, across, against] = [
      await collection.duplicates(),
      await collection.duplicates({ across: 'part' }),
      await collection.duplicates({ against: large }),
    ]
    assert.ok((across.threshold as number) < (own.threshold as number))
    assert.ok((own.threshold as number) < (against.threshold as number))
  } finally {
    await large.close()
  }
})

test('a target size is met exactly, and the newest stays where it is asked for', async () => {
  for (const targetSize of [103, 101, 80]) {
    const { kept } = await collection.duplicates({ targetSize })
    assert.equal(kept, targetSize)
  }
  const { groups } = await collection.duplicates({ keep: 'newest', method: 'text' })
  assert.deepEqual(groups[0]?.kept[0]?.id, 'copy')
})

test('options that contradict each other are refused', async () => {
  const cases: [object, RegExp][] = [
    [{ threshold: 0.9, falseAlarmRate: 0.1 }, /options: expected one of options.threshold, options.falseAlarmRate and/],
    [{ method: 'text', threshold: 0.9 }, /options\.method: expected meaning or both beside options\.threshold/],
    [{ keepSide: 'x' }, /options\.keepSide: expected options\.across beside it/],
    [{ across: 'nosuch' }, /options\.across: expected a metadata field that differs/],
    [{ across: 'toString' }, /options\.across: expected a metadata field that differs/],
    [{ against: {} }, /options\.against: expected a collection that `open` gave/],
    [{ treshold: 0.9 }, /options: expected those of duplicates/],
    [{ targetSize: 0 }, /options\.targetSize: expected an integer ≥ 1, got 0/],
  ]
  for (const [options, message] of cases) await assert.rejects(collection.duplicates(options), message)
})

test('outliers come with what is nearest to them; texts that have nothing in common are no outliers of each other', async () => {
  const { ranked, isTested, flagged, typicalDistance } = await collection.outliers({ topK: 5 })
  assert.equal(ranked.length, 5)
  assert.ok(isTested && flagged <= 2)
  assert.ok((ranked[0]?.distance as number) >= typicalDistance)
  assert.equal(ranked[0]?.nearest.length, 3)
  await assert.rejects(collection.outliers({ nNeighbors: 50 }), /options\.nNeighbors: expected an integer from 1 to 10/)
})

test('a sample says how much it covers, more the larger it is', async () => {
  const [few, many] = [await collection.sample({ size: 5 }), await collection.sample({ size: 60 })]
  assert.deepEqual(
    few.chosen.map(({ id }) => id),
    many.chosen.slice(0, 5).map(({ id }) => id),
  )
  assert.ok(many.coverage.share > few.coverage.share)
  assert.equal(
    few.chosen.reduce((sum, { standsFor }) => sum + standsFor, 0),
    few.items,
  )
  const all = await collection.sample({ size: few.items })
  assert.equal(all.coverage.share, 1)
  await assert.rejects(collection.sample({ size: 1000 }), /options\.size: expected an integer from 1 to 103, got 1000/)
})
