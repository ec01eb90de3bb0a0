import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { sampleBatch, sampleSource } from '../../testing/store-samples.ts'
import { Analyser } from './analyser.ts'
import { openSqliteStore } from './store.ts'
import { passport } from './test-place.ts'
import { queryWords, toSearchable, wordSpans } from './words.ts'

test('runs without spaces are indexed by pairs and their last character', () => {
  assert.equal(toSearchable('plain text'), 'plain text')
  assert.equal(toSearchable('v2は東京都です'), 'v2 は東 東京 京都 都で です す')
  assert.equal(toSearchable('か\u3099き'), 'がき き')
  assert.equal(toSearchable('ｶﾞ'), 'ガ')
})

test('a query of one character is the beginning of a pair', () => {
  assert.deepEqual(queryWords('都'), [{ word: '都', isPrefix: true }])
  assert.deepEqual(queryWords('東京都'), [
    { word: '東京', isPrefix: false },
    { word: '京都', isPrefix: false },
  ])
})

test('a star at the very end asks for a beginning, elsewhere it is nothing', () => {
  assert.deepEqual(queryWords('a* retur* '), [
    { word: 'a', isPrefix: false },
    { word: 'retur', isPrefix: true },
  ])
  assert.deepEqual(queryWords('return *'), [{ word: 'return', isPrefix: false }])
  assert.deepEqual(queryWords('"*'), [])
})

test('spans are slices of the text in order', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => {
      let before = 0
      for (const { start, end, word } of wordSpans(text)) {
        assert.ok(start >= before && end > start && end <= text.length)
        assert.ok(text.slice(start, end).normalize('NFKC').includes(word.normalize('NFKC')))
        before = start
      }
    }),
    { seed: 3 },
  )
})

test('words meet in any form that the index takes for the same', (t) => {
  const analyser = new Analyser()
  t.after(() => analyser.close())
  const pairs: [query: string, text: string][] = [
    ['running', 'RUNS'],
    ['Straßen', 'straßen'],
    ['cafe', 'CAFE\u0301S'],
    ['ＡＢＣ', 'abc'],
    ['İstanbul', 'istanbul'],
    ['हिन्दी', 'हिन्दी'],
    ['คน', 'คนไทย'],
  ]
  for (const [query, text] of pairs) {
    const [found] = analyser.matches(query, [text])
    assert.deepEqual(found?.spans.slice(0, 1), [{ start: 0, end: query === 'คน' ? 2 : text.length }], query)
  }
  assert.deepEqual(analyser.matches('cat', ['concatenate catalogue']), [{ spans: [], words: [] }])
  assert.deepEqual(analyser.matches('cat*', ['concatenate catalogue'])[0]?.spans, [{ start: 12, end: 21 }])
})

test('whatever a passage holds, its words find it, and the places agree with the ranking', async () => {
  const store = await openSqliteStore(':memory:', { passport })
  const text = fc.array(
    fc.oneof(fc.string({ unit: 'grapheme', maxLength: 8 }), fc.constantFrom('東京都', 'café', 'run')),
    { maxLength: 6 },
  )
  let n = 0
  await fc.assert(
    fc.asyncProperty(text, async (parts) => {
      const id = `s${n++}`
      const passage = parts.join(' ')
      await store.write(sampleBatch([sampleSource(id, [passage])], passport))
      for (const query of parts) {
        const [places] = await store.matches(query, [passage])
        const source = await store.source(id)
        const key = Int32Array.from(source?.passages.map((row) => row.key) ?? [])
        const { also } = await store.keyword(query, { topK: 1, also: key })
        assert.equal((places?.spans.length ?? 0) > 0, (also[0] as number) > 0, JSON.stringify([query, passage]))
      }
    }),
    { seed: 7, numRuns: 150 },
  )
  await store.close()
})

test('BM25 is the published formula, worked by hand', async (t) => {
  const store = await openSqliteStore(':memory:', { passport })
  t.after(() => store.close())
  const texts = ['red apple', 'red red pear plum', 'green kiwi', 'blue sky today', 'one two three four']
  await store.write(
    sampleBatch(
      texts.map((text, i) => sampleSource(`s${i}`, [text])),
      passport,
    ),
  )
  const { scores, best } = await store.keyword('red', { topK: 5 })
  // N = 5 passages, 2 hold the word, mean length 3: idf = ln((5 − 2 + ½) / (2 + ½)), k1 = 1.2, b = 0.75.
  const idf = Math.log(3.5 / 2.5)
  const expected = [
    (idf * 2 * 2.2) / (2 + 1.2 * (0.25 + (0.75 * 4) / 3)),
    (idf * 1 * 2.2) / (1 + 1.2 * (0.25 + (0.75 * 2) / 3)),
  ]
  for (const [i, score] of expected.entries()) assert.ok(Math.abs((scores[i] as number) - score) < 1e-12)
  assert.ok(Math.abs(best - idf * 2.2) < 1e-12)
})
