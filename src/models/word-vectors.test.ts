import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { WordVectors } from '../kernels/word-vectors.ts'
import { NotFoundError, UnreadableInputError } from '../spec/errors.ts'
import { createMatrix } from '../spec/matrix.ts'
import { readWordVectors, writeWordVectors } from './word-vectors.ts'

const folder = await mkdtemp(join(tmpdir(), 'vecino-word-vectors-'))
after(() => rm(folder, { recursive: true }))
let files = 0

async function file(content: string | Buffer): Promise<string> {
  const path = join(folder, `${files++}`)
  await writeFile(path, content)
  return path
}

const floats = (...values: number[]) => Buffer.from(Float32Array.from(values).buffer)

test('any words and vectors come back from each format, to the bit', async () => {
  const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).filter((text) => /^\S+$/u.test(text))
  // A GloVe file has no header: its first word must not look like one followed by a count.
  const words = fc.uniqueArray(word, { minLength: 1, maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(
      words,
      fc.integer({ min: 2, max: 5 }),
      fc.infiniteStream(fc.float({ noNaN: true, noDefaultInfinity: true })),
      async (words, dimensions, stream) => {
        const data = Float32Array.from({ length: words.length * dimensions }, () => stream.next().value as number)
        const vectors = new WordVectors(words, createMatrix(words.length, dimensions, data))
        for (const format of ['text', 'binary', 'glove'] as const) {
          const path = join(folder, 'any')
          await writeWordVectors(path, vectors, { format })
          const back = await readWordVectors(path, { format })
          assert.deepEqual(back.words, words)
          // −0 and 0 are the same number in text.
          assert.deepEqual(
            Array.from(back.vectors.data, (x) => x + 0),
            Array.from(data, (x) => x + 0),
          )
        }
      },
    ),
    { numRuns: 40, seed: 1 },
  )
})

test('the format is found out: text with and without trailing spaces, binary of gensim and of the C tool, GloVe', async () => {
  const binary = (end: string) =>
    Buffer.concat([
      Buffer.from('2 2\n'),
      Buffer.from('cat '),
      floats(1, 2),
      Buffer.from(`${end}naïve `),
      floats(3, 4),
      Buffer.from(end),
    ])
  const sources = [
    '2 2\ncat 1 2\nnaïve 3 4\n',
    '2 2\r\ncat 1 2 \r\nnaïve 3 4 ',
    binary(''),
    binary('\n'),
    'cat 1 2\nnaïve 3 4\n',
  ]
  for (const source of sources) {
    const { words, vectors } = await readWordVectors(await file(source))
    assert.deepEqual(
      [words, [...vectors.data]],
      [
        ['cat', 'naïve'],
        [1, 2, 3, 4],
      ],
    )
  }
})

test('a GloVe word may hold spaces; its file is then told from a row with a number too many', async () => {
  const { words } = await readWordVectors(await file('cat 1 2\n. . . 3 4\n'))
  assert.deepEqual(words, ['cat', '. . .'])
  await assert.rejects(
    readWordVectors(await file('cat 1 2\ndog 3 4 5\n')),
    /:2: expected a word and 2 numbers, got more numbers/,
  )
})

test('the bytes written are the ones the formats ask for', async () => {
  const vectors = new WordVectors(['a', 'ü'], createMatrix(2, 2, Float32Array.from([1, 0.1, -2, 1e-30])))
  const path = await file('')
  await writeWordVectors(path, vectors)
  assert.equal(await readFile(path, 'utf8'), '2 2\na 1 0.100000001\nü -2 1e-30\n')
  await writeWordVectors(path, vectors, { format: 'binary' })
  const expected = Buffer.concat([Buffer.from('2 2\na '), floats(1, 0.1), Buffer.from('ü '), floats(-2, 1e-30)])
  assert.deepEqual(await readFile(path), expected)
  const spaced = new WordVectors(['a b'], createMatrix(1, 1))
  await assert.rejects(writeWordVectors(path, spaced), /words\[0\]: expected a word without white space/)
  assert.deepEqual(await readFile(path), expected, 'a refusal leaves the old file')
})

test('whatever does not agree with itself is refused with its place', async () => {
  const cases: [string | Buffer, RegExp][] = [
    ['', /:1: expected word vectors, got an empty file/],
    ['3 2\na 1 2\nb 3 4\n', /expected 3 rows as the header says, got 2/],
    ['1 2\na 1 2\nb 3 4\n', /expected 1 rows as the header says, got more/],
    ['2 2\na 1 2\nb 3\n', /:3: expected a word and 2 numbers, got 1/],
    ['2 2\na 1 2\nb 3 x\n', /:3: expected finite float32 numbers, got "x"/],
    ['2 2\na 1 2\nb 3 1e39\n', /:3: expected finite float32 numbers, got "1e39"/],
    ['2 2\na 1 2\nb 3 \t\n', /:3: expected finite/],
    ['2 2\na 1 2\na 3 4\n', /:3: expected each word once, got "a" again/],
    ['999999999 300\na 1 2\n', /a file long enough for 999999999 × 300 values/],
    ['2 0\na\nb\n', /at least one dimension/],
    [Buffer.from([0x61, 0xff, 0x20, 0x31, 0x0a]), /:1: expected UTF-8, got other bytes/],
    ['a 1 2\nb 3\n', /:2: expected a word and 2 numbers/],
    ['word\n', /:1: expected a word and 1 numbers/],
    [
      Buffer.concat([Buffer.from('2 2\na '), floats(1, 2), Buffer.from('b '), floats(3)]),
      /:2: expected 2 float32 values, got the end of the file/,
    ],
    [Buffer.concat([Buffer.from('1 2\na '), floats(1, Number.NaN)]), /:1: expected finite float32 values, got NaN/],
    [Buffer.concat([Buffer.from('1 2\na '), floats(1, 2, 3)]), /expected 1 rows as the header says, got more bytes/],
  ]
  for (const [content, message] of cases)
    await assert.rejects(readWordVectors(await file(content)), (error: Error) => {
      assert.ok(error instanceof UnreadableInputError, String(error))
      assert.match(error.message, message)
      return true
    })
  await assert.rejects(readWordVectors(join(folder, 'absent')), NotFoundError)
  await assert.rejects(readWordVectors(await file('a 1\n'), { format: 'text' }), /a header of two counts/)
})

test('damage to any byte of a file is refused or changes what is read, and never crashes', async () => {
  const whole = Buffer.concat([
    Buffer.from('2 3\nab '),
    floats(1, 2, 3),
    Buffer.from('\ncd '),
    floats(4, 5, 6),
    Buffer.from('\n'),
  ])
  for (let length = 0; length < whole.length - 1; length++)
    await assert.rejects(
      readWordVectors(await file(whole.subarray(0, length)), { format: 'binary' }),
      UnreadableInputError,
    )
})
