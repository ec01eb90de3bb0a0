import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { memoryStore, storeFailing } from '../../test/support/memory-store.ts'
import type { AddOptions, AddReport, Progress, SourceRecord } from '../spec/collection.ts'
import { InvalidArgumentError, NotFoundError, StorageError, UnreadableInputError } from '../spec/errors.ts'
import type { Store, WriteBatch } from '../spec/store.ts'
import { type FakeModel, fakeModel } from '../testing/fake-model.ts'
import { textOf } from './collection.ts'
import { ingest } from './ingest.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vecino-ingest-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function file(path: string, content: string | Uint8Array): Promise<string> {
  const full = join(folder, path)
  await mkdir(dirname(full), { recursive: true })
  await writeFile(full, content)
  return full
}

async function setUp(beforeWrite?: (batch: WriteBatch) => void) {
  const model = fakeModel({ refusesWordless: true })
  const store = await (beforeWrite === undefined
    ? memoryStore(model.passport)
    : storeFailing(model.passport, beforeWrite))
  const add = (input: Parameters<typeof ingest>[1], options?: AddOptions) => ingest({ store, model }, input, options)
  return { model, store, add }
}

function embeddedBy(model: FakeModel): number {
  return model.calls.reduce((sum, { texts, task }) => sum + (task === 'document' ? texts.length : 0), 0)
}

async function idsOf(store: Store): Promise<string[]> {
  return (await store.sources({ offset: 0, limit: 1e6 })).map(({ id }) => id).sort()
}

const counts = ({ added, changed, unchanged, removed }: AddReport) => ({
  added,
  changed,
  unchanged,
  removed,
})

test('records become sources whose passages cover their text', async () => {
  const { store, add } = await setUp()
  const long = Array.from({ length: 200 }, (_, i) => `Sentence number ${i} is here.`).join(' ')
  const report = await add([
    { id: 'a', text: 'First text here.', metadata: { year: 2001 } },
    { id: 'b', text: long, title: 'Long' },
  ])
  assert.deepEqual(counts(report), { added: 2, changed: 0, unchanged: 0, removed: 0 })
  const b = await store.source('b')
  assert.ok(b!.passages.length > 1)
  assert.equal(report.passages, b!.passages.length + 1)
  assert.equal(report.embedded, report.passages)
  assert.equal(report.split, 1)
  assert.equal(report.noticeCounts['split'], 1)
  assert.equal(textOf(b!.passages), long)
  for (const { start, end, text } of b!.passages) assert.equal(long.slice(start, end), text)
  assert.deepEqual((await store.source('a'))!.metadata['year'], 2001)
})

test('what has not changed is neither embedded nor written again', async () => {
  const { store, model, add } = await setUp()
  const records = [
    { id: 'a', text: 'One text.' },
    { id: 'b', text: 'Another text.', metadata: { n: 1, m: 2 } },
  ]
  await add(records)
  const [calls, generation] = [model.calls.length, store.generation]
  const again = await add([records[0]!, { ...records[1]!, metadata: { m: 2, n: 1 } }])
  assert.deepEqual(counts(again), { added: 0, changed: 0, unchanged: 2, removed: 0 })
  assert.deepEqual([model.calls.length, store.generation], [calls, generation])
  for (const change of [{ text: 'One text!' }, { title: 'T' }, { metadata: { n: 1 } }]) {
    const report = await add([{ ...records[0]!, ...change }])
    assert.deepEqual(counts(report), { added: 0, changed: 1, unchanged: 0, removed: 0 }, Object.keys(change)[0])
  }
  assert.equal((await add(records, { maxTokens: 64 })).changed, 2)
})

test('unchanged files are not even opened, and changed or touched ones are', async () => {
  const { store, add } = await setUp()
  const a = await file('docs/a.md', '# A\n\nAbout apples and trees.')
  await file('docs/b.md', '# B\n\nAbout boats and seas.')
  await utimes(a, new Date(0.5e12), new Date(0.5e12))
  assert.equal((await add(join(folder, 'docs'))).added, 2)
  assert.deepEqual(await idsOf(store), ['a.md', 'b.md'])

  // Same size and time, other content: seen only by opening it.
  await writeFile(a, '# A\n\nAbout apples, no trees.')
  await utimes(a, new Date(0.5e12), new Date(0.5e12))
  assert.equal((await add(join(folder, 'docs'))).unchanged, 2)

  await utimes(a, new Date(1e12), new Date(1e12))
  const changed = await add(join(folder, 'docs'))
  assert.deepEqual(counts(changed), { added: 0, changed: 1, unchanged: 1, removed: 0 })
  await utimes(a, new Date(2e12), new Date(2e12))
  assert.deepEqual(counts(await add(join(folder, 'docs'))), { added: 0, changed: 0, unchanged: 2, removed: 0 })
  assert.deepEqual(counts(await add(join(folder, 'docs'), { maxTokens: 99 })), {
    added: 0,
    changed: 2,
    unchanged: 0,
    removed: 0,
  })
})

test('sync removes what is gone from the added folder, and nothing else', async () => {
  const { store, add } = await setUp()
  await file('docs/a.md', 'About apples.')
  await file('docs/b.md', 'About boats.')
  await file('docs/rows.jsonl', '{"text":"First row of text."}\n{"text":"Second row of text."}\n')
  await file('other/c.md', 'About cats.')
  await add([{ id: 'record', text: 'A record by hand.' }])
  await add(join(folder, 'other'))
  await add(join(folder, 'docs'))
  await rm(join(folder, 'docs/b.md'))
  await rm(join(folder, 'other/c.md'))
  await file('docs/rows.jsonl', '{"text":"First row of text."}\n')
  assert.equal((await add(join(folder, 'docs'))).removed, 0)
  const report = await add(join(folder, 'docs'), { sync: true, exclude: ['a.md'] })
  assert.equal(report.removed, 1)
  assert.deepEqual(await idsOf(store), ['a.md', 'c.md', 'record', 'rows.jsonl:1', 'rows.jsonl:2'])
  await utimes(join(folder, 'docs/rows.jsonl'), new Date(1e12), new Date(1e12))
  assert.equal((await add(join(folder, 'docs'), { sync: true })).removed, 1)
  assert.deepEqual(await idsOf(store), ['a.md', 'c.md', 'record', 'rows.jsonl:1'])
})

test('one id twice is refused unless both are the same', async () => {
  const { store, add } = await setUp()
  const twice = await add([
    { id: 'a', text: 'Same text.' },
    { id: 'a', text: 'Same text.' },
    { text: 'Nameless text.' },
    { text: 'Nameless text.' },
  ])
  assert.equal(twice.added, 2)
  assert.equal(twice.noticeCounts['duplicate-text'], 2)
  await assert.rejects(
    add([
      { id: 'x', text: 'Kept, since it came first.' },
      { id: 'x', text: 'Another.' },
    ]),
    (error) =>
      error instanceof InvalidArgumentError && /different ids for different sources, got "x"/.test(error.message),
  )
  assert.ok((await idsOf(store)).includes('x'))
})

test('rows of one id are refused with the way to tell them apart, or to name them by line', async () => {
  const { store, add } = await setUp()
  const one = await file('one.jsonl', '{"id": 1, "text": "sea"}\n{"id": 2, "text": "hill"}\n')
  const two = await file('two.jsonl', '{"id": 1, "text": "lamp"}\n')
  for (const paths of [[one, two], [two]])
    await assert.rejects(
      add(paths),
      (error) => error instanceof InvalidArgumentError && /--no-id-field/.test(error.message),
    )
  assert.deepEqual(await idsOf(store), ['1', '2'])
  const apart = await setUp()
  await apart.add([one, two], { idField: false })
  assert.equal((await idsOf(apart.store)).length, 3)
})

test('files of two folders with one relative path do not take each other’s place', async () => {
  const { store, add } = await setUp()
  await file('one/readme.md', 'The first readme.')
  await file('two/readme.md', 'The second readme.')
  await add(join(folder, 'one'))
  await assert.rejects(add(join(folder, 'two')), InvalidArgumentError)
  assert.match((await store.source('readme.md'))!.passages[0]!.text, /first/)
  await rm(join(folder, 'one'), { recursive: true })
  assert.equal((await add(join(folder, 'two'))).changed, 1)
})

test('passages without a vector are kept, and said', async () => {
  const { store, add } = await setUp()
  const report = await add([
    { id: 'smile', text: '🙂🙂🙂' },
    { id: 'words', text: 'Some words.' },
  ])
  assert.equal(report.noticeCounts['no-vector'], 1)
  assert.equal((await store.source('smile'))!.passages[0]!.hasVector, false)
  assert.equal((await store.keys('embedded')).length, 1)
})

test('one-word texts are said', async () => {
  const { add } = await setUp()
  const report = await add([
    { id: 'a', text: 'word' },
    { id: 'b', text: 'two words' },
  ])
  assert.deepEqual(
    report.notices.map(({ kind, source }) => [kind, source]),
    [['short-text', 'a']],
  )
})

test('notices beyond a thousand are counted, not kept', async () => {
  const { add } = await setUp()
  const report = await add(Array.from({ length: 1200 }, (_, i) => ({ id: `${i}`, text: `w${i}` })))
  assert.equal(report.noticeCounts['short-text'], 1200)
  assert.equal(report.notices.length, 1000)
})

test('a failed write loses nothing acknowledged, and running again finishes the job', async () => {
  let writes = 0
  const { store, model, add } = await setUp(() => {
    if (++writes === 2) throw new StorageError('storage-full', 'disk full')
  })
  const acked: number[] = []
  const records = Array.from({ length: 3500 }, (_, i) => ({ id: `r${i}`, text: `Record number ${i} of many.` }))
  const onProgress = ({ phase, done }: Progress) => {
    if (phase === 'store') acked.push(done)
  }
  await assert.rejects(add(records, { onProgress }), StorageError)
  assert.deepEqual(acked, [1000])
  assert.equal((await idsOf(store)).length, 1000)
  const sent = embeddedBy(model)
  const report = await add(records)
  assert.deepEqual(counts(report), { added: 2500, changed: 0, unchanged: 1000, removed: 0 })
  assert.equal(embeddedBy(model) - sent, 2500)
})

test('a row file that was cut off half-way is taken up where it was', async () => {
  let writes = 0
  const { store, add } = await setUp(() => {
    if (++writes === 2) throw new StorageError('storage', 'killed')
  })
  const path = await file(
    'rows.jsonl',
    Array.from({ length: 2500 }, (_, i) => `{"text":"Row number ${i} here"}\n`).join(''),
  )
  await assert.rejects(add(path), StorageError)
  assert.equal((await idsOf(store)).length, 1000)
  assert.deepEqual(counts(await add(path)), { added: 1500, changed: 0, unchanged: 1000, removed: 0 })
  assert.deepEqual(counts(await add(path)), { added: 0, changed: 0, unchanged: 2500, removed: 0 })
})

test('an abort keeps what is durable', async () => {
  const { store, add } = await setUp()
  const controller = new AbortController()
  const records = Array.from({ length: 3000 }, (_, i) => ({ id: `r${i}`, text: `Record number ${i} of many.` }))
  await assert.rejects(
    add(records, {
      signal: controller.signal,
      onProgress: ({ phase }) => {
        if (phase === 'store') controller.abort()
      },
    }),
    (error) => (error as Error).name === 'AbortError',
  )
  const stored = (await idsOf(store)).length
  assert.ok(stored >= 1000 && stored < 3000)
})

test('a stream of records is taken as it comes: at most some thousands are read ahead', async () => {
  const { store, add } = await setUp()
  let given = 0
  let ahead = 0
  async function* records(): AsyncGenerator<SourceRecord> {
    for (; given < 6000; given++) yield { id: `r${given}`, text: `Record number ${given} of many.` }
  }
  await add(records(), {
    onProgress: ({ phase, done }) => {
      if (phase === 'store') ahead = Math.max(ahead, given - done)
    },
  })
  assert.equal((await store.counts()).sources, 6000)
  assert.ok(ahead <= 3000, `${ahead} records ahead`)
})

test('in a folder an unreadable file is a notice; named, it is an error; the others are added', async () => {
  const { store, add } = await setUp()
  await file('docs/good.md', 'A good file.')
  const bad = await file('docs/latin.txt', Uint8Array.of(0x63, 0x61, 0x66, 0xe9, 0x20, 0x62))
  await file('docs/picture.txt', Uint8Array.of(0, 1, 2, 3))
  await file('docs/broken.jsonl', '{"text":"A row."}\n{"text":\n')
  const report = await add(join(folder, 'docs'))
  assert.equal(report.noticeCounts['skipped-file'], 3)
  assert.ok((await idsOf(store)).includes('good.md'))
  await assert.rejects(add(bad), (error) => error instanceof UnreadableInputError && error.byte === 3)
})

test('an empty folder, no such path and bad options are refused by name', async () => {
  const { add } = await setUp()
  await mkdir(join(folder, 'empty'))
  await assert.rejects(add(join(folder, 'empty')), InvalidArgumentError)
  await assert.rejects(add(join(folder, 'nowhere')), NotFoundError)
  const record = [{ id: 'a', text: 'Text.' }]
  const refused: [string, Parameters<typeof add>[0], object][] = [
    ['options.maxTokens', record, { maxTokens: 0 }],
    ['options.maxTokens', record, { maxTokens: 1.5 }],
    ['options.overlapTokens', record, { maxTokens: 20, overlapTokens: 11 }],
    ['options.sync', record, { sync: true }],
    ['options', record, { onprogress: () => {} }],
    ['input', 7 as never, {}],
    ['input[1]', ['a.md', 7] as never, {}],
    ['records[0].text', [{ id: 'a', text: '' }], {}],
    ['records[0].text', [{ id: 'a' }] as never, {}],
  ]
  for (const [argument, input, options] of refused)
    await assert.rejects(
      add(input, options),
      (error) => error instanceof InvalidArgumentError && error.argument === argument,
      argument,
    )
})

test('hostile metadata keys stay keys, nested values are refused', async () => {
  const { store, add } = await setUp()
  const hostile = JSON.parse('{"__proto__": "x", "constructor": "y", "a b\\"\\u0027; DROP": 1}')
  await add([{ id: 'a', text: 'Text here.', metadata: hostile }])
  assert.deepEqual(Object.keys((await store.source('a'))!.metadata).sort(), Object.keys(hostile).sort())
  assert.equal(({} as Record<string, unknown>)['x'], undefined)
  await assert.rejects(add([{ id: 'b', text: 'Text.', metadata: { deep: { x: 1 } } as never }]), InvalidArgumentError)
})

test('no records make an empty report', async () => {
  const { add } = await setUp()
  assert.deepEqual(counts(await add([])), { added: 0, changed: 0, unchanged: 0, removed: 0 })
})

test('progress never goes back and ends at everything', async () => {
  const { add } = await setUp()
  const seen: Progress[] = []
  const report = await add(
    Array.from({ length: 2200 }, (_, i) => ({ id: `r${i}`, text: `Record number ${i} of many.` })),
    { onProgress: (progress) => seen.push(progress) },
  )
  const stored = seen.filter(({ phase }) => phase === 'store').map(({ done }) => done)
  assert.deepEqual(stored, [1000, 2000, 2200])
  assert.equal(seen.at(-1)!.phase, 'index')
  assert.equal(seen.at(-1)!.done, report.passages)
})
