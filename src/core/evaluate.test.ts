import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InvalidArgumentError } from '../spec/errors.ts'
import { openSqliteStore } from '../stores/sqlite/index.ts'
import { fakeModel } from '../testing/fake-model.ts'
import { type Contestant, evaluate } from './evaluate.ts'
import type { EvaluationTask } from './evaluation-tasks.ts'
import { evaluationVectors } from './evaluation-vectors.ts'

const documents = [
  ['apples', 'red apples grow on trees'],
  ['boats', 'sailing boats cross the lake'],
  ['clocks', 'old clocks tick at night'],
  ['title', ''],
].map(([id, text]) => ({
  id: id as string,
  title: id === 'title' ? 'violins and cellos' : undefined,
  text: text as string,
}))
const retrieval: EvaluationTask = {
  type: 'Retrieval',
  label: 'tiny',
  name: 'tiny',
  split: 'test',
  documents,
  queries: [
    { id: 'q1', text: 'apples on trees' },
    { id: 'q2', text: 'violins' },
  ],
  judgements: new Map([
    ['q1', new Map([['apples', 1]])],
    ['q2', new Map([['title', 1]])],
  ]),
}
const sts: EvaluationTask = {
  type: 'STS',
  label: 'pairs',
  name: 'pairs',
  split: 'test',
  a: ['red apples', 'sailing boats', 'old clocks'],
  b: ['red apples', 'sailing lake', 'new trees'],
  scores: [5, 3, 0],
}
const model = fakeModel({ refusesWordless: true })
const contestants: Contestant[] = [
  { name: 'model', model, by: 'vectors' },
  { name: 'bm25', model, by: 'keyword' },
  { name: 'hybrid', model, by: 'hybrid' },
]
const openStore = (passport: typeof model.passport) => openSqliteStore(':memory:', { passport })

test('models and searches are measured side by side, a search on retrieval alone', async () => {
  let now = 0
  const results = await evaluate([retrieval, sts], contestants, { openStore, resamples: 50, clock: () => (now += 500) })
  assert.deepEqual(
    results.map(({ task, results: each }) => [task.label, ...each.map(({ evaluation }) => evaluation?.value)]),
    [
      ['tiny', 1, 1, 1],
      ['pairs', 1, undefined, undefined],
    ],
  )
  assert.equal(results[0]?.results[0]?.seconds, 0.5)
  assert.match(results[0]?.task.revision ?? '', /^[0-9a-f]{40}$/)
  assert.notEqual(results[0]?.task.revision, results[1]?.task.revision)
})

test('every kind of task is measured', async () => {
  const texts = Array.from({ length: 24 }, (_, i) => `${i % 2 === 0 ? 'apple pear plum' : 'boat ship sail'} ${i}`)
  const labels = texts.map((_, i) => (i % 2 === 0 ? 'fruit' : 'craft'))
  const tasks: EvaluationTask[] = [
    {
      type: 'PairClassification',
      label: 'p',
      name: 'p',
      split: 'test',
      a: sts.a,
      b: sts.b,
      positive: [true, true, false],
    },
    { type: 'Classification', label: 'c', name: 'c', split: 'test', train: { texts, labels }, test: { texts, labels } },
    { type: 'Clustering', label: 'k', name: 'k', split: 'test', texts: texts.slice(0, 8), labels: labels.slice(0, 8) },
  ]
  const results = await evaluate(tasks, contestants.slice(0, 1), { resamples: 20 })
  for (const { task, results: each } of results) assert.equal(each[0]?.evaluation?.value, 1, task.label)
})

test('the beginning of a long text counts, exactly as much as the window holds, and how many is told', async () => {
  const narrow = fakeModel({ limits: { tokensPerText: 3 }, refusesWordless: true })
  const { vectors, cut, withoutVector } = await evaluationVectors(['a b c d e', 'a b c', '!'], {
    model: narrow,
    task: 'document',
  })
  assert.deepEqual([cut, withoutVector], [1, 1])
  assert.deepEqual(vectors.data.slice(0, 32), vectors.data.slice(32, 64))
  assert.ok(vectors.data.slice(64).every((value) => value === 0))
})

test('a cache is filled once', async () => {
  const slow = fakeModel({ cost: 'compute' })
  const cache = await openStore(slow.passport)
  const run = () => evaluate([sts], [{ name: 'slow', model: slow, by: 'vectors' }], { cache, resamples: 5 })
  const first = await run()
  const calls = slow.calls.length
  assert.deepEqual((await run())[0]?.results[0]?.evaluation, first[0]?.results[0]?.evaluation)
  assert.equal(slow.calls.length, calls)
  await cache.close()
})

test('what cannot be told apart or measured is refused', async () => {
  await assert.rejects(evaluate([], contestants), InvalidArgumentError)
  await assert.rejects(evaluate([sts], []), InvalidArgumentError)
  await assert.rejects(evaluate([sts, sts], contestants), /each name and split once, got "pairs, test"/)
  await assert.rejects(evaluate([sts], [contestants[0]!, contestants[0]!]), /each name once, got "model"/)
  await assert.rejects(evaluate([retrieval], contestants.slice(1)), /options\.openStore/)
})
