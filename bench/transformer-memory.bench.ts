/**
 * Does the memory of a transformer stay where it is over many texts? MiniLM int8 over 100,000 short sentences on all cores,
 * resident memory after every 10,000: `node bench/transformer-memory.bench.ts [texts]`. Needs ../shared/models and ../shared/data.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { embedMany } from '../src/core/embed-many.ts'
import { loadTransformer } from '../src/models/transformer.ts'
import { saveResults } from './harness.ts'

const [count = 100_000] = process.argv.slice(2).map(Number)
const step = 10_000
const folder = fileURLToPath(new URL('../../shared/models/all-MiniLM-L6-v2', import.meta.url))
const lines = gunzipSync(readFileSync(new URL('../../shared/data/sts/stsb.train.jsonl.gz', import.meta.url)))
  .toString('utf8')
  .trimEnd()
  .split('\n')
const sentences = [...new Set(lines.flatMap((line) => [JSON.parse(line).a, JSON.parse(line).b] as string[]))]
  .sort((a, b) => a.length - b.length)
  .slice(0, 2500)

const model = await loadTransformer(folder, { dtype: 'int8' })
const resident: number[] = []
for (let from = 0; from < count; from += step) {
  const texts = Array.from({ length: step }, (_, i) => `${from + i} ${sentences[(from + i) % sentences.length]}`)
  await embedMany(texts, { model, task: 'document' })
  globalThis.gc?.()
  resident.push(process.memoryUsage.rss() / 1e6)
  console.log(`${from + step} texts: ${resident.at(-1)?.toFixed(0)} MB resident`)
}
await model.close()
saveResults('transformer-memory', {
  question: 'Does the memory of a transformer grow with the texts it has read?',
  command: 'node bench/transformer-memory.bench.ts',
  versions: {},
  rows: [],
  notes: [
    `MiniLM int8, ${count} short sentences, all different. Resident memory in MB after each ${step}: ${resident.map((mb) => mb.toFixed(0)).join(', ')}.`,
  ],
})
process.exit(0)
