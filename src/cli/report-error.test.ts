import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BusyError, InvalidArgumentError, NotFoundError } from '../spec/errors.ts'
import { defineCommand } from './command.ts'
import { statusMeanings, statusOfCode } from './exit-codes.ts'
import { recordedTerminal } from './recorded-terminal.ts'
import { reportError } from './report-error.ts'

const command = defineCommand<object>({
  name: 'outliers',
  summary: '',
  arguments: [],
  options: [
    { flags: '-k, --top-k <n>', summary: '' },
    { flags: '--min-count <n>', summary: '' },
  ],
  examples: [],
  run: async () => undefined,
})

function report(error: unknown, json: boolean, environment: Record<string, string> = {}) {
  const terminal = recordedTerminal({ environment })
  const status = reportError(error, terminal, { json, command })
  assert.equal(terminal.stdout(), '', 'an error is no data')
  return { status, text: terminal.stderr() }
}

test('an error is one line and its remedy below, without a stack', () => {
  const { status, text } = report(new NotFoundError('source', 'a.md', 'See which there are: vecino list.'), false)
  assert.equal(status, 3)
  assert.equal(text, 'error: source: expected one that exists, got "a.md".\n  See which there are: vecino list.\n')
})

test('with JSON an error is one object on one line', () => {
  const { status, text } = report(new BusyError('x.vecino', 42), true)
  assert.equal(status, 4)
  const { error } = JSON.parse(text)
  assert.deepEqual(Object.keys(error), ['code', 'message', 'remedy'])
  assert.equal(error.code, 'busy')
  assert.match(error.message, /process 42\.$/)
  assert.match(error.remedy, /^Wait/)
})

test('an unknown fault is told as one, and shows where only when asked', () => {
  assert.match(
    report(new TypeError('boom'), false).text,
    /^error: unexpected: boom\n {2}Run it again with VECINO_DEBUG=1/,
  )
  assert.equal(report(new TypeError('boom'), false).status, 1)
  assert.match(report(new TypeError('boom'), false, { VECINO_DEBUG: '1' }).text, /report-error\.test\.ts/)
})

test('bare errors of the operating system get a code of their own', () => {
  const missing = Object.assign(new Error('ENOENT: no such file, open x'), { code: 'ENOENT', syscall: 'open' })
  assert.equal(report(missing, false).status, 3)
  const named = report(Object.assign(missing, { path: 'a.json' }), false)
  assert.match(named.text, /^error: a\.json: expected a path that exists, got none\.\n {2}Check the path/)
  const full = Object.assign(new Error('ENOSPC: no space left, write'), { code: 'ENOSPC', syscall: 'write' })
  assert.equal(report(full, false).status, 9)
})

test('options of the library are named as the flags they are here, words of the user stay as they are', () => {
  const said = (what: string, expected: string, got: unknown, remedy?: string) =>
    report(new InvalidArgumentError(what, expected, got, remedy), false).text
  assert.equal(
    said('options.topK', 'no options.across beside it', 'topK', 'Lower options.minCount or `topK`.'),
    'error: --top-k: expected no --across beside it, got "topK".\n  Lower --min-count or --top-k.\n',
  )
  assert.equal(said('--size', 'how many', undefined), 'error: --size: expected how many, got none.\n')
  assert.match(said('options.filter', 'x', 1), /^error: --where or --filter: /)
  assert.match(
    said('x', 'y', 1, 'Name another with idField (--id-field), or pass nearTo.'),
    /with --id-field, or pass nearTo/,
  )
})

test('a message cannot steer the terminal', () => {
  const { text } = report(new InvalidArgumentError('a\u001b[2Jb', 'x', 'y'), false)
  assert.ok(!text.includes('\u001b'))
})

test('every status that an error can have is documented', () => {
  const documented = statusMeanings.map(([status]) => status)
  for (const status of Object.values(statusOfCode)) assert.ok(documented.includes(status as never))
})
