/**
 * Kill a paid embedding job at random moments and start it again until it is done. Afterwards every record is there once
 * with its own vector, and what was paid twice is at most one batch a kill: the texts of one call.
 *
 * node test/slow/paid-crash.ts [--kills=50] [--seed=1]
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createRandom } from '../../src/kernels/random.ts'
import { open } from '../../src/open.ts'
import { rowOf } from '../../src/spec/matrix.ts'
import { Ledger, numberFlag } from './support/harness.ts'
import { paidModel, records, textsPerCall } from './support/paid-script.ts'

const mostKills = numberFlag('kills', 50)
const random = createRandom(numberFlag('seed', 1))
const worker = fileURLToPath(new URL('support/paid-worker.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'vecino-paid-'))
const ledger = new Ledger()
let kills = 0
let paidTwice = 0

/** Run the job; kill it some milliseconds after it has opened the collection, if asked. */
async function run(path: string, invoice: string, killAfterMs: number | undefined): Promise<boolean> {
  const child = spawn(process.execPath, ['--no-warnings', worker, path, invoice], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') },
  })
  let said = ''
  child.stdout.on('data', async (chunk) => {
    const isFirst = said === ''
    said += chunk
    if (!isFirst || killAfterMs === undefined) return
    await sleep(killAfterMs)
    child.kill('SIGKILL')
  })
  const status = await new Promise((resolve) => child.on('close', resolve))
  if (status === 0) return true
  assert.equal(status, null, said)
  kills++
  return false
}

function paid(invoice: string): string[] {
  const calls = readFileSync(invoice, 'utf8').trim().split('\n')
  return calls.flatMap((line) => JSON.parse(line)).filter((text) => text.startsWith('Record'))
}

try {
  for (let job = 0; kills < mostKills; job++)
    await ledger.trial(`job ${job}`, async () => {
      const path = join(folder, `${job}.vecino`)
      const invoice = join(folder, `${job}.invoice`)
      const before = kills
      while (kills < mostKills && !(await run(path, invoice, random.below(400))));
      await run(path, invoice, undefined)
      const texts = paid(invoice)
      assert.equal(new Set(texts).size, records.length)
      const again = texts.length - records.length
      paidTwice += again
      assert.ok(again <= (kills - before) * textsPerCall, `${again} texts paid twice`)

      const model = paidModel(async () => {})
      const collection = await open(path, { model })
      const { ids, vectors } = await collection.vectors()
      assert.deepEqual(ids.toSorted(), records.map(({ id }) => id).sort())
      const expected = await model.embed(
        ids.map((id) => records[Number(id.slice(1))]?.text ?? ''),
        { task: 'document' },
      )
      for (let row = 0; row < ids.length; row++)
        assert.deepEqual(rowOf(vectors, row), rowOf(expected.vectors, row), `vector of ${ids[row]}`)
      await collection.close()
    })
  console.log(`${kills} kills; ${paidTwice} texts paid twice, at most ${kills * textsPerCall} allowed`)
} finally {
  rmSync(folder, { recursive: true })
}
ledger.close()
