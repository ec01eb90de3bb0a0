import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InvalidArgumentError, NotFoundError } from '../spec/errors.ts'
import { createMatrix } from '../spec/matrix.ts'
import { createRandom } from './random.ts'
import { WordVectors } from './word-vectors.ts'
import { word2vec } from './word2vec.ts'
import { encodeCorpus, keepThresholds, noiseTables } from './word2vec-vocabulary.ts'

/** Sentences about animals or about numbers, never both. */
function twoTopics(sentences: number, seed = 1): string[][] {
  const random = createRandom(seed)
  const topics = ['cat dog horse cow sheep goat', 'one two three four five six'].map((words) => words.split(' '))
  return Array.from({ length: sentences }, () => {
    const words = topics[random.below(2)]!
    return Array.from({ length: 10 }, () => words[random.below(words.length)]!)
  })
}

const bytes = (model: WordVectors) => Buffer.from(model.vectors.data.buffer).toString('hex')

test('words of one topic end near each other and far from the other topic, by both algorithms', async () => {
  for (const algorithm of ['skip-gram', 'cbow'] as const) {
    const model = await word2vec(twoTopics(1500), {
      algorithm,
      dimensions: 16,
      epochs: 10,
      subsample: 0,
      learningRate: 0.05,
    })
    const nearest = model.mostSimilar({ positive: ['cat'], topK: 5 }).map(({ word }) => word)
    assert.deepEqual(nearest.toSorted(), ['cow', 'dog', 'goat', 'horse', 'sheep'], algorithm)
    assert.ok(model.similarity('one', 'two') > model.similarity('one', 'dog') + 0.5, algorithm)
  }
})

test('the TypeScript specification and the compiled kernel give the same bytes', async () => {
  for (const algorithm of ['skip-gram', 'cbow'] as const)
    for (const [dimensions, negative, window] of [
      [10, 5, 5],
      [7, 1, 2],
      [12, 8, 3],
    ] as const) {
      const options = { algorithm, dimensions, negative, window, epochs: 2, minCount: 1, subsample: 0.05 }
      const sentences = twoTopics(60)
      const specified = await word2vec(sentences, { ...options, engine: 'typescript' })
      assert.equal(bytes(await word2vec(sentences, { ...options, engine: 'simd' })), bytes(specified))
      assert.notEqual(bytes(await word2vec(sentences, { ...options, seed: 1 })), bytes(specified))
    }
})

test('one and two threads give the same bytes, on a corpus large enough to be shared out', async () => {
  const sentences = twoTopics(41_000)
  const options = { dimensions: 4, epochs: 1, negative: 2, window: 2 }
  const one = await word2vec(sentences, { ...options, threads: 1 })
  assert.equal(bytes(await word2vec(sentences, { ...options, threads: 2 })), bytes(one))
  assert.ok(one.similarity('cat', 'dog') > one.similarity('cat', 'two'))
})

test('words are counted, ranked by count, and the rare ones left out', async () => {
  const corpus = await encodeCorpus(
    ['a b a c', 'b a d', 'c'].map((text) => text.split(' ')),
    2,
  )
  assert.deepEqual(corpus.words, ['a', 'b', 'c'])
  assert.deepEqual([...corpus.counts], [3, 2, 2])
  assert.deepEqual([...corpus.tokens], [0, 1, 0, 2, 1, 0])
  assert.deepEqual([...corpus.starts], [0, 4, 6])
  assert.equal(corpus.tokensRead, 8)
})

test('frequent words are skipped as often as the formula says, worked by hand', () => {
  // f = 0.99 and 0.01, t = 0.01: √(t/f) + t/f = 0.1106 for the first, ≥ 1 for the second.
  const [frequent, rare] = keepThresholds(Uint32Array.from([990, 10]), 0.01)
  assert.ok(Math.abs(frequent! / 2 ** 32 - 0.110604) < 1e-5)
  assert.equal(rare, 0xffffffff)
  assert.deepEqual([...keepThresholds(Uint32Array.from([990, 10]), 0)], [0xffffffff, 0xffffffff])
})

test('noise words are drawn in proportion to count to the power of three quarters', () => {
  const counts = Uint32Array.from([1000, 100, 10, 1])
  const { share, alias } = noiseTables(counts)
  const drawn = new Float64Array(4)
  for (let i = 0; i < 4; i++) {
    const kept = share[i] === 0xffffffff ? 1 : share[i]! / 2 ** 32
    drawn[i]! += kept / 4
    drawn[alias[i]!]! += (1 - kept) / 4
  }
  const weights = [...counts].map((count) => count ** 0.75)
  const total = weights.reduce((a, b) => a + b)
  for (let i = 0; i < 4; i++) assert.ok(Math.abs(drawn[i]! - weights[i]! / total) < 1e-6)
})

test('analogies leave their own inputs out, worked by hand', () => {
  const vectors = createMatrix(5, 2, Float32Array.from([1, 0, 1, 1, 0, 1, 0, 2, -1, -1]))
  const words = new WordVectors(['man', 'king', 'woman', 'queen', 'apple'], vectors)
  const [best] = words.mostSimilar({ positive: ['king', 'woman'], negative: ['man'], topK: 1 })
  assert.equal(best!.word, 'queen')
  assert.equal(words.mostSimilar({ positive: ['king'], topK: 10 }).length, 4)
  assert.throws(() => words.mostSimilar({ positive: ['duke'] }), NotFoundError)
  assert.throws(() => words.mostSimilar({}), InvalidArgumentError)
  assert.throws(
    () => words.mostSimilar({ positive: ['king'], topK: 0 }),
    /options.topK: expected an integer of at least 1, got 0/,
  )
})

test('bad options, too little text and an abort are refused', async () => {
  const text = twoTopics(10)
  for (const [name, value] of [
    ['dimensions', 0],
    ['window', 1.5],
    ['negative', 0],
    ['epochs', -1],
    ['subsample', 2],
    ['learningRate', Number.NaN],
    ['minLearningRate', 1],
    ['threads', 0],
  ] as const)
    await assert.rejects(word2vec(text, { [name]: value }), new RegExp(`options.${name}`))
  await assert.rejects(
    word2vec(text, { algorithm: 'glove' as 'cbow' }),
    /options.algorithm: expected 'skip-gram' or 'cbow'/,
  )
  await assert.rejects(word2vec([]), /at least 2 different words that occur 5 times or more, got 0/)
  await assert.rejects(word2vec([['one']], { minCount: 1 }), InvalidArgumentError)
  await assert.rejects(word2vec(['a text'] as unknown as string[][]), /expected arrays of words/)
  await assert.rejects(word2vec(text, { signal: AbortSignal.abort() }), { name: 'AbortError' })
})

test('a word of unusual length or script and a stream of sentences are taken as they are', async () => {
  async function* stream() {
    for (let i = 0; i < 6; i++) yield ['naïve', '猫', 'x'.repeat(5000), '👩‍🚀']
  }
  const model = await word2vec(stream(), { dimensions: 4, epochs: 1 })
  assert.deepEqual(model.words, ['naïve', '猫', 'x'.repeat(5000), '👩‍🚀'])
  assert.ok(model.vectors.data.every(Number.isFinite))
})

test('progress ends at the last token and the lowest rate', async () => {
  let last = { tokens: 0, totalTokens: 1, learningRate: 1 }
  await word2vec(twoTopics(100), { epochs: 2, dimensions: 4, onProgress: (progress) => (last = { ...progress }) })
  assert.equal(last.tokens, last.totalTokens)
  assert.equal(last.tokens, 2000)
  assert.ok(Math.abs(last.learningRate - 1e-4) < 1e-9)
})
