import assert from 'node:assert/strict'
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import {
  FormatVersionError,
  InvalidArgumentError,
  NotFoundError,
  PassportMismatchError,
  StorageError,
  UnreadableInputError,
  UnsupportedError,
} from '../../spec/errors.ts'
import { type Passport, passportFields } from '../../spec/passport.ts'
import { otherPassport, sampleBatch, sampleSource, sampleVectors } from '../../testing/store-samples.ts'
import { Connection } from './connection.ts'
import { discardEmptySqlite } from './discard-empty.ts'
import { applicationId, fileState, formatVersion, migrate } from './schema.ts'
import { assertSqliteVersion, toTypedError } from './sqlite-errors.ts'
import { openSqliteStore, readPassport, sqliteCollections } from './store.ts'
import { freshPath, opened, passport, tamper } from './test-place.ts'

test('a collection is opened by name, each with a passport of its own', async (t) => {
  const path = freshPath(t)
  const other: Passport = { ...passport, model: 'other', dimensions: 2 }
  const first = await opened(t, path)
  const second = await opened(t, path, { name: 'ü "; --', passport: other })
  await first.write(sampleBatch([sampleSource('a', ['one'])], passport))
  await second.write(sampleBatch([sampleSource('a', ['two']), sampleSource('b', ['three'])], other))
  assert.equal((await first.counts()).sources, 1)
  assert.equal((await second.counts()).sources, 2)
  assert.deepEqual(await sqliteCollections(path), [
    { name: 'default', passport, passages: 1 },
    { name: 'ü "; --', passport: other, passages: 2 },
  ])
  assert.deepEqual(await readPassport(path), passport)
  assert.equal(await readPassport(path, 'none'), undefined)
  assert.equal((await second.info()).name, 'ü "; --')
})

test('opening without a passport takes the stored one, and with another is refused for every field', async (t) => {
  const path = freshPath(t)
  const made = await openSqliteStore(path, { passport })
  await made.write(sampleBatch([sampleSource('a', ['one'])], passport))
  await made.close()
  const adopted = await opened(t, path, {})
  assert.deepEqual(adopted.passport, passport)
  for (const field of passportFields)
    await assert.rejects(openSqliteStore(path, { passport: otherPassport(passport, field) }), (error: unknown) => {
      assert.ok(error instanceof PassportMismatchError)
      assert.ok(error.differences.some((difference) => difference.field === field))
      return true
    })
})

test('a collection without a source takes another passport, and who has the old one open does not go on with it', async (t) => {
  const path = freshPath(t)
  const other: Passport = { ...passport, model: 'other' }
  const first = await opened(t, path)
  await first.setSetting('model', 'first')
  const second = await opened(t, path, { passport: other })
  assert.deepEqual(second.passport, other)
  assert.equal(await second.setting('model'), undefined)
  await second.write(sampleBatch([sampleSource('a', ['one'])], other))
  assert.deepEqual(await second.verify(), [])
  assert.deepEqual(await sqliteCollections(path), [{ name: 'default', passport: other, passages: 1 }])
  await assert.rejects(first.write(sampleBatch([sampleSource('b', ['two'])], passport)))
  await assert.rejects(first.keys())
  await assert.rejects(openSqliteStore(path, { passport }), PassportMismatchError)
  assert.equal((await second.counts()).sources, 1)
})

test('a file in which nothing was stored is discarded with its side files, any other is left alone', async (t) => {
  const path = freshPath(t)
  const files = () => readdirSync(dirname(path)).length
  const empty = await opened(t, path)
  await empty.setSetting('model', 'x')
  assert.equal(await discardEmptySqlite(path), false)
  await empty.close()
  assert.equal(await discardEmptySqlite(path), true)
  assert.equal(files(), 0)
  assert.equal(await discardEmptySqlite(path), false)

  const paid = await opened(t, path)
  await paid.cache('f', 'document', ['d'], sampleVectors(1, passport))
  await paid.close()
  assert.equal(await discardEmptySqlite(path), false)

  const other = join(dirname(path), 'other.vecino')
  const filled = await opened(t, other)
  await filled.write(sampleBatch([sampleSource('a', ['one'])], passport))
  await filled.write({ ...sampleBatch([], passport), remove: ['a'] })
  await filled.close()
  assert.equal(await discardEmptySqlite(other), false)
})

test('a file that may not be opened or written names its folder and the rights of it', (t) => {
  const path = freshPath(t)
  chmodSync(dirname(path), 0o555)
  for (const errcode of [8, 14]) {
    const error = toTypedError(Object.assign(new Error('unable to open database file'), { errcode }), path)
    assert.ok(error instanceof StorageError)
    assert.ok(error.message.includes(`${dirname(path)} (rights 555)`), error.message)
  }
})

test('a folder is refused as a collection, and so is a file in a folder that is not there', async (t) => {
  const path = freshPath(t)
  const folder = dirname(path)
  await assert.rejects(
    openSqliteStore(folder, { passport }),
    (error) => error instanceof InvalidArgumentError && error.message.includes('It is a folder'),
  )
  await assert.rejects(readPassport(folder), InvalidArgumentError)
  const missing = join(folder, 'nowhere')
  await assert.rejects(
    openSqliteStore(join(missing, 'docs.vecino'), { passport }),
    (error) => error instanceof NotFoundError && error.id === missing,
  )
  assert.equal(existsSync(missing), false)
})

test('what is not there is not made by reading it', async (t) => {
  const path = freshPath(t)
  await assert.rejects(openSqliteStore(path), NotFoundError)
  await assert.rejects(openSqliteStore(path, { passport, readOnly: true }), NotFoundError)
  assert.equal(await readPassport(path), undefined)
  assert.equal(existsSync(path), false)
  await (await openSqliteStore(path, { passport })).close()
  await assert.rejects(openSqliteStore(path, { name: 'other' }), /the file holds default/)
  await assert.rejects(openSqliteStore(`${path}/no/folder`, { passport }), NotFoundError)
  for (const wrong of ['', 'file:x?mode=memory', 'a\0b'])
    await assert.rejects(openSqliteStore(wrong, { passport }), InvalidArgumentError)
  await assert.rejects(openSqliteStore(path, { passport, name: '' }), InvalidArgumentError)
})

test('a file that is not a collection is refused and left alone', async (t) => {
  const path = freshPath(t)
  const text = 'Dear diary, this is no database at all. '.repeat(100)
  writeFileSync(path, text)
  await assert.rejects(openSqliteStore(path, { passport }), UnreadableInputError)
  assert.equal(readFileSync(path, 'utf8'), text)

  const foreign = freshPath(t)
  tamper(foreign, 'CREATE TABLE theirs(x); INSERT INTO theirs VALUES(1)')
  const before = readFileSync(foreign)
  await assert.rejects(openSqliteStore(foreign, { passport }), /SQLite file of another program/)
  assert.deepEqual(readFileSync(foreign), before)
})

test('an empty file becomes a collection, as after a crash between making and filling it', async (t) => {
  const path = freshPath(t)
  writeFileSync(path, '')
  await assert.rejects(openSqliteStore(path), NotFoundError)
  const store = await opened(t, path)
  await store.write(sampleBatch([sampleSource('a', ['one'])], passport))
  assert.equal((await store.counts()).sources, 1)
})

test('a file of a newer format is refused and not touched', async (t) => {
  const path = freshPath(t)
  await (await openSqliteStore(path, { passport })).close()
  tamper(path, `PRAGMA user_version=${formatVersion + 1}`)
  const before = readFileSync(path)
  await assert.rejects(openSqliteStore(path, { passport }), (error: unknown) => {
    assert.ok(error instanceof FormatVersionError)
    assert.equal(error.found, formatVersion + 1)
    return true
  })
  assert.deepEqual(readFileSync(path), before)
})

test('an older file is migrated step by step in one transaction, or stays as it was', (t) => {
  const path = freshPath(t)
  tamper(
    path,
    `PRAGMA application_id=${applicationId}; PRAGMA user_version=1; CREATE TABLE old(x); INSERT INTO old VALUES(7)`,
  )
  const connection = new Connection(path, { access: 'write' })
  t.after(() => connection.close())
  assert.equal(fileState(connection, 3), 'older')
  const second = (c: Connection) => c.exec('ALTER TABLE old RENAME TO new')
  const failing = new Map([
    [2, second],
    [
      3,
      () => {
        throw new Error('power cut')
      },
    ],
  ])
  assert.throws(() => migrate(connection, failing, 3), /power cut/)
  assert.equal(connection.number('PRAGMA user_version'), 1)
  assert.equal(connection.number('SELECT x FROM old'), 7)

  const working = new Map([
    [2, second],
    [3, (c: Connection) => c.exec('UPDATE new SET x=x+1')],
  ])
  migrate(connection, working, 3)
  assert.equal(fileState(connection, 3), 'current')
  assert.equal(connection.number('SELECT x FROM new'), 8)
  migrate(connection, working, 3)
  assert.equal(connection.number('SELECT x FROM new'), 8)
  assert.throws(() => migrate(connection, new Map(), 4), FormatVersionError)
})

test('an older file is not migrated by one who may only read', async (t) => {
  const path = freshPath(t)
  await (await openSqliteStore(path, { passport })).close()
  tamper(path, 'PRAGMA user_version=0')
  await assert.rejects(openSqliteStore(path, { readOnly: true }), /expected a format version from 1/)
})

test('a read-only store reads and refuses to write', async (t) => {
  const path = freshPath(t)
  const writer = await openSqliteStore(path, { passport })
  await writer.write(sampleBatch([sampleSource('a', ['one'])], passport))
  await writer.close()
  const store = await opened(t, path, { readOnly: true })
  assert.equal((await store.counts()).sources, 1)
  assert.equal((await store.keyword('one', { topK: 1 })).keys.length, 1)
  await assert.rejects(store.write(sampleBatch([sampleSource('b', ['two'])], passport)), UnsupportedError)
  await assert.rejects(store.setSetting('a', 1), UnsupportedError)
})

test('nothing is left beside a closed collection but its lock and its reserve', async (t) => {
  const path = freshPath(t)
  const writer = await openSqliteStore(path, { passport })
  await writer.write(sampleBatch([sampleSource('a', ['one'])], passport))
  await writer.close()
  const reader = await openSqliteStore(path)
  await reader.keyword('one', { topK: 1 })
  await reader.close()
  assert.deepEqual(readdirSync(dirname(path)).sort(), ['docs.vecino', 'docs.vecino-lock', 'docs.vecino-reserve'])
})

test('no statement may attach another file', (t) => {
  if (!('limits' in DatabaseSync.prototype || 'setAuthorizer' in DatabaseSync.prototype))
    return t.skip('this Node offers no way to forbid it')
  const connection = new Connection(freshPath(t), { access: 'write' })
  t.after(() => connection.close())
  assert.throws(() => connection.exec(`ATTACH '${freshPath(t, 'other')}' AS other`), /not authorized|too many attached/)
})

test('a SQLite too old for the format is refused by name', () => {
  assertSqliteVersion('3.43.0')
  assertSqliteVersion('4.0.0')
  assert.throws(() => assertSqliteVersion('3.42.9'), UnsupportedError)
  assert.throws(() => assertSqliteVersion('none'), UnsupportedError)
})
