import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom } from '../../kernels/random.ts'
import type { Items } from '../../spec/items.ts'
import { createMatrix } from '../../spec/matrix.ts'
import type { Passport } from '../../spec/passport.ts'
import { drawMap } from './draw-map.ts'
import { parseSavedMap } from './saved-map.ts'

/** Items in three well separated groups. */
function groupedItems(count: number, { seed = 1, prefix = 'item' } = {}): Items {
  const random = createRandom(seed)
  const vectors = createMatrix(count, 8)
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < 8; c++) vectors.data[i * 8 + c] = 0.2 * random.normal() + (c === i % 3 ? 3 : 0)
    const row = vectors.data.subarray(i * 8, i * 8 + 8)
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0))
    for (let c = 0; c < 8; c++) row[c] = row[c]! / length
  }
  const ids = Array.from({ length: count }, (_, i) => `${prefix}-${i}`)
  return {
    ids,
    texts: ids.map((id) => `text of ${id}`),
    titles: ids,
    metadata: ids.map((_, i) => ({ group: 'abc'[i % 3]! })),
    vectors,
  }
}

const byGroup = (items: Items) => [{ name: 'group', values: items.metadata.map(({ group }) => group) }]

test('the same items give the same bytes, as SVG, PNG, HTML and JSON, on one thread and two', async () => {
  const items = groupedItems(70)
  const written = async (threads: number) => {
    const map = await drawMap(items, { colorings: byGroup(items), title: 'Twice', threads })
    return [
      map.svg(),
      Buffer.from(map.png({ width: 300, height: 200 })).toString('hex'),
      map.html(),
      JSON.stringify(map.save()),
    ]
  }
  assert.deepEqual(await written(1), await written(2))
})

test('each method keeps the groups apart, and says how far it can be trusted', async () => {
  const items = groupedItems(60)
  for (const method of ['umap', 'tsne', 'pca'] as const) {
    const { places, trustworthiness, svg } = await drawMap(items, { method })
    const distance = (i: number, j: number) =>
      (places.data[2 * i]! - places.data[2 * j]!) ** 2 + (places.data[2 * i + 1]! - places.data[2 * j + 1]!) ** 2
    for (let i = 0; i < 60; i++) {
      const others = Array.from({ length: 60 }, (_, j) => j).filter((j) => j !== i)
      const nearest = others.reduce((best, j) => (distance(i, j) < distance(i, best) ? j : best))
      assert.equal(nearest % 3, i % 3, `${method}, item ${i}`)
    }
    assert.ok(trustworthiness!.score > 0.7, method)
    assert.match(svg(), new RegExp(`trustworthiness ${trustworthiness!.score.toFixed(3)}`))
  }
})

test('1, 2 and 3 items and equal ones have a picture, and the notice says what it is', async () => {
  for (const count of [1, 2, 3]) {
    const map = await drawMap(groupedItems(count))
    assert.equal(map.svg().match(/<circle/g)?.length, count)
    assert.ok(map.places.data.every(Number.isFinite))
    assert.equal(map.trustworthiness, undefined)
    assert.equal(
      map.notices.some((notice) => /too few for UMAP/.test(notice)),
      count > 1,
    )
    // Neither the picture nor what is saved claims a method that had no part in it.
    assert.match(map.svg(), new RegExp(`PCA of ${count} item`))
    assert.equal(map.save().method, 'pca')
  }
  const items = groupedItems(5)
  const equal = { ...items, vectors: createMatrix(5, 8, new Float32Array(40).fill(0.5)) }
  const map = await drawMap(equal)
  assert.match(map.notices.join(), /All 5 items have the same vector/)
  assert.ok(map.svg().includes('<circle'))
})

test('a layout that could not begin from the whole says so', async () => {
  assert.match((await drawMap(groupedItems(90))).notices.join(), /how far apart such groups lie says little/)
  assert.match((await drawMap(groupedItems(7))).notices.join(), /7 items are few for UMAP/)
})

test('new items join a saved map and move none of the old; gone and changed ones are counted', async () => {
  const all = groupedItems(45)
  const part = (rows: readonly number[]): Items => ({
    ids: rows.map((i) => all.ids[i]!),
    texts: rows.map((i) => all.texts[i]!),
    titles: rows.map((i) => all.titles[i]!),
    metadata: rows.map((i) => all.metadata[i]!),
    vectors: createMatrix(
      rows.length,
      8,
      Float32Array.from(rows.flatMap((i) => [...all.vectors.data.subarray(i * 8, i * 8 + 8)])),
    ),
  })
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)
  for (const method of ['umap', 'tsne', 'pca'] as const) {
    const before = await drawMap(part(range(0, 36)), { method, seed: 7 })
    const onto = parseSavedMap(JSON.parse(JSON.stringify(before.save())))
    const after = await drawMap(part(range(3, 45)), { onto })
    assert.deepEqual([...after.places.data.subarray(0, 66)], [...before.places.data.subarray(6)], method)
    assert.match(after.notices[0]!, /33 items keep their places; 9 are new, 3 are gone/)
    for (let i = 33; i < 42; i++) {
      const of = (j: number) =>
        (after.places.data[2 * i]! - after.places.data[2 * j]!) ** 2 +
        (after.places.data[2 * i + 1]! - after.places.data[2 * j + 1]!) ** 2
      const nearest = range(0, 33).reduce((best, j) => (of(j) < of(best) ? j : best))
      assert.equal(nearest % 3, i % 3, `${method}, item ${i}`)
    }
  }
  const changed = part(range(0, 36))
  changed.vectors.data.set(all.vectors.data.subarray(8, 16), 0)
  const onto = (await drawMap(part(range(0, 36)))).save()
  assert.match((await drawMap(changed, { onto })).notices[0]!, /35 items keep their places; 0 are new, 1 have changed/)
})

test('a saved map of another model, or of nothing in common, is refused', async () => {
  const items = groupedItems(20)
  const passport = { provider: 'a', model: 'b', dimensions: 8 } as Passport
  const made = (model: string) => ({ ...items, vectors: { ...items.vectors, passport: { ...passport, model } } })
  const onto = (await drawMap(made('one'))).save()
  await assert.rejects(drawMap(made('two'), { onto }), { name: 'PassportMismatchError' })
  await assert.rejects(
    drawMap({ ...made('one'), ids: items.ids.map((id) => `${id}x`) }, { onto }),
    /at least 2 of its items/,
  )
  await assert.rejects(
    drawMap(made('one'), { onto, method: 'pca' }),
    /options.method: expected that of the map \(umap\)/,
  )
  for (const broken of [
    {},
    null,
    { ...onto, version: 2 },
    { ...onto, items: [{ id: 'a', x: 'NaN' }] },
    { ...onto, items: [onto.items[0], onto.items[0]] },
  ])
    assert.throws(() => parseSavedMap(broken), { name: 'InvalidArgumentError' })
})

test('texts with markup reach SVG and HTML as texts', async () => {
  const items = groupedItems(4)
  const evil = '</script><img src=x onerror=alert(1)>&\u2028"\''
  const map = await drawMap(
    { ...items, titles: [evil, evil, evil, evil], texts: items.texts.map(() => evil) },
    {
      title: evil,
      colorings: [{ name: evil, values: [evil, 'b', undefined, evil] }],
    },
  )
  for (const page of [map.svg(), map.html()]) assert.doesNotMatch(page, /<img/)
  assert.equal(map.html().match(/<\/script>/g)?.length, 2)
  const policy = /Content-Security-Policy" content="([^"]+)"/.exec(map.html())![1]!
  assert.match(policy, /default-src 'none'; script-src 'sha256-[A-Za-z0-9+/]+=*'; style-src 'sha256-/)
  assert.doesNotMatch(map.html(), /https?:\/\//)
})

test('letters that the font of PNG lacks are announced', async () => {
  const items = { ...groupedItems(4), titles: ['naïve Straße', '東京', 'plain', 'déjà vu'] }
  assert.match((await drawMap(items)).pngNotices.join(), /1 of 4 names/)
})

test('options out of range and settings of another method are refused', async () => {
  const items = groupedItems(10)
  const refused: [object, RegExp][] = [
    [{ method: 'som' }, /options.method/],
    [{ labels: -1 }, /options.labels/],
    [{ perplexity: 5 }, /UMAP has no such setting/],
    [{ method: 'pca', minDist: 0.1 }, /PCA has no such setting/],
    [{ colorings: [{ name: 'x', values: [1] }] }, /10 values, one an item/],
    [{ nNeighbors: 11 }, /nNeighbors/],
    [{ seed: 0.5 }, /seed/],
  ]
  for (const [options, message] of refused) await assert.rejects(drawMap(items, options), message)
  await assert.rejects(
    drawMap({ ...items, ids: [], texts: [], titles: [], metadata: [], vectors: createMatrix(0, 8) }),
    /items: expected at least 1/,
  )
  const map = await drawMap(items, { method: 'pca' })
  assert.throws(() => map.svg({ width: 10 }), /size.width: expected an integer from 300 to 10000, got 10/)
})
