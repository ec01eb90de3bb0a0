import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { arithmetic, compareTexts, cosineSimilarity, embed, open } from '../src/index.ts'

function example<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../examples/tutorials/${name}.json`, import.meta.url), 'utf8')) as T
}

interface Pair {
  readonly a: string
  readonly b: string
  readonly printed: number
}

test('pairs of the tutorials are ordered as printed, the alike ones beyond all unrelated texts', async (context) => {
  const { groups } = example<{ groups: { tutorial: string; pairs: Pair[] }[] }>('pairs')
  for (const { tutorial, pairs } of groups) {
    const measured: number[] = []
    for (const { a, b, printed } of pairs) {
      const { scores, percentiles } = await compareTexts([a, b])
      const [cosine, percentile] = [scores.data[1] as number, percentiles.data[1] as number]
      measured.push(cosine)
      context.diagnostic(
        `${tutorial}: printed ${printed}, measured ${cosine.toFixed(3)}, closer than ${percentile.toFixed(1)} % of unrelated pairs: ${a} / ${b}`,
      )
      if (printed > 0.8) assert.ok(percentile > 95, `${a} / ${b}: ${percentile}`)
    }
    assert.deepEqual(
      measured,
      measured.toSorted((x, y) => y - x),
      tutorial,
    )
  }
})

test('the matrix of four texts has one alike pair', async (context) => {
  const { texts, printed } = example<{ texts: string[]; printed: { row: number; column: number; cosine: number }[] }>(
    'matrix',
  )
  const { scores } = await compareTexts(texts)
  for (const { row, column, cosine } of printed)
    context.diagnostic(`S4: printed ${cosine}, measured ${scores.data[row * 4 + column]?.toFixed(3)}`)
  const others = Array.from(scores.data).filter((_, at) => at % 4 > Math.floor(at / 4) && at !== 1)
  assert.ok((scores.data[1] as number) > 3 * Math.max(...others))
})

test('the two questions about installing Python are duplicates, the third is not', async (context) => {
  const { texts, printed } = example<{ texts: string[]; printed: { cosine: number } }>('duplicates')
  const folder = mkdtempSync(join(tmpdir(), 'vecino-tutorials-'))
  const collection = await open(join(folder, 'questions.vecino'))
  try {
    await collection.add(texts.map((text, i) => ({ id: `${i}`, text })))
    const { groups, threshold, falseAlarms } = await collection.duplicates({ falseAlarmRate: 0.001 })
    const [group] = groups
    assert.deepEqual([groups.length, group?.kept[0]?.id, group?.removed.map(({ id }) => id)], [1, '0', ['1']])
    assert.equal(falseAlarms?.source, 'built-in')
    context.diagnostic(
      `S0: printed ${printed.cosine}, measured ${group?.removed[0]?.cosine.toFixed(3)}, threshold ${threshold?.toFixed(3)}`,
    )
  } finally {
    await collection.close()
    rmSync(folder, { recursive: true, force: true })
  }
})

test('word arithmetic with the starter: the answer is among the first, and the verdict says how much that means', async (context) => {
  const { analogies } = example<{ analogies: { positive: string[]; negative: string[]; expected: string }[] }>('words')
  const among = [
    'queen',
    'Rome',
    'Berlin',
    'Madrid',
    'Vienna',
    'Oslo',
    'Tokyo',
    'bread',
    'river',
    'prince',
    'chess',
    'violin',
  ]
  for (const { positive, negative, expected } of analogies) {
    const [first, ...more] = positive
    const sum = [first, ...negative.map((word) => `- ${word}`), ...more.map((word) => `+ ${word}`)].join(' ')
    const { nearest, landed, percentile } = await arithmetic(sum, { among })
    const rank = nearest.findIndex(({ text }) => text === expected) + 1
    context.diagnostic(
      `${sum} → ${nearest[0]?.text} ${nearest[0]?.cosine.toFixed(3)}, ${expected} at ${rank}, ${percentile} % (${landed ? 'landed' : 'nowhere'})`,
    )
    assert.ok(rank > 0 && rank <= 2, nearest.map(({ text }) => text).join())
  }
})

test('the starter, a model of sentences, has no one direction for walking − walk and swimming − swim', async (context) => {
  const { relations } = example<{ relations: { a: [string, string]; b: [string, string] }[] }>('words')
  for (const { a, b } of relations) {
    const { data, columns } = await embed([...a, ...b], { task: 'similarity' })
    const difference = (from: number) =>
      Array.from(
        { length: columns },
        (_, j) => (data[from * columns + j] as number) - (data[(from + 1) * columns + j] as number),
      )
    const cosine = cosineSimilarity(difference(0), difference(2))
    context.diagnostic(`${a.join(' − ')} / ${b.join(' − ')}: ${cosine.toFixed(3)}`)
    assert.ok(Math.abs(cosine) < 0.5)
  }
})
