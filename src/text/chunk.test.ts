import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import type { Passage, SourceDocument } from '../spec/collection.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import { type ChunkOptions, chunk } from './chunk.ts'
import { collect, readAs } from './fixtures/read-text.ts'
import { graphemeBoundaries } from './graphemes.ts'
import { lineIndex } from './line-index.ts'
import { readFile } from './read-file.ts'
import { walk } from './walk.ts'

/** Words of up to six letters, single marks, and two special tokens, about as a word-piece tokenizer counts. */
function countTokens(text: string): number {
  return 2 + (text.match(/[\p{L}\p{N}\p{M}]{1,6}|[^\s\p{L}\p{N}\p{M}]/gu)?.length ?? 0)
}

function documentOf(
  text: string,
  format: SourceDocument['format'] = 'markdown',
  title: string | undefined = undefined,
): SourceDocument {
  return { id: 'd', kind: 'file', format, title, text, metadata: {}, file: undefined, lineAt: lineIndex(text) }
}

const defaults: ChunkOptions = { countTokens, maxTokens: 32, overlapTokens: 8 }

function assertSound(document: SourceDocument, passages: readonly Passage[], options: ChunkOptions): void {
  const { text } = document
  const isBoundary = graphemeBoundaries(text)
  let covered = 0
  let previous = -1
  for (const passage of passages) {
    const { start, end, line, tokens, input } = passage
    assert.equal(text.slice(start, end), passage.text)
    assert.ok(start > previous, 'passages are ordered by start')
    assert.ok(start <= covered && end > covered, `a gap or nothing new at ${covered}`)
    assert.ok(isBoundary(start) && isBoundary(end), `a character is cut at ${start} or ${end}`)
    assert.equal(tokens, options.countTokens(input))
    assert.ok(tokens <= options.maxTokens, `${tokens} tokens`)
    assert.notEqual(input.trim(), '')
    assert.equal(line, text.slice(0, start).split('\n').length)
    previous = start
    covered = end
  }
  if (passages.length > 0) assert.equal(covered, text.length)
  assert.equal(passages[0]?.start ?? 0, 0)
}

const piece = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.lorem({ mode: 'sentences', maxCount: 4 }),
  fc.constantFrom(
    '# A\n',
    '\n## B c\n',
    '\n### deep\n',
    '- item\n',
    '> q\n',
    '```\n',
    '\n\n',
    '| a | b |\n',
    '***\n',
    '\r\n',
  ),
  fc.constantFrom(
    '👩‍👩‍👧‍👦',
    '🇩🇪🇫🇷',
    'e\u0301\u0302',
    '日本語の文。',
    '<b>',
    '](http://x.y)',
    '[',
    '![',
    '`',
    '<!--',
    '\t',
  ),
  fc.constantFrom(
    'def f(x):\n    return x\n\n',
    'class A {\n  b() {\n    c\n  }\n}\n',
    'averyveryverylongword'.repeat(9),
  ),
)
const text = fc.array(piece, { maxLength: 30 }).map((parts) => parts.join(''))
const format = fc.constantFrom<SourceDocument['format']>('markdown', 'text', 'html', 'code', 'record')
const limits = fc.integer({ min: 24, max: 120 }).chain((maxTokens) =>
  fc.record({
    maxTokens: fc.constant(maxTokens),
    overlapTokens: fc.integer({ min: 0, max: Math.floor(maxTokens / 2) }),
  }),
)
/** Counters that no sum predicts: joined texts count more, or less, than their parts. */
const counter = fc.constantFrom<(text: string) => number>(
  countTokens,
  (value) => Math.ceil(value.length / 4),
  (value) => Buffer.byteLength(value) / 2,
  (value) => 1 + value.length / 3 + (value.match(/\s/g)?.length ?? 0),
  (value) => Math.ceil(Math.sqrt(value.length) * 3),
  (value) => Math.ceil(value.length ** 1.3 / 12),
)

test('any text in any format is covered by sound passages', () => {
  fc.assert(
    fc.property(
      text,
      format,
      limits,
      counter,
      fc.option(fc.lorem(), { nil: undefined }),
      (value, as, limit, count, title) => {
        const document = documentOf(value, as, title)
        const options = { ...limit, countTokens: count }
        const passages = chunk(document, options)
        assertSound(document, passages, options)
        assert.deepEqual(chunk(document, options), passages)
        if (value.replaceAll('\0', '').trim() !== '') assert.ok(passages.length > 0)
      },
    ),
    { numRuns: 1500 },
  )
})

test('no word is lost, and without overlap none is doubled', () => {
  const paragraph = fc
    .array(fc.stringMatching(/^[a-z]{1,8}[.]?$/), { minLength: 1, maxLength: 40 })
    .map((words) => words.join(' '))
  fc.assert(
    fc.property(fc.array(paragraph, { minLength: 1, maxLength: 8 }), (paragraphs) => {
      const value = paragraphs.join('\n\n')
      const passages = chunk(documentOf(value, 'text'), { ...defaults, overlapTokens: 0 })
      const words = passages.flatMap(({ input }) => input.split(/\s+/))
      assert.deepEqual(words, value.split(/\s+/))
    }),
  )
})

test('white space and nothing give no passage', () => {
  for (const value of ['', ' \n\t\r\n']) assert.deepEqual(chunk(documentOf(value), defaults), [])
})

test('neighbouring blocks under one heading are packed, those under two are not', () => {
  const passages = chunk(documentOf('# A\n\none\n\n- two\n- three\n\n## B\n\nfour\n'), defaults)
  assert.deepEqual(
    passages.map(({ headings, input, line }) => ({ headings, input, line })),
    [
      { headings: ['A'], input: 'A\none\ntwo\nthree', line: 1 },
      { headings: ['A', 'B'], input: 'A\nB\nfour', line: 8 },
    ],
  )
})

test('the title comes first, unless the first heading says the same', () => {
  const headingsOf = (value: string) =>
    chunk(documentOf(value, 'markdown', 'The Title'), defaults).map(({ headings }) => headings)
  assert.deepEqual(headingsOf('# Other\ntext'), [['The Title', 'Other']])
  assert.deepEqual(headingsOf('# The  *title*\ntext\n## Sub\ntext'), [
    ['The  *title*'.replace('  *title*', ' title')],
    ['The title', 'Sub'],
  ])
  assert.deepEqual(headingsOf('text'), [['The Title']])
})

test('a long paragraph is cut between sentences, and neighbours share whole ones', () => {
  const sentences = Array.from({ length: 12 }, (_, i) => `Sentence number ${i} has some words in it.`)
  const options = { ...defaults, maxTokens: 40, overlapTokens: 14 }
  const passages = chunk(documentOf(sentences.join(' '), 'text'), options)
  assert.ok(passages.length > 2)
  for (const [i, { text: words, start }] of passages.entries()) {
    assert.match(words, /^Sentence.*\.\s?$/)
    if (i > 0) assert.ok(start < (passages[i - 1]?.end ?? 0), 'no sentence is shared')
  }
  const apart = chunk(documentOf(sentences.join(' '), 'text'), { ...options, overlapTokens: 0 })
  for (const [i, { start }] of apart.entries()) if (i > 0) assert.equal(start, apart[i - 1]?.end)
})

test('Chinese text without white space is cut between its sentences', () => {
  const value = '这是一个很长的句子，没有空格。'.repeat(30)
  const options = { countTokens: (words: string) => words.length, maxTokens: 64, overlapTokens: 0 }
  for (const { text: words } of chunk(documentOf(value, 'text'), options)) assert.match(words, /。$/)
})

test('a long function is cut between lines and keeps its first line as heading', () => {
  const body = Array.from({ length: 30 }, (_, i) => `    value${i} = ${i}`).join('\n')
  const passages = chunk(documentOf(`def long(a):\n${body}\n`, 'code'), { ...defaults, overlapTokens: 0 })
  assert.ok(passages.length > 2)
  for (const { text: words, headings, input } of passages) {
    assert.deepEqual(headings, ['def long(a)'])
    assert.match(input, /^def long\(a\)\n/)
    assert.match(words, /\n$/)
  }
})

test('stretches without words belong to a neighbour', () => {
  const passages = chunk(documentOf('![](a.png)\n\n# A\n\nword\n\n***\n'), defaults)
  assert.deepEqual(
    passages.map(({ text: words, input }) => [words, input]),
    [['![](a.png)\n\n# A\n\nword\n\n***\n', 'A\nword']],
  )
})

test('a text that is all markup is its own words', () => {
  assert.deepEqual(
    chunk(documentOf('***\n\n![](a.png)\n'), defaults).map(({ input }) => input),
    ['***\n![](a.png)'],
  )
})

test('headings beyond half of the tokens leave the input, the outermost first, and no word is lost', () => {
  const long = 'word '.repeat(20).trim()
  const passages = chunk(documentOf(`# ${long}\n\n## Near\n\ntext\n`), defaults)
  assert.deepEqual(
    passages.map(({ headings }) => headings),
    [[long, 'Near']],
  )
  const inputs = passages.map(({ input }) => input).join('\n')
  assert.equal(inputs, `Near\n${long}\ntext`)
})

test('a record that is written in Markdown is cut as Markdown', () => {
  assert.deepEqual(
    chunk(documentOf('# A\n\ntext **bold**\n', 'record'), defaults).map(({ headings, input }) => [headings, input]),
    [[['A'], 'A\ntext bold']],
  )
  assert.deepEqual(
    chunk(documentOf('a *b* # c', 'record'), defaults).map(({ input }) => input),
    ['a *b* # c'],
  )
})

test('a limit too small for one character names the limit it takes', () => {
  assert.throws(
    () => chunk(documentOf('日', 'text'), { countTokens: () => 5, maxTokens: 4, overlapTokens: 0 }),
    (error: unknown) => error instanceof InvalidArgumentError && /maxTokens: expected at least 5,/.test(error.message),
  )
})

test('options out of range are refused', () => {
  for (const options of [
    { maxTokens: 0 },
    { maxTokens: 1.5 },
    { overlapTokens: -1 },
    { overlapTokens: 17 },
    { countTokens: 1 as never },
  ])
    assert.throws(() => chunk(documentOf('x'), { ...defaults, ...options }), InvalidArgumentError)
})

const pathological: Readonly<Record<string, (size: number) => string>> = {
  'one word': (size) => 'x'.repeat(size),
  'one word of emoji': (size) => '👩‍👩‍👧'.repeat(size / 8),
  'combining marks': (size) => `a${'\u0301'.repeat(size)}`,
  'one sentence': (size) => 'word '.repeat(size / 5),
  'full stops': (size) => '.'.repeat(size),
  'short sentences': (size) => 'A b. '.repeat(size / 5),
  'short lines': (size) => 'a\n'.repeat(size / 2),
  'white space': (size) => `a${' '.repeat(size)}b`,
  headings: (size) => '# a\n'.repeat(size / 4),
  'long headings': (size) => `# ${'h'.repeat(290)}\ntext\n`.repeat(size / 300),
  items: (size) => '- a\n'.repeat(size / 4),
  'one table': (size) => '| a | b |\n'.repeat(size / 10),
  brackets: (size) => '['.repeat(size),
  links: (size) => '[a](b) '.repeat(size / 7),
  'half links': (size) => '[a]('.repeat(size / 4),
  'nested indentation': (size) => Array.from({ length: Math.sqrt(size) }, (_, i) => `${' '.repeat(i)}a`).join('\n'),
  'one line of data': (size) => `![](data:image/png;base64,${'Ab0/'.repeat(size / 4)})`,
}
for (const [name, make] of Object.entries(pathological))
  for (const as of ['markdown', 'code'] as const)
    test(`${name} as ${as}: twice the text is at most about twice the counting`, () => {
      const counted = (size: number) => {
        let calls = 0
        let characters = 0
        const document = documentOf(make(size), as)
        const options: ChunkOptions = {
          maxTokens: 64,
          overlapTokens: 16,
          countTokens: (value) => {
            calls++
            characters += value.length
            return Math.ceil(value.length / 4)
          },
        }
        assertSound(documentOf(''), [], options)
        const passages = chunk(document, options)
        assert.ok(passages.length > 0)
        return { calls, characters, length: document.text.length }
      }
      const small = counted(20_000)
      const large = counted(40_000)
      const ratio = large.length / small.length
      assert.ok(large.calls <= small.calls * ratio * 1.2 + 50, `${small.calls} and ${large.calls} calls`)
      assert.ok(
        large.characters <= small.characters * ratio * 1.2 + 2000,
        `${small.characters} and ${large.characters} characters`,
      )
      assert.ok(
        large.characters <= large.length * 6 + 2000,
        `${large.characters} characters counted of ${large.length}`,
      )
    })

test('half a million blocks without a word are passed in one go', { timeout: 120_000 }, () => {
  const passages = chunk(documentOf(`${'>\n'.repeat(500_000)}word\n`), defaults)
  assert.deepEqual(
    passages.map(({ input, start }) => [input, start]),
    [['word', 0]],
  )
})

test('a megabyte without a space is cut into passages', () => {
  const document = documentOf('x'.repeat(1 << 20), 'text')
  const passages = chunk(document, { countTokens: () => 1, maxTokens: 256, overlapTokens: 32 })
  assert.ok(passages.length > 100, 'a tokenizer that makes one token of it does not make one passage of it')
  assert.equal(passages.at(-1)?.end, 1 << 20)
})

const blog = fileURLToPath(new URL('../../../shared/data/blogs/18f/posts', import.meta.url))
test('a real blog is read and cut soundly', { skip: existsSync(blog) ? false : 'the blog is not here' }, async () => {
  const options: ChunkOptions = { countTokens, maxTokens: 256, overlapTokens: 32 }
  let posts = 0
  let passages = 0
  for await (const found of walk([blog]))
    for (const document of await collect(readFile(found))) {
      posts++
      if (posts % 10 !== 1) continue
      assert.notEqual(document.title, undefined)
      const cut = chunk({ ...document, lineAt: lineIndex(document.text) }, options)
      assertSound(document, cut, options)
      assert.ok(
        cut.every(({ input }) => !/\]\(https?:|<\/(?:em|strong|a)>/.test(input)),
        found.id,
      )
      passages += cut.length
    }
  assert.equal(posts, 509)
  assert.ok(passages > 400 && passages < 800, `${passages} passages`)
})

const docs = fileURLToPath(new URL('../../../shared/data/docs/docs-ai-sdk.jsonl.gz', import.meta.url))
test('real documentation in JSON Lines is read and cut soundly', {
  skip: existsSync(docs) ? false : 'the pages are not here',
}, async () => {
  const options: ChunkOptions = { countTokens, maxTokens: 256, overlapTokens: 32 }
  const { documents } = await readAs('jsonl', gunzipSync(readFileSync(docs)))
  assert.equal(documents.length, 514)
  let headed = 0
  let passages = 0
  for (const document of documents.filter((_, i) => i % 20 === 0)) {
    const cut = chunk({ ...document, lineAt: lineIndex(document.text) }, options)
    assertSound(document, cut, options)
    headed += cut.filter(({ headings }) => headings.length > 1).length
    passages += cut.length
  }
  assert.ok(headed > passages / 2, `${headed} of ${passages} passages stand under a heading`)
})
