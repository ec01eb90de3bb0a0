import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { InvalidArgumentError, UnreadableInputError } from '../../spec/errors.ts'
import { readAs } from '../fixtures/read-text.ts'
import { rowDocuments } from '../row-documents.ts'
import { readJsonl } from './jsonl.ts'

const unreadable =
  (line: number | undefined, message: RegExp) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof UnreadableInputError, String(error))
    assert.equal(error.line, line)
    assert.match(error.message, message)
    return true
  }

test('JSON Lines give a document a line, named by file and line', async () => {
  const { documents, notices } = await readAs(
    'jsonl',
    '{"title": "T", "text": "one", "n": 1}\n\n{"text": "two", "tags": ["a", 2], "none": null}\r\n"a bare text"\n',
  )
  assert.deepEqual(
    documents.map(({ id, title, text, metadata }) => ({ id, title, text, metadata: { ...metadata } })),
    [
      { id: 'file.jsonl:1', title: 'T', text: 'one', metadata: { n: 1 } },
      { id: 'file.jsonl:3', title: undefined, text: 'two', metadata: { tags: ['a', 2], none: null } },
      { id: 'file.jsonl:4', title: undefined, text: 'a bare text', metadata: {} },
    ],
  )
  assert.equal(documents[1]?.lineAt(1), 3)
  assert.deepEqual(
    notices.map(({ kind }) => kind),
    ['inferred-fields'],
  )
  assert.match(notices[0]?.message ?? '', /from `text`, the title from `title`; metadata: `n`, `tags`, `none`\./)
})

test('fields that were asked for are taken without a notice', async () => {
  const { documents, notices } = await readAs('jsonl', '{"key": "k1", "q": "why", "a": "so", "text": "no"}\n', {
    textFields: ['q', 'a'],
    idField: 'key',
  })
  assert.equal(documents[0]?.id, 'k1')
  assert.equal(documents[0]?.text, 'why\n\nso')
  assert.deepEqual({ ...documents[0]?.metadata }, { key: 'k1', text: 'no' })
  assert.deepEqual(notices, [])
})

test('a field id that tells the first rows apart names them, and a notice says so', async () => {
  const idsOf = async (format: 'jsonl' | 'csv', text: string, options = {}) =>
    (await readAs(format, text, options)).documents.map(({ id }) => id)
  const { documents, notices } = await readAs('jsonl', '{"id": "a-1", "text": "x y"}\n{"id": 2, "text": "z"}\n')
  assert.deepEqual(
    documents.map(({ id }) => id),
    ['a-1', '2'],
  )
  assert.match(notices[0]?.message ?? '', /from `text`, the id from `id`\..*--no-id-field/)
  assert.deepEqual(await idsOf('csv', 'ID,text\n7,one row\n8,another row\n'), ['7', '8'])
  const rows = '{"id": "a", "text": "x"}\n{"id": "b", "text": "y"}\n'
  assert.deepEqual(await idsOf('jsonl', rows, { idField: false }), ['file.jsonl:1', 'file.jsonl:2'])
  assert.equal((await readAs('jsonl', rows, { textFields: ['text'] })).notices.length, 1)
  for (const ids of [
    ['"a"', '"a"'],
    ['"a"', 'null'],
    ['"a"', '1.5'],
    ['"a"', '" "'],
  ]) {
    const text = ids.map((id) => `{"id": ${id}, "text": "x"}\n`).join('')
    assert.deepEqual(await idsOf('jsonl', text), ['file.jsonl:1', 'file.jsonl:2'])
  }
})

test('a later row without the id that names the others is refused, with the way out', async () => {
  const rows = Array.from({ length: 150 }, (_, i) => `{${i === 140 ? '' : `"id": ${i}, `}"text": "row ${i}"}\n`).join(
    '',
  )
  await assert.rejects(readAs('jsonl', rows), unreadable(141, /an id in `id`, got undefined.*--no-id-field/))
})

test('a field that no row has is refused with those there are', async () => {
  await assert.rejects(
    readAs('jsonl', '{"a": "text of it"}\n', { textFields: ['b'] }),
    (error: unknown) =>
      error instanceof InvalidArgumentError && /options\.textFields: .*\(`a`\), got "b"/.test(error.message),
  )
  await assert.rejects(readAs('csv', 'a,b\nx y,z\n', { idField: 'c' }), InvalidArgumentError)
})

test('a broken line is named by file and line', async () => {
  await assert.rejects(
    readAs('jsonl', '{"text": "a"}\n{"text": \n'),
    unreadable(2, /^file\.jsonl:2: expected one JSON value/),
  )
  await assert.rejects(readAs('jsonl', '{"text": "a"}\n[1]\n'), unreadable(2, /got an array of 1/))
  await assert.rejects(readAs('jsonl', '{"text": "a\\ud800"}\n'), unreadable(1, /half a surrogate pair/))
  await assert.rejects(readAs('jsonl', '{"id": "", "text": "a"}\n', { idField: 'id' }), unreadable(1, /an id in `id`/))
  await assert.rejects(readAs('jsonl', '{"n": 1}\n'), unreadable(1, /Name them with textFields \(--text-fields\)/))
})

test('a line over 16 MiB is refused with its number', async () => {
  const line = Buffer.alloc((16 << 20) + 1, 'a')
  async function* chunks() {
    yield Buffer.from('{"text": "a"}\n')
    yield line
  }
  const source = { path: 'big.jsonl', id: 'big.jsonl', file: undefined, isNamed: true }
  const documents = readJsonl(chunks(), source)
  await assert.rejects(documents.next(), unreadable(2, /big\.jsonl:2: expected lines of at most 16777216 bytes/))
})

test('a stream of rows is not held in memory', async () => {
  let ahead = 0
  let most = 0
  function* rows() {
    for (let line = 1; line <= 5000; line++) {
      ahead++
      most = Math.max(most, ahead)
      yield { line, value: { text: `row number ${line}` } }
    }
  }
  for await (const document of rowDocuments(rows(), { path: 'f', id: 'f', file: undefined, isNamed: true })) {
    assert.ok(document.text.length > 0)
    ahead--
  }
  assert.ok(most <= 101, `held ${most} rows`)
})

test('rows without text are left out with a notice, or stand by their title', async () => {
  const { documents, notices } = await readAs(
    'jsonl',
    '{"title": "", "text": "a b"}\n{"text": " "}\n{"title": "only", "text": ""}\n',
  )
  assert.deepEqual(
    documents.map(({ text, title }) => [text, title]),
    [
      ['a b', undefined],
      ['only', undefined],
    ],
  )
  assert.match(notices.at(-1)?.message ?? '', /row on line 2: no text in `text`/)
})

test('nested values are kept as JSON with one notice a field, and exported metadata is unfolded', async () => {
  const { documents, notices } = await readAs(
    'jsonl',
    '{"text": "a b", "metadata": {"lang": "de"}, "deep": {"x": [1]}, "huge": 1e999}\n{"text": "c d", "deep": [[2]]}\n',
  )
  assert.deepEqual({ ...documents[0]?.metadata }, { lang: 'de', deep: '{"x":[1]}', huge: 'null' })
  assert.deepEqual({ ...documents[1]?.metadata }, { deep: '[[2]]' })
  assert.equal(notices.filter(({ kind }) => kind === 'note').length, 2)
})

test('hostile keys are but keys', async () => {
  const { documents } = await readAs(
    'jsonl',
    '{"text": "a b", "__proto__": "x", "metadata": {"__proto__": {"y": 1}}}\n',
  )
  const metadata = documents[0]?.metadata ?? {}
  assert.equal(Object.getPrototypeOf(metadata), null)
  assert.deepEqual(Object.keys(metadata), ['__proto__'])
  const csv = await readAs('csv', '__proto__,text\nx,some words\n')
  assert.equal(Object.getPrototypeOf(csv.documents[0]?.metadata), null)
  assert.deepEqual(Object.entries(csv.documents[0]?.metadata ?? {}), [['__proto__', 'x']])
})

test('any JSON Lines give documents or an error of ours', async () => {
  const line = fc.oneof(
    fc.json(),
    fc.string(),
    fc.record({ text: fc.string(), n: fc.jsonValue() }).map((row) => JSON.stringify(row)),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 6 }), async (lines) => {
      try {
        const { documents } = await readAs('jsonl', lines.join('\n'))
        for (const { text, id } of documents) assert.ok(text.trim() !== '' && id.startsWith('file.jsonl:'))
      } catch (error) {
        assert.ok(error instanceof UnreadableInputError, String(error))
      }
    }),
  )
})

test('CSV columns have their names and types, and rows the line they begin on', async () => {
  const { documents } = await readAs(
    'csv',
    'id,zip,price,new,body\n1,007,1.5,true,"one, ""quoted""\nline"\n\n2,123,,false,two words\n',
    { idField: false },
  )
  assert.deepEqual(
    documents.map(({ id, text, metadata }) => ({ id, text, metadata: { ...metadata } })),
    [
      { id: 'file.csv:2', text: 'one, "quoted"\nline', metadata: { id: 1, zip: '007', price: 1.5, new: true } },
      { id: 'file.csv:5', text: 'two words', metadata: { id: 2, zip: '123', new: false } },
    ],
  )
})

test('the delimiter is inferred from the rows, not from the prose in them', async () => {
  for (const [delimiter, format] of [
    [',', 'csv'],
    [';', 'csv'],
    ['\t', 'csv'],
    ['\t', 'tsv'],
  ] as const) {
    const rows = ['name|text', 'a|"first, with a comma; and more"', 'b|"second, one"']
      .join('\n')
      .replaceAll('|', delimiter)
    const { documents } = await readAs(format, rows)
    assert.deepEqual(
      documents.map(({ text, title }) => [title, text]),
      [
        ['a', 'first, with a comma; and more'],
        ['b', 'second, one'],
      ],
    )
  }
})

test('a table without a header has numbered columns, and a notice says so', async () => {
  const { documents, notices } = await readAs('csv', '1,The first sentence is here.\n2,And here is another one.\n')
  assert.deepEqual(
    documents.map(({ id, text }) => [id, text]),
    [
      ['file.csv:1', 'The first sentence is here.'],
      ['file.csv:2', 'And here is another one.'],
    ],
  )
  assert.deepEqual({ ...documents[0]?.metadata }, { column1: 1 })
  assert.match(notices[0]?.message ?? '', /column1 to column2/)
})

test('a byte order mark, UTF-16 and empty lines do not disturb a table', async () => {
  const { documents } = await readAs('csv', Buffer.from('\ufefftext,n\r\n\r\ngrüße euch,1\r\n', 'utf16le'))
  assert.deepEqual(
    documents.map(({ id, text }) => [id, text]),
    [['file.csv:3', 'grüße euch']],
  )
  const marked = await readAs('csv', '\ufefftext,n\nhello you,1\n')
  assert.equal(marked.documents[0]?.text, 'hello you')
})

test('broken CSV is named by its line', async () => {
  await assert.rejects(readAs('csv', 'a,b\nx y,1\nz\n'), unreadable(3, /expected 2 cells, as in the first row, got 1/))
  await assert.rejects(readAs('csv', 'a,b\nx y,"1\n2,3\n'), unreadable(3, /quotes/))
  await assert.rejects(readAs('csv', 'a,b\nx "y" z,1\n'), unreadable(2, /quotes/))
})

test('a JSON array, or the one array of an object, is a table with a line a row', async () => {
  for (const text of [
    '[\n  {"text": "one [", "n": 1},\n  {"text": "two }\\" ]"}\n]\n',
    '{"count": 2,\n"items": [{"text": "one [", "n": 1},\n  {"text": "two }\\" ]"}], "more": {"a": [1, 2]}}\n',
  ]) {
    const { documents } = await readAs('json', text)
    assert.deepEqual(
      documents.map(({ id, text }) => [id, text]),
      [
        ['file.json:2', 'one ['],
        ['file.json:3', 'two }" ]'],
      ],
    )
  }
})

test('rows on one line are numbered', async () => {
  const { documents } = await readAs('json', '["a text", "b text", "c text"]')
  assert.deepEqual(
    documents.map(({ id }) => id),
    ['file.json:1', 'file.json:1:2', 'file.json:1:3'],
  )
})

test('an object with a text is one document, and settings are read as they stand', async () => {
  const page = await readAs('json', '{"title": "T", "body": "words", "tags": ["a"]}')
  assert.equal(page.documents[0]?.text, 'words')
  assert.equal(page.documents[0]?.title, 'T')
  for (const settings of [
    '{"compilerOptions": {"strict": true}, "include": ["src"]}',
    '[1, 2]',
    '"text"',
    '{}',
    '{"name": "x", "keywords": ["vector search", "bm25"]}',
    '[]',
  ]) {
    const { documents } = await readAs('json', settings)
    assert.equal(documents[0]?.text, settings)
    assert.equal(documents[0]?.format, 'code')
  }
})

test('broken JSON is named by its line', async () => {
  await assert.rejects(readAs('json', '{\n"a": 1,\n}'), unreadable(3, /expected JSON/))
  await assert.rejects(readAs('json', '[{"text": "a"},\n'), unreadable(1, /an end too soon/))
})
