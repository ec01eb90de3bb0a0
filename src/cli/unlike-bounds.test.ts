import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryStore } from '../../test/support/memory-store.ts'
import { StoreCollection } from '../core/collection.ts'
import type { Filter } from '../spec/filter.ts'
import { fakeModel } from '../testing/fake-model.ts'
import { unlikeBounds } from './unlike-bounds.ts'

test('a range is to blame where its bound and its field are of unlike types', async () => {
  const model = fakeModel()
  const collection = new StoreCollection(await memoryStore(model.passport), model)
  await collection.add([
    { id: 'a', text: 'sea', metadata: { price: 3, day: '2024-01-02', mixed: 1 } },
    { id: 'b', text: 'hill', metadata: { price: -4, day: '2025-01-02', mixed: 'x' } },
  ])
  const numbers = 'The field price holds numbers, and "abc" is a text: neither is above or below the other.'
  const texts =
    'The field day holds texts, and 2024 is a number: neither is above or below the other.' +
    ` To compare texts, quote it within the condition, as in 'day>="2024"'.`
  const cases: [filter: Filter | undefined, said: string | undefined][] = [
    [{ field: 'price', lt: 'abc' }, numbers],
    [{ and: [{ field: 'price', lt: 9 }, { not: { field: 'price', gte: 'abc' } }] }, numbers],
    [{ field: 'day', gt: 2024 }, texts],
    [{ field: 'day', gt: '2024' }, undefined],
    [{ field: 'price', lt: -100 }, undefined],
    [{ field: 'mixed', lt: 'a' }, undefined],
    [{ field: 'price', eq: 'abc' }, undefined],
    [undefined, undefined],
  ]
  for (const [filter, said] of cases) assert.equal(await unlikeBounds(collection, filter), said)
})
