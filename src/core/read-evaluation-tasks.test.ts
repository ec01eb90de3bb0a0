import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { NotFoundError, UnreadableInputError } from '../spec/errors.ts'
import { temporaryFolder } from '../text/fixtures/temporary-folder.ts'
import { readEvaluationTasks } from './read-evaluation-tasks.ts'

const lines = (...rows: unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('')

test('pairs are read in every common form', async (t) => {
  const expected = { a: ['a "plane"', 'c'], b: ['b', 'd, e'], scores: [4.5, 0] }
  const folder = temporaryFolder(t, {
    'own.test.jsonl': lines({ a: 'a "plane"', b: 'b', score: 4.5 }, { a: 'c', b: 'd, e', score: 0 }),
    'named.csv': 'sentence1,Sentence2,score\r\n"a ""plane""",b,4.5\r\nc,"d, e",0\r\n'.replace('Sentence2', 'sentence2'),
    'bare.tsv': 'a "plane"\tb\t4.5\nc\td, e\t0\n',
    'first.tsv': '4.5\ta "plane"\tb\n0\tc\td, e\n',
    'zipped.jsonl.gz': gzipSync(
      lines({ text1: 'a "plane"', text2: 'b', similarity: '4.5' }, { text1: 'c', text2: 'd, e', similarity: 0 }),
    ),
  })
  const { tasks, skipped } = await readEvaluationTasks([folder])
  assert.deepEqual(skipped, [])
  assert.deepEqual(
    tasks.map(({ label }) => label),
    ['bare', 'first', 'named', 'own.test', 'zipped'],
  )
  for (const task of tasks) {
    assert.ok(task.type === 'STS', task.label)
    assert.deepEqual({ a: task.a, b: task.b, scores: task.scores }, expected, task.label)
    assert.equal(task.split, 'test')
  }
  assert.equal(tasks[3]?.name, 'own')
})

test('labels of 0 and 1 make pair classification, also without a header', async (t) => {
  const folder = temporaryFolder(t, {
    'one.jsonl': lines({ a: 'x', b: 'y', label: 1 }, { a: 'x', b: 'z', label: 0 }),
    'two.tsv': 'x\ty\t1\nx\tz\t0\n',
  })
  for (const task of (await readEvaluationTasks([folder])).tasks) {
    assert.ok(task.type === 'PairClassification')
    assert.deepEqual(task.positive, [true, false])
  }
})

test('labelled texts are classified where a training set stands beside, else clustered', async (t) => {
  const rows = lines({ text: 'x', label: 'A' }, { text: 'y', label: 2 })
  const folder = temporaryFolder(t, { 'news.train.jsonl': rows, 'news.test.jsonl': rows, 'tweets.jsonl': rows })
  const { tasks } = await readEvaluationTasks([folder])
  assert.deepEqual(
    tasks.map(({ type, label }) => [type, label]),
    [
      ['Classification', 'news.test'],
      ['Clustering', 'tweets'],
    ],
  )
  const [alone] = (await readEvaluationTasks([join(folder, 'news.train.jsonl')])).tasks
  assert.equal(alone?.type, 'Clustering')
  assert.deepEqual(alone.type === 'Clustering' && alone.labels, ['A', '2'])
})

const parts = {
  corpus: lines({ _id: 'd1', title: 'T', text: 'one' }, { id: 'd2', text: 'two', title: '' }),
  queries: lines({ _id: 'q1', text: 'one?' }, { _id: 'q2', text: 'unjudged?' }),
}

test('retrieval sets are read as three tables, and as BEIR lays them out', async (t) => {
  const folder = temporaryFolder(t, {
    'sci.corpus.jsonl': parts.corpus,
    'sci.dev.queries.jsonl': parts.queries,
    'sci.dev.qrels.jsonl': lines({ query: 'q1', doc: 'd1', rel: 2 }),
    'beir/corpus.jsonl': parts.corpus,
    'beir/queries.jsonl': parts.queries,
    'beir/qrels/dev.tsv': 'query-id\tcorpus-id\tscore\nq2\td2\t1\n',
    'beir/qrels/test.tsv': 'query-id\tcorpus-id\tscore\nq1\td1\t2\n',
    'trec/corpus.jsonl': parts.corpus,
    'trec/queries.jsonl': parts.queries,
    'trec/qrels.tsv': 'q1\t0\td1\t2\n',
  })
  const { tasks } = await readEvaluationTasks([folder])
  assert.deepEqual(
    tasks.map(({ label, split }) => [label, split]),
    [
      ['sci.dev', 'dev'],
      ['beir', 'test'],
      ['trec', 'test'],
    ],
  )
  for (const task of tasks) {
    assert.ok(task.type === 'Retrieval')
    assert.deepEqual(task.documents, [
      { id: 'd1', title: 'T', text: 'one' },
      { id: 'd2', title: undefined, text: 'two' },
    ])
    assert.deepEqual(task.queries, [{ id: 'q1', text: 'one?' }])
    assert.deepEqual(task.judgements, new Map([['q1', new Map([['d1', 2]])]]))
  }
  const byCorpus = await readEvaluationTasks([join(folder, 'sci.corpus.jsonl')])
  assert.deepEqual(byCorpus.tasks, tasks.slice(0, 1))
})

test('what is no task is passed over in a folder and refused by name', async (t) => {
  const folder = temporaryFolder(t, { 'odd.jsonl': lines({ anchor: 'x', positive: 'y' }), 'empty.csv': '', 'x.md': '' })
  const { tasks, skipped } = await readEvaluationTasks([folder])
  assert.equal(tasks.length, 0)
  assert.deepEqual(
    skipped.map(({ reason }) => reason),
    ['an empty table', 'the columns anchor, positive; known are a, b and score or label; text and label'],
  )
  await assert.rejects(readEvaluationTasks([join(folder, 'odd.jsonl')]), /expected a task, got the columns anchor/)
  await assert.rejects(readEvaluationTasks([join(folder, 'x.md')]), /\.jsonl, \.csv or \.tsv/)
  await assert.rejects(readEvaluationTasks([join(folder, 'nothing')]), NotFoundError)
})

test('broken rows are named by their line', async (t) => {
  const folder = temporaryFolder(t, {
    'json.jsonl': '{"a":"x","b":"y","score":1}\nnot json\n',
    'score.jsonl': lines({ a: 'x', b: 'y', score: 1 }, { a: 'x', b: 'y', score: 'high' }),
    'cells.csv': 'a,b,score\nx,y\n',
    'truth.jsonl': lines({ a: 'x', b: 'y', label: 2 }),
    'broken.jsonl.gz': 'no gzip',
    'r.corpus.jsonl': parts.corpus,
    'r.queries.jsonl': parts.queries,
    'r.qrels.jsonl': lines({ query: 'q1', doc: 'd9', rel: 1 }),
    's.queries.jsonl': parts.queries,
    's.qrels.jsonl': '',
  })
  const refused = async (file: string, message: RegExp) =>
    assert.rejects(
      readEvaluationTasks([join(folder, file)]),
      (error) => error instanceof UnreadableInputError && message.test(error.message),
      file,
    )
  await refused('json.jsonl', /json\.jsonl:2: expected one JSON object a line/)
  await refused('score.jsonl', /score\.jsonl:2: expected a number as score, got "high"/)
  await refused('cells.csv', /cells\.csv:2: expected 3 cells/)
  await refused('truth.jsonl', /truth\.jsonl:1: expected a label of 0 or 1, got 2/)
  await refused('broken.jsonl.gz', /a whole gzip file/)
  await refused('r.qrels.jsonl', /r\.qrels\.jsonl:1: expected an id of .*r\.corpus\.jsonl, got "d9"/)
  await assert.rejects(readEvaluationTasks([join(folder, 's.queries.jsonl')]), NotFoundError)
})
