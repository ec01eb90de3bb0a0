import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { open } from '../../open.ts'
import { runProgram } from '../program.ts'
import { recordedTerminal } from '../recorded-terminal.ts'

const folder = mkdtempSync(join(tmpdir(), 'vecino-clusters-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const collection = join(folder, 'c.vecino')
const inFolder = (name: string) => join(folder, name)

before(async () => {
  const texts = [
    [
      'cook',
      'How long to boil pasta',
      'Fresh pasta with tomato sauce',
      'Bake bread with olive oil',
      'Tomato soup and bread',
    ],
    [
      'code',
      'Python functions and types',
      'Debug a Python program',
      'Learn to program in Python',
      'Types in a program',
    ],
  ]
  const made = await open(collection)
  await made.add(
    texts.flatMap(([topic, ...rest]) =>
      rest.map((text, i) => ({ id: `${topic}-${i}`, text, metadata: { topic: topic as string } })),
    ),
  )
  await made.close()
})

async function run(...argv: string[]) {
  const terminal = recordedTerminal({ isTerminal: true, columns: 80 })
  const { signal } = new AbortController()
  const status = await runProgram(['clusters', '-c', collection, ...argv], { version: '1', terminal, signal })
  return { status, stdout: terminal.stdout(), stderr: terminal.stderr() }
}

test('groups come as a table with names, and as files for later', async () => {
  const { status, stdout, stderr } = await run('-k', '2', '-o', inFolder('g.csv'), '--save', inFolder('g.json'))
  assert.equal(status, 0)
  assert.match(stdout, /^group +size +name +stability +representative\n/)
  assert.match(stdout, /\n +\d +4 +.*python.*code-\d\n/)
  assert.match(stderr, /Clusterings of subsamples agree/)
  const lines = readFileSync(inFolder('g.csv'), 'utf8').trim().split('\r\n')
  assert.equal(lines[0], 'id,group,name')
  assert.equal(lines.length, 9)

  const again = await run('--use', inFolder('g.json'), '--where', 'topic=cook', '--format', 'csv')
  const groups = again.stdout.trim().split('\r\n').slice(1)
  assert.equal(groups.length, 4)
  assert.equal(new Set(groups.map((line) => line.split(',')[1])).size, 1)
})

test('--json is one document with labels, names and the suggestion, and the same bytes again', async () => {
  const { stdout } = await run('--json')
  const found = JSON.parse(stdout)
  assert.equal(found.ids.length, found.labels.length)
  assert.equal(found.suggestion.k, found.k)
  assert.equal(found.centroids, undefined)
  assert.equal((await run('--json')).stdout, stdout)
})

test('density says which items are in no group', async () => {
  const { status, stderr } = await run('--method', 'density', '--min-cluster-size', '50', '--noise')
  assert.equal(status, 0)
  assert.match(stderr, /No clusters: nowhere do enough items lie close/)
})

test('wrong input is refused', async () => {
  writeFileSync(inFolder('bad.json'), '{"format":"vecino-clusters","version":9}')
  const cases: [string[], number, RegExp][] = [
    [['-k', '9'], 2, /from 1 to 8, the items, got 9/],
    [['-k', '2', '--method', 'density'], 2, /none with density/],
    [['--min-cluster-size', '4'], 2, /none without method 'density'/],
    [['--use', inFolder('g.json'), '-k', '2'], 2, /--use: expected no flag that says how to find groups/],
    [['--use', inFolder('none.json')], 3, /none\.json/],
    [['--use', inFolder('bad.json')], 7, /expected version 1, got 9/],
    [['--where', 'topic=none'], 2, /expected at least 1 source with a vector, got 0/],
  ]
  for (const [argv, status, message] of cases) {
    const result = await run(...argv)
    assert.match(result.stderr, message)
    assert.equal(result.status, status, argv.join(' '))
  }
})
