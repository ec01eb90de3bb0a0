import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { TestContext } from 'node:test'
import { samplePassport } from '../../testing/store-samples.ts'
import { openSqliteStore, type SqliteStoreOptions } from './store.ts'

export const passport = samplePassport()

/** A path in a fresh folder, removed after the test. */
export function freshPath(t: TestContext, name = 'docs.vecino'): string {
  const folder = mkdtempSync(join(tmpdir(), 'vecino-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, name)
}

/** A store that is closed after the test. */
export async function opened(t: TestContext, path: string, options: SqliteStoreOptions = { passport }) {
  const store = await openSqliteStore(path, options)
  t.after(() => store.close())
  return store
}

/** Change a closed file behind the store's back. */
export function tamper(path: string, sql: string): void {
  const database = new DatabaseSync(path)
  const withDefence = database as Partial<Pick<DatabaseSync, 'enableDefensive'>>
  withDefence.enableDefensive?.(false)
  database.exec(sql)
  database.close()
}
