import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { hubCommit, startHubServer } from '../../testing/hub-server.ts'
import { temporaryFolder } from '../../text/fixtures/temporary-folder.ts'
import { runProgram } from '../program.ts'
import { recordedTerminal } from '../recorded-terminal.ts'

const miniLm = fileURLToPath(new URL('../../../../shared/models/all-MiniLM-L6-v2', import.meta.url))
const skip = existsSync(miniLm) ? false : 'the shared MiniLM folder is not on this machine'

async function run(...argv: string[]) {
  const terminal = recordedTerminal({ isTerminal: true, columns: 110 })
  const { signal } = new AbortController()
  const status = await runProgram(argv, { version: '1', terminal, signal })
  return { status, stdout: terminal.stdout(), stderr: terminal.stderr() }
}

function modelsIn(t: TestContext, folder: string): void {
  const before = process.env['VECINO_MODELS']
  process.env['VECINO_MODELS'] = folder
  t.after(() => {
    if (before === undefined) delete process.env['VECINO_MODELS']
    else process.env['VECINO_MODELS'] = before
  })
}

test('pull shows what would come, brings it, and models knows it is here', async (t) => {
  const folder = temporaryFolder(t, {})
  modelsIn(t, folder)
  const files = { 'config.json': '{}', 'tokenizer.json': '{}', 'modules.json': '[]', 'onnx/model.onnx': 'graph' }
  const server = await startHubServer({ files, licence: 'mit', model: 'sentence-transformers/all-MiniLM-L6-v2' })
  t.after(() => server.close())
  const pull = (...more: string[]) => run('pull', 'all-MiniLM-L6-v2', '--from', server.endpoint, ...more)
  const plan = await pull('--dry-run', '--json')
  assert.equal(plan.status, 0, plan.stderr)
  assert.deepEqual(
    [JSON.parse(plan.stdout).revision, JSON.parse(plan.stdout).licence, JSON.parse(plan.stdout).files.length],
    [hubCommit, 'mit', 4],
  )
  assert.ok(!existsSync(join(folder, 'sentence-transformers')))
  const done = await pull()
  assert.equal(done.status, 0, done.stderr)
  assert.match(done.stdout, /sentence-transformers\/all-MiniLM-L6-v2: 4 files, .* checked/)
  assert.match(done.stderr, /next: vecino add \.\/docs --model 'sentence-transformers\/all-MiniLM-L6-v2'/)
  const rows: { name: string; isHere: boolean }[] = JSON.parse((await run('models', '--local', '--json')).stdout)
  assert.deepEqual(
    rows.filter(({ name, isHere }) => isHere && name !== 'starter').map(({ name }) => name),
    ['sentence-transformers/all-MiniLM-L6-v2'],
  )
})

test('models lists what a choice depends on, and warns of what is no sentence model', async () => {
  const all = JSON.parse((await run('models', '--json')).stdout) as { name: string; kind: string }[]
  for (const name of ['starter', 'BAAI/bge-small-en-v1.5', 'microsoft/codebert-base', 'openai:text-embedding-3-small'])
    assert.ok(
      all.some((row) => row.name === name),
      name,
    )
  const hosted = await run('models', '--hosted', '--format', 'csv')
  assert.match(hosted.stdout, /^model,dimensions,tokens,/)
  assert.ok(!hosted.stdout.includes('bge-small'))
  assert.match((await run('models', '--local')).stderr, /bert-base-uncased: not trained to compare texts/)
})

test('context finds the banks of rivers nearer to each other', { skip }, async () => {
  const sentences = ['She sat by the river bank', 'We fished from the muddy bank', 'I opened a bank account']
  const { status, stdout, stderr } = await run('context', 'bank', ...sentences, '--model', miniLm, '--format', 'json')
  assert.equal(status, 0, stderr)
  const [first] = JSON.parse(stdout) as { one: string; other: string }[]
  assert.deepEqual([first?.one, first?.other], sentences.slice(0, 2))
})

test('pull, models and context refuse what they do not understand', async (t) => {
  modelsIn(t, temporaryFolder(t, {}))
  const cases: [string[], RegExp][] = [
    [['pull', 'no such name'], /model: expected owner\/name of the hub/],
    [['pull', 'acme/tiny', '--dtype', 'int4'], /--dtype: expected one of/],
    [['pull', 'acme/tiny', '--offline'], /offline: expected a folder/],
    [['pull', 'acme/tiny', '--from', '/no/such/folder'], /folder.*not found|no such|Name the folder/i],
    [['models', '--format', 'xml'], /--format: expected/],
    [['context', 'bank', 'a bank'], /sentences: expected two or more/],
    [['context', 'bank', 'a bank', 'the bank'], /--model: expected a local transformer/],
    [['context', 'bank', 'a bank', 'the bank', '--model', 'bge-small-en-v1.5'], /vecino pull BAAI\/bge-small-en-v1.5/],
    [['context', 'bank', 'a bank', 'the bank', '--model', 'starter'], /starter/],
  ]
  for (const [argv, message] of cases) {
    const { status, stderr } = await run(...argv)
    assert.notEqual(status, 0, argv.join(' '))
    assert.match(stderr, message, argv.join(' '))
  }
})
