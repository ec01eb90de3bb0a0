import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InvalidArgumentError, NotFoundError } from '../spec/errors.ts'
import { loadModel } from './load.ts'
import { isHubId, parseLocalName } from './local-names.ts'

test('a name may say which graph and how many dimensions, and nothing else', () => {
  assert.deepEqual(parseLocalName('./m'), { name: './m', dtype: undefined, dimensions: undefined })
  assert.deepEqual(parseLocalName('a/b?dtype=int8&dimensions=64'), { name: 'a/b', dtype: 'int8', dimensions: 64 })
  for (const wrong of ['m?dtype=int4', 'm?dimensions=0', 'm?dtype=int8&dtype=int8', 'm?key=x', 'm?'])
    assert.throws(() => parseLocalName(wrong), InvalidArgumentError)
})

test('hub ids cannot climb out of the models folder', () => {
  assert.ok(isHubId('BAAI/bge-small-en-v1.5'))
  for (const wrong of ['a', '../b', 'a/..', 'a/b/c', '/a/b', 'a\\b/c', 'a/b..c']) assert.ok(!isHubId(wrong), wrong)
})

test('a model that was not pulled is not fetched: the error says how to', async () => {
  await assert.rejects(
    loadModel('bge-small-en-v1.5'),
    (error) => error instanceof NotFoundError && /vecino pull BAAI\/bge-small-en-v1\.5/.test(error.message),
  )
})
