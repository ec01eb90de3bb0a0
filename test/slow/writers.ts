/**
 * Sixteen processes move money between accounts in one file while others look on: every transfer happens once, no reader
 * ever sees another sum or an older state than before.
 *
 * node test/slow/writers.ts [--transfers=60] [--seed=1]
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { openSqliteStore } from '../../src/stores/sqlite/store.ts'
import { sampleBatch, sampleSource } from '../../src/testing/store-samples.ts'
import { passport } from './support/crash-script.ts'
import { Ledger, numberFlag } from './support/harness.ts'

const seed = numberFlag('seed', 1)
const transfers = numberFlag('transfers', 60)
const writers = 16
const readers = 2
const accounts = 40
const ledger = new Ledger()
const worker = fileURLToPath(new URL('support/writers-worker.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'vecino-writers-'))
const path = join(folder, 'bank.vecino')

function start(own: number, count: number) {
  const child = spawn(process.execPath, ['--no-warnings', worker, path, String(own), String(count), String(accounts)])
  const status = new Promise<number | null>((resolve) => child.on('close', resolve))
  return { child, status, said: text(child.stdout), complained: text(child.stderr) }
}

console.log(`writers: ${writers} processes of ${transfers} transfers, ${readers} readers, seed ${seed}`)
try {
  const store = await openSqliteStore(path, { passport })
  const put = Array.from({ length: accounts }, (_, n) =>
    sampleSource(`account ${n}`, ['balance 100'], { metadata: { balance: 100 } }),
  )
  await store.write(sampleBatch(put, passport))

  const watching = Array.from({ length: readers }, (_, n) => start(n, 0))
  const writing = Array.from({ length: writers }, (_, n) => start(seed * 1000 + n, transfers))
  for (const [n, { status, complained }] of writing.entries())
    await ledger.trial(`writer ${n} (seed ${seed})`, async () => {
      if ((await status) !== 0) throw new Error(await complained)
    })
  for (const [n, { child, status, said, complained }] of watching.entries())
    await ledger.trial(`reader ${n} (seed ${seed})`, async () => {
      child.stdin.end()
      if ((await status) !== 0) throw new Error(await complained)
      console.log(`reader ${n}: ${(await said).trim()} states seen`)
    })
  await ledger.trial(`the end (seed ${seed})`, async () => {
    const rows = await store.sources({ offset: 0, limit: accounts })
    const sum = rows.reduce((all, { metadata }) => all + (metadata['balance'] as number), 0)
    if (sum !== 100 * accounts) throw new Error(`the sum is ${sum}`)
    if (store.generation !== 1 + writers * transfers) throw new Error(`${store.generation - 1} transfers happened`)
    const faults = await store.verify()
    if (faults.length > 0) throw new Error(JSON.stringify(faults))
  })
  await store.close()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
ledger.close()
