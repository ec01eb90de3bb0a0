import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { longFlag } from '../src/cli/command.ts'
import { loadCommands } from '../src/cli/commands/index.ts'
import { statusMeanings } from '../src/cli/exit-codes.ts'
import { decodeNpy } from '../src/core/npy.ts'
import type { AddReport, CollectionStatus, Hit, SourceSummary, SourceView } from '../src/spec/collection.ts'

const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))
const helpCentre = fileURLToPath(new URL('../examples/help-centre', import.meta.url))
const articles = readdirSync(helpCentre).length
const folder = mkdtempSync(join(tmpdir(), 'vecino-cli-'))
const collection = join(folder, 'shared.vecino')
after(() => rmSync(folder, { recursive: true, force: true }))

interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

function start(args: readonly string[], env: Record<string, string> = {}): ChildProcess {
  const { NO_COLOR: _, FORCE_COLOR: __, ...inherited } = process.env
  return spawn(process.execPath, [main, ...args], { cwd: folder, env: { ...inherited, ...env } })
}

async function ended(child: ChildProcess): Promise<Ended> {
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (part: string) => {
    stdout += part
  })
  child.stderr?.setEncoding('utf8').on('data', (part: string) => {
    stderr += part
  })
  const [status] = (await once(child, 'close')) as [number | null]
  return { status, stdout, stderr }
}

function vecino(args: readonly string[], input = '', env: Record<string, string> = {}): Promise<Ended> {
  const child = start(args, env)
  child.stdin?.on('error', () => {})
  child.stdin?.end(input)
  return ended(child)
}

/** Runs a command that must succeed and gives its one JSON document. */
async function json<T>(args: readonly string[], input = ''): Promise<T> {
  const { status, stdout, stderr } = await vecino([...args, '--json'], input)
  assert.equal(status, 0, stderr)
  return JSON.parse(stdout) as T
}

before(async () => {
  const { stdout, stderr, status } = await vecino(['add', helpCentre, '--collection', collection, '--json'])
  assert.equal(status, 0, stderr)
  const report = JSON.parse(stdout) as AddReport & { cut: number }
  assert.equal(report.added, articles)
  assert.equal(report.cut, 0)
  for (const line of stderr.split('\n').filter((text) => text !== ''))
    assert.equal(JSON.parse(line).event, 'progress', 'stderr holds JSON lines only')
})

describe('the command line', { concurrency: 2 }, () => {
  test('help names every command and every exit status', async () => {
    const { status, stdout, stderr } = await vecino(['--help'])
    assert.equal(status, 0)
    assert.equal(stderr, '')
    for (const { name, summary } of await loadCommands())
      assert.ok(
        stdout.split('\n').some((line) => line.startsWith(`  ${name} `) && line.endsWith(` ${summary}`)),
        `${name}: ${summary}`,
      )
    for (const [code, meaning] of statusMeanings) assert.ok(stdout.includes(`${code}  ${meaning}`))
  })

  test('help of a command names its flags and shows examples', async () => {
    const { status, stdout } = await vecino(['search', '--help'])
    assert.equal(status, 0)
    assert.match(stdout, /--top-k <n>/)
    assert.match(stdout, /Examples:\n {2}vecino search/)
  })

  test('the documentation names every command, every flag and every exit status', async () => {
    const page = readFileSync(new URL('../docs/cli.md', import.meta.url), 'utf8')
    const sections = page.split(/^## /m)
    for (const { name, options } of await loadCommands()) {
      const section = sections.find((text) => text.startsWith(`vecino ${name}`))
      assert.ok(section !== undefined, `docs/cli.md has a section "vecino ${name}"`)
      for (const option of options) assert.ok(section.includes(longFlag(option)), `${name} ${longFlag(option)}`)
    }
    for (const [code, meaning] of statusMeanings) assert.ok(page.includes(`| ${code} | ${meaning} |`), meaning)
  })

  test('wrong usage ends the process with status 2, the reason on stderr and nothing on stdout', async () => {
    const { status, stdout, stderr } = await vecino(['search', 'x', '--topk', '3'])
    assert.deepEqual([status, stdout], [2, ''])
    assert.match(stderr, /^error: vecino search: .*\n {2}Did you mean --top-k\?/)
  })

  test('try asks three questions by words, by meaning and by both, and says what to do next', async () => {
    const { status, stdout, stderr } = await vecino(['try'])
    assert.equal(status, 0, stderr)
    assert.match(stdout, /^A shop's help centre, built in: \d+ files → \d+ passages, 0 cut; first answer after/)
    assert.match(
      stdout,
      /\n"How do I send something back\?"\n {2}by words .*\n(?:.*\n)* {2}by meaning .*\n(?:.*\n)* {2}by both /,
    )
    const { answers } = await json<{ answers: { meaning: Hit[]; both: Hit[] }[] }>(['try'])
    for (const found of ['meaning', 'both'] as const) assert.equal(answers[0]?.[found][0]?.source, 'returns.md')
    assert.match(stdout, /Nothing here answers that\./)
    assert.match(stdout, /The model is the starter/)
    assert.match(stdout, /next: +vecino/)
  })

  test('try asks the user’s own question', async () => {
    const { answers } = await json<{ answers: { query: string; words: Hit[] }[] }>([
      'try',
      '--query',
      'forgot my password',
    ])
    assert.deepEqual(
      answers.map(({ query, words }) => [query, words[0]?.source]),
      [['forgot my password', 'password.md']],
    )
  })

  test('search prints place, headings, the part that answers and what the score means', async () => {
    const { status, stdout, stderr } = await vecino([
      'search',
      '-c',
      collection,
      'send',
      'something',
      'back',
      '-k',
      '2',
    ])
    assert.equal(status, 0, stderr)
    assert.equal(stderr, '')
    assert.match(
      stdout,
      /^ 1 {2}\S+\.md:\d+ {2}\S.*\n(?: {4}\S.*\n)+ {4}score \d\.\d{3} · closer than \d+(\.\d)? % of pairs\n/,
    )
    assert.match(stdout, /\n 2 {2}\S+\.md:\d+/)
  })

  test('search --json prints one document with the hits', async () => {
    const { query, mode, hits } = await json<{ query: string; mode: string; hits: Hit[] }>([
      'search',
      'I forgot my password',
      '--mode',
      'meaning',
      '--top-k',
      '3',
      '--explain',
      '--collection',
      collection,
    ])
    assert.deepEqual([query, mode, hits.length], ['I forgot my password', 'semantic', 3])
    assert.equal(hits[0]?.source, 'password.md')
    assert.ok(hits[0]?.explain?.semantic !== undefined)
    const text = readFileSync(join(helpCentre, 'password.md'), 'utf8')
    assert.equal(text.slice(hits[0].start, hits[0].end), hits[0].text)
  })

  test('a search that nothing answers says so, with status 0 and no data', async () => {
    const args = [
      'search',
      'How do volcanoes form?',
      '--mode',
      'meaning',
      '--false-alarm-rate',
      '0.01',
      '-c',
      collection,
    ]
    const { status, stdout, stderr } = await vecino(args)
    assert.deepEqual([status, stdout], [0, ''])
    assert.match(stderr, /^Nothing here answers that/)
  })

  test('colour is forced with FORCE_COLOR', async () => {
    const { stdout } = await vecino(['list', '--limit', '1', '-c', collection], '', { FORCE_COLOR: '1' })
    assert.ok(stdout.includes('\u001b['))
  })

  test('similar leaves out the source itself', async () => {
    const { hits } = await json<{ hits: Hit[] }>(['similar', 'returns.md', '--by-source', '-k', '3', '-c', collection])
    assert.equal(hits.length, 3)
    assert.ok(hits.every(({ source }) => source !== 'returns.md'))
  })

  test('list pages through the sources', async () => {
    const { total, sources } = await json<{ total: number; sources: SourceSummary[] }>([
      'list',
      '--limit',
      '5',
      '--offset',
      '2',
      '-c',
      collection,
    ])
    assert.deepEqual([total, sources.length], [articles, 5])
    const { stdout } = await vecino(['list', '-c', collection])
    assert.equal(stdout.trimEnd().split('\n').length, articles)
    assert.match(stdout, /^ +\d+ {2}returns\.md +Returns$/m)
  })

  test('show gives back a source as it stands in its file, and a passage by its id', async () => {
    const source = await json<SourceView>(['show', 'returns.md', '-c', collection])
    assert.equal(source.text, readFileSync(join(helpCentre, 'returns.md'), 'utf8'))
    const passage = source.passages.at(-1)
    assert.ok(passage !== undefined)
    const shown = await json<{ text: string }>(['show', passage.id, '-c', collection])
    assert.ok(shown.text === source.text.slice(passage.start, passage.end) || passage.id === 'returns.md')
  })

  test('a first add that stores nothing leaves no file behind', async () => {
    const alone = mkdtempSync(join(folder, 'alone-'))
    writeFileSync(join(alone, 'ragged.csv'), 'text,n\nsome words here,1,2\n')
    const { status, stderr } = await vecino(['add', join(alone, 'ragged.csv'), '-c', join(alone, 'new.vecino')])
    assert.notEqual(status, 0)
    assert.match(stderr, /ragged\.csv:2: expected 2 cells, as in the first row, got 3\./)
    assert.deepEqual(readdirSync(alone), ['ragged.csv'])
  })

  test('an unknown id is status 3', async () => {
    const { status, stderr } = await vecino(['show', 'nothing.md', '-c', collection])
    assert.equal(status, 3)
    assert.match(stderr, /nothing\.md.*\n {2}See which there are: vecino list/)
    for (const command of ['show', 'similar', 'remove']) {
      const misnamed = await vecino([command, 'docs/returns.md', '-c', collection])
      assert.equal(misnamed.status, 3)
      assert.match(misnamed.stderr, /Did you mean "returns\.md"\?/)
    }
  })

  test('status tells what there is', async () => {
    const status = await json<CollectionStatus>(['status', '-c', collection])
    assert.deepEqual([status.sources, status.path], [articles, collection])
  })

  test('verify names what is damaged, repair keeps the rest and says what to add again', async () => {
    const path = join(folder, 'damaged.vecino')
    writeFileSync(join(folder, 'bees.md'), '# Bees\n\nBees make honey from nectar.\n')
    writeFileSync(join(folder, 'ice.md'), '# Ice\n\nA glacier is a river of ice.\n')
    await json(['add', 'bees.md', 'ice.md', '-c', path])
    assert.equal((await json<{ ok: boolean }>(['verify', '-c', path])).ok, true)
    const bytes = readFileSync(path)
    const text = Buffer.from('Bees make honey')
    for (let at = bytes.indexOf(text); at !== -1; at = bytes.indexOf(text, at + 1)) bytes[at + 2] = 0x78
    writeFileSync(path, bytes)
    const damaged = await vecino(['verify', '-c', path])
    assert.equal(damaged.status, 5)
    assert.match(damaged.stdout, /source: bees\.md/)
    const repaired = await vecino(['repair', '-c', path])
    assert.equal(repaired.status, 5)
    assert.match(repaired.stdout, /1 source kept, 1 lost\n {4}lost: bees\.md/)
    assert.match(repaired.stderr, /next: vecino add/)
    const again = await vecino(['repair', '-c', path])
    assert.deepEqual([again.status, again.stderr], [0, ''])
    assert.match(again.stdout, /^nothing to mend/)
    assert.equal((await vecino(['verify', '-c', path])).status, 0)
  })

  test('add reads standard input, remove takes it out again', async () => {
    const path = join(folder, 'stdin.vecino')
    const lines = '{"text":"Bees make honey from nectar."}\n{"text":"A glacier is a river of ice."}\n'
    const report = await json<AddReport>(['add', '-', '--name', 'notes', '-c', path], lines)
    assert.equal(report.added, 2)
    const { hits } = await json<{ hits: Hit[] }>(['search', 'sweet food from insects', '-k', '1', '-c', path])
    assert.equal(hits[0]?.source, 'notes:1')
    assert.deepEqual(await json(['remove', 'notes:1', '-c', path]), { removed: 1, left: 1 })
  })

  test('add again reads nothing again; the file it cannot read is named', async () => {
    const path = join(folder, 'again.vecino')
    writeFileSync(join(folder, 'one.md'), '# One\n\nThe first note is about apples.\n')
    const first = await vecino(['add', 'one.md', '-c', path])
    assert.match(first.stdout, /^1 source added\n1 passage; 0 texts split, 0 cut; 0 known already\n\d+\.\d s, /)
    assert.match(first.stderr, /next: vecino search "your question" --collection /)
    const { added, unchanged, embedded } = await json<AddReport>(['add', 'one.md', '-c', path])
    assert.deepEqual([added, unchanged, embedded], [0, 1, 0])
    writeFileSync(join(folder, 'bad.md'), Buffer.from([0x61, 0xff, 0x62]))
    const bad = await vecino(['add', 'bad.md', '-c', path])
    assert.equal(bad.status, 7)
    assert.match(bad.stderr, /bad\.md.* at byte 1/)
    assert.equal((await vecino(['add', 'missing', '-c', path])).status, 3)
  })

  test('export and import carry a collection over', async () => {
    const [out, copy] = [join(folder, 'exported'), join(folder, 'copy.vecino')]
    await json(['export', out, '-c', collection])
    assert.deepEqual(readdirSync(out).sort(), ['passages.jsonl', 'passport.json', 'vectors.npy'])
    const { added } = await json<{ added: number }>(['import', out, '-c', copy])
    assert.equal(added, articles)
    const found = async (path: string) => {
      const args = ['search', 'free returns', '--mode', 'meaning', '-k', '5', '-c', path]
      return (await json<{ hits: Hit[] }>(args)).hits.map(({ id, text }) => ({ id, text }))
    }
    assert.deepEqual(await found(copy), await found(collection))
  })

  test('embed writes JSON and .npy with the same numbers, from arguments and from lines', async () => {
    const texts = ['machine learning', 'cooking pasta']
    const { dimensions, embeddings } = await json<{
      dimensions: number
      embeddings: { text: string; vector: number[] }[]
    }>(['embed', ...texts])
    assert.deepEqual(
      embeddings.map(({ text, vector }) => [text, vector.length]),
      texts.map((text) => [text, dimensions]),
    )
    const out = join(folder, 'vectors.npy')
    const { status, stdout, stderr } = await vecino(['embed', '--out', out], `${texts.join('\n')}\n`)
    assert.deepEqual([status, stdout], [0, ''])
    assert.match(stderr, /vectors\.npy: 2 × \d+ float32/)
    const matrix = decodeNpy(readFileSync(out), out)
    assert.deepEqual(
      [...matrix.data],
      embeddings.flatMap(({ vector }) => vector.map(Math.fround)),
    )
  })

  test('an empty line among texts to embed is refused by its number', async () => {
    const { status, stderr } = await vecino(['embed'], 'one\n\nthree\n')
    assert.equal(status, 7)
    assert.match(stderr, /standard input:2: expected a text on every line/)
  })

  test('doctor tries everything that is needed', async () => {
    const { ok, checks } = await json<{ ok: boolean; checks: { name: string; state: string }[] }>(['doctor'])
    assert.equal(ok, true)
    for (const name of ['Node.js', 'SQLite FTS5', 'starter model', 'WASM SIMD'])
      assert.equal(checks.find((check) => check.name === name)?.state, 'ok', name)
  })

  test('completion prints a script and nothing else', async () => {
    const { status, stdout, stderr } = await vecino(['completion', 'bash'])
    assert.deepEqual([status, stderr], [0, ''])
    assert.match(stdout, /complete -o filenames -F _vecino vecino\n$/)
  })

  test('a teacher that is not there is status 3', async () => {
    const { status, stderr } = await vecino(['distill', 'no-such-folder', '--out', 'model'])
    assert.equal(status, 3, stderr)
    assert.equal(existsSync(join(folder, 'model')), false)
  })

  test('a reader that goes away ends the command quietly', async () => {
    const child = start(['list', '--json', '-c', collection])
    child.stdout?.destroy()
    const { stderr, status } = await ended(child)
    assert.deepEqual([stderr, status], ['', 0])
  })

  test('Ctrl-C stops an add in order, says what is safe, and ends with 130', { skip: noSignals() }, async () => {
    const path = join(folder, 'interrupted.vecino')
    const child = start(['add', '-', '-c', path])
    const done = ended(child)
    child.stdin?.write(`${JSON.stringify({ text: 'A note about interruptions.' })}\n`)
    const isThere = () => existsSync(path)
    while (!isThere()) await new Promise((resolve) => setTimeout(resolve, 20))
    child.kill('SIGINT')
    const { status, stdout, stderr } = await done
    assert.deepEqual([status, stdout], [130, ''])
    assert.match(
      stderr,
      /interrupted: (nothing is stored in .* yet|\d+ passages? of \d+ sources? are stored in .* and safe)\.\n {2}Run the same command again/,
    )
    if (stderr.includes('nothing is stored')) assert.ok(!existsSync(path))
    else assert.equal((await json<CollectionStatus>(['status', '-c', path])).path, path)
  })
})

function noSignals(): string | false {
  return process.platform === 'win32' ? 'Windows has no SIGINT for child processes' : false
}
