import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, rmSync, symlinkSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Notice, SourceDocument } from '../spec/collection.ts'
import { InvalidArgumentError, NotFoundError, UnreadableInputError } from '../spec/errors.ts'
import { collect, readAs } from './fixtures/read-text.ts'
import { temporaryFolder } from './fixtures/temporary-folder.ts'
import { maxDocumentBytes, type ReadOptions, readFile } from './read-file.ts'
import { walk } from './walk.ts'

async function readAll(path: string, options: ReadOptions = {}): Promise<SourceDocument[]> {
  const documents: SourceDocument[] = []
  for await (const found of walk([path], options))
    for (const document of await collect(readFile(found, options))) documents.push(document)
  return documents
}

test('each format gives documents that name their file', async (t) => {
  const folder = temporaryFolder(t, {
    'a.md': '# A\n\ntext',
    'b.txt': 'plain text',
    'c.html': '<main><h1>C</h1><p>words of it</p></main>',
    'd.json': '[{"text": "first row"}, {"text": "second row"}]',
    'e.jsonl': '{"text": "a row"}\n',
    'f.csv': 'text,n\nsome text,1\n',
    'g.tsv': 'text\tn\nsome, text\t1\n',
    'h.py': 'print(1)\n',
  })
  const documents = await readAll(folder)
  assert.deepEqual(
    documents.map(({ id, kind, format }) => [id, kind, format]),
    [
      ['a.md', 'file', 'markdown'],
      ['b.txt', 'file', 'text'],
      ['c.html', 'file', 'html'],
      ['d.json:1', 'row', 'record'],
      ['d.json:1:2', 'row', 'record'],
      ['e.jsonl:1', 'row', 'record'],
      ['f.csv:2', 'row', 'record'],
      ['g.tsv:2', 'row', 'record'],
      ['h.py', 'file', 'code'],
    ],
  )
  assert.ok(documents.every(({ file }) => file?.path.startsWith(folder)))
  assert.equal(documents.at(-1)?.metadata['language'], 'python')
})

const empty = {
  'binary.md': 'a\0b',
  'binary.csv': 'a,b\n\0,1',
  'empty.txt': '',
  'blank.md': ' \n\n',
  'rows.csv': '',
  'r.jsonl': '\n',
}

test('binary and empty files of a folder are passed over with a notice', async (t) => {
  const notices: Notice[] = []
  assert.deepEqual(await readAll(temporaryFolder(t, empty), { onNotice: (notice) => notices.push(notice) }), [])
  assert.deepEqual(notices.map(({ source }) => source).sort(), Object.keys(empty).sort())
  assert.ok(notices.every(({ kind }) => kind === 'skipped-file'))
})

for (const name of Object.keys(empty))
  test(`${name} is refused where it is named`, async (t) => {
    const folder = temporaryFolder(t, empty)
    await assert.rejects(readAll(join(folder, name)), UnreadableInputError)
  })

test('a NUL byte late in a table is named by its place', async (t) => {
  const folder = temporaryFolder(t, { 'a.csv': `text\n${'some words\n'.repeat(1000)}a\0b\n` })
  await assert.rejects(
    readAll(folder),
    (error: unknown) => error instanceof UnreadableInputError && error.byte === 5 + 11_000 + 1,
  )
})

test('broken UTF-8 in a folder stops with file and byte', async (t) => {
  const folder = temporaryFolder(t, { 'ok.md': 'fine', 'bad.md': Buffer.from([0x61, 0xff, 0x62]) })
  await assert.rejects(readAll(folder), (error: unknown) => {
    assert.ok(error instanceof UnreadableInputError)
    assert.equal(error.path, join(folder, 'bad.md'))
    assert.equal(error.byte, 1)
    assert.match(error.message, /bad\.md: expected UTF-8 text, got a byte 0xff that is none at byte 1\. Convert it/)
    return true
  })
})

test('a document over 64 MiB is refused before it is read, with the remedy', async (t) => {
  const folder = temporaryFolder(t, { 'big.txt': 'x' })
  truncateSync(join(folder, 'big.txt'), maxDocumentBytes + 1)
  await assert.rejects(
    readAll(folder),
    (error: unknown) => error instanceof UnreadableInputError && /got 67108865 bytes\. Split it/.test(error.message),
  )
})

test('a file that went away, or became a link, since the walk is not read', async (t) => {
  const folder = temporaryFolder(t, { 'a.md': 'x', 'b.md': 'y' })
  const found = await collect(walk([folder]))
  rmSync(join(folder, 'a.md'))
  await assert.rejects(collect(readFile(found[0] as never)), NotFoundError)
  rmSync(join(folder, 'b.md'))
  symlinkSync('/etc/hostname', join(folder, 'b.md'))
  await assert.rejects(collect(readFile(found[1] as never)), UnreadableInputError)
})

/** Read a folder as a user who may not read everything, also where the tests run as root. */
function readUnprivileged(t: TestContext, folder: string): string {
  const script = `
    import { walk } from ${JSON.stringify(new URL('walk.ts', import.meta.url).href)}
    import { readFile } from ${JSON.stringify(new URL('read-file.ts', import.meta.url).href)}
    try {
      for await (const found of walk([${JSON.stringify(folder)}])) for await (const document of readFile(found)) void document
      console.log('read')
    } catch (error) { console.log(error.name, error.message) }`
  const identity = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    ...identity,
    encoding: 'utf8',
    cwd: '/',
  })
  if (run.error !== undefined || run.stdout === '')
    t.skip(`another user cannot run node here: ${run.error ?? run.stderr}`)
  return run.stdout
}

test('a file and a folder without the right to read them are refused by name', async (t) => {
  const files = temporaryFolder(t, { 'a.md': 'x', 'locked.md': 'y' })
  chmodSync(files, 0o755)
  chmodSync(join(files, 'locked.md'), 0)
  const folders = temporaryFolder(t, { 'locked/a.md': 'x' })
  chmodSync(folders, 0o755)
  chmodSync(join(folders, 'locked'), 0)
  for (const [folder, name] of [
    [files, 'locked.md'],
    [folders, 'locked'],
  ] as const) {
    const said = readUnprivileged(t, folder)
    if (said !== '')
      assert.match(said, new RegExp(`^UnreadableInputError ${join(folder, name)}: .*EACCES.*Give this user`))
  }
})

test('a stream is read as a named file of its format', async () => {
  const { documents } = await readAs('markdown', '# Hi\n\nthere')
  assert.equal(documents[0]?.id, 'file.markdown')
  assert.equal(documents[0]?.file, undefined)
  await assert.rejects(readAs('text', '  '), UnreadableInputError)
  await assert.rejects(readAs('pdf' as never, 'x'), InvalidArgumentError)
})
