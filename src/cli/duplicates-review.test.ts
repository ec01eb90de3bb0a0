import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { open } from '../open.ts'
import { runProgram } from './program.ts'
import { recordedTerminal } from './recorded-terminal.ts'

const folder = mkdtempSync(join(tmpdir(), 'vecino-review-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const place = (name: string) => join(folder, name)

async function run(...argv: string[]) {
  const terminal = recordedTerminal({ isTerminal: true, columns: 100 })
  const { signal } = new AbortController()
  const status = await runProgram(argv, { version: '1', terminal, signal })
  return { status, stdout: terminal.stdout(), stderr: terminal.stderr() }
}

async function freshCollection(name: string): Promise<string> {
  const collection = await open(place(name))
  await collection.add([
    { id: '=a', text: 'The train to the coast leaves at noon.' },
    { id: 'b', text: 'the train to the  coast leaves at noon.' },
    { id: 'c', text: 'A recipe for "plain" bread, with yeast' },
    { id: '-d', text: 'a recipe for "plain" bread, with yeast' },
  ])
  await collection.close()
  return place(name)
}

async function idsIn(path: string): Promise<string[]> {
  const collection = await open(path)
  const sources = await collection.list()
  await collection.close()
  return sources.map(({ id }) => id)
}

for (const ending of ['csv', 'jsonl'])
  test(`a ${ending} review is written, changed by hand and applied`, async () => {
    const path = await freshCollection(`${ending}.vecino`)
    const review = place(`review.${ending}`)
    const written = await run('duplicates', '-c', path, '--method', 'text', '--review', review)
    assert.equal(written.status, 0, written.stderr)
    assert.match(written.stdout, /group {2}decision {2}id/)
    assert.match(written.stderr, /4 items: 2 duplicates in 2 groups, 2 stay/)
    const content = readFileSync(review, 'utf8')
    // Who looks at it wants to keep "-d" and to lose "c".
    const lines = content.split(/\r?\n/).map((line) => {
      if (/[",]'?-d[",]/.test(line)) return line.replace('remove', 'keep')
      return /[",]c[",]/.test(line) && line.includes('keep') ? line.replace('keep', 'remove') : line
    })
    writeFileSync(review, lines.join('\n'))
    const applied = await run('duplicates', '-c', path, '--apply', review)
    assert.equal(applied.status, 0, applied.stderr)
    assert.deepEqual(await idsIn(path), ['=a', '-d'])
    const again = await run('duplicates', '-c', path, '--apply', review)
    assert.equal(again.status, 2)
    assert.match(again.stderr, /expected a review of the collection as it is, got "a source that is gone"/)
  })

test('a review of texts that changed since removes nothing', async () => {
  const path = await freshCollection('stale.vecino')
  const review = place('stale.csv')
  await run('duplicates', '-c', path, '--method', 'text', '--review', review)
  const collection = await open(path)
  await collection.add([{ id: 'c', text: 'A recipe for rye bread' }])
  await collection.close()
  const { status, stderr } = await run('duplicates', '-c', path, '--apply', review)
  assert.equal(status, 2)
  assert.match(stderr, /got "a source with another text since"/)
  assert.equal((await idsIn(path)).length, 4)
})

test('what is no review, and flags that do not go together, are refused', async () => {
  const path = await freshCollection('refused.vecino')
  writeFileSync(place('odd.csv'), 'decision,id,digest\nperhaps,b,x\n')
  writeFileSync(place('odd.jsonl'), '{"decision":"keep"}\nnot json\n')
  const cases: [string[], number, RegExp][] = [
    [['--apply', place('nosuch.csv')], 3, /review file: expected one that exists/],
    [['--apply', place('odd.csv')], 7, /odd\.csv:2: expected the decision keep or remove/],
    [['--apply', place('odd.jsonl')], 7, /odd\.jsonl:2: expected a JSON object on every line/],
    [['--apply', place('odd.csv'), '--keep', 'first'], 2, /--apply: expected no other choice beside it, got "--keep"/],
    [['--review', 'x.txt'], 2, /--review: expected a file that ends in \.csv or \.jsonl/],
    [['--review', 'x.csv', '--by', 'passage'], 2, /--review: expected whole sources, not --by passage/],
    [['--threshold', '1.5'], 2, /--threshold: expected a number above 0 and at most 1/],
  ]
  for (const [argv, expected, message] of cases) {
    const { status, stderr } = await run('duplicates', '-c', path, ...argv)
    assert.equal(status, expected, stderr)
    assert.match(stderr, message)
  }
})

test('outliers and sample print tables and what they mean', async () => {
  const path = await freshCollection('tables.vecino')
  const odd = await run('outliers', '-c', path)
  assert.match(odd.stdout, /^id +text +outlier {2}distance {2}own words {2}rarity {2}nearest/)
  assert.match(odd.stderr, /4 items: fewer than 100 say too little/)
  const sampled = await run('sample', '-c', path, '-n', '2', '--format', 'markdown')
  assert.match(sampled.stdout, /^\| stands for \| id \| text \|\n\| ---: \|/)
  assert.match((await run('sample', '-c', path)).stderr, /--size: expected how many, such as -n 50, got none/)
})

test('few items give near copies only, unless a rate is asked for, and then with a warning', async () => {
  const path = place('few.vecino')
  const table = place('few.jsonl')
  const texts = ['The meeting is on Monday at nine.', 'The meeting is on Monday at nine!', 'Buy milk, eggs and bread.']
  writeFileSync(table, texts.map((text, id) => JSON.stringify({ id: `${id}`, text })).join('\n'))
  assert.equal((await run('add', table, '-c', path)).status, 0)
  assert.match(
    (await run('duplicates', '-c', path, '--false-alarm-rate', '0.001')).stderr,
    /Too few items .* Near copies only: --threshold 0\.9\n/,
  )
  for (const flags of [['--threshold', '0.9'], []])
    assert.doesNotMatch((await run('duplicates', '-c', path, ...flags)).stderr, /Too few/)
})
