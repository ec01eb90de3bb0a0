import { createReadStream } from 'node:fs'
import type { Notice, SourceRecord } from '../spec/collection.ts'
import { InvalidArgumentError, UnreadableInputError } from '../spec/errors.ts'
import { utf8Chunks } from '../text/decode.ts'
import type { FileFormat } from '../text/formats.ts'
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
function standardInput(terminal: Terminal): AsyncIterable<Uint8Array> {
  if (terminal.input.isTerminal) terminal.note('reading the keyboard; end with Ctrl-D')
  return terminal.input.read()
}

export interface InputRecordsOptions {
  readonly name: string
  /** @default JSON lines when the first character is a brace, else plain text */
  readonly format: FileFormat | undefined
  readonly textFields: readonly string[] | undefined
  readonly idField: string | false | undefined
  readonly signal: AbortSignal
  readonly onNotice: (notice: Notice) => void
}

/** What `vecino add -` reads, in memory that does not grow with it. */
export async function* inputRecords(terminal: Terminal, options: InputRecordsOptions): AsyncGenerator<SourceRecord> {
  const { name, textFields, idField, signal, onNotice } = options
  const { readStream } = await import('../text/read-file.ts')
  const chunks = abortable(standardInput(terminal), signal)[Symbol.asyncIterator]()
  const first = await chunks.next()
  if (first.done === true)
    throw new InvalidArgumentError(inputName, 'text', 'nothing', 'Pipe something into it: cat notes.txt | vecino add -')
  const format = options.format ?? (/^\ufeff?\s*\{/.test(Buffer.from(first.value).toString('utf8')) ? 'jsonl' : 'text')
  const whole = rejoined(first.value, chunks)
  for await (const document of readStream(whole, { name, format, textFields, idField, onNotice })) {
    const { id, text, title, metadata } = document
    yield title === undefined ? { id, text, metadata } : { id, text, title, metadata }
  }
}

async function* rejoined(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
}

/** Ends with the signal's reason even while nothing arrives. */
async function* abortable(stream: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const chunks = stream[Symbol.asyncIterator]()
  let stop = () => {}
  const aborted = new Promise<never>((_, reject) => {
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    stop = () => signal.removeEventListener('abort', onAbort)
  })
  aborted.catch(() => {})
  try {
    signal.throwIfAborted()
    for (;;) {
      const next = await Promise.race([chunks.next(), aborted])
      if (next.done === true) return
      yield next.value
    }
  } finally {
    stop()
  }
}
