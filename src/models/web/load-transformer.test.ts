import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { miniLmFiles, miniLmFolder, runtimeWasm } from '../../../test/support/mini-lm.ts'
import { CorruptDataError, InvalidArgumentError, NotFoundError } from '../../spec/errors.ts'
import { assertSamePassport } from '../../spec/passport.ts'
import { loadTransformer as loadInNode } from '../transformer.ts'
import { loadTransformer } from './load-transformer.ts'

const skip = existsSync(miniLmFolder) ? false : 'the shared MiniLM folder is not on this machine'
const name = 'all-MiniLM-L6-v2'
const files: Parameters<typeof loadTransformer>[0] = skip === false ? miniLmFiles() : {}
const wasm = runtimeWasm()
const texts = ['I enjoy eating pizza', 'A cat sat.', 'The committee met on Tuesday to vote.']

test('float32 vectors are those of onnxruntime-node within 1e-5, under one passport', { skip }, async () => {
  const [here, there] = [await loadTransformer(files, { name, wasm }), await loadInNode(miniLmFolder, { threads: 1 })]
  assertSamePassport(here.passport, there.passport, 'float32')
  const [a, b] = await Promise.all([here, there].map((model) => model.embed(texts, { task: 'document' })))
  for (const [i, value] of a!.vectors.data.entries()) assert.ok(Math.abs(value - b!.vectors.data[i]!) < 1e-5)
  const use = { text: 'She sat by the river bank', word: 'bank' }
  const [c, d] = await Promise.all([here, there].map((model) => model.embedWords([use])))
  for (const [i, value] of c!.data.entries()) assert.ok(Math.abs(value - d!.data[i]!) < 1e-5)
  await Promise.all([here.close(), there.close()])
})

test('in 8 bits a text has one vector to the bit, under a passport that names the arithmetic', { skip }, async () => {
  const model = await loadTransformer(files, { name, wasm, dtype: 'int8' })
  assert.equal(model.passport.dtype, 'int8-static-wasm')
  const [all, alone] = await Promise.all(
    [texts, texts.slice(1, 2)].map((asked) => model.embed(asked, { task: 'document' })),
  )
  assert.deepEqual(alone!.vectors.data, all!.vectors.data.slice(384, 768))
  await model.close()
})

test('what is not there, and what is no model, is refused by name', { skip }, async () => {
  const without = (gone: string) => Object.fromEntries(Object.entries(files).filter(([path]) => path !== gone))
  await assert.rejects(loadTransformer(files, { wasm }), /options\.name: expected the model's name/)
  await assert.rejects(loadTransformer(without('tokenizer.json'), { name, wasm }), NotFoundError)
  await assert.rejects(loadTransformer(without('config.json'), { name, wasm }), /files\/config\.json/)
  await assert.rejects(loadTransformer({}, { name, wasm }), NotFoundError)
  await assert.rejects(loadTransformer(files, { name, wasm, dtype: 'q4' }), /It has float32, int8/)
  await assert.rejects(loadTransformer(files, { name, wasm, dtype: 'bfloat16' as 'int8' }), InvalidArgumentError)
  await assert.rejects(loadTransformer(files, { name, wasm, dimensions: 385 }), /from 1 to 384/)
  await assert.rejects(loadTransformer(files, { name, wasm, threads: 0 }), /options\.threads/)
  await assert.rejects(loadTransformer(files, { name, wasm, threads: 2 }), /A page starts the runtime once/)
  await assert.rejects(loadTransformer(undefined as never, { name }), InvalidArgumentError)
  await assert.rejects(
    loadTransformer({ ...files, 'config.json': 5 as never }, { name, wasm }),
    /files\['config\.json'\]/,
  )
  await assert.rejects(loadTransformer('no address', { name }), InvalidArgumentError)
  const half = { ...files, 'onnx/model.onnx': (miniLmFiles()['onnx/model.onnx'] as Uint8Array).subarray(0, 100_000) }
  await assert.rejects(loadTransformer(half, { name, wasm }), CorruptDataError)
})
