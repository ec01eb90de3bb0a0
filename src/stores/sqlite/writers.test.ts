import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { BusyError } from '../../spec/errors.ts'
import { rowOf } from '../../spec/matrix.ts'
import { removal, sampleBatch, sampleSource, sampleVectors } from '../../testing/store-samples.ts'
import { backupSqlite } from './backup.ts'
import { openSqliteStore } from './store.ts'
import { freshPath, opened, passport } from './test-place.ts'

const holder = fileURLToPath(new URL('../../../test/slow/support/hold-writer.ts', import.meta.url))

/** A process that keeps the writer's place until it is killed. */
async function holding(path: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [...process.execArgv, '--no-warnings', holder, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout as NodeJS.ReadableStream, 'data')
  return child
}

test('a second writer gets a busy error that names the first, reads meanwhile, and comes after it is killed', async (t) => {
  const path = freshPath(t)
  const store = await opened(t, path, { passport, lockWaitMs: 40 })
  await store.write(sampleBatch([sampleSource('a', ['one'])], passport))
  const child = await holding(path)
  t.after(() => child.kill('SIGKILL'))
  const write = () => store.write(sampleBatch([sampleSource('b', ['two'])], passport))
  await assert.rejects(write(), (error: unknown) => {
    assert.ok(error instanceof BusyError)
    assert.equal(error.holder, child.pid)
    assert.match(error.message, new RegExp(`process ${child.pid}`))
    return true
  })
  await assert.rejects(
    store.asWriter(async () => assert.fail('not in its place')),
    BusyError,
  )
  assert.equal((await store.keyword('one', { topK: 1 })).keys.length, 1)
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
  await write()
  assert.equal((await store.counts()).sources, 2)
})

test('two stores of one process take turns too', async (t) => {
  const path = freshPath(t)
  const a = await opened(t, path, { passport, lockWaitMs: 0 })
  const b = await opened(t, path, { passport, lockWaitMs: 0 })
  await a.asWriter(async () => {
    await assert.rejects(b.write(sampleBatch([sampleSource('b', ['two'])], passport)), (error: unknown) => {
      assert.equal((error as BusyError).holder, process.pid)
      return true
    })
  })
  await b.write(sampleBatch([sampleSource('b', ['two'])], passport))
  assert.equal((await a.counts()).sources, 1)
  assert.equal(a.generation, b.generation)
})

test('a write waits for another that is short', async (t) => {
  const path = freshPath(t)
  const a = await opened(t, path, { passport, lockWaitMs: 10_000 })
  const b = await opened(t, path, { passport, lockWaitMs: 10_000 })
  const { promise, resolve } = Promise.withResolvers<void>()
  const held = a.asWriter(() => promise)
  const written = b.write(sampleBatch([sampleSource('b', ['two'])], passport))
  resolve()
  await Promise.all([held, written])
  assert.equal((await a.counts()).sources, 1)
})

test('opening and reading take no lock', async (t) => {
  const path = freshPath(t)
  const a = await opened(t, path, { passport, lockWaitMs: 0 })
  await a.asWriter(async () => {
    const b = await openSqliteStore(path, { passport, lockWaitMs: 0 })
    assert.deepEqual(await b.verify(), [])
    await b.close()
  })
})

test('a store sees what another wrote, also in its memory of the vectors', async (t) => {
  const path = freshPath(t)
  const a = await opened(t, path)
  const b = await opened(t, path)
  const batch = sampleBatch([sampleSource('a', ['one'])], passport)
  const query = { ...batch.vectors, rows: 1 }
  assert.equal((await b.nearest(query, { topK: 1 }))[0]?.keys.length, 0)
  await a.write(batch)
  assert.equal((await b.nearest(query, { topK: 1 }))[0]?.keys.length, 1)
  await a.write(removal(['a'], passport))
  assert.equal((await b.nearest(query, { topK: 1 }))[0]?.keys.length, 0)
})

test('a backup made while others write is one committed state', async (t) => {
  const path = freshPath(t)
  const store = await opened(t, path)
  for (let n = 0; n < 8; n++) {
    const pair = [sampleSource(`a${n}`, ['left ']), sampleSource(`b${n}`, ['right'])]
    const writing = store.write(sampleBatch(pair, passport, n + 1))
    const target = freshPath(t, 'copy.vecino')
    await Promise.all([writing, backupSqlite(path, target)])
    const copy = await openSqliteStore(target, { readOnly: true })
    assert.deepEqual(await copy.verify(), [])
    const { sources } = await copy.counts()
    assert.ok(sources === 2 * n || sources === 2 * n + 2)
    await copy.close()
  }
  assert.ok(readFileSync(path).length > 0)
  await assert.rejects(backupSqlite(path, path), /another file/)
})

test('vectors come back bit by bit', async (t) => {
  const store = await opened(t, freshPath(t))
  const vectors = sampleVectors(2, passport)
  vectors.data.set([1.4e-45, -0, 3.4e38, -1.1754944e-38])
  await store.write({ ...sampleBatch([sampleSource('a', ['one ', 'two'])], passport), vectors })
  const [first] = await store.keys()
  const back = await store.vectors(Int32Array.from([first as number]))
  assert.deepEqual(new Uint8Array(back.data.buffer), new Uint8Array(rowOf(vectors, 0).slice().buffer))
})
