import { VecinoError } from '../spec/errors.ts'
import { type CommandDescriptor, flagOf, longFlag } from './command.ts'
import { exitStatus, statusOfCode } from './exit-codes.ts'
import { safeLine } from './sanitize.ts'
import type { Terminal } from './terminal.ts'

/**
 * Print an error the way the reader can use it and say the exit status.
 * People get one line and the remedy below it; with `json` stderr gets `{"error":{code,message,remedy}}`.
 * A stack only with `VECINO_DEBUG=1`.
 *
 * @param command - Whose flags are named where the library speaks of options.
 */
export function reportError(
  error: unknown,
  terminal: Terminal,
  { json, command }: { readonly json: boolean; readonly command?: CommandDescriptor | undefined },
): number {
  const { status, code, message, remedy } = explain(error, command?.options.map(longFlag) ?? [])
  if (json) terminal.err(`${JSON.stringify({ error: { code, message, remedy: remedy ?? null } })}\n`)
  else {
    terminal.note(`${terminal.paintError('red', 'error:')} ${safeLine(message)}`)
    if (remedy !== undefined) terminal.note(`  ${safeLine(remedy)}`)
  }
  if (terminal.environment['VECINO_DEBUG'] === '1' && error instanceof Error)
    terminal.err(`${error.stack ?? ''}\n${error.cause === undefined ? '' : `cause: ${String(error.cause)}\n`}`)
  return status
}

interface Explained {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly remedy: string | undefined
}

function explain(error: unknown, flags: readonly string[]): Explained {
  if (VecinoError.isInstance(error)) {
    const { code, remedy } = error
    const message =
      remedy !== undefined && error.message.endsWith(remedy)
        ? error.message.slice(0, -remedy.length).trimEnd()
        : error.message
    return {
      status: statusOfCode[code] ?? exitStatus.unexpected,
      code,
      message: inFlags(message, flags),
      remedy: remedy === undefined ? undefined : inFlags(remedy, flags),
    }
  }
  const message = error instanceof Error ? error.message : String(error)
  const system = systemError(error)
  if (system !== undefined) return system
  return {
    status: exitStatus.unexpected,
    code: 'unexpected',
    message: `unexpected: ${message}`,
    remedy: 'Run it again with VECINO_DEBUG=1 to see where, and please report it.',
  }
}

/**
 * `options.topK` of the library is `--top-k` here; so is a bare `topK`, unless it stands in quotes and may be the user's. A
 * word of the library with its flag behind it in parentheses is that flag. A flag that was not given is none.
 */
function inFlags(text: string, flags: readonly string[]): string {
  return text
    .replace(/[\w.]+ \((--[a-z-]+)\)/g, '$1')
    .replace(/options\.([a-z]+[A-Za-z]*)/g, (_, name: string) =>
      name === 'filter' ? '--where or --filter' : flagOf(name),
    )
    .replace(/(?<![\w"'./-])`?([a-z]+[A-Z]\w*)`?(?![\w"'(/])/g, (word: string, name: string) =>
      flags.includes(flagOf(name)) ? flagOf(name) : word,
    )
    .replace(/^(--[a-z-]+: expected .*), got undefined\.$/, '$1, got none.')
}

/** Errors of the operating system that reach us bare: a path that is not there, or may not be touched. */
function systemError(error: unknown): Explained | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined
  const { code } = error as NodeJS.ErrnoException
  const meaning = Object.hasOwn(systemErrors, code ?? '') ? systemErrors[code ?? ''] : undefined
  if (meaning === undefined) return undefined
  // Reading a folder as a file fails without a path.
  const { path = 'path' } = error as NodeJS.ErrnoException
  const { expected, got, ...rest } = meaning
  return { ...rest, message: `${path}: expected ${expected}, got ${got}.` }
}

const otherPath = { status: exitStatus.storage, code: 'storage', remedy: 'Choose another path.' }
const rights = {
  ...otherPath,
  expected: 'the right to read or write it',
  got: 'none',
  remedy: 'Check the permissions of the path.',
}
const systemErrors: Readonly<Record<string, Omit<Explained, 'message'> & { expected: string; got: string }>> = {
  ENOENT: {
    status: exitStatus.notFound,
    code: 'not-found',
    expected: 'a path that exists',
    got: 'none',
    remedy: 'Check the path; it is read from the current folder.',
  },
  EACCES: rights,
  EPERM: rights,
  ENOSPC: {
    status: exitStatus.storage,
    code: 'storage-full',
    expected: 'room on the disk',
    got: 'a full one',
    remedy: 'Free some space and run it again.',
  },
  EISDIR: { ...otherPath, expected: 'a file', got: 'a folder' },
  ENOTDIR: { ...otherPath, expected: 'folders above it', got: 'a file among them' },
  EROFS: { ...otherPath, expected: 'a medium that can be written', got: 'a read-only one' },
}
