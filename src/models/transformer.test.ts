import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { InvalidArgumentError } from '../spec/errors.ts'
import { rowOf } from '../spec/matrix.ts'
import { pool } from './pooling.ts'
import { loadTransformer } from './transformer.ts'

const miniLm = fileURLToPath(new URL('../../../shared/models/all-MiniLM-L6-v2', import.meta.url))
const skip = existsSync(miniLm) ? false : 'the shared MiniLM folder is not on this machine'

test('every pooling mode gives the values worked by hand', () => {
  const states = Float32Array.of(1, -4, 3, 0, 8, 1)
  const pooled = (mode: Parameters<typeof pool>[2]) => {
    const output = new Float32Array(2)
    pool(states, 2, mode, output)
    return [...output]
  }
  assert.deepEqual(pooled('mean'), [4, -1])
  assert.deepEqual(pooled('cls'), [1, -4])
  assert.deepEqual(pooled('last-token'), [8, 1])
  assert.deepEqual(pooled('max'), [8, 1])
  assert.deepEqual(pooled('mean-sqrt-length'), [...Float32Array.of(12 / Math.sqrt(3), -3 / Math.sqrt(3))])
  assert.deepEqual(pooled('weighted-mean'), [...Float32Array.of(31 / 6, -1 / 6)])
})

test('MiniLM in float32 gives the reference cosines, in the order asked', { skip }, async () => {
  const model = await loadTransformer(miniLm, { threads: 1 })
  const texts = ['I love programming in Python', 'Python is my favorite language', 'I enjoy eating pizza']
  const { vectors } = await model.embed(texts, { task: 'similarity' })
  const dot = (a: number, b: number) =>
    rowOf(vectors, a).reduce((sum, value, i) => sum + value * rowOf(vectors, b)[i]!, 0)
  assert.equal(dot(0, 1).toFixed(4), '0.8327')
  assert.equal(dot(0, 2).toFixed(4), '0.2847')
  assert.equal(model.countTokens(texts[0]!), 7)
  const alone = await model.embed([texts[2]!], { task: 'similarity' })
  rowOf(alone.vectors, 0).forEach((value, i) => {
    assert.ok(Math.abs(value - rowOf(vectors, 2)[i]!) < 1e-5)
  })
  await assert.rejects(model.embed(['a '.repeat(300)], { task: 'document' }), InvalidArgumentError)
  await model.close?.()
})

test('a missing graph and an unknown dtype are refused', { skip }, async () => {
  await assert.rejects(loadTransformer(fileURLToPath(new URL('.', import.meta.url))), (error) => error instanceof Error)
  await assert.rejects(loadTransformer(`${miniLm}/1_Pooling`), (error) => !(error instanceof TypeError))
  await assert.rejects(loadTransformer(miniLm, { dtype: 'float16' as 'int8' }), InvalidArgumentError)
})
