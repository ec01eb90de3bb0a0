import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../text/fixtures/temporary-folder.ts'
import { runProgram } from '../program.ts'
import { recordedTerminal } from '../recorded-terminal.ts'

const lines = (...rows: unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('')
const tables = {
  'pairs.tsv': 'red apples\tred apple\t5\na boat on the lake\ta ship\t3\nold clocks\ta bicycle\t0\n',
  'shop/corpus.jsonl': lines(
    { _id: 'd1', text: 'Items can be returned within 30 days.' },
    { _id: 'd2', text: 'Parcels leave our warehouse within one day.' },
  ),
  'shop/queries.jsonl': lines({ _id: 'q1', text: 'returned items' }, { _id: 'q2', text: 'parcels' }),
  'shop/qrels/test.tsv': 'query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t1\n',
  'odd.csv': 'x,y\n1,2\n',
}

async function run(...argv: string[]) {
  const terminal = recordedTerminal({ isTerminal: true, columns: 110 })
  const { signal } = new AbortController()
  const status = await runProgram(argv, { version: '1', terminal, signal })
  return { status, stdout: terminal.stdout(), stderr: terminal.stderr() }
}

test('models and searches stand in one table, what is no task is said', async (t) => {
  const folder = temporaryFolder(t, tables)
  const { status, stdout, stderr } = await run('eval', folder, '--models', 'starter,bm25,hybrid')
  assert.equal(status, 0)
  assert.match(stdout, /^task +measure +model +score +95 % +against starter +seconds\n/)
  assert.match(stdout, /pairs +cosine_spearman +starter +100\.00/)
  assert.match(stdout, /pairs +not measured +bm25\n/)
  assert.match(stdout, /shop +ndcg_at_10 +hybrid +100\.00 +100\.0 to 100\.0 +\+0\.0 \(\+0\.0 to \+0\.0\)/)
  assert.match(stderr, /odd\.csv: no task \(the columns 0, 1; known are/)
})

test('--json and --out give MTEB’s format', async (t) => {
  const folder = temporaryFolder(t, tables)
  const out = join(folder, 'results')
  const { stdout } = await run('eval', join(folder, 'pairs.tsv'), '--json', '--out', out)
  const { results } = JSON.parse(stdout)
  const [scores] = results[0].scores.test
  assert.deepEqual([results[0].model, results[0].task_name, scores.main_score], ['starter', 'pairs', 1])
  assert.ok(scores.main_score_low <= 1 && scores.main_score_high === 1 && scores.main_score_level === 0.95)
  const file = JSON.parse(readFileSync(join(out, 'starter', 'no_revision_available', 'pairs.json'), 'utf8'))
  assert.deepEqual(file.scores, results[0].scores)
})

test('wrong input is refused', async (t) => {
  const folder = temporaryFolder(t, tables)
  const pairs = join(folder, 'pairs.tsv')
  const cases: [string[], RegExp][] = [
    [[pairs, '--models', 'starter,starter'], /each name once/],
    [[pairs, '--models', 'bm25:starter'], /words need none/],
    [[pairs, '--models', './nowhere'], /model: expected one that exists/],
    [[join(folder, 'odd.csv')], /expected a task, got the columns/],
    [[join(folder, 'gone')], /task: expected one that exists/],
    [[pairs, '--seed', '-1'], /--seed/],
  ]
  for (const [argv, message] of cases) {
    const { status, stderr } = await run('eval', ...argv)
    assert.notEqual(status, 0, argv.join(' '))
    assert.match(stderr, message)
  }
})
