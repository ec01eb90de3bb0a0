import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { hasDuplicateSets, nearDuplicates } from '../bench/support/duplicate-sets.ts'
import {
  averagePrecision,
  createRandom,
  duplicates,
  embed,
  type Items,
  type Matrix,
  outliers,
  PairTail,
} from '../src/index.ts'
import { createMatrix, rowOf } from '../src/spec/matrix.ts'

const skip = hasDuplicateSets ? false : 'needs ../shared/data'

function firstRows<T>(list: readonly T[], rows: readonly number[]): T[] {
  return rows.map((row) => list[row] as T)
}

function chosen(matrix: Matrix, rows: readonly number[]): Matrix {
  const picked = createMatrix(rows.length, matrix.columns)
  for (const [i, row] of rows.entries()) picked.data.set(rowOf(matrix, row), i * matrix.columns)
  return picked
}

test('edited copies of news articles are told from other articles, in the same groups under 20 shuffles', {
  skip,
}, async () => {
  const size = 500
  const all = nearDuplicates()
  const rows = Array.from({ length: size }, (_, i) => i)
  const texts = firstRows(all.items.texts, rows)
  const vectors = await embed(texts)
  const cosines: number[] = []
  const same: boolean[] = []
  for (let i = 0; i < size; i++)
    for (let j = i + 1; j < size; j++) {
      const [a, b] = [rowOf(vectors, i), rowOf(vectors, j)]
      cosines.push(a.reduce((sum, value, d) => sum + value * (b[d] as number), 0))
      same.push(all.clusters[i] === all.clusters[j])
    }
  assert.ok(averagePrecision(cosines, same) > 0.99)
  const tail = new PairTail({ cosines: Float64Array.from(cosines) })
  const threshold = tail.threshold(1 / cosines.length)
  const wrong = cosines.filter((cosine, pair) => cosine >= threshold && same[pair] === false).length
  assert.ok(wrong <= 10, `${wrong} wrong pairs at a rate of one`)
  const groupings = new Set<string>()
  for (let seed = 0; seed < 20; seed++) {
    const order = [...createRandom(seed).sample(size, size)]
    const items: Items = {
      ids: firstRows(all.items.ids, order),
      texts: firstRows(texts, order),
      titles: order.map(() => undefined),
      metadata: order.map(() => ({})),
      vectors: chosen(vectors, order),
    }
    const groups = await duplicates(items, { threshold })
    groupings.add(
      groups
        .map(({ kept, removed }) =>
          firstRows(items.ids, [...kept, ...removed.map(({ row }) => row)])
            .sort()
            .join(' '),
        )
        .sort()
        .join('\n'),
    )
  }
  assert.equal(groupings.size, 1)
})

test('news among questions to a bank stand out; the questions alone have two outliers at most', { skip }, async () => {
  const textsOf = (name: string) =>
    gunzipSync(readFileSync(new URL(`../../shared/data/classification/${name}.jsonl.gz`, import.meta.url)))
      .toString('utf8')
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { text: string }).text)
  const [bank, news] = [textsOf('banking77.train'), textsOf('agnews.train')]
  const random = createRandom(1)
  const own = [...random.sample(bank.length, 1000)].map((i) => bank[i] as string)
  const foreign = [...random.sample(news.length, 10)].map((i) => news[i] as string)
  const clean = await embed(own)
  assert.ok((await outliers(clean)).flagged.length <= 2)
  const mixed = await embed([...own.slice(10), ...foreign])
  const { distances } = await outliers(mixed)
  assert.ok(
    averagePrecision(
      distances,
      Array.from(distances, (_, row) => row >= 990),
    ) > 0.7,
  )
})
