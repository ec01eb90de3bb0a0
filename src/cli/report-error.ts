import { VecinoError } from '../spec/errors.ts'
import { exitStatus, statusOfCode } from './exit-codes.ts'
import { safeLine } from './sanitize.ts'
import type { Terminal } from './terminal.ts'

/**
 * Print an error the way the reader can use it and say the exit status.
 * People get one line and the remedy below it; with `json` stderr gets `{"error":{code,message,remedy}}`.
 * A stack only with `VECINO_DEBUG=1`.
 */
export function reportError(error: unknown, terminal: Terminal, json: boolean): number {
  const { status, code, message, remedy } = explain(error)
  if (json) terminal.err(`${JSON.stringify({ error: { code, message, remedy: remedy ?? null } })}\n`)
  else {
    terminal.err(`${terminal.paintError('red', 'error:')} ${safeLine(message)}\n`)
    if (remedy !== undefined) terminal.err(`  ${safeLine(remedy)}\n`)
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

function explain(error: unknown): Explained {
  if (VecinoError.isInstance(error)) {
    const { code, remedy } = error
    const message =
      remedy !== undefined && error.message.endsWith(remedy)
        ? error.message.slice(0, -remedy.length).trimEnd()
        : error.message
    return { status: statusOfCode[code] ?? exitStatus.unexpected, code, message: inFlags(message), remedy }
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

/** `options.topK: …` of the library is `--top-k: …` here. */
function inFlags(message: string): string {
  return message.replace(/^options\.([a-z]+[A-Za-z]*)/, (_, name: string) =>
    name === 'filter' ? '--where or --filter' : `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
  )
}

/** Errors of the operating system that reach us bare: a path that is not there, or may not be touched. */
function systemError(error: unknown): Explained | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined
  const { message } = error
  if (error.code === 'ENOENT')
    return { status: exitStatus.notFound, code: 'not-found', message, remedy: 'Check the path.' }
  if (error.code === 'EACCES' || error.code === 'EPERM')
    return { status: exitStatus.storage, code: 'storage', message, remedy: 'Check the permissions of the path.' }
  if (error.code === 'ENOSPC')
    return { status: exitStatus.storage, code: 'storage-full', message, remedy: 'Free some space and run it again.' }
  if (error.code === 'EISDIR' || error.code === 'ENOTDIR' || error.code === 'EROFS')
    return { status: exitStatus.storage, code: 'storage', message, remedy: 'Choose another path.' }
  return undefined
}
