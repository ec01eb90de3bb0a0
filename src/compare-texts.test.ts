import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareTexts } from './compare-texts.ts'

const texts = ['I love cats.', 'My favorite animal is a cat.', 'The economy is growing rapidly.']

test('a number comes with the share of unrelated pairs that are less alike', async () => {
  const { scores, percentiles, background, model } = await compareTexts(texts)
  assert.equal(model, 'starter')
  assert.ok(background.pairs >= 4900)
  assert.ok((scores.data[1] as number) > background.largest)
  assert.equal(Math.round((percentiles.data[1] as number) * 10), 999)
  assert.ok((percentiles.data[2] as number) < 95)
  assert.ok(Number.isNaN(percentiles.data[0]))
})

test('the meaning does not depend on the metric: vectors of unit length rank alike under all three', async () => {
  const [cosine, dot, distance] = await Promise.all(
    (['cosine', 'ip', 'l2'] as const).map((metric) => compareTexts(texts, { metric })),
  )
  assert.deepEqual(dot?.percentiles.data, cosine?.percentiles.data)
  assert.deepEqual(distance?.percentiles.data, cosine?.percentiles.data)
  const c = cosine?.scores.data[1] as number
  assert.ok(Math.abs((distance?.scores.data[1] as number) + Math.sqrt(2 - 2 * c)) < 1e-5)
})

test('one text, an unknown option and an empty text are refused', async () => {
  await assert.rejects(compareTexts(['a']), /texts: expected two or more, got 1/)
  await assert.rejects(compareTexts(texts, { metrc: 'ip' } as never), /options: expected those of compareTexts/)
  await assert.rejects(compareTexts(['a', '']), /texts\[1\]/)
})
