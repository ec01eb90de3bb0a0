import type { Terminal } from './terminal.ts'

export interface RecordedTerminal extends Terminal {
  stdout(): string
  stderr(): string
}

/** A terminal for tests, which keeps what it is told. */
export function recordedTerminal(
  options: Partial<Pick<Terminal, 'live' | 'isTerminal' | 'columns' | 'errorColumns' | 'environment'>> & {
    readonly input?: string
  } = {},
): RecordedTerminal {
  let out = ''
  let err = ''
  const plain = (_: unknown, text: string) => text
  return {
    columns: 80,
    errorColumns: 80,
    isTerminal: false,
    live: false,
    environment: {},
    ...options,
    out: (text) => {
      out += text
    },
    note: (text) => {
      err += `${text}\n`
    },
    err: (text) => {
      err += text
    },
    paint: plain,
    paintError: plain,
    input: {
      isTerminal: false,
      async *read() {
        yield Buffer.from(options.input ?? '')
      },
    },
    stdout: () => out,
    stderr: () => err,
  }
}
