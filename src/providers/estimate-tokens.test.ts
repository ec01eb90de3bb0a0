import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { loadModel } from '../models/load.ts'
import { estimateTokens, fewestTokens } from './estimate-tokens.ts'

test('the estimate of a sentence is what its rule says', () => {
  // 2 for the marks around a text, then The 1, quick 2, cat 1, 42 1, the full stop 1.
  assert.equal(estimateTokens('The quick cat 42.'), 8)
  assert.equal(estimateTokens(''), 2)
  assert.equal(estimateTokens('é'), 3)
  assert.equal(estimateTokens('東京'), 6)
  assert.equal(estimateTokens('😀'), 4)
})

test('prose, code and other scripts are estimated at no less than WordPiece counts, and prose at no more than double', async () => {
  const starter = await loadModel('starter')
  const page = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8').slice(0, 20_000)
  for (const name of ['README.md', 'docs/cli.md', 'src/core/embed-many.ts', 'LICENSE']) {
    const [estimate, count] = [estimateTokens(page(name)), starter.countTokens(page(name))]
    assert.ok(estimate >= count && estimate <= 2 * count, `${name}: ${estimate} for ${count}`)
  }
  for (const text of ['東京は日本の首都です。', 'Быстрая коричневая лиса', '4f3a9be21c7d8e0f5a6b', '😀🎉👍'])
    assert.ok(estimateTokens(text) >= starter.countTokens(text), text)
})

test('texts put together are estimated at no more than the sum of their parts', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      assert.ok(estimateTokens(a + b) <= estimateTokens(a) + estimateTokens(b))
    }),
    { seed: 1 },
  )
})

test('words are the fewest tokens a text can have', () => {
  assert.equal(fewestTokens('The quick cat 42.'), 4)
  assert.equal(fewestTokens('東京は日本の首都です。'), 1)
  assert.equal(fewestTokens('?!'), 0)
})
