import type { Terminal } from './terminal.ts'

/** The one JSON document of a command, indented for people's eyes and jq alike. */
export function printJson(value: unknown, terminal: Terminal): void {
  terminal.out(`${JSON.stringify(value, null, 2)}\n`)
}
