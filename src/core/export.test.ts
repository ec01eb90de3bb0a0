import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { memoryStore } from '../../test/support/memory-store.ts'
import {
  InvalidArgumentError,
  InvalidVectorError,
  NotFoundError,
  PassportMismatchError,
  StorageError,
  UnreadableInputError,
} from '../spec/errors.ts'
import type { Store } from '../spec/store.ts'
import { fakeModel } from '../testing/fake-model.ts'
import { exportCollection } from './export.ts'
import { importCollection } from './import.ts'
import { ingest } from './ingest.ts'
import { decodeNpy, encodeNpy } from './npy.ts'

const model = fakeModel({ dimensions: 8, refusesWordless: true })
const empty = () => memoryStore(model.passport)
let folder: string
let out: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vecino-export-'))
  out = join(folder, 'out')
})
afterEach(() => rm(folder, { recursive: true }))

async function filled(sources = 4): Promise<Store> {
  const store = await empty()
  const long = Array.from({ length: 120 }, (_, i) => `Sentence number ${i} is here.`).join(' ')
  await ingest({ store, model }, [
    { id: 'long', text: long, title: 'A long one', metadata: { year: 2001, tags: ['a', 'b'], none: null } },
    { id: 'smile', text: '🙂🙂' },
    ...Array.from({ length: sources - 2 }, (_, i) => ({
      id: `#${i} "quoted"\n`,
      text: `Text number ${i}: Ünïcode, 東京.`,
    })),
  ])
  return store
}

/** Everything that can be read of a store but keys, which are its own. */
async function contents(store: Store) {
  const found = []
  for await (const { id, digest } of store.digests()) {
    const source = (await store.source(id))!
    const embedded = source.passages.filter(({ hasVector }) => hasVector)
    const vectors = await store.vectors(Int32Array.from(embedded, ({ key }) => key))
    found.push({
      id,
      digest,
      title: source.title,
      metadata: source.metadata,
      passages: source.passages.map(({ key: _, ...passage }) => passage),
      vectors: [...vectors.data],
    })
  }
  return found
}

test('what is exported and imported again is the same, to the bit', async () => {
  const store = await filled(2500)
  const report = await exportCollection(store, out)
  assert.deepEqual((await readdir(out)).sort(), ['passages.jsonl', 'passport.json', 'vectors.npy'])
  const other = await empty()
  assert.deepEqual(await importCollection(other, out), { added: 2500, changed: 0, passages: report.passages })
  assert.deepEqual(JSON.parse(JSON.stringify(await contents(other))), JSON.parse(JSON.stringify(await contents(store))))
  assert.equal((await importCollection(other, out)).changed, 2500)
})

test('the files are what other tools read', async () => {
  const store = await filled()
  const { vectors } = await exportCollection(store, out)
  const matrix = decodeNpy(await readFile(join(out, 'vectors.npy')), 'vectors.npy')
  assert.deepEqual([matrix.rows, matrix.columns], [vectors, 8])
  const lines = (await readFile(join(out, 'passages.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.deepEqual(
    lines.flatMap(({ row }) => (row === null ? [] : [row])),
    Array.from({ length: vectors }, (_, i) => i),
  )
  assert.equal(lines.find(({ source }) => source === 'smile').row, null)
  assert.equal(lines[0].id, 'long#1')
})

test('an empty collection makes the round too', async () => {
  await exportCollection(await empty(), out)
  assert.deepEqual(await importCollection(await empty(), out), { added: 0, changed: 0, passages: 0 })
})

test('nothing is written over, and nothing is left behind', async () => {
  await mkdir(out)
  await writeFile(join(out, 'mine.txt'), 'x')
  await assert.rejects(exportCollection(await filled(), out), InvalidArgumentError)
  const target = join(folder, 'torn')
  const store = await filled()
  const torn = new Proxy(store, {
    get: (target, name) => {
      if (name === 'vectors') return () => Promise.reject(new StorageError('storage', 'disk gone'))
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  await assert.rejects(exportCollection(torn, target), StorageError)
  assert.deepEqual(await readdir(folder), ['out'])
  await mkdir(target)
  await exportCollection(store, target)
})

test('an import that is not as exported is refused by file and line, with nothing written', async () => {
  await exportCollection(await filled(), out)
  const original = new Map<string, Uint8Array>()
  for (const name of await readdir(out)) original.set(name, await readFile(join(out, name)))
  const lines = Buffer.from(original.get('passages.jsonl')!).toString().trimEnd().split('\n')
  const npy = original.get('vectors.npy')!
  const edited = (at: number, value: number) => {
    const matrix = decodeNpy(npy, 'x')
    matrix.data[at] = value
    return encodeNpy(matrix)
  }
  const withLine = (at: number, change: (passage: Record<string, unknown>) => object) =>
    lines.map((line, i) => (i === at ? JSON.stringify(change(JSON.parse(line))) : line)).join('\n')
  const manifest = JSON.parse(Buffer.from(original.get('passport.json')!).toString())
  const refused: [string, string, string | Uint8Array, new (...args: never[]) => Error][] = [
    ['NaN', 'vectors.npy', edited(3, Number.NaN), InvalidVectorError],
    ['infinity', 'vectors.npy', edited(3, Infinity), InvalidVectorError],
    ['not unit length', 'vectors.npy', edited(3, 2), InvalidVectorError],
    ['cut off', 'vectors.npy', npy.slice(0, -4), UnreadableInputError],
    ['no array', 'vectors.npy', 'hello there, this is text', UnreadableInputError],
    [
      'fewer rows',
      'vectors.npy',
      encodeNpy({ data: new Float32Array(8).fill(0.35355338), rows: 1, columns: 8 }),
      UnreadableInputError,
    ],
    ['fewer lines', 'passages.jsonl', lines.slice(0, -1).join('\n'), UnreadableInputError],
    ['no JSON', 'passages.jsonl', lines.join('\n').replace('{', '('), UnreadableInputError],
    [
      'gap',
      'passages.jsonl',
      withLine(1, (passage) => ({ ...passage, start: 1e6, end: 1e6 + String(passage['text']).length })),
      UnreadableInputError,
    ],
    ['other text', 'passages.jsonl', withLine(0, (passage) => ({ ...passage, text: 'short' })), UnreadableInputError],
    ['row out of order', 'passages.jsonl', withLine(0, (passage) => ({ ...passage, row: 1 })), UnreadableInputError],
    [
      'nested metadata',
      'passages.jsonl',
      withLine(0, (passage) => ({ ...passage, metadata: { a: { b: 1 } } })),
      InvalidArgumentError,
    ],
    ['no tokens', 'passages.jsonl', withLine(0, ({ tokens: _, ...passage }) => passage), UnreadableInputError],
    ['source in two places', 'passages.jsonl', [...lines.slice(1), lines[0]].join('\n'), UnreadableInputError],
    [
      'other dimensions',
      'passport.json',
      JSON.stringify({ ...manifest, passport: { ...manifest.passport, dimensions: 9 } }),
      PassportMismatchError,
    ],
    [
      'other model',
      'passport.json',
      JSON.stringify({ ...manifest, passport: { ...manifest.passport, model: 'x' } }),
      PassportMismatchError,
    ],
    [
      'half a passport',
      'passport.json',
      JSON.stringify({ ...manifest, passport: { model: 'x' } }),
      UnreadableInputError,
    ],
    ['newer version', 'passport.json', JSON.stringify({ ...manifest, version: 2 }), UnreadableInputError],
  ]
  for (const [what, name, content, type] of refused) {
    await writeFile(join(out, name), content)
    const store = await empty()
    await assert.rejects(importCollection(store, out), (error) => error instanceof type, what)
    assert.equal(store.generation, 0, what)
    await writeFile(join(out, name), original.get(name)!)
  }
  await rm(join(out, 'vectors.npy'))
  await assert.rejects(importCollection(await empty(), out), NotFoundError)
})
