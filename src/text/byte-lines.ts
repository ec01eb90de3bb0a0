import { UnreadableInputError } from '../spec/errors.ts'

export interface ByteLine {
  /** Without its line break. */
  readonly text: string
  /** 1-based. */
  readonly line: number
}

/**
 * Lines of a stream of UTF-8 buffers, in memory that does not grow with the input.
 *
 * @param maxBytes - Longest line allowed, in bytes.
 * @throws {UnreadableInputError} naming the line that is longer, as soon as that is known.
 */
export async function* byteLines(
  chunks: AsyncIterable<Buffer>,
  path: string,
  maxBytes: number,
): AsyncGenerator<ByteLine> {
  let carried: Buffer[] = []
  let carriedBytes = 0
  let line = 1
  const tooLong = (size: string) =>
    new UnreadableInputError(path, `lines of at most ${maxBytes} bytes`, `one of ${size}`, {
      line,
      remedy: 'Split that line, or the text in it.',
    })
  for await (const chunk of chunks) {
    const last = chunk.lastIndexOf(0x0a)
    if (last === -1) {
      carried.push(chunk)
      carriedBytes += chunk.length
      if (carriedBytes > maxBytes) throw tooLong(`more than ${maxBytes} bytes`)
      continue
    }
    const whole = carriedBytes === 0 ? chunk.subarray(0, last) : Buffer.concat([...carried, chunk.subarray(0, last)])
    for (const text of whole.toString('utf8').split('\n')) {
      // Three bytes at most for a UTF-16 unit: only a line that might be over is counted.
      if (text.length * 3 > maxBytes && Buffer.byteLength(text) > maxBytes)
        throw tooLong(`${Buffer.byteLength(text)} bytes`)
      yield { text: text.endsWith('\r') ? text.slice(0, -1) : text, line }
      line++
    }
    const rest = chunk.subarray(last + 1)
    carried = rest.length === 0 ? [] : [rest]
    carriedBytes = rest.length
  }
  if (carriedBytes > 0) yield { text: Buffer.concat(carried).toString('utf8'), line }
}
