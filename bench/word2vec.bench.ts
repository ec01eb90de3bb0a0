/**
 * How many words a second against gensim, at equal analogy accuracy? Needs `node bench/rivals/setup.ts` and ../shared.
 * `node bench/word2vec.bench.ts [sentences] [epochs] [rounds]`, default 650000 3 3.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { analogyAccuracy, parseAnalogies } from '../src/evaluate/analogies.ts'
import type { WordVectors } from '../src/kernels/word-vectors.ts'
import { word2vec } from '../src/kernels/word2vec.ts'
import { readWordVectors } from '../src/models/word-vectors.ts'
import { median, type ResultRow, saveResults, shareVectors, spent, startPython } from './harness.ts'

const [count = 650_000, epochs = 3, rounds = 3] = process.argv.slice(2).map(Number)
const threads = 2
const shared = (path: string) =>
  gunzipSync(readFileSync(new URL(`../../shared/data/${path}`, import.meta.url))).toString()

const sentences = shared('text/corpus-650k.txt.gz')
  .split('\n')
  .slice(0, count)
  .map((text) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])
const words = sentences.reduce((sum, sentence) => sum + sentence.length, 0)
const questions = parseAnalogies(shared('words/questions-words.txt.gz'))
const path = shareVectors('word2vec', new Float32Array(0))
writeFileSync(`${path}.txt`, sentences.map((sentence) => sentence.join(' ')).join('\n'))
const gensim = startPython('gensim_server.py')
const { version } = await gensim.ask({ op: 'load', corpus: `${path}.txt` })

const rows: ResultRow[] = []
for (const algorithm of ['cbow', 'skip-gram'] as const) {
  const times: [number, number][] = []
  const accuracies: [number, number][] = []
  for (let seed = 1; seed <= rounds; seed++) {
    let ours: WordVectors | undefined
    const ms = await spent(async () => {
      ours = await word2vec(sentences, { algorithm, epochs, seed, threads })
    })
    const reply = await gensim.ask({ op: 'train', algorithm, epochs, seed, threads, vectors: `${path}.bin` })
    times.push([ms, reply.ms])
    const theirs = await readWordVectors(`${path}.bin`, { format: 'binary' })
    accuracies.push([
      (await analogyAccuracy(ours!, questions)).accuracy,
      (await analogyAccuracy(theirs, questions)).accuracy,
    ])
  }
  const [mine, theirs] = [times.map(([ms]) => ms), times.map(([, ms]) => ms)]
  const speed = (all: number[]) => `${((words * epochs) / median(all) / 1000).toFixed(2)} M words a processor second`
  const accuracy = (of: 0 | 1) => {
    const each = accuracies.map((pair) => 100 * pair[of]!)
    return `${(each.reduce((sum, value) => sum + value, 0) / rounds).toFixed(2)} % (${each.map((value) => value.toFixed(2)).join(', ')})`
  }
  rows.push({
    what: `word2vec ${algorithm}, ${(words / 1e6).toFixed(1)} M words, ${epochs} epochs`,
    rival: 'gensim',
    goal: 1.5,
    oursMs: median(mine),
    rivalMs: median(theirs),
    oursSpread: [Math.min(...mine), Math.max(...mine)],
    rivalSpread: [Math.min(...theirs), Math.max(...theirs)],
    ratio: median(times.map(([a, b]) => b / a)),
    note: `${speed(mine)}, theirs ${speed(theirs)}; analogies ${accuracy(0)}, theirs ${accuracy(1)}`,
  })
}
gensim.close()
saveResults('word2vec', {
  question: 'How many words a second against gensim, at equal analogy accuracy?',
  command: ['node bench/word2vec.bench.ts', ...process.argv.slice(2)].join(' '),
  versions: { gensim: String(version) },
  rows,
  notes: [
    'Defaults of both (100 dimensions, window 5, 5 noise words), 2 threads, another seed each round, in brackets the analogies of each. Times are of the processor, both threads together, which other programs disturb less than the clock. Our time counts the vocabulary, gensim’s is of training alone. Words counted are those of the corpus, skipped ones too.',
  ],
})
