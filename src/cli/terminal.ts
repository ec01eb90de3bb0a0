import { styleText } from 'node:util'
import { wrapText } from './wrap-text.ts'

type Style = Parameters<typeof styleText>[0]

/** Where output goes and what it may look like there. */
export interface Terminal {
  /** Data. */
  out(text: string): void
  /** Words for people on stderr, ended with a line break; on a terminal no line is wider than it. */
  note(text: string): void
  /** On stderr as it is: JSON lines, commands to copy, a line that rewrites itself. */
  err(text: string): void
  /** Columns of stdout, or 80 where it is no terminal. */
  readonly columns: number
  /** Columns of stderr, or 80. */
  readonly errorColumns: number
  /** True where stdout is read by a person: only then is anything cut to fit. */
  readonly isTerminal: boolean
  /** True where stderr can rewrite a line. */
  readonly live: boolean
  /** Style for stdout; plain where colour is off. */
  paint(style: Style, text: string): string
  /** Style for stderr. */
  paintError(style: Style, text: string): string
  /** The bytes of standard input, and whether a person sits there. */
  readonly input: { readonly isTerminal: boolean; read(): AsyncIterable<Uint8Array> }
  readonly environment: Readonly<Record<string, string | undefined>>
}

const narrowest = 40
const widest = 120

/**
 * Whether to colour a stream. `NO_COLOR` (any value but empty) forbids, `FORCE_COLOR` (but `0`) asks;
 * otherwise a terminal that is not `dumb` gets colour.
 */
export function wantsColor(
  environment: Readonly<Record<string, string | undefined>>,
  stream: { readonly isTTY?: boolean | undefined },
): boolean {
  const { NO_COLOR: no, FORCE_COLOR: force, TERM: term } = environment
  if (no !== undefined && no !== '') return false
  if (force !== undefined) return force !== '0' && force !== 'false'
  return stream.isTTY === true && term !== 'dumb'
}

/** The terminal of this process. */
export function processTerminal(process: NodeJS.Process): Terminal {
  const { stdout, stderr, stdin, env } = process
  const painter = (stream: NodeJS.WriteStream) => {
    const isColored = wantsColor(env, stream)
    return (style: Style, text: string) => (isColored ? styleText(style, text, { validateStream: false }) : text)
  }
  return {
    out: (text) => void stdout.write(text),
    note: (text) => void stderr.write(`${stderr.isTTY ? wrapText(text, usableColumns(stderr.columns)) : text}\n`),
    err: (text) => void stderr.write(text),
    columns: usableColumns(stdout.columns),
    errorColumns: usableColumns(stderr.columns),
    isTerminal: stdout.isTTY === true,
    live: stderr.isTTY === true && env['TERM'] !== 'dumb',
    paint: painter(stdout),
    paintError: painter(stderr),
    input: { isTerminal: stdin.isTTY === true, read: () => stdin },
    environment: env,
  }
}

function usableColumns(columns: number | undefined): number {
  return Math.min(widest, Math.max(narrowest, columns ?? 80))
}
