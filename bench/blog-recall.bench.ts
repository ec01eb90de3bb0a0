/**
 * Does search find the right posts of a real blog? 20 questions written by hand (test/data/blog-questions.json), 509 posts:
 * recall@5 and reciprocal rank by words, by meaning and by both. Needs ../shared/data.
 *
 * A question whose posts are more than five counts the best five: recall@5 is hits / min(5, right posts).
 */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { open } from '../src/index.ts'
import type { SearchMode } from '../src/spec/collection.ts'
import { saveResults } from './harness.ts'

const posts = fileURLToPath(new URL('../../shared/data/blogs/18f/posts', import.meta.url))
if (!existsSync(posts)) throw new Error(`needs the blog in ${posts}`)
const { questions } = JSON.parse(
  readFileSync(new URL('../test/data/blog-questions.json', import.meta.url), 'utf8'),
) as { questions: { question: string; posts: string[] }[] }
const names: Readonly<Record<SearchMode, string>> = { keyword: 'words', semantic: 'meaning', hybrid: 'both' }

const collection = await open(':memory:', { model: process.argv[2] ?? 'starter' })
await collection.add(posts)
const misses: string[] = []
const notes: string[] = []
for (const mode of ['keyword', 'semantic', 'hybrid'] as const) {
  let recall = 0
  let reciprocal = 0
  for (const { question, posts: right } of questions) {
    const hits = await collection.search(question, { topK: 5, mode, bySource: true })
    const found = hits.map(({ source }) => right.includes(source.replace(/\.md$/, '')))
    recall += found.filter(Boolean).length / Math.min(5, right.length) / questions.length
    const first = found.indexOf(true)
    reciprocal += first < 0 ? 0 : 1 / (first + 1) / questions.length
    if (first < 0) misses.push(`${names[mode]}: ${question}`)
  }
  notes.push(`- by ${names[mode]}: recall@5 ${recall.toFixed(3)}, MRR@5 ${reciprocal.toFixed(3)}`)
}
await collection.close()
console.log(notes.join('\n'))
console.log(`not found in five:\n  ${misses.join('\n  ')}`)
if (process.argv[2] === undefined)
  saveResults('blog-recall', {
    question: 'Does search find the right posts of a real blog?',
    command: 'node bench/blog-recall.bench.ts',
    versions: {},
    rows: [],
    notes: ['- 509 posts, 20 questions written by hand before any search, starter model', ...notes],
  })
