import type { Terminal } from './terminal.ts'

/** True where `error` is the end of a run that was asked to stop. */
export function isAbort(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted && (error === signal.reason || (error instanceof Error && error.name === 'AbortError'))
}

/** What a Ctrl-C left behind, and how to go on. */
export function printStopped(message: string, remedy: string, terminal: Terminal, json: boolean): void {
  if (json) terminal.err(`${JSON.stringify({ event: 'interrupted', message, remedy })}\n`)
  else terminal.note(`interrupted: ${message}.\n  ${remedy}`)
}
