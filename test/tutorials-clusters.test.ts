import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { classify, clusters, embed, kMeans, trainClassifier, vMeasure, zeroShotClassifier } from '../src/index.ts'

/** The tutorials' examples of clusters and classification; what they print beside what we measure. */
const { topics, seed }: { topics: { text: string; label: string }[]; seed: number } = JSON.parse(
  readFileSync(new URL('../examples/tutorials/topics.json', import.meta.url), 'utf8'),
)
const texts = topics.map(({ text }) => text)
const labels = topics.map(({ label }) => label)
const ids = texts.map((_, i) => `topic-${i}`)

test('S4: k-means with k = 5 and seed 42 gives five clusters, the same on every run', async () => {
  const vectors = await embed(texts)
  const found = await kMeans(vectors, { k: 5, seed })
  assert.equal(new Set(found.labels).size, 5)
  assert.deepEqual((await kMeans(vectors, { k: 5, seed })).labels, found.labels)
})

test('S1: nine topics fall into three groups, nearly those of the tutorial', async (t) => {
  const found = await clusters({ ids, texts, vectors: await embed(texts) }, { k: 3, seed })
  const score = vMeasure(labels, found.labels)
  t.diagnostic(`S1: V-measure ${score.toFixed(2)}`)
  assert.ok(score > 0.65)
  assert.ok(found.clusters.every(({ name }) => name !== ''))
  // Nine items are few, and the clusters say so: no group is there whenever one looks.
  assert.ok(found.clusters.every(({ stability }) => stability! < 1))
})

test('S1: classification by distance: unseen texts go to their group, with a probability', async (t) => {
  const classifier = await trainClassifier(await embed(texts), labels, { method: 'centroid', seed })
  const asked = ['convolutional networks for images', 'CSS layout of a web page', 'baking bread at home']
  const answers = classify(classifier, await embed(asked))
  assert.deepEqual(
    answers.map(({ label }) => label),
    ['AI', 'Programming', 'Food'],
  )
  assert.ok(answers.every(({ probability }) => probability > 0.5))
  const accuracy = classifier.calibration?.accuracy ?? 0
  t.diagnostic(`S1: of nine examples, held out in turn, ${(100 * accuracy).toFixed(0)} % right`)
  assert.ok(accuracy > 0.6)
})

test('S1: classes by their descriptions alone, without an example, put most topics right', async (t) => {
  const described = await embed(['artificial intelligence', 'software development', 'food and cooking'])
  const answers = classify(zeroShotClassifier(described, ['AI', 'Programming', 'Food']), await embed(texts))
  const right = answers.filter(({ label }, i) => label === labels[i]).length
  t.diagnostic(`S1: ${right} of 9 right`)
  assert.ok(right >= 7)
})
