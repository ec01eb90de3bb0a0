/**
 * How fast is MiniLM here beside transformers.js on the same files, and sentence-transformers on the same weights in
 * float32? All cores, one run, the same sentences: `node bench/transformer.bench.ts [texts] [rounds]`. Needs ../shared/models
 * and ../shared/data, and for the second rival PyPI sentence-transformers and onnx in .cache/sentence-transformers.
 */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { embedMany } from '../src/core/embed-many.ts'
import { loadTransformer } from '../src/models/transformer.ts'
import { compareInTurn, type ResultRow, saveResults, startPython, timed } from './harness.ts'
import { transformersJs, transformersJsVersion } from './rivals/transformers-js.ts'

const [count = 4000, rounds = 3] = process.argv.slice(2).map(Number)
const folder = fileURLToPath(new URL('../../shared/models/all-MiniLM-L6-v2', import.meta.url))
const shared = new URL('../../shared/data/', import.meta.url)
const read = (path: string) =>
  gunzipSync(readFileSync(new URL(path, shared)))
    .toString('utf8')
    .trimEnd()
    .split('\n')

const short = [...new Set(read('sts/stsb.train.jsonl.gz').flatMap((line) => [JSON.parse(line).a, JSON.parse(line).b]))]
const ours = await loadTransformer(folder, { dtype: 'int8' })
const mixed = read('text/corpus-650k.txt.gz').filter((text) => ours.countTokens(text) <= 256)
const sets = [
  { what: `${count} short sentences`, texts: short.slice(0, count), goal: 4.5 },
  { what: `${count >> 2} texts of 3 to 256 tokens`, texts: mixed.slice(0, count >> 2), goal: 2.5 },
]
const theirs = await transformersJs(folder, 'q8')
const hasPython = existsSync(new URL('../.cache/sentence-transformers/bin/python', import.meta.url))
const python = hasPython ? startPython('sentence_transformers_server.py', 'sentence-transformers') : undefined
const pythonVersions = (await python?.ask({ op: 'load' }))?.['versions'] as Record<string, string> | undefined
const rows: ResultRow[] = []
for (const { what, texts, goal } of sets) {
  const tokens = texts.reduce((sum, text) => sum + ours.countTokens(text), 0) / texts.length
  const mine = () => timed(() => embedMany(texts, { model: ours, task: 'document' }))
  const times = await compareInTurn(rounds, mine, () =>
    timed(async () => {
      for (let i = 0; i < texts.length; i += 32)
        await theirs(texts.slice(i, i + 32), { pooling: 'mean', normalize: true })
    }),
  )
  const note = `${tokens.toFixed(1)} tokens a text`
  rows.push({ what: `MiniLM int8, ${what}`, rival: 'transformers.js q8, batches of 32', ...times, goal, note })
  if (python === undefined) continue
  const beside = await compareInTurn(rounds, mine, async () => (await python.ask({ op: 'embed', texts })).ms)
  rows.push({ what: `MiniLM int8, ${what}`, rival: 'sentence-transformers float32', ...beside, goal, note })
}
python?.close()
saveResults('transformer', {
  question: 'How fast is a transformer on the CPU?',
  command: 'node bench/transformer.bench.ts',
  versions: { 'transformers.js': transformersJsVersion, ...pythonVersions },
  rows,
  notes: [
    `Ours (${ours.passport.dtype}) gives a text one vector whoever is embedded with it, to the last bit; in batches of 32 the same sentence gets vectors that differ by the company it has (cosine 0.984 to 0.996).`,
  ],
})
await ours.close()
process.exit(0)
