/**
 * Writes the script's batches from where the store stands and says each number once it is acknowledged.
 * Arguments: path, seed, how many batches. A typed error ends it with status 0 and its code; any other with status 3.
 */
import { writeSync } from 'node:fs'
import { VecinoError } from '../../../src/spec/errors.ts'
import { openSqliteStore } from '../../../src/stores/sqlite/store.ts'
import { passport, Script } from './crash-script.ts'

const [, , path = '', seed = '0', batches = '1'] = process.argv
try {
  const store = await openSqliteStore(path, { passport, lockWaitMs: 10_000 })
  writeSync(1, 'open\n')
  const script = new Script(Number(seed))
  while (script.count < store.generation) script.advance()
  for (let n = 0; n < Number(batches); n++) {
    await store.write(script.next())
    script.advance()
    writeSync(1, `${script.count}\n`)
  }
  await store.close()
  writeSync(1, 'closed\n')
} catch (error) {
  if (!VecinoError.isInstance(error)) {
    writeSync(2, `${error instanceof Error ? error.stack : error}\n`)
    process.exit(3)
  }
  writeSync(1, `error ${error.code}\n`)
}
