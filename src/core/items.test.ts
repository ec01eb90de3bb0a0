import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { memoryStore } from '../../test/support/memory-store.ts'
import { cosineSimilarity } from '../kernels/compare.ts'
import { rowOf } from '../spec/matrix.ts'
import type { Store } from '../spec/store.ts'
import { openSqliteStore } from '../stores/sqlite/index.ts'
import { fakeModel } from '../testing/fake-model.ts'
import { StoreCollection } from './collection.ts'
import { itemsOf } from './items.ts'

const model = fakeModel({ dimensions: 8 })
const long = 'The first words stand here. '.repeat(40)

async function filled() {
  const store = await memoryStore(model.passport)
  const collection = new StoreCollection(store, model)
  await collection.add(
    [
      { id: 'short', text: 'one short text', metadata: { lang: 'en' } },
      { id: 'long', text: long, metadata: { lang: 'de' } },
    ],
    { maxTokens: 64 },
  )
  return store
}

test('one item a source has the whole text and the mean direction of its passages', async () => {
  const store = await filled()
  const { items, withoutVector } = await itemsOf(store)
  assert.deepEqual(items.ids, ['short', 'long'])
  assert.deepEqual(items.texts, ['one short text', long])
  assert.equal(withoutVector, 0)
  const { passages } = (await store.source('long'))!
  assert.ok(passages.length > 1)
  const own = await store.vectors(Int32Array.from(passages, ({ key }) => key))
  const mean = Float64Array.from({ length: 8 }, (_, d) => passages.reduce((sum, _, i) => sum + rowOf(own, i)[d]!, 0))
  assert.ok(cosineSimilarity(Float32Array.from(mean), rowOf(items.vectors, 1)) > 1 - 1e-6)
})

test('a write in between neither shows in the items nor ends their reading', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'vecino-items-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'docs.vecino')
  const store = await openSqliteStore(path, { passport: model.passport })
  const other = await openSqliteStore(path, { passport: model.passport })
  const writer = new StoreCollection(other, model)
  try {
    await writer.add([
      { id: 'a', text: 'first' },
      { id: 'b', text: 'second' },
    ])
    const removing = new Proxy(store, {
      get: (target, name) =>
        name !== 'asSnapshot'
          ? Reflect.get(target, name, target)
          : (work: Parameters<Store['asSnapshot']>[0]) =>
              store.asSnapshot((reading) =>
                work({
                  ...reading,
                  passages: async (keys) => {
                    await writer.remove(['a'])
                    return reading.passages(keys)
                  },
                }),
              ),
    })
    assert.deepEqual((await itemsOf(removing)).items.ids, ['a', 'b'])
    assert.deepEqual((await itemsOf(store)).items.ids, ['b'])
  } finally {
    await store.close()
    await writer.close()
  }
})

test('one item a passage, and only what a filter lets through', async () => {
  const store = await filled()
  const all = await itemsOf(store, { by: 'passage' })
  assert.equal(all.items.ids.length, (await store.keys()).length)
  assert.ok(all.items.ids.includes('long#2'))
  const { items } = await itemsOf(store, { filter: { field: 'lang', eq: 'de' } })
  assert.deepEqual(items.ids, ['long'])
  await assert.rejects(itemsOf(store, { filter: { field: 'language', eq: 'de' } }), /lang/)
})
