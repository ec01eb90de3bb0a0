import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { StorageError } from '../../spec/errors.ts'
import { removal, sampleBatch, sampleSource } from '../../testing/store-samples.ts'
import { openSqliteStore } from './store.ts'
import { passport } from './test-place.ts'

/** A disk of a few megabytes, or the reason why there is none here. */
function smallDisk(t: TestContext, megabytes: number): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'vecino-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'none', folder], { stdio: 'pipe' })
  } catch {
    rmSync(folder, { recursive: true })
    t.skip('mounting a small disk takes root on Linux')
    return undefined
  }
  t.after(() => {
    execFileSync('umount', ['-l', folder])
    rmSync(folder, { recursive: true })
  })
  return folder
}

/** Take what room is left. */
function fill(folder: string): void {
  const file = openSync(join(folder, 'fill'), 'w')
  try {
    for (const size of [1 << 16, 4096, 1]) {
      const bytes = new Uint8Array(size)
      try {
        for (;;) if (writeSync(file, bytes) < size) break
      } catch (error) {
        if ((error as { code?: string }).code !== 'ENOSPC') throw error
      }
    }
  } finally {
    closeSync(file)
  }
}

const source = (n: number) => sampleSource(`s${n}`, [`${'many words of text '.repeat(200)}${n}`])

test('on a full disk a write is a typed error, what was acknowledged stays, and removing works', async (t) => {
  const folder = smallDisk(t, 10)
  if (folder === undefined) return
  const store = await openSqliteStore(join(folder, 'docs.vecino'), { passport })
  let acknowledged = 0
  await assert.rejects(
    async () => {
      for (; ; acknowledged += 50) {
        const put = Array.from({ length: 50 }, (_, i) => source(acknowledged + i))
        await store.write(sampleBatch(put, passport, acknowledged + 1))
      }
    },
    (error: unknown) => {
      assert.ok(error instanceof StorageError, String(error))
      assert.equal(error.code, 'storage-full')
      assert.match(error.message, /removing works on a full disk/)
      return true
    },
  )
  fill(folder)
  assert.ok(acknowledged >= 200, `${acknowledged} acknowledged`)
  assert.equal((await store.counts()).sources, acknowledged)
  assert.deepEqual(await store.verify(), [])

  const removed = 20
  const ids = Array.from({ length: removed }, (_, i) => `s${i}`)
  await store.write(removal(ids, passport))
  assert.equal((await store.counts()).sources, acknowledged - removed)
  assert.deepEqual(await store.verify(), [])
  rmSync(join(folder, 'fill'))
  await store.write(sampleBatch([source(0)], passport))
  await store.close()

  const again = await openSqliteStore(join(folder, 'docs.vecino'))
  assert.equal((await again.counts()).sources, acknowledged - removed + 1)
  assert.deepEqual(await again.verify(), [])
  await again.close()
})

test('a collection on a full disk is read, and can be removed from, by a process that comes later', async (t) => {
  const folder = smallDisk(t, 8)
  if (folder === undefined) return
  const path = join(folder, 'docs.vecino')
  const store = await openSqliteStore(path, { passport })
  await store.write(sampleBatch([source(1), source(2)], passport))
  await store.close()
  fill(folder)
  const reader = await openSqliteStore(path)
  assert.equal((await reader.keyword('words', { topK: 5 })).keys.length, 2)
  assert.deepEqual(await reader.verify(), [])
  await reader.write(removal(['s1'], passport))
  assert.equal((await reader.counts()).sources, 1)
  await reader.close()
})
