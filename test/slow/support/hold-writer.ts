/** Keeps the writer's place at the collection named by the first argument until it is killed. */
import { setTimeout as sleep } from 'node:timers/promises'
import { openSqliteStore } from '../../../src/stores/sqlite/store.ts'

const store = await openSqliteStore(process.argv[2] ?? '')
await store.asWriter(async () => {
  process.stdout.write('held\n')
  await sleep(60_000)
})
await store.close()
