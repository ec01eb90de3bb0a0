/**
 * MiniLM in Chromium by onnxruntime-web, from the sources as they are: in float32 its vectors are Node's within 1e-5, under one
 * passport; in 8 bits they are to the bit those of the same runtime elsewhere, under a passport of their own.
 */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { loadTransformer } from '../../src/models/transformer.ts'
import { loadTransformer as loadOnWeb } from '../../src/models/web/load-transformer.ts'
import { assertSamePassport, type Passport } from '../../src/spec/passport.ts'
import { miniLmFiles, miniLmFolder, runtimeWasm } from '../support/mini-lm.ts'
import { chromium, missingChromium } from './support/chromium.ts'
import { visit } from './support/visit.ts'

const tolerance = 1e-5
const texts = [
  'I love programming in Python',
  'I enjoy eating pizza',
  'Items can be returned within 30 days of purchase.',
  'Ein Satz in einer anderen Sprache, mit Umlauten: größer, schöner.',
  'The committee met on Tuesday to vote on the proposal, which had been discussed for several months.',
]
const runtime = pathToFileURL(createRequire(import.meta.url).resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm'))

const page = `<!doctype html><meta charset="utf-8">
<script type="importmap">{ "imports": { "onnxruntime-web/wasm": "/runtime/ort.wasm.bundle.min.mjs" } }</script>
<script type="module">
import { loadTransformer } from '/models/web/load-transformer.ts'

const texts = ${JSON.stringify(texts)}
const refusal = (promise) => promise.then(() => 'nothing refused', (error) => error.name + ': ' + error.message)
async function check() {
  const refused = [
    await refusal(loadTransformer('https://models.example/minilm/')),
    await refusal(loadTransformer('/model/', { wasm: '/nowhere.wasm' })),
    await refusal(loadTransformer('/model/', { dtype: 'float16' })),
    await refusal(loadTransformer('/nowhere/')),
    ...(crossOriginIsolated ? [] : [await refusal(loadTransformer('/model/', { threads: 2 }))]),
  ]
  const models = []
  for (const dtype of ['float32', 'int8']) {
    const model = await loadTransformer('/model', { dtype, name: 'all-MiniLM-L6-v2' })
    const { vectors } = await model.embed(texts, { task: 'document' })
    const alone = await model.embed(texts.slice(2, 3), { task: 'document' })
    models.push({ passport: model.passport, vectors: [...vectors.data], alone: [...alone.vectors.data] })
    const stop = new AbortController()
    const stopped = refusal(model.embed(Array.from({ length: 40 }, (_, i) => 'word '.repeat(i + 1)), { task: 'document', signal: stop.signal }))
    setTimeout(() => stop.abort())
    refused.push(await stopped)
    await model.close()
  }
  return { models, refused }
}
const result = await check().catch((error) => ({ error: String(error.stack ?? error) + ' ' + String(error.cause) }))
await fetch('/result', { method: 'POST', body: JSON.stringify(result) })
</script>`

interface Result {
  readonly error?: string
  readonly refused: readonly string[]
  readonly models: readonly {
    readonly passport: Passport
    readonly vectors: readonly number[]
    readonly alone: readonly number[]
  }[]
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  assert.equal(a.length, b.length)
  return Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] as number))), 0)
}

if (chromium === undefined) console.log(missingChromium)
else if (!existsSync(miniLmFolder)) console.log('skipped: the shared MiniLM folder is not on this machine')
else {
  const wide = await loadTransformer(miniLmFolder)
  const wideVectors = (await wide.embed(texts, { task: 'document' })).vectors.data
  await wide.close()
  const native = await loadTransformer(miniLmFolder, { dtype: 'int8', threads: 1 })
  await native.close()
  const same = await loadOnWeb(miniLmFiles(), { dtype: 'int8', name: 'all-MiniLM-L6-v2', wasm: runtimeWasm() })
  const sameVectors = (await same.embed(texts, { task: 'document' })).vectors.data

  for (const isIsolated of [true, false]) {
    const folders = { '/runtime/': new URL('.', runtime), '/model/': pathToFileURL(`${miniLmFolder}/`) }
    const result: Result = await visit(chromium, { page, isIsolated, folders })
    assert.equal(result.error, undefined)
    const { refused } = result
    const expected = [
      /InvalidArgumentError: files: expected an address of the page's own origin/,
      /NotFoundError: options.wasm/,
      /NotFoundError: graph of .*model/,
      /NotFoundError: graph of .*nowhere/,
      ...(isIsolated ? [] : [/UnsupportedError: options.threads/]),
      /AbortError/,
      /AbortError/,
    ]
    assert.equal(refused.length, expected.length)
    for (const [i, pattern] of expected.entries()) assert.match(refused[i] as string, pattern)

    const [float32, int8] = result.models
    assertSamePassport(float32!.passport, wide.passport, 'float32')
    const difference = largestDifference(float32!.vectors, wideVectors)
    assert.ok(difference < tolerance, `float32 differs by ${difference}`)
    assert.ok(largestDifference(float32!.alone, float32!.vectors.slice(2 * 384, 3 * 384)) < tolerance)

    assert.equal(int8!.passport.dtype, 'int8-static-wasm')
    assertSamePassport(int8!.passport, same.passport, 'int8')
    assert.throws(() => assertSamePassport(int8!.passport, native.passport, 'int8'), /dtype "int8-static-wasm" here/)
    assert.deepEqual(int8!.vectors, [...sameVectors])
    assert.deepEqual(int8!.alone, int8!.vectors.slice(2 * 384, 3 * 384))
    console.log(
      `${isIsolated ? 'isolated' : 'plain'} page: float32 within ${difference.toExponential(1)} of Node's, int8 to the bit the same runtime's in Node`,
    )
  }
  await same.close()
}
