/**
 * Random queries over sets made to break bounds, on every engine, metric and coding, against brute force in float64.
 * `node test/slow/exactness.ts` asks 10,000 queries, each on every engine; `--seed` another 10,000.
 * `for s in $(seq 100); do node test/slow/exactness.ts --seed $s; done` is the full run, about an hour of one core.
 */
import assert from 'node:assert/strict'
import { parseArgs } from 'node:util'
import { topK } from '../../src/kernels/compare.ts'
import { createIndex } from '../../src/kernels/exact-index.ts'
import type { Metric } from '../../src/kernels/metric.ts'
import { createRandom } from '../../src/kernels/random.ts'
import { type Engine, features } from '../../src/kernels/wasm/features.ts'
import { createMatrix } from '../../src/spec/matrix.ts'
import { adversarialSets, makeSet, type SetName } from '../support/adversarial-sets.ts'

const { values } = parseArgs({ options: { queries: { type: 'string' }, seed: { type: 'string' } } })
const wanted = Number(values.queries ?? 10_000)
const random = createRandom(Number(values.seed ?? 1))
const names = Object.keys(adversarialSets) as SetName[]
const metrics: Metric[] = ['ip', 'cosine', 'l2']
const engines: Engine[] = features().relaxedSimd ? ['simd', 'relaxed', 'typescript'] : ['simd', 'typescript']

let done = 0
for (let round = 0; done < wanted; round++) {
  const name = names[round % names.length] as SetName
  const metric = metrics[random.below(3)] as Metric
  const columns = 1 + random.below(96)
  const rows = 2048 + random.below(3000)
  const k = 1 + random.below(20)
  const { corpus, queries } = makeSet(name, { rows, queries: 120, columns, seed: random.below(2 ** 31) })
  const expected = topK(queries, corpus, { topK: k, metric })
  for (const engine of engines) {
    const compact = random.below(2) === 1
    const index = await createIndex(corpus, { metric, engine, compact, threads: 1 })
    const found = await index.search(queries, { topK: k })
    const what = JSON.stringify({ name, metric, columns, rows, k, engine, compact, round })
    assert.deepEqual(found.ids, expected.ids, what)
    assert.deepEqual(found.scores, expected.scores, what)
    const one = createMatrix(1, columns, queries.data.subarray(0, columns))
    assert.deepEqual((await index.search(one, { topK: k })).ids, expected.ids.subarray(0, k), what)
    index.close()
  }
  done += queries.rows
}
console.log(`${done} queries on ${engines.join(', ')}: every id, order and score as by brute force`)
