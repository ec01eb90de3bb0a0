import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { longFlag, shortFlag, takesValue } from './command.ts'
import { commandLoaders, loadCommands } from './commands/index.ts'
import { completionScript, shells } from './completion-script.ts'

const commands = await loadCommands()

test('each file of the commands folder is one command, listed by its own name', () => {
  const files = readdirSync(new URL('./commands', import.meta.url))
    .filter((file) => !file.includes('.test.') && !file.startsWith('index.'))
    .map((file) => file.replace(/\.[jt]s$/, ''))
  assert.deepEqual(Object.keys(commandLoaders).sort(), files.sort())
  assert.deepEqual(
    commands.map(({ name }) => name),
    Object.keys(commandLoaders),
  )
})

test('every command tells what it does, shows an example of itself and prints JSON on wish', () => {
  for (const { name, summary, examples, options } of commands) {
    assert.ok(summary.length > 0 && summary.length <= 63, `${name}: its summary fits on a line of the help`)
    assert.ok(examples.length > 0 && examples.every((line) => line.includes(`vecino ${name}`)), name)
    assert.ok(
      options.some((option) => longFlag(option) === '--json'),
      `${name} has --json`,
    )
  }
})

test('every shell’s script knows every command and every flag', () => {
  for (const shell of shells) {
    const script = completionScript(shell, commands)
    for (const { name, options } of commands) {
      assert.ok(script.includes(name), `${shell}: ${name}`)
      for (const option of options) {
        const flag = shell === 'fish' ? `-l ${longFlag(option).slice(2)}` : longFlag(option)
        assert.ok(script.includes(flag), `${shell}: ${name} ${flag}`)
      }
    }
  }
})

const bash = spawnSync('bash', ['--version']).status === 0
const reason = bash ? false : 'bash is not installed'

test('in bash, Tab completes commands, flags and the values of flags', { skip: reason }, () => {
  const script = completionScript('bash', commands)
  const complete = (...words: string[]) => {
    const line = words.map((word) => `'${word}'`).join(' ')
    const { stdout, stderr } = spawnSync(
      'bash',
      [
        '-c',
        `${script}\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _vecino; printf '%s\\n' "\${COMPREPLY[@]}"`,
      ],
      { encoding: 'utf8' },
    )
    assert.equal(stderr, '')
    return stdout.split('\n').filter((word) => word !== '')
  }
  assert.deepEqual(complete('vecino', 'se'), ['search'])
  assert.deepEqual(complete('vecino', 'search', '--to'), ['--top-k'])
  assert.deepEqual(complete('vecino', 'search', '--mode', 'm'), ['meaning'])
  assert.deepEqual(complete('vecino', 'completion', ''), ['bash', 'zsh', 'fish'])
  assert.deepEqual(complete('vecino', 'help', 'do'), ['doctor'])
})

test('flags are read from their help text', () => {
  const option = { flags: '-k, --top-k <n>', summary: '' }
  assert.deepEqual([shortFlag(option), longFlag(option), takesValue(option)], ['-k', '--top-k', true])
  assert.deepEqual(
    [shortFlag({ flags: '--by-source', summary: '' }), takesValue({ flags: '--by-source', summary: '' })],
    [undefined, false],
  )
})
