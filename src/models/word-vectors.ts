import { WordVectors } from '../kernels/word-vectors.ts'
import { InvalidArgumentError, UnreadableInputError } from '../spec/errors.ts'
import { createMatrix } from '../spec/matrix.ts'
import { ByteCursor } from './byte-cursor.ts'
import { writeWhole } from './write-static.ts'

/** `text` and `binary`: word2vec's, with a header line; `glove`: text without one. */
export type WordVectorFormat = 'text' | 'binary' | 'glove'

const header = /^(\d+) (\d+)$/
/** Number() would also take white space, hexadecimal and nothing at all. */
const plainNumber = /^[-+.\deE]+$/
/** No word of a sound file is longer; a binary file read as if it had one is not that file. */
const longestWordBytes = 65_536
const longestLineBytes = 1 << 24

/**
 * Read word vectors in word2vec's text or binary format or in GloVe's.
 *
 * @param options.format - @default found out: no header line means `glove`; a first row that is no line of numbers, `binary`
 * @throws {UnreadableInputError} naming the line (row, in a binary file) for a count that does not agree with the header, a
 *   row of the wrong length, a value that is no finite float32, a word twice, bytes that are no UTF-8, or a cut-off file.
 */
export async function readWordVectors(
  path: string,
  options: { readonly format?: WordVectorFormat } = {},
): Promise<WordVectors> {
  const { format } = options
  if (format !== undefined && !['text', 'binary', 'glove'].includes(format))
    throw new InvalidArgumentError('options.format', "'text', 'binary' or 'glove'", format)
  const cursor = await ByteCursor.open(path)
  try {
    const reader = new RowReader(path, cursor)
    const first = await cursor.peekLine(longestLineBytes)
    if (first === undefined) throw reader.refusal('word vectors', 'an empty file')
    const counts = header.exec(first.toString('latin1').trimEnd())
    if (format === 'glove' || (format === undefined && counts === null)) return await reader.glove()
    if (counts === null) throw reader.refusal('a header of two counts, "words dimensions"', 'another first line')
    await cursor.line(longestLineBytes)
    const [words, dimensions] = [Number(counts[1]), Number(counts[2])]
    if (dimensions < 1 || !Number.isSafeInteger(words * dimensions * 4))
      throw reader.refusal('a header with at least one dimension and counts that fit a file', `"${counts[0]}"`)
    const isBinary = format === 'binary' || (format === undefined && (await reader.looksBinary(dimensions)))
    return await (isBinary ? reader.binary(words, dimensions) : reader.text(words, dimensions))
  } finally {
    await cursor.close()
  }
}

/**
 * Write word vectors; every other tool that reads the format reads the file.
 *
 * @param options.format - @default 'text'
 * @throws {InvalidArgumentError} for a word the format cannot hold: an empty one, or one with white space.
 */
export async function writeWordVectors(
  path: string,
  vectors: WordVectors,
  options: { readonly format?: WordVectorFormat } = {},
): Promise<void> {
  const { format = 'text' } = options
  if (!['text', 'binary', 'glove'].includes(format))
    throw new InvalidArgumentError('options.format', "'text', 'binary' or 'glove'", format)
  const odd = vectors.words.findIndex((word) => !/^\S+$/u.test(word))
  if (odd >= 0) throw new InvalidArgumentError(`words[${odd}]`, 'a word without white space', vectors.words[odd])
  await writeWhole(path, partsOf(vectors, format))
}

function* partsOf({ words, vectors }: WordVectors, format: WordVectorFormat): Generator<Uint8Array> {
  const { data, rows, columns } = vectors
  if (format !== 'glove') yield Buffer.from(`${rows} ${columns}\n`)
  const rowsAPart = 1000
  for (let from = 0; from < rows; from += rowsAPart) {
    const part: Uint8Array[] = []
    for (let i = from; i < Math.min(rows, from + rowsAPart); i++) {
      const values = data.subarray(i * columns, (i + 1) * columns)
      if (format === 'binary') {
        const bytes = Buffer.alloc(columns * 4)
        for (let d = 0; d < columns; d++) bytes.writeFloatLE(values[d]!, d * 4)
        part.push(Buffer.from(`${words[i]} `), bytes)
      } else {
        // Nine digits bring every float32 back exactly.
        const numbers = Array.from(values, (value) => String(Number(value.toPrecision(9))))
        part.push(Buffer.from(`${words[i]} ${numbers.join(' ')}\n`))
      }
    }
    yield Buffer.concat(part)
  }
}

class RowReader {
  private readonly path: string
  private readonly cursor: ByteCursor
  private readonly decoder = new TextDecoder('utf-8', { fatal: true })
  private readonly words: string[] = []
  private readonly seen = new Set<string>()
  /** Line of a text file, or row of a binary one, from 1. */
  private place = 1

  constructor(path: string, cursor: ByteCursor) {
    this.path = path
    this.cursor = cursor
  }

  refusal(expected: string, got: string): UnreadableInputError {
    return new UnreadableInputError(this.path, expected, got, { line: this.place })
  }

  /** Whether what follows the header is no line of text with as many numbers. */
  async looksBinary(dimensions: number): Promise<boolean> {
    const line = await this.cursor.peekLine(longestLineBytes)
    if (line === undefined) return false
    const tokens = line.toString('latin1').trimEnd().split(' ')
    return (
      tokens.length !== dimensions + 1 || tokens.slice(1).some((token) => token === '' || Number.isNaN(Number(token)))
    )
  }

  async text(words: number, dimensions: number): Promise<WordVectors> {
    const data = this.allocate(words, dimensions)
    for (let row = 0; row < words; row++) {
      const line = await this.nextLine()
      if (line === undefined) throw this.refusal(`${words} rows as the header says`, `${row}`)
      const tokens = line.split(' ')
      if (tokens.length !== dimensions + 1)
        throw this.refusal(`a word and ${dimensions} numbers`, `${tokens.length - 1} after the first space`)
      this.take(tokens[0]!)
      for (let d = 0; d < dimensions; d++) data[row * dimensions + d] = this.number(tokens[d + 1]!)
    }
    if ((await this.nextLine()) !== undefined) throw this.refusal(`${words} rows as the header says`, 'more')
    return new WordVectors(this.words, createMatrix(words, dimensions, data))
  }

  async glove(): Promise<WordVectors> {
    this.place = 0
    let dimensions = 0
    let data = new Float32Array(0)
    for (let line = await this.nextLine(); line !== undefined; line = await this.nextLine()) {
      const tokens = line.split(' ')
      if (dimensions === 0) dimensions = tokens.length - 1
      const split = tokens.length - dimensions
      if (dimensions < 1 || split < 1)
        throw this.refusal(`a word and ${Math.max(1, dimensions)} numbers`, `${tokens.length - 1} numbers`)
      // Some GloVe files hold words with spaces in them, none with a number at the end.
      if (split > 1 && !Number.isNaN(Number(tokens[split - 1])))
        throw this.refusal(`a word and ${dimensions} numbers`, `more numbers`)
      const row = this.words.length
      this.take(tokens.slice(0, split).join(' '))
      if ((row + 1) * dimensions > data.length) {
        const larger = new Float32Array(Math.max(1024 * dimensions, data.length * 2))
        larger.set(data)
        data = larger
      }
      for (let d = 0; d < dimensions; d++) data[row * dimensions + d] = this.number(tokens[split + d]!)
    }
    const rows = this.words.length
    return new WordVectors(this.words, createMatrix(rows, dimensions, data.slice(0, rows * dimensions)))
  }

  async binary(words: number, dimensions: number): Promise<WordVectors> {
    const data = this.allocate(words, dimensions)
    for (let row = 0; row < words; row++) {
      this.place = row + 1
      // The C tool ends each row with a newline, gensim does not.
      await this.cursor.skip(10)
      const word = await this.cursor.until(32, longestWordBytes)
      if (word === undefined)
        throw this.refusal(`${words} rows as the header says, each a word and a space`, `${row} sound rows`)
      this.take(this.decode(word))
      const bytes = await this.cursor.take(dimensions * 4)
      if (bytes === undefined) throw this.refusal(`${dimensions} float32 values`, 'the end of the file')
      for (let d = 0; d < dimensions; d++) {
        const value = bytes.readFloatLE(d * 4)
        if (!Number.isFinite(value)) throw this.refusal('finite float32 values', String(value))
        data[row * dimensions + d] = value
      }
    }
    await this.cursor.skip(10)
    if ((await this.cursor.take(1)) !== undefined) throw this.refusal(`${words} rows as the header says`, 'more bytes')
    return new WordVectors(this.words, createMatrix(words, dimensions, data))
  }

  /** A header may lie: the file must have a byte for each value before memory is taken for it. */
  private allocate(words: number, dimensions: number): Float32Array {
    if (words * dimensions > this.cursor.size)
      throw this.refusal(`a file long enough for ${words} × ${dimensions} values`, `${this.cursor.size} bytes`)
    return new Float32Array(words * dimensions)
  }

  private async nextLine(): Promise<string | undefined> {
    const line = await this.cursor.line(longestLineBytes)
    if (line === undefined) return undefined
    this.place++
    return this.decode(line).replace(/[ \r]+$/, '')
  }

  private decode(bytes: Uint8Array): string {
    try {
      return this.decoder.decode(bytes)
    } catch (cause) {
      throw new UnreadableInputError(this.path, 'UTF-8', 'other bytes', { line: this.place, cause })
    }
  }

  private take(word: string): void {
    if (word === '') throw this.refusal('a word', 'none')
    if (this.seen.has(word)) throw this.refusal('each word once', `${JSON.stringify(word)} again`)
    this.seen.add(word)
    this.words.push(word)
  }

  private number(token: string): number {
    const value = plainNumber.test(token) ? Math.fround(Number(token)) : Number.NaN
    if (!Number.isFinite(value)) throw this.refusal('finite float32 numbers', JSON.stringify(token))
    return value
  }
}
