/**
 * How long does a blog of 509 posts take, from files to boxes of related articles, with the starter? Needs ../shared.
 * `node bench/related.bench.ts [rounds]`, default 3. The rival is our own list by words alone, without a vector.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { wordsAlike } from '../src/analyses/words-alike.ts'
import { writeRelated } from '../src/related-site.ts'
import { compareInTurn, saveResults, timed } from './harness.ts'

const [rounds = 3] = process.argv.slice(2).map(Number)
const posts = fileURLToPath(new URL('../../shared/data/blogs/18f/posts', import.meta.url))
const place = mkdtempSync(join(tmpdir(), 'vecino-related-'))
let overlap = 0
let pages = 0
const times = await compareInTurn(
  rounds,
  () =>
    timed(async () => {
      const { related } = await writeRelated(posts, join(place, 'related'))
      overlap = related.overlap
      pages = related.items.length
    }),
  () =>
    timed(() => {
      const texts = readdirSync(posts).map((name) => readFileSync(join(posts, name), 'utf8'))
      const words = wordsAlike(texts)
      return texts.map((_, row) => words.nearest(row, 5))
    }),
)
rmSync(place, { recursive: true })
saveResults('related', {
  question: 'How long do related articles for a blog take, from files to boxes?',
  command: 'node bench/related.bench.ts',
  versions: {},
  rows: [
    {
      what: `${pages} posts, read, embedded with the starter, compared, ${pages} boxes written`,
      rival: 'lists by words alone',
      ...times,
      note: `words alone and meaning alone agree on ${(100 * overlap).toFixed(0)} % of the lists; goal: at most 5 s`,
    },
  ],
})
