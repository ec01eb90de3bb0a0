import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryStore } from '../../test/support/memory-store.ts'
import { PassportMismatchError } from '../spec/errors.ts'
import type { EmbeddingModel } from '../spec/model.ts'
import { fakeModel } from '../testing/fake-model.ts'
import { withCanary } from './canary.ts'

/** Another model that claims to be the first. */
function impostor(of: EmbeddingModel, seed: number): EmbeddingModel {
  const other = fakeModel({ cost: 'paid', seed })
  return {
    ...other,
    passport: of.passport,
    embed: async (texts, options) => {
      const { vectors, usage } = await other.embed(texts, options)
      return { vectors: { ...vectors, passport: of.passport }, usage }
    },
  }
}

test('a model that answers as before passes, whatever the batch', async () => {
  const model = fakeModel({ cost: 'paid' })
  const store = await memoryStore(model.passport)
  for (const textsPerCall of [1, 3, 100]) {
    const again = withCanary(fakeModel({ cost: 'paid', limits: { textsPerCall } }), store)
    const { vectors } = await again.embed(['a text'], { task: 'document' })
    assert.equal(vectors.rows, 1)
  }
})

test('other weights behind one passport are refused before anything is embedded', async () => {
  const model = fakeModel({ cost: 'paid' })
  const store = await memoryStore(model.passport)
  await withCanary(model, store).embed(['a'], { task: 'document' })
  for (let seed = 1; seed <= 20; seed++)
    await assert.rejects(
      withCanary(impostor(model, seed), store).embed(['a'], { task: 'query' }),
      PassportMismatchError,
    )
})

test('the check is made once, and made again after a failure', async () => {
  let isDown = true
  const model = fakeModel({
    cost: 'compute',
    beforeCall: () => {
      if (isDown) throw new Error('down')
    },
  })
  const guarded = withCanary(model, await memoryStore(model.passport))
  await assert.rejects(guarded.embed(['a'], { task: 'document' }), /down/)
  isDown = false
  await guarded.embed(['a'], { task: 'document' })
  await guarded.embed(['b'], { task: 'document' })
  assert.deepEqual(
    model.calls.map(({ texts }) => texts.length),
    [8, 8, 1, 1],
  )
})

test('a model known by its weights is left alone', async () => {
  const model = fakeModel()
  assert.equal(withCanary(model, await memoryStore(model.passport)), model)
})
