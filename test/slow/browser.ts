/**
 * The kernels in Chromium, from the sources as they are: search, graph and join on every engine and with workers agree with
 * the TypeScript specification; once on an isolated page, where memory can be shared, once on a plain one.
 */
import assert from 'node:assert/strict'
import { chromium, missingChromium } from './support/chromium.ts'
import { visit } from './support/visit.ts'

const page = `<!doctype html><meta charset="utf-8"><script type="module">
import { topK } from '/kernels/compare.ts'
import { createIndex } from '/kernels/exact-index.ts'
import { knnGraph } from '/kernels/knn-graph.ts'
import { createRandom } from '/kernels/random.ts'
import { similarityJoin } from '/kernels/similarity-join.ts'
import { features } from '/kernels/wasm/features.ts'
import { createMatrix } from '/spec/matrix.ts'

const same = (a, b, what) => {
  if (a.length !== b.length || a.some((value, i) => !Object.is(value, b[i]))) throw new Error(what + ' differs')
}
async function check() {
  const random = createRandom(5)
  const matrix = createMatrix(2600, 48)
  const centres = Array.from({ length: 48 * 20 }, () => random.normal())
  for (let i = 0; i < matrix.rows; i++)
    for (let j = 0; j < 48; j++) matrix.data[i * 48 + j] = centres[(i % 20) * 48 + j] + 0.4 * random.normal()
  const queries = createMatrix(20, 48, matrix.data.slice(0, 20 * 48))
  const found = features()
  const engines = found.relaxedSimd ? ['simd', 'relaxed'] : ['simd']
  const threads = []
  for (const metric of ['ip', 'cosine', 'l2']) {
    const expected = topK(queries, matrix, { topK: 10, metric })
    const threshold = metric === 'ip' ? 60 : metric === 'cosine' ? 0.9 : -3.5
    const graph = await knnGraph(matrix, { k: 6, metric, engine: 'typescript' })
    const pairs = await similarityJoin(matrix, undefined, { metric, threshold, engine: 'typescript' })
    for (const engine of engines)
      for (const asked of [1, 2]) {
        const what = [metric, engine, asked].join(' ')
        const index = await createIndex(matrix, { metric, engine, threads: asked })
        threads.push(index.threads)
        const nearest = await index.search(queries, { topK: 10 })
        index.close()
        same(nearest.ids, expected.ids, 'search ' + what)
        same(nearest.scores, expected.scores, 'scores ' + what)
        const other = await knnGraph(matrix, { k: 6, metric, engine, threads: asked })
        same(other.ids, graph.ids, 'graph ' + what)
        const joined = await similarityJoin(matrix, undefined, { metric, threshold, engine, threads: asked })
        if (joined.count === 0) throw new Error('no pair to compare: ' + what)
        same(joined.first, pairs.first, 'join ' + what)
        same(joined.second, pairs.second, 'join ' + what)
      }
  }
  return { features: found, engines, mostThreads: Math.max(...threads) }
}
const result = await check().catch((error) => ({ error: String(error.stack ?? error) }))
await fetch('/result', { method: 'POST', body: JSON.stringify(result) })
</script>`

interface Result {
  readonly error?: string
  readonly engines?: readonly string[]
  readonly mostThreads?: number
}

if (chromium === undefined) console.log(missingChromium)
else
  for (const isIsolated of [true, false]) {
    const result: Result = await visit(chromium, { page, isIsolated })
    assert.equal(result.error, undefined)
    assert.ok(result.engines?.includes('simd'))
    assert.equal(result.mostThreads, isIsolated ? 2 : 1)
    console.log(
      `${isIsolated ? 'isolated' : 'plain'} page: ${result.engines?.join(', ')} with ${result.mostThreads} thread${isIsolated ? 's' : ''} agree with the specification`,
    )
  }
