/**
 * Writes the script's batches until it is cut off, and says each number once it is acknowledged.
 * Arguments: path, seed, `product` for the store as it is, or a `synchronous` setting for a control that must lose.
 */
import { writeSync } from 'node:fs'
import { VecinoError } from '../../../src/spec/errors.ts'
import { openForWriting } from '../../../src/stores/sqlite/open-file.ts'
import { tablesOf } from '../../../src/stores/sqlite/schema.ts'
import { SourceRows } from '../../../src/stores/sqlite/source-rows.ts'
import { openSqliteStore } from '../../../src/stores/sqlite/store.ts'
import { applyBatch } from '../../../src/stores/sqlite/write-batch.ts'
import { passport, Script } from './crash-script.ts'

const [, , path = '', seed = '0', setting = 'product'] = process.argv
const script = new Script(Number(seed))
try {
  const store = await openSqliteStore(path, { passport })
  while (script.count < store.generation) script.advance()
  const tables = tablesOf(1)
  const control = setting === 'product' ? undefined : openForWriting(path).connection
  control?.exec(`PRAGMA synchronous=${setting}`)
  const rows = new SourceRows(tables)
  for (;;) {
    const batch = script.next()
    if (control === undefined) await store.write(batch)
    else control.transaction(() => applyBatch(control, tables, 1, batch, rows))
    script.advance()
    writeSync(1, `${script.count}\n`)
  }
} catch (error) {
  if (!VecinoError.isInstance(error)) throw error
}
