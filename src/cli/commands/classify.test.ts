import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { open } from '../../open.ts'
import { runProgram } from '../program.ts'
import { recordedTerminal } from '../recorded-terminal.ts'

const folder = mkdtempSync(join(tmpdir(), 'vecino-classify-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const at = (name: string) => join(folder, name)

const examples: readonly [string, string][] = [
  ['My card was charged twice', 'payment'],
  ['The payment was declined', 'payment'],
  ['I see a fee on my bank statement', 'payment'],
  ['Refund my money to my card', 'payment'],
  ['Where is my parcel?', 'delivery'],
  ['The package has not arrived', 'delivery'],
  ['Track the shipping of my order', 'delivery'],
  ['The courier left it at the wrong door', 'delivery'],
]

before(async () => {
  writeFileSync(at('t.csv'), `message,team\n${examples.map(([text, label]) => `"${text}",${label}`).join('\n')}\n`)
  writeFileSync(at('asked.jsonl'), `${JSON.stringify({ text: 'my parcel was not delivered', label: 'delivery' })}\n`)
  writeFileSync(at('odd.jsonl'), `${JSON.stringify({ text: 'my parcel', label: 'unknown' })}\n`)
  writeFileSync(at('one.csv'), 'text,label\na card,x\nanother card,x\n')
  writeFileSync(
    at('described.csv'),
    'text,label\npaying with a card or bank account,payment\nshipping a parcel,delivery\n',
  )
  const made = await open(at('c.vecino'))
  await made.add(examples.map(([text, team], i) => ({ id: `${i}`, text, metadata: { team } })))
  await made.close()
})

async function run(...argv: string[]) {
  const terminal = recordedTerminal({ isTerminal: true, columns: 80, input: 'Has my order been shipped?\n' })
  const { signal } = new AbortController()
  const status = await runProgram(['classify', ...argv], { version: '1', terminal, signal })
  return { status, stdout: terminal.stdout(), stderr: terminal.stderr() }
}

test('train on a table, predict texts and judge by another table', async () => {
  const trained = await run('train', at('t.csv'), '--text', 'message', '--label', 'team', '--out', at('c.json'))
  assert.equal(trained.status, 0)
  assert.match(trained.stderr, /logistic classifier of 2 classes from 8 examples/)
  assert.match(trained.stderr, /Held-out answers: [\d.]+ % right; calibration error/)
  const { predictions } = JSON.parse((await run('predict', at('c.json'), 'A fee on my card', '--json')).stdout)
  assert.equal(predictions[0].label, 'payment')
  assert.match((await run('predict', at('c.json'), '--file', '-')).stdout, /shipped\?.* delivery /)
  const judged = await run('evaluate', at('c.json'), at('asked.jsonl'))
  assert.match(judged.stderr, /accuracy 100\.0 % \[100\.0 %, 100\.0 %\], macro F1/)
  assert.match(judged.stderr, /over 1 item\n.*; with 1 answer true probabilities/)
})

test('a field of the collection teaches, and the collection is asked', async () => {
  const collection = ['-c', at('c.vecino')]
  const trained = await run('train', '--field', 'team', '--method', 'centroid', '--out', at('f.json'), ...collection)
  assert.equal(trained.status, 0)
  const lines = (await run('predict', at('f.json'), '--format', 'csv', ...collection)).stdout.trim().split('\r\n')
  assert.equal(lines.length, 9)
  assert.match(lines[1] ?? '', /^0,payment,/)
  const { accuracy } = JSON.parse(
    (await run('evaluate', at('f.json'), '--field', 'team', '--json', ...collection)).stdout,
  )
  assert.equal(accuracy.value, 1)
})

test('descriptions are enough for zero-shot, which claims no calibration', async () => {
  const trained = await run('train', at('described.csv'), '--method', 'zero-shot', '--out', at('z.json'))
  assert.match(trained.stderr, /its probabilities only rank/)
  assert.match((await run('predict', at('z.json'), 'The parcel is late')).stdout, /delivery/)
})

test('wrong input is refused and nothing is written', async () => {
  await run('train', at('t.csv'), '--text', 'message', '--label', 'team', '--out', at('c.json'))
  const out = ['--out', at('none.json')]
  const cases: [string[], number, RegExp][] = [
    [['learn'], 2, /action: expected train, predict, evaluate, got "learn"/],
    [['train', at('t.csv')], 2, /--out: expected a path for the classifier/],
    [['train', ...out], 2, /expected a file of texts and labels, or --field/],
    [
      ['train', at('nosuch.csv'), ...out],
      3,
      /nosuch\.csv: expected a path that exists, got none\.\n {2}Check the path/,
    ],
    [['train', at('t.csv'), ...out], 7, /t\.csv:1: .*\n {2}The first row names no column "text"\. Name those/],
    [['train', at('t.csv'), '--text', 'message', ...out], 7, /"label", got none\.\n {2}Columns here: message, team\./],
    [['train', at('one.csv'), ...out], 2, /at least 2 different ones, got 1/],
    [['train', 'notes.txt', ...out], 2, /one that ends in/],
    [['train', at('t.csv'), '--field', 'x', ...out], 2, /--field: expected none with a file/],
    [['train', '--field', 'nobody', '-c', at('c.vecino'), ...out], 3, /metadata field: expected one that exists/],
    [['predict'], 2, /a classifier first/],
    [['predict', at('nosuch.json'), 'x'], 3, /nosuch\.json: expected a path that exists/],
    [['predict', folder, 'x'], 9, /expected a file, got a folder/],
    [['predict', at('t.csv'), 'x'], 7, /expected JSON, got other text\.\n {2}Train one first: vecino classify train/],
    [['predict', at('asked.jsonl'), 'x'], 7, /a document of format vecino-classifier.*\n {2}Train one first/],
    [['predict', at('c.json'), 'x', '--method', 'knn'], 2, /--method: expected none with predict/],
    [['evaluate', at('c.json'), at('odd.jsonl')], 2, /a class that the classifier knows, got "unknown"/],
  ]
  for (const [argv, status, message] of cases) {
    const result = await run(...argv)
    assert.match(result.stderr, message)
    assert.equal(result.status, status, argv.join(' '))
  }
  assert.ok(!existsSync(at('none.json')))
})
