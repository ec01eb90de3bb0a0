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

test('in 8 bits a text has one vector to the bit, alone and among others, with any number of threads', {
  skip,
}, async () => {
  const texts = ['A cat sat.', 'The committee met on Tuesday to vote.', 'Two dogs ran.', 'A cat sat.']
  const vectorsOf = async (threads: number) => {
    const model = await loadTransformer(miniLm, { dtype: 'int8', threads })
    const { vectors } = await model.embed(texts, { task: 'document' })
    const alone = await model.embed([texts[2]!], { task: 'document' })
    await model.close()
    assert.deepEqual(rowOf(vectors, 2), alone.vectors.data)
    assert.deepEqual(rowOf(vectors, 0), rowOf(vectors, 3))
    return vectors.data
  }
  assert.deepEqual(await vectorsOf(1), await vectorsOf(2))
})

test('fewer dimensions are the first of all, made of unit length again', { skip }, async () => {
  const [whole, short] = await Promise.all(
    [undefined, 64].map((dimensions) => loadTransformer(miniLm, { dimensions, threads: 1 })),
  )
  const [a, b] = await Promise.all([whole!, short!].map((model) => model.embed(['A cat sat.'], { task: 'query' })))
  assert.equal(b!.vectors.columns, 64)
  assert.equal(short!.passport.dimensions, 64)
  const first = a!.vectors.data.subarray(0, 64)
  const length = Math.hypot(...first)
  for (const [i, value] of b!.vectors.data.entries()) assert.ok(Math.abs(value - first[i]! / length) < 1e-6)
  await Promise.all([whole!.close(), short!.close()])
})

test('an abort stops between runs, and the model goes on with the next call', { skip }, async () => {
  const model = await loadTransformer(miniLm, { dtype: 'int8', threads: 1 })
  const stop = new AbortController()
  const running = model.embed(
    Array.from({ length: 60 }, (_, i) => `sentence ${i}`),
    { task: 'document', signal: stop.signal },
  )
  setImmediate(() => stop.abort())
  await assert.rejects(running, { name: 'AbortError' })
  assert.equal((await model.embed(['next'], { task: 'document' })).vectors.rows, 1)
  await model.close()
})

test('a word has the vector of its place: banks of rivers are nearer to each other than to one that lends', {
  skip,
}, async () => {
  const model = await loadTransformer(miniLm, { threads: 1 })
  const word = 'bank'
  const vectors = await model.embedWords([
    { text: 'She sat by the river bank', word },
    { text: 'We fished from the muddy Bank of the stream', word },
    { text: 'I opened a new bank account', word },
    { text: 'The bank, not our bank, raised its interest rate', word, occurrence: 2 },
  ])
  const cosine = (a: number, b: number) =>
    rowOf(vectors, a).reduce((sum, value, i) => sum + value * rowOf(vectors, b)[i]!, 0)
  assert.ok(cosine(0, 1) > cosine(0, 2) && cosine(0, 1) > cosine(1, 3) && cosine(2, 3) > cosine(1, 2))
  assert.equal(vectors.passport?.pooling, 'none')
  await assert.rejects(model.embedWords([{ text: 'The embankment', word }]), /does not stand in the text as a word/)
  await assert.rejects(model.embedWords([{ text: 'a bank', word, occurrence: 2 }]), /stands in the text 1 times/)
  await model.close()
})

test('a missing graph and an unknown dtype are refused', { skip }, async () => {
  await assert.rejects(loadTransformer(fileURLToPath(new URL('.', import.meta.url))), (error) => error instanceof Error)
  await assert.rejects(loadTransformer(`${miniLm}/1_Pooling`), (error) => !(error instanceof TypeError))
  await assert.rejects(loadTransformer(miniLm, { dtype: 'bfloat16' as 'int8' }), InvalidArgumentError)
  await assert.rejects(loadTransformer(miniLm, { dtype: 'float16' }), /It has float32, int8: write \?dtype=float32/)
  await assert.rejects(loadTransformer(miniLm, { dimensions: 385 }), /from 1 to 384/)
})
