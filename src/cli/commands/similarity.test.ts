import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { runProgram } from '../program.ts'
import { recordedTerminal } from '../recorded-terminal.ts'

const folder = mkdtempSync(join(tmpdir(), 'vecino-similarity-'))
after(() => rmSync(folder, { recursive: true, force: true }))

async function run(...argv: string[]) {
  const terminal = recordedTerminal({ isTerminal: true, columns: 60, input: 'one fish\ntwo fish\nred car\n' })
  const { signal } = new AbortController()
  const status = await runProgram(['similarity', ...argv], { version: '1', terminal, signal })
  return { status, stdout: terminal.stdout(), stderr: terminal.stderr() }
}

test('a pair is one number and what it means', async () => {
  const { stdout, stderr } = await run('I love cats.', 'My favorite animal is a cat.')
  assert.match(stdout, /^0\.\d{3} {2}cosine\n$/)
  assert.match(stderr, /^closer than 99\.9 % of pairs of unrelated texts, which have 0\.0\d\d on average\n$/)
})

test('several texts are a labelled matrix that fits the terminal, with a heat map beside it', async () => {
  for (const name of ['matrix.svg', 'matrix.png']) {
    const { status, stdout } = await run('--file', '-', '--metric', 'euclidean', '--out', join(folder, name))
    assert.equal(status, 0)
    assert.match(stdout, /^text {12}1 {6}2 {6}3\n1 one fish {2}0\.000 {2}0\./)
    assert.ok(readFileSync(join(folder, name)).length > 1000)
  }
})

test('--json holds values, percentiles and background', async () => {
  const { values, percentiles, background, model } = JSON.parse((await run('--file', '-', '--json')).stdout)
  assert.equal(values[0][0], 1)
  assert.equal(percentiles[0][0], null)
  assert.equal(percentiles[0][1], percentiles[1][0])
  assert.ok(background.pairs > 1000)
  assert.equal(model, 'starter')
})

test('wrong input is refused before anything is computed', async () => {
  const cases: [string[], RegExp][] = [
    [['one'], /texts: expected two or more, got 1/],
    [['a', 'b', '--file', 'x'], /--file: expected no texts beside it/],
    [['a', 'b', '--out', 'x.gif'], /--out: expected a file that ends in \.svg or \.png/],
    [['a', 'b', '--metric', 'manhattan'], /--metric: expected one of cosine, dot, euclidean/],
    [['a', 'b', '--json', '--format', 'csv'], /"--format: expected json beside --json/],
  ]
  for (const [argv, message] of cases) {
    const { status, stderr } = await run(...argv)
    assert.equal(status, 2)
    assert.match(stderr, message)
  }
})
