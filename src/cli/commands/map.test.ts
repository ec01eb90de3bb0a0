import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { runProgram } from '../program.ts'
import { recordedTerminal } from '../recorded-terminal.ts'

const folder = mkdtempSync(join(tmpdir(), 'vecino-map-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const at = (name: string) => join(folder, name)

async function run(...argv: string[]) {
  const terminal = recordedTerminal({})
  const { signal } = new AbortController()
  const status = await runProgram(argv, { version: '1', terminal, signal })
  return { status, stdout: terminal.stdout(), stderr: terminal.stderr() }
}

const map = (...argv: string[]) => run('map', '--collection', at('c.vecino'), ...argv)

before(async () => {
  const texts = ['red wine', 'white wine', 'cold beer', 'fast car', 'old bicycle', 'night train']
  writeFileSync(
    at('rows.jsonl'),
    texts.map((text, i) => JSON.stringify({ id: `t${i}`, text, kind: i < 3 ? 'drink' : 'ride' })).join('\n'),
  )
  assert.equal((await run('add', at('rows.jsonl'), '--collection', at('c.vecino'))).status, 0)
})

test('one run writes every form asked for, and a second onto the saved map moves nothing', async () => {
  const outs = ['svg', 'png', 'html', 'json'].flatMap((form) => ['--out', at(`m.${form}`)])
  const { status, stderr } = await map(...outs, '--color-by', 'kind', '--title', 'Six <things>')
  assert.equal(status, 0, stderr)
  assert.match(stderr, /6 items, trustworthiness 0\.\d{3} \(1 is best\)\./)
  assert.match(readFileSync(at('m.svg'), 'utf8'), /Six &lt;things&gt;/)
  assert.equal(readFileSync(at('m.png')).subarray(1, 4).toString(), 'PNG')
  await map('--onto', at('m.json'), '--out', at('again.json'))
  assert.equal(readFileSync(at('again.json'), 'utf8'), readFileSync(at('m.json'), 'utf8'))
  const { stdout } = await map('--out', at('s.svg'), '--sample', '4', '--where', 'kind=ride', '--json')
  assert.equal(JSON.parse(stdout).items, 3)
})

test('what the font of PNG lacks is said where a PNG is written only', async () => {
  const path = at('letters.vecino')
  writeFileSync(at('letters.jsonl'), '{"title":"東京","text":"a night train"}\n{"title":"plain","text":"red wine"}\n')
  assert.equal((await run('add', at('letters.jsonl'), '--collection', path)).status, 0)
  const said = async (form: string) =>
    (await run('map', '--collection', path, '--out', at(`letters.${form}`))).stderr.includes('1 of 2 names')
  assert.deepEqual([await said('svg'), await said('png'), await said('html')], [false, true, false])
})

test('wrong input is refused before anything is written', async () => {
  writeFileSync(at('broken.json'), '{')
  const cases: [string[], number, RegExp][] = [
    [[], 2, /--out: expected a path that ends in \.svg, \.png, \.html or \.json/],
    [['--out', at('x.gif')], 2, /--out: expected a path that ends in/],
    [
      ['--out', at('x.svg'), '--color-by', 'colour'],
      2,
      /expected cluster or fields of the metadata \(id, kind\), got "colour"/,
    ],
    [['--out', at('x.svg'), '--perplexity', '5'], 2, /UMAP has no such setting/],
    [['--out', at('x.svg'), '--min-dist', 'x'], 2, /a number ≥ 0/],
    [['--out', at('x.svg'), '--onto', at('none.json')], 3, /saved map: expected one that exists/],
    [['--out', at('x.svg'), '--onto', at('broken.json')], 7, /broken\.json: expected JSON/],
    [['--out', at('x.svg'), '--where', 'kind=boat'], 2, /items: expected at least 1/],
  ]
  for (const [argv, expected, message] of cases) {
    const { status, stderr } = await map(...argv)
    assert.match(stderr, message)
    assert.equal(status, expected, argv.join(' '))
  }
  assert.ok(!existsSync(at('x.svg')))
})
