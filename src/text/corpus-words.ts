import { createReadStream } from 'node:fs'
import { NotFoundError } from '../spec/errors.ts'
import { byteLines } from './byte-lines.ts'

const longestLineBytes = 1 << 24

/** The words of a text: runs of letters and digits, an apostrophe within them kept. */
function wordsOf(text: string, { lowerCase = true }: { readonly lowerCase?: boolean } = {}): string[] {
  return (lowerCase ? text.toLowerCase() : text).match(/[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}]+)*/gu) ?? []
}

/**
 * The sentences of a corpus file, one a line, as words; in memory that does not grow with the file.
 *
 * @throws {NotFoundError} when there is no such file.
 * @throws {UnreadableInputError} for a line of more than 16 MB (names it).
 */
export async function* corpusWords(
  path: string,
  options: { readonly lowerCase?: boolean } = {},
): AsyncGenerator<string[]> {
  const stream = createReadStream(path)
  try {
    for await (const { text } of byteLines(stream, path, longestLineBytes)) yield wordsOf(text, options)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new NotFoundError('corpus', path)
    throw error
  }
}
