import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { symlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Notice } from '../spec/collection.ts'
import { InvalidArgumentError, NotFoundError, UnreadableInputError } from '../spec/errors.ts'
import { collect } from './fixtures/read-text.ts'
import { temporaryFolder } from './fixtures/temporary-folder.ts'
import { type WalkOptions, walk } from './walk.ts'

const makePipe = 'mkfifo'

async function idsOf(paths: string | readonly string[], options: WalkOptions = {}): Promise<string[]> {
  const found = await collect(walk(typeof paths === 'string' ? [paths] : paths, options))
  return found.map(({ id }) => id)
}

async function skippedIn(folder: string): Promise<Record<string, string>> {
  const notices: Notice[] = []
  await idsOf(folder, { onNotice: (notice) => notices.push(notice) })
  return Object.fromEntries(notices.map(({ source, message }) => [source, message]))
}

function site(t: TestContext): string {
  return temporaryFolder(t, {
    'b.md': 'b',
    'a/z.txt': 'z',
    'a/y/x.html': '<p>x',
    README: 'r',
    '.hidden.md': 'h',
    '.git/HEAD': 'ref',
    '.git/notes.md': 'n',
    'node_modules/p/readme.md': 'n',
    'docs.vecino': 'c',
    'docs.vecino-wal': 'c',
    'table.csv': 'a,b',
  })
}

test('files come in the order of their names, without hidden, foreign and own ones', async (t) => {
  assert.deepEqual(await idsOf(site(t)), ['README', 'a/y/x.html', 'a/z.txt', 'b.md', 'table.csv'])
})

test('a file found carries its path, size, time and format', async (t) => {
  const folder = temporaryFolder(t, { 'a.md': 'four' })
  const [found] = await collect(walk([folder]))
  assert.equal(found?.file.path, join(folder, 'a.md'))
  assert.equal(found?.file.sizeBytes, 4)
  assert.ok(Number.isFinite(found?.file.modifiedMs))
  assert.equal(found?.format, 'markdown')
  assert.equal(found?.root, folder)
  assert.equal(found?.isNamed, false)
})

test('an empty folder gives nothing', async (t) => {
  assert.deepEqual(await idsOf(temporaryFolder(t, {})), [])
})

test('include and exclude are gitignore patterns from the root', async (t) => {
  const folder = temporaryFolder(t, { 'a.md': '', 'b.txt': '', 'sub/c.md': '', 'sub/d.md': '', 'draft/e.md': '' })
  assert.deepEqual(await idsOf(folder, { include: ['*.md'] }), ['a.md', 'draft/e.md', 'sub/c.md', 'sub/d.md'])
  assert.deepEqual(await idsOf(folder, { include: ['/*.md', 'sub/'] }), ['a.md', 'sub/c.md', 'sub/d.md'])
  assert.deepEqual(await idsOf(folder, { include: ['*.md'], exclude: ['draft', 'sub/d*'] }), ['a.md', 'sub/c.md'])
})

test('ignore files count in their folder and below, and the nearer one wins', async (t) => {
  const folder = temporaryFolder(t, {
    '.gitignore': '*.log\n/build\n*.txt\n',
    '.vecinoignore': 'secret.md\n',
    'a.log': '',
    'a.txt': '',
    'b.md': '',
    'secret.md': '',
    'build/c.md': '',
    'sub/build/d.md': '',
    'sub/.gitignore': '!keep.txt\n/e.md\n',
    'sub/keep.txt': '',
    'sub/drop.txt': '',
    'sub/e.md': '',
    'sub/deep/e.md': '',
  })
  assert.deepEqual(await idsOf(folder), ['b.md', 'sub/build/d.md', 'sub/deep/e.md', 'sub/keep.txt'])
  assert.equal((await idsOf(folder, { noIgnore: true })).length, 10)
})

test('a repository above the root has its say, but not about the root itself', async (t) => {
  const folder = temporaryFolder(t, {
    '.git/HEAD': 'ref: refs/heads/main',
    '.gitignore': 'out\n*.tmp.md\n',
    'docs/a.md': '',
    'docs/b.tmp.md': '',
    'docs/out/c.md': '',
    'out/d.md': '',
  })
  assert.deepEqual(await idsOf(join(folder, 'docs')), ['a.md'])
  assert.deepEqual(await idsOf(join(folder, 'out')), ['d.md'])
})

test('unknown formats and generated files are passed over with a notice', async (t) => {
  const folder = temporaryFolder(t, { 'a.png': '', 'b.bin': '', data: '', 'package-lock.json': '{}', 'x.min.js': '' })
  const skipped = await skippedIn(folder)
  assert.deepEqual(Object.keys(skipped).sort(), ['a.png', 'b.bin', 'data', 'package-lock.json', 'x.min.js'])
  assert.match(skipped['a.png'] as string, /\.png/)
  assert.match(skipped['x.min.js'] as string, /generated/)
})

test('symbolic links are not followed: no loop, no way out', async (t) => {
  const outside = temporaryFolder(t, { 'secret.md': 's' })
  const folder = temporaryFolder(t, { 'a.md': '' })
  symlinkSync(folder, join(folder, 'loop'))
  symlinkSync(outside, join(folder, 'out'))
  symlinkSync(join(outside, 'secret.md'), join(folder, 'out.md'))
  symlinkSync('nowhere', join(folder, 'broken.md'))
  assert.deepEqual(await idsOf(folder), ['a.md'])
  assert.deepEqual(Object.keys(await skippedIn(folder)), ['broken.md', 'loop', 'out', 'out.md'])
  assert.deepEqual(await idsOf(join(folder, 'loop')), ['a.md'], 'a link that is named is followed')
})

test('a named file is an id by its base name, whatever ignore files say', async (t) => {
  const folder = temporaryFolder(t, { '.gitignore': '*', 'a.md': '', 'package-lock.json': '{}' })
  const found = await collect(walk([join(folder, 'a.md'), join(folder, 'package-lock.json')]))
  assert.deepEqual(
    found.map(({ id }) => id),
    ['a.md', 'package-lock.json'],
  )
  assert.ok(found.every(({ isNamed }) => isNamed))
})

test('a named file of an unknown format is refused with the formats that are read', async (t) => {
  const folder = temporaryFolder(t, { 'a.png': '' })
  await assert.rejects(
    idsOf(join(folder, 'a.png')),
    (error: unknown) => error instanceof UnreadableInputError && /got \.png\. Read are Markdown/.test(error.message),
  )
})

test('several roots keep their files apart by as much of their paths as that takes', async (t) => {
  const folder = temporaryFolder(t, { 'x/docs/a.md': '', 'y/docs/a.md': '', 'other/a.md': '', 'one/b.md': '' })
  const at = (path: string) => join(folder, path)
  assert.deepEqual(await idsOf([at('x/docs'), at('other')]), ['docs/a.md', 'other/a.md'])
  assert.deepEqual(await idsOf([at('x/docs'), at('y/docs'), at('one/b.md')]), ['x/docs/a.md', 'y/docs/a.md', 'b.md'])
  assert.deepEqual(await idsOf([at('x/docs/a.md'), at('y/docs/a.md')]), ['x/docs/a.md', 'y/docs/a.md'])
})

test('a file under two roots is given once', async (t) => {
  const folder = temporaryFolder(t, { 'sub/a.md': '', 'b.md': '' })
  const root = basename(folder)
  assert.deepEqual(await idsOf([folder, join(folder, 'sub'), `${folder}/`]), [`${root}/b.md`, `${root}/sub/a.md`])
})

test('paths that are missing or no paths are refused', async () => {
  await assert.rejects(
    idsOf('/no/such/folder'),
    (error: unknown) => error instanceof NotFoundError && error.id === '/no/such/folder',
  )
  await assert.rejects(idsOf([]), InvalidArgumentError)
  await assert.rejects(idsOf('a\0b'), InvalidArgumentError)
  await assert.rejects(idsOf(''), InvalidArgumentError)
})

test('a pipe that is named is refused with the way to read it', async (t) => {
  const folder = temporaryFolder(t, {})
  try {
    execFileSync(makePipe, [join(folder, 'pipe.md')])
  } catch {
    t.skip('no mkfifo here')
    return
  }
  await assert.rejects(
    idsOf(join(folder, 'pipe.md')),
    (error: unknown) => error instanceof UnreadableInputError && /standard input/.test(error.message),
  )
  assert.deepEqual(Object.keys(await skippedIn(folder)), ['pipe.md'])
})
