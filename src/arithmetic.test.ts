import assert from 'node:assert/strict'
import { test } from 'node:test'
import { arithmetic as land } from './analyses/arithmetic.ts'
import { arithmetic, parseSum } from './arithmetic.ts'
import { createRandom } from './kernels/random.ts'
import { WordVectors } from './kernels/word-vectors.ts'
import { createMatrix } from './spec/matrix.ts'

/** Random words, and four whose last is exactly where the sum of the others leads. */
function planted(): WordVectors {
  const columns = 24
  const random = createRandom(5)
  const words = [...Array.from({ length: 300 }, (_, i) => `word${i}`), 'king', 'man', 'woman', 'queen']
  const matrix = createMatrix(words.length, columns)
  for (let at = 0; at < matrix.data.length; at++) matrix.data[at] = random.normal()
  const at = (row: number, j: number) => matrix.data[row * columns + j] as number
  for (const row of [300, 301, 302]) {
    const length = Math.hypot(...Array.from({ length: columns }, (_, j) => at(row, j)))
    for (let j = 0; j < columns; j++) matrix.data[row * columns + j] = at(row, j) / length
  }
  for (let j = 0; j < columns; j++) matrix.data[303 * columns + j] = at(300, j) - at(301, j) + at(302, j)
  return new WordVectors(words, matrix)
}

test('a sum that leads somewhere is told from one that does not', async () => {
  const vectors = planted()
  const royal = await arithmetic('king - man + woman', { vectors })
  assert.equal(royal.nearest[0]?.text, 'queen')
  assert.ok((royal.nearest[0]?.cosine as number) > 0.999)
  assert.ok(royal.landed && royal.percentile === 99)
  const nonsense = await arithmetic('word1 - word2 + word3', { vectors })
  assert.equal(nonsense.landed, false)
  assert.ok(nonsense.nearest.every(({ text }) => !['word1', 'word2', 'word3'].includes(text)))
})

test('the same sum gives the same verdict every time', async () => {
  const vectors = planted()
  assert.deepEqual(await arithmetic('word5 + word6', { vectors }), await arithmetic('word5 + word6', { vectors }))
})

test('terms are words or texts, with signs between spaces', () => {
  assert.deepEqual(parseSum('king - man + woman'), [
    { text: 'king', sign: 1 },
    { text: 'man', sign: -1 },
    { text: 'woman', sign: 1 },
  ])
  assert.deepEqual(parseSum(' state-of-the-art − "royal palace"')[1], { text: 'royal palace', sign: -1 })
  for (const wrong of ['', 'king', 'king -', '+ king', 'king-man'])
    assert.throws(() => parseSum(wrong), /expression: expected/)
})

test('the starter calculates with the words it knows', async () => {
  const { nearest, candidates, nearestTerm } = await arithmetic('king - man + woman', { topK: 10 })
  assert.ok(candidates > 10_000)
  assert.ok(
    nearest.some(({ text }) => text === 'queen'),
    nearest.map(({ text }) => text).join(),
  )
  assert.ok(nearestTerm.cosine > 0)
})

test('what cannot be calculated is refused', async () => {
  const vectors = planted()
  await assert.rejects(arithmetic('king - king', { vectors }), /terms that cancel each other out/)
  await assert.rejects(arithmetic('king - emperor', { vectors }), /word: expected one that exists, got "emperor"/)
  await assert.rejects(arithmetic('a + b', { among: ['x', 'y'] }), /candidates: expected at least 6/)
  await assert.rejects(arithmetic('king + man', { vectors, model: 'starter' }), /options\.vectors: expected no model/)
  const one = createMatrix(1, 2, Float32Array.from([1, 0]))
  await assert.rejects(land(one, one, { signs: [], excluded: [] }), /options\.signs: expected 1 signs/)
})
