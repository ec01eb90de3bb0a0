import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { longFlag } from '../src/cli/command.ts'
import { loadCommands } from '../src/cli/commands/index.ts'
import { statusMeanings } from '../src/cli/exit-codes.ts'
import { decodeNpy } from '../src/core/npy.ts'
import type { Hit } from '../src/spec/collection.ts'

const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))
const helpCentre = fileURLToPath(new URL('../examples/help-centre', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'vecino-cli-'))
after(() => rmSync(folder, { recursive: true, force: true }))

interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

interface RunOptions {
  readonly cwd?: string
  readonly input?: string | Uint8Array
  readonly env?: Record<string, string>
}

function start(args: readonly string[], { cwd = folder, env = {} }: RunOptions = {}): ChildProcess {
  const inherited = { ...process.env, NO_COLOR: '', FORCE_COLOR: '0', ...env }
  return spawn(process.execPath, [main, ...args], { cwd, env: inherited })
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
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { status, stdout, stderr }
}

function vecino(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const child = start(args, options)
  child.stdin?.end(options.input ?? '')
  return ended(child)
}

/** Runs a command that must succeed and gives its one JSON document. */
async function json<T>(args: readonly string[], options: RunOptions = {}): Promise<T> {
  const { status, stdout, stderr } = await vecino([...args, '--json'], options)
  assert.equal(status, 0, stderr)
  return JSON.parse(stdout) as T
}

function lastLine(text: string): unknown {
  return JSON.parse(text.trimEnd().split('\n').at(-1) as string)
}

describe('the command line', { concurrency: 4 }, () => {
  test('help names every command and every exit status', async () => {
    const { status, stdout, stderr } = await vecino(['--help'])
    assert.equal(status, 0)
    assert.equal(stderr, '')
    for (const { name, summary } of await loadCommands())
      assert.match(stdout, new RegExp(`^ {2}${name}.* ${summary}$`, 'm'))
    for (const [code, meaning] of statusMeanings) assert.ok(stdout.includes(`${code}  ${meaning}`))
    assert.equal((await vecino([])).stdout, stdout)
  })

  test('help of a command names its flags and shows examples', async () => {
    const { status, stdout } = await vecino(['search', '--help'])
    assert.equal(status, 0)
    assert.match(stdout, /--top-k <n>/)
    assert.match(stdout, /Examples:\n {2}vecino search/)
    assert.equal((await vecino(['help', 'search'])).stdout, stdout)
  })

  test('the version is the package’s', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
    assert.equal((await vecino(['--version'])).stdout, `${version}\n`)
  })

  test('wrong usage ends with status 2, one line that names what is wrong, and the likely word', async () => {
    const cases: [string[], RegExp][] = [
      [['serach', 'x'], /expected the name of a command, got "serach"\.\n {2}Did you mean search\?/],
      [['search', 'x', '--topk', '3'], /got "--topk"\.\n {2}Did you mean --top-k\?/],
      [['search'], /expected the argument <query>, got nothing/],
      [['search', 'x', '--top-k'], /expected a value after -k, --top-k <n>, got nothing/],
      [['search', 'x', '--top-k', '0'], /--top-k: expected an integer from 1 to 10000, got "0"/],
      [['search', 'x', '--top-k', '1e9'], /--top-k: expected an integer/],
      [['search', 'x', '-k', '1', '-k', '2'], /--top-k: expected one value/],
      [['search', 'x', '--offset', '-1'], /--offset: expected an integer ≥ 0/],
      [['search', 'x', '--mode', 'fuzzy'], /--mode: expected both, meaning or words/],
      [['search', 'x', '--false-alarm-rate', '5%'], /--false-alarm-rate: expected a number above 0 and at most 0\.5/],
      [['search', 'x', '--where', '<10'], /--where: expected a condition such as/],
      [['search', 'x', '--filter', '{'], /--filter: expected JSON/],
      [['search', 'x', '--filter', '{"field":"a","like":"b"}'], /--filter: expected one of eq, ne, in/],
      [['status', 'x'], /expected fewer arguments, got 1/],
      [['completion', 'tcsh'], /shell: expected one of bash, zsh, fish, got "tcsh"/],
      [['embed', 'x', '--format', 'npy'], /--format: expected npy together with --out/],
      [['embed', 'x', '--task', 'poem'], /--task: expected one of document, query/],
      [['distill', 'x'], /--out: expected the folder of the new model/],
      [['add', '-', 'x.md'], /paths: expected - alone/],
      [['add', 'x.md', '--format', 'csv'], /--format: expected not to be given with paths/],
      [['add', '-', '--sync'], /--sync: expected not to be given with standard input/],
    ]
    await Promise.all(
      cases.map(async ([args, message]) => {
        const { status, stdout, stderr } = await vecino(args)
        assert.equal(status, 2, `${args.join(' ')}: ${stderr}`)
        assert.equal(stdout, '')
        assert.match(stderr, message)
        assert.ok(stderr.split('\n').length <= 3 && !stderr.includes('    at '), stderr)
      }),
    )
    assert.equal(existsSync(join(folder, 'collection.vecino')), false, 'wrong usage makes no file')
  })

  test('with --json an error is one object on stderr and stdout stays empty', async () => {
    const { status, stdout, stderr } = await vecino(['search', 'x', '--top-k', 'x', '--json'])
    assert.equal(status, 2)
    assert.equal(stdout, '')
    const { error } = JSON.parse(stderr)
    assert.equal(error.code, 'invalid-argument')
    assert.match(error.message, /^--top-k: expected/)
  })

  test('a question to a collection that is not there is status 3 with the way to make one', async () => {
    for (const args of [['search', 'x'], ['list'], ['status'], ['verify'], ['show', 'x'], ['export', 'out']]) {
      const { status, stderr } = await vecino([...args, '--collection', 'none.vecino'])
      assert.equal(status, 3, `${args[0]}: ${stderr}`)
      assert.match(stderr, /"none\.vecino"\.\n {2}Make one: vecino add/)
    }
    assert.equal(existsSync(join(folder, 'none.vecino')), false)
  })
})
