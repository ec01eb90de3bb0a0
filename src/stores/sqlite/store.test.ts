import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { storeConformance } from '../../testing/store-conformance.ts'
import { openSqliteStore } from './store.ts'

storeConformance('sqlite file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vecino-store-'))
  return {
    isDurable: true,
    open: (passport) => openSqliteStore(join(folder, 'docs.vecino'), { passport }),
    dispose: async () => rmSync(folder, { recursive: true }),
  }
})

storeConformance('sqlite in memory', async () => ({
  isDurable: false,
  open: (passport) => openSqliteStore(':memory:', { passport }),
  dispose: async () => {},
}))
