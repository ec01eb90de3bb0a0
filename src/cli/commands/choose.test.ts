import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../text/fixtures/temporary-folder.ts'
import { runProgram } from '../program.ts'
import { recordedTerminal } from '../recorded-terminal.ts'

async function run(...argv: string[]) {
  const terminal = recordedTerminal({ isTerminal: true, columns: 110 })
  const { signal } = new AbortController()
  const status = await runProgram(argv, { version: '1', terminal, signal })
  return { status, stdout: terminal.stdout(), stderr: terminal.stderr() }
}

test('choose names the model to take, from paths and with questions of one’s own', async (t) => {
  const text = (i: number) => `Chapter ${i} is about ${['apples', 'boats', 'clocks', 'dogs'][i]}.`
  const names = ['apples', 'boats', 'clocks', 'dogs']
  const folder = temporaryFolder(t, {
    ...Object.fromEntries(names.map((name, i) => [`docs/${name}.md`, `# All about ${name}\n\n${text(i)}\n`])),
    'questions.csv': `query,doc\n${names.map((name) => `tell me of ${name},${name}.md`).join('\n')}\n`,
  })
  const titles = await run('choose', join(folder, 'docs'), '--dimensions', '4,256')
  assert.equal(titles.status, 0)
  assert.match(titles.stdout, /^model +dimensions +kept as +nDCG@10/)
  assert.match(titles.stderr, /4 documents, 4 questions from titles/)
  const own = await run('choose', join(folder, 'docs'), '--queries', join(folder, 'questions.csv'), '--json')
  const choice = JSON.parse(own.stdout)
  assert.deepEqual([choice.from, choice.queries, choice.rows[choice.chosen].model], ['own', 4, 'starter'])
  const cases: [string[], RegExp][] = [
    [['--dimensions', '0'], /--dimensions: expected an integer from 1/],
    [['--dtypes', 'int4'], /--dtypes: expected one of float32, int8, binary/],
    [['--from', 'titles', '--queries', 'x.csv'], /--from: expected no --queries beside it/],
    [['--max-queries', '5', '--queries', 'x.csv'], /--max-queries: expected no --queries beside it/],
    [['--collection', 'x'], /--collection: expected no paths beside it/],
  ]
  for (const [argv, message] of cases) {
    const { status, stderr } = await run('choose', join(folder, 'docs'), ...argv)
    assert.notEqual(status, 0, argv.join(' '))
    assert.match(stderr, message)
  }
})
