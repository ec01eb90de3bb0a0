import { createReadStream } from 'node:fs'
import { InvalidArgumentError, UnreadableInputError } from '../spec/errors.ts'
import { utf8Chunks } from '../text/decode.ts'
import type { Terminal } from './terminal.ts'

const inputName = 'standard input'

/**
 * The lines of a file, or of standard input for `-`, each a text of its own.
 *
 * @throws {UnreadableInputError} for an empty line (it names the line), or bytes that are no text.
 */
export async function linesOf(path: string, terminal: Terminal): Promise<string[]> {
  const place = path === '-' ? inputName : path
  const parts: Buffer[] = []
  for await (const part of utf8Chunks(path === '-' ? standardInput(terminal) : createReadStream(path), place))
    parts.push(part)
  const lines = Buffer.concat(parts).toString('utf8').split(/\r?\n/)
  if (lines.at(-1) === '') lines.pop()
  if (lines.length === 0) throw new InvalidArgumentError(place, 'at least one line of text', 'none')
  const empty = lines.findIndex((line) => line.trim() === '')
  if (empty !== -1)
    throw new UnreadableInputError(place, 'a text on every line', 'an empty line', {
      line: empty + 1,
      remedy: 'Remove it, so that rows and lines stay one to one.',
    })
  return lines
}

/** Standard input, and a word to whoever sits there waiting for something to happen. */
export function standardInput(terminal: Terminal): AsyncIterable<Uint8Array> {
  if (terminal.input.isTerminal) terminal.err('reading the keyboard; end with Ctrl-D\n')
  return terminal.input.read()
}
