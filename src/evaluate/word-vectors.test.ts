import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom } from '../kernels/random.ts'
import { WordVectors } from '../kernels/word-vectors.ts'
import { createMatrix } from '../spec/matrix.ts'
import { wordRelation } from './word-relation.ts'
import { parseWordPairs, wordSimilarity } from './word-similarity.ts'

/** Random words, and verbs whose -ing form lies the same way off. */
function vocabulary(): WordVectors {
  const random = createRandom(3)
  const words = ['walk', 'walking', 'swim', 'swimming', ...Array.from({ length: 200 }, (_, i) => `w${i}`)]
  const vectors = createMatrix(words.length, 20)
  for (let at = 0; at < vectors.data.length; at++) vectors.data[at] = random.normal()
  for (const row of [1, 3])
    for (let d = 0; d < 20; d++)
      vectors.data[row * 20 + d] = vectors.data[(row - 1) * 20 + d]! + (d === 0 ? 2 : 0) + 0.1 * random.normal()
  return new WordVectors(words, vectors)
}

test('walking − walk is parallel to swimming − swim, and not to the difference of random words', () => {
  const words = vocabulary()
  const relation = wordRelation(words, ['walk', 'walking'], ['swim', 'swimming'])
  assert.ok(relation.cosine > 0.9 && relation.holds && relation.percentile === 99.9, JSON.stringify(relation))
  assert.ok(relation.usual > 0 && relation.usual < 0.6)
  assert.equal(wordRelation(words, ['walk', 'walking'], ['w1', 'w2']).holds, false)
  assert.deepEqual(wordRelation(words, ['walk', 'walking'], ['swim', 'swimming']), relation)
  assert.throws(() => wordRelation(words, ['walk', 'walk'], ['swim', 'swimming']), /two different words/)
  assert.throws(() => wordRelation(words, ['walk', 'ran'], ['swim', 'swimming']), { name: 'NotFoundError' })
})

test('similarity is the rank correlation over known pairs, worked by hand', () => {
  const words = new WordVectors(['a', 'B', 'c'], createMatrix(3, 2, Float32Array.from([1, 0, 1, 0.1, 0, 1])))
  const pairs = parseWordPairs('{"a":"a","b":"b","score":9}\na\tc\t1\n# remark\n\nb, c, 2\na,unknown,5\n')
  assert.deepEqual(wordSimilarity(words, pairs), { correlation: 1, asked: 3, skipped: 1 })
  assert.deepEqual(wordSimilarity(words, pairs, { caseInsensitive: false }), {
    correlation: Number.NaN,
    asked: 1,
    skipped: 3,
  })
  for (const line of ['a b', 'a,b', 'a,b,x', '{"a":1}', '{'])
    assert.throws(() => parseWordPairs(`a,b,1\n${line}`), /pairs, line 2: expected two words and a number/)
})
