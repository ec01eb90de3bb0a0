import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { runProgram } from './program.ts'
import { recordedTerminal } from './recorded-terminal.ts'

async function run(...argv: string[]) {
  const terminal = recordedTerminal()
  const { signal } = new AbortController()
  const status = await runProgram(argv, { version: '1.2.3', terminal, signal })
  return { status, stdout: terminal.stdout(), stderr: terminal.stderr() }
}

test('wrong usage is status 2, with one line that names what is wrong, and the likely word', async () => {
  const cases: [string[], RegExp][] = [
    [['serach', 'x'], /expected the name of a command, got "serach"\.\n {2}Did you mean search\?/],
    [['help', 'nosuch'], /expected the name of a command after help, got "nosuch"\.\n {2}See: vecino --help/],
    [['toString'], /expected the name of a command, got "toString"/],
    [['--jsom', 'search', 'x'], /expected a command, and flags after it, got "--jsom"/],
    [['search', 'x', '--topk', '3'], /got "--topk"\.\n {2}Did you mean --top-k\?/],
    [['search'], /expected the argument <query>, got nothing/],
    [['search', 'x', '--top-k'], /expected a value after -k, --top-k <n>, got nothing/],
    [['search', 'x', '--top-k', '0'], /--top-k: expected an integer from 1 to 10000, got "0"/],
    [['search', 'x', '--top-k', '1e9'], /--top-k: expected an integer/],
    [['search', 'x', '--top-k', '3.5'], /--top-k: expected an integer/],
    [['search', 'x', '-k', '1', '-k', '2'], /--top-k: expected one value/],
    [['search', 'x', '--offset', '-1'], /--offset: expected an integer ≥ 0/],
    [['search', 'x', '--mode', 'fuzzy'], /--mode: expected both, meaning or words/],
    [['search', 'x', '--mode', 'constructor'], /--mode: expected both, meaning or words/],
    [['search', 'x', '--false-alarm-rate', '5%'], /--false-alarm-rate: expected a number above 0 and at most 0\.5/],
    [['search', 'x', '--false-alarm-rate', '0'], /--false-alarm-rate: expected a number above 0/],
    [['search', 'x', '--where', '<10'], /--where: expected a condition such as/],
    [['search', 'x', '--filter', '{'], /--filter: expected JSON/],
    [['search', 'x', '--filter', '{"field":"a","like":"b"}'], /--filter: expected one of eq, ne, in/],
    [['status', 'x'], /expected fewer arguments, got 1/],
    [['completion', 'tcsh'], /shell: expected one of bash, zsh, fish, got "tcsh"/],
    [['embed', 'x', '--format', 'npy'], /--format: expected npy together with --out/],
    [['embed', 'x', '--task', 'poem'], /--task: expected one of document, query/],
    [['embed', 'x', '--file', 'y'], /--file: expected no texts beside it/],
    [['distill', 'x'], /--out: expected the folder of the new model/],
    [['add', '-', 'x.md'], /paths: expected - alone/],
    [['add', 'x.md', '--format', 'csv'], /--format: expected not to be given with paths/],
    [['add', '-', '--sync'], /--sync: expected not to be given with standard input/],
    [['add', 'x.csv', '--text-fields', 'a,,b'], /--text-fields: expected names with commas/],
  ]
  for (const [argv, message] of cases) {
    const { status, stdout, stderr } = await run(...argv)
    assert.equal(status, 2, `${argv.join(' ')}: ${stderr}`)
    assert.equal(stdout, '')
    assert.match(stderr, message)
    assert.ok(stderr.split('\n').length <= 3 && !stderr.includes('    at '), stderr)
  }
  assert.equal(existsSync('collection.vecino'), false, 'wrong usage makes no file')
})

test('with --json an error is one object on stderr', async () => {
  const { status, stdout, stderr } = await run('search', 'x', '--top-k', 'x', '--json')
  assert.equal(status, 2)
  assert.equal(stdout, '')
  const { error } = JSON.parse(stderr)
  assert.equal(error.code, 'invalid-argument')
  assert.match(error.message, /^--top-k: expected/)
  assert.equal(error.remedy, null)
})

test('after -- a text may begin with a dash, and --json is a text', async () => {
  const { status, stderr } = await run('search', '--collection', '/nowhere/x.vecino', '--', '--json')
  assert.equal(status, 3)
  assert.match(stderr, /^error: collection: expected one that exists/)
})

test('a question to a collection that is not there makes no file and tells how to make one', async () => {
  const path = '/nowhere/none.vecino'
  for (const argv of [
    ['search', 'x'],
    ['similar', 'x'],
    ['list'],
    ['show', 'x'],
    ['remove', 'x'],
    ['status'],
    ['verify'],
    ['repair'],
    ['export', 'out'],
  ]) {
    const { status, stderr } = await run(...argv, '--collection', path)
    assert.equal(status, 3, `${argv[0]}: ${stderr}`)
    assert.match(stderr, /"\/nowhere\/none\.vecino"\.\n {2}Make one: vecino add/)
  }
})

test('the version is printed as given', async () => {
  assert.deepEqual(await run('--version'), { status: 0, stdout: '1.2.3\n', stderr: '' })
})
