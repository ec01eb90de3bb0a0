import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { runProgram } from '../program.ts'
import { recordedTerminal } from '../recorded-terminal.ts'

const folder = mkdtempSync(join(tmpdir(), 'vecino-word2vec-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const at = (name: string) => join(folder, name)

async function run(...argv: string[]) {
  const terminal = recordedTerminal({})
  const { signal } = new AbortController()
  const status = await runProgram(argv, { version: '1', terminal, signal })
  return { status, stdout: terminal.stdout(), stderr: terminal.stderr() }
}

test('words are trained, asked and evaluated; too little text is said with the figures', async () => {
  writeFileSync(at('corpus.txt'), 'The king and the queen walk.\nA man and a woman are walking.\n'.repeat(10))
  const trained = await run(
    'word2vec',
    'train',
    at('corpus.txt'),
    '--out',
    at('v.bin'),
    '--dimensions',
    '8',
    '--epochs',
    '2',
  )
  assert.match(trained.stderr, /Too little text for good vectors: 130 words of text, 10 different ones learnt/)
  const near = JSON.parse((await run('word2vec', 'most-similar', at('v.bin'), 'King', '-k', '2', '--json')).stdout)
  assert.equal(near.length, 2)
  const analogy = await run('word2vec', 'analogy', at('v.bin'), 'man', 'king', 'woman', '--format', 'csv')
  assert.doesNotMatch(analogy.stdout, /^(man|king|woman),/m)
  assert.match(
    (await run('word2vec', 'relation', at('v.bin'), 'walk', 'walking', 'king', 'queen')).stdout,
    /more parallel than/,
  )
  writeFileSync(at('pairs.tsv'), 'king\tqueen\t9\nking\twalk\t1\nman\tsky\t2\n')
  const [row] = JSON.parse(
    (await run('word2vec', 'evaluate', at('v.bin'), '--pairs', at('pairs.tsv'), '--json')).stdout,
  ).pairs
  assert.deepEqual([row.asked, row.skipped], [2, 1])
})

test('baskets are trained and asked; an unknown id is refused with its line', async () => {
  writeFileSync(at('orders.csv'), 'tent,lamp,rope\npen,paper,ink\n'.repeat(60))
  assert.equal((await run('baskets', 'train', at('orders.csv'), '--out', at('i.txt'), '--dimensions', '8')).status, 0)
  const [first] = JSON.parse((await run('baskets', 'also', at('i.txt'), 'tent', '--json')).stdout)
  assert.ok(['lamp', 'rope'].includes(first.item))
  writeFileSync(at('items.txt'), 'tent\nlamp\nrope\npen\n')
  const { status, stderr } = await run(
    'baskets',
    'train',
    at('orders.csv'),
    '--items',
    at('items.txt'),
    '--out',
    at('j.txt'),
  )
  assert.equal(status, 7)
  assert.match(
    stderr,
    /orders\.csv:2: expected ids of known items, got "paper"|orders\.csv:2: expected ids of known items/,
  )
})

test('wrong words and actions are refused', async () => {
  const cases: [string[], RegExp][] = [
    [['word2vec', 'analogy', at('v.bin'), 'man', 'king'], /expected 3 words for analogy, got "2"/],
    [['word2vec', 'guess', at('v.bin')], /action: expected train, most-similar/],
    [['word2vec', 'train', at('corpus.txt')], /--out: expected a path/],
    [['word2vec', 'evaluate', at('v.bin')], /expected --analogies <path> or --pairs <path>/],
    [['word2vec', 'most-similar', at('v.bin'), 'emperor'], /word: expected one that exists, got "emperor"/],
    [['baskets', 'also', at('i.txt')], /ids: expected at least one item/],
    [['baskets', 'sell', at('i.txt')], /action: expected train or also/],
  ]
  for (const [argv, message] of cases) {
    const { status, stderr } = await run(...argv)
    assert.match(stderr, message)
    assert.notEqual(status, 0)
  }
})

test('few baskets are said to be few', async () => {
  const train = async (times: number) => {
    writeFileSync(at('few.csv'), 'tent,lamp,rope\npen,paper,ink\n'.repeat(times))
    return (await run('baskets', 'train', at('few.csv'), '--out', at('f.txt'), '--dimensions', '8')).stderr
  }
  assert.match(await train(3), /Few baskets: an item is in 3\.0 of them on average/)
  assert.doesNotMatch(await train(6), /Few baskets/)
})
