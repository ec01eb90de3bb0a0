import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { open, readWordVectors, trainWords, word2vec, wordRelation, writeWordVectors } from '../src/index.ts'

const place = mkdtempSync(join(tmpdir(), 'vecino-words-'))
after(() => rmSync(place, { recursive: true, force: true }))

const sentences = [
  ['machine', 'learning', 'is', 'a', 'subset', 'of', 'ai'],
  ['deep', 'learning', 'uses', 'neural', 'networks'],
  ['the', 'bank', 'of', 'the', 'river', 'is', 'no', 'bank', 'of', 'money'],
]

test('three tokenised sentences train vectors of 100 numbers, which say nothing: neighbours are chance', async () => {
  const vectors = await word2vec(sentences, { dimensions: 100, window: 5, minCount: 1, threads: 4 })
  assert.equal(vectors.vector('machine').length, 100)
  const neighbours = vectors.mostSimilar({ positive: ['learning'], topK: 5 })
  assert.equal(neighbours.length, 5)
  // Tutorials print neighbours of such vectors as if they meant something; none is nearer than chance in 100 dimensions.
  assert.ok(neighbours[0]!.score < 0.35, String(neighbours[0]!.score))
  assert.equal(vectors.words.filter((word) => word === 'bank').length, 1)
})

test('training from a file says that there is too little text, with the figures', async () => {
  const corpus = join(place, 'corpus.txt')
  writeFileSync(corpus, sentences.map((words) => words.join(' ')).join('\n'))
  const { tooLittle, tokens, vectors } = await trainWords(corpus, { minCount: 1 })
  assert.equal(tokens, 22)
  assert.match(tooLittle!, /22 words of text, 16 different ones learnt, each seen 1 times on average/)
  const path = join(place, 'vectors.bin')
  await writeWordVectors(path, vectors, { format: 'binary' })
  assert.deepEqual((await readWordVectors(path)).vectors.data, vectors.vectors.data)
  await assert.rejects(trainWords(join(place, 'none.txt')), { name: 'NotFoundError' })
})

test('walking − walk ≈ swimming − swim is a test of a relation, and king − man + woman leaves its inputs out', async () => {
  const random = [0.3, -0.2, 0.7, 0.1, -0.5, 0.4]
  const vectors = await word2vec(
    Array.from({ length: 30 }, (_, i) => [
      'walk',
      'walking',
      'swim',
      'swimming',
      'king',
      'man',
      'woman',
      `w${i % random.length}`,
    ]),
    { dimensions: 8, minCount: 1, epochs: 1 },
  )
  const relation = wordRelation(vectors, ['walk', 'walking'], ['swim', 'swimming'])
  assert.ok(relation.cosine >= -1 && relation.cosine <= 1 && relation.percentile >= 0)
  const answer = vectors.mostSimilar({ positive: ['king', 'woman'], negative: ['man'] }).map(({ word }) => word)
  for (const input of ['king', 'man', 'woman']) assert.ok(!answer.includes(input))
})

test('what a user liked and disliked decides what is recommended, with the reason', async () => {
  const collection = await open(':memory:')
  try {
    const texts = [
      'Pasta with tomato sauce',
      'Pizza with cheese',
      'Risotto with mushrooms',
      'Training a puppy',
      'Feeding a kitten',
      'Repairing a bicycle',
    ]
    await collection.add(texts.map((text, i) => ({ id: `p${i}`, text })))
    const [first] = await collection.recommend({ like: ['p0', 'p1'], dislike: ['p3'], topK: 2 })
    assert.equal(first?.id, 'p2')
    assert.ok(['p0', 'p1'].includes(first!.because))
    await assert.rejects(collection.recommend({ like: ['p9'] }), /Ids|`list` names what there is/)
  } finally {
    await collection.close()
  }
})
