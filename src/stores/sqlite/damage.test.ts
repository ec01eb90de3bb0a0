import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { BusyError, CorruptDataError, type VecinoError } from '../../spec/errors.ts'
import type { Store } from '../../spec/store.ts'
import { sampleBatch, sampleSource, sampleVectors } from '../../testing/store-samples.ts'
import { repairSqlite } from './repair.ts'
import { openSqliteStore } from './store.ts'
import { freshPath, opened, passport, tamper } from './test-place.ts'

const ids = ['first', 'second', 'third', 'fourth']

async function filled(path: string): Promise<void> {
  const store = await openSqliteStore(path, { passport })
  const put = ids.map((id, n) => sampleSource(id, [`${id} one `, `${id} two`], { metadata: { n, all: true } }))
  await store.write({
    ...sampleBatch(put, passport),
    files: [{ path: '/x.md', modifiedMs: 1, sizeBytes: 2, settings: '', sources: 4 }],
  })
  await store.setSetting('background', [1, 2])
  await store.cache('f', 'document', ['d'], sampleVectors(1, passport))
  await store.close()
}

const query = sampleVectors(1, passport)
const reads: Record<string, (store: Store) => Promise<unknown>> = {
  digests: async (store) => {
    for await (const _ of store.digests());
  },
  source: (store) => store.source('second'),
  nearest: (store) => store.nearest(query, { topK: 1 }),
  keyword: (store) => store.keyword('two', { topK: 1 }),
  filter: (store) => store.sources({ offset: 0, limit: 1, filter: { field: 'n', eq: 2 } }),
  keys: (store) => store.keys(),
  embedded: (store) => store.keys('embedded'),
  files: async (store) => {
    for await (const _ of store.files());
  },
  setting: (store) => store.setting('background'),
  counts: (store) => store.counts(),
}

const damages: [title: string, sql: string, detectedBy: string[], sources: string[]][] = [
  ['a text', `UPDATE passages_1 SET text=replace(text, 'second two', 'second tvo')`, ['source'], ['second']],
  ['a span', 'UPDATE passages_1 SET "end"="end"+1 WHERE key=3', ['source'], ['second']],
  ['a vector', 'UPDATE vectors_1 SET vector=zeroblob(16) WHERE key=4', ['nearest'], ['second']],
  ['a vector of another length', 'UPDATE vectors_1 SET vector=zeroblob(15) WHERE key=4', ['nearest'], ['second']],
  [
    'two vectors that changed places',
    'UPDATE vectors_1 SET key=-key; UPDATE vectors_1 SET key=9+key',
    ['nearest'],
    ids,
  ],
  ['a vector that is gone', 'DELETE FROM vectors_1 WHERE key=4', ['nearest', 'embedded'], []],
  ['a passage that is gone', 'DELETE FROM passages_1 WHERE key=4', ['source', 'keys'], []],
  ['a source that is gone', `DELETE FROM sources_1 WHERE id='second'`, ['digests'], []],
  [
    'metadata',
    `UPDATE sources_1 SET metadata='{"n":9,"all":true}' WHERE id='second'`,
    ['source', 'digests'],
    ['second'],
  ],
  ['a digest', `UPDATE sources_1 SET digest='x' WHERE id='second'`, ['source', 'digests'], ['second']],
  ['a filter value', `UPDATE fields_1 SET value=7 WHERE field='n' AND value=2`, ['filter'], []],
  ['a filter value that is gone', `DELETE FROM fields_1 WHERE field='n' AND value=2`, ['filter'], []],
  ['a block of words', 'UPDATE words_1_data SET block=zeroblob(length(block)) WHERE id>10', ['keyword'], []],
  ['a length of words', `UPDATE words_1_docsize SET sz=x'0909' WHERE id=2`, ['keyword'], []],
  ['the facts of a file', 'UPDATE files_1 SET size=3', ['files'], []],
  ['a setting', `UPDATE settings SET value='[1,3]'`, ['setting'], []],
  ['the counts', 'UPDATE collections SET passages=7', ['counts'], []],
]

for (const [title, sql, detectedBy, sources] of damages)
  test(`damage to ${title} is an error where it would be read, and verify names it`, async (t) => {
    const path = freshPath(t)
    await filled(path)
    tamper(path, sql)
    if (title === 'the counts') {
      await assert.rejects(openSqliteStore(path), CorruptDataError)
      return
    }
    const store = await opened(t, path, {})
    for (const read of detectedBy)
      await assert.rejects(reads[read]?.(store) ?? Promise.resolve(), (error: unknown) => {
        assert.ok(error instanceof CorruptDataError, `${read}: ${error}`)
        if (sources.length === 1) assert.match((error as VecinoError).message, new RegExp(sources[0] as string))
        return true
      })
    const faults = await store.verify()
    assert.ok(faults.length > 0)
    assert.deepEqual([...new Set(faults.flatMap((fault) => fault.sources))], sources)
  })

test('a damaged cache entry is no entry', async (t) => {
  const path = freshPath(t)
  await filled(path)
  tamper(path, 'UPDATE cache SET vector=zeroblob(16)')
  const store = await opened(t, path, {})
  assert.deepEqual(await store.cached('f', 'document', ['d']), [undefined])
  assert.equal((await store.verify()).length, 1)
})

test('repair keeps a copy, drops what is damaged by name, and makes the derived tables anew', async (t) => {
  const path = freshPath(t)
  await filled(path)
  tamper(path, `UPDATE passages_1 SET text='x' WHERE key=3; DELETE FROM vectors_1 WHERE key=7; DELETE FROM fields_1`)
  const damaged = readFileSync(path)
  const report = await repairSqlite(path)
  assert.deepEqual(report.collections, [{ name: 'default', kept: 2, lost: ['second', 'fourth'], unnamed: 0 }])
  assert.deepEqual(readFileSync(report.backup as string), damaged)

  const store = await opened(t, path, {})
  assert.deepEqual(await store.verify(), [])
  assert.deepEqual(await store.counts(), { sources: 2, passages: 4, tokens: 38 })
  assert.equal((await store.keyword('two', { topK: 10 })).keys.length, 4 - 2)
  assert.equal((await store.sources({ offset: 0, limit: 9, filter: { field: 'all', eq: true } })).length, 2)
  assert.deepEqual(await store.setting('background'), [1, 2])
  assert.notEqual((await store.cached('f', 'document', ['d']))[0], undefined)
  assert.ok(store.generation > 1)
  assert.ok(Math.min(...(await store.keys())) > 0)
  await store.write(sampleBatch([sampleSource('second', ['again'])], passport))
  assert.ok(Math.max(...(await store.keys())) > 8)
})

test('repair leaves a file without a fault as it is, and no copy', async (t) => {
  const path = freshPath(t)
  await filled(path)
  const before = readFileSync(path)
  const collections = [{ name: 'default', kept: 4, lost: [], unnamed: 0 }]
  assert.deepEqual(await repairSqlite(path), { backup: undefined, collections })
  assert.deepEqual(readFileSync(path), before)
  assert.ok(!existsSync(`${path}.damaged-1`))
})

test('repair saves the sources beyond a page that can not be read', async (t) => {
  const path = freshPath(t)
  const store = await openSqliteStore(path, { passport })
  const put = Array.from({ length: 300 }, (_, i) => sampleSource(`s${i}`, [`${'text '.repeat(60)}${i}`]))
  await store.write(sampleBatch(put, passport))
  await store.close()
  const bytes = readFileSync(path)
  // The last one lies in a leaf of the tree; the first may lie in its root, without which all is lost.
  const at = bytes.lastIndexOf('text text')
  bytes.fill(0xff, at - (at % 8192), at - (at % 8192) + 8192)
  writeFileSync(path, bytes)
  const [collection] = (await repairSqlite(path)).collections
  const mended = await opened(t, path, {})
  assert.deepEqual(await mended.verify(), [])
  const { sources } = await mended.counts()
  assert.ok(sources > 200 && sources < 300, `${sources} kept`)
  assert.equal(collection?.kept, sources)
  assert.equal((collection?.lost.length ?? 0) + (collection?.unnamed ?? 0), 300 - sources)
})

test('repair refuses a file that is in use, and one of which nothing can be read stays as it is', async (t) => {
  const path = freshPath(t)
  await filled(path)
  const store = await openSqliteStore(path)
  await assert.rejects(repairSqlite(path), BusyError)
  await store.close()
  tamper(path, `UPDATE collections SET passport='[]'`)
  const before = readFileSync(path)
  await assert.rejects(repairSqlite(path), CorruptDataError)
  assert.deepEqual(readFileSync(path), before)
  assert.ok(existsSync(`${path}.damaged-1`))
})
