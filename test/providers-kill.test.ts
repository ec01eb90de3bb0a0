import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { open } from '../src/open.ts'
import { voyageModel } from '../src/providers/index.ts'
import { rowOf } from '../src/spec/matrix.ts'
import { plantedId, readPlantedId, startFaultServer } from '../src/testing/index.ts'
import { hostedRecords, plantedKey } from './support/hosted.ts'

const worker = fileURLToPath(new URL('support/hosted-worker.ts', import.meta.url))
const records = hostedRecords(700)
const textsPerCall = 128

test('a killed job pays again for the texts of one call at most, however many calls were in flight', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'vecino-kill-'))
  const path = join(folder, 'docs.vecino')
  let killAt = Infinity
  let child: ReturnType<typeof spawn> | undefined
  const server = await startFaultServer({
    dimensions: 256,
    onRequest: (request) => {
      if (request >= killAt) child?.kill('SIGKILL')
    },
  })
  t.after(() => server.close().then(() => rmSync(folder, { recursive: true })))
  const environment = { VOYAGE_API_KEY: plantedKey, VOYAGE_BASE_URL: server.baseUrl('voyage') }
  const run = async (requests: number) => {
    killAt = server.requests.length + requests
    child = spawn(process.execPath, ['--no-warnings', worker, path, String(records.length)], {
      stdio: 'inherit',
      env: { ...process.env, ...environment },
    })
    return new Promise((resolve) => child?.on('close', resolve))
  }
  const kills = [3, 5]
  for (const requests of kills) assert.equal(await run(requests), null)
  assert.equal(await run(Infinity), 0)

  let again = 0
  for (const { text } of records) {
    const times = server.meter.texts.get(text) ?? 0
    assert.ok(times >= 1, text)
    again += times - 1
  }
  assert.ok(again <= kills.length * textsPerCall, `${again} texts paid again`)
  t.diagnostic(`${kills.length} kills, ${records.length} texts, ${again} paid again`)

  const baseUrl = server.baseUrl('voyage')
  const model = await voyageModel('voyage-4', { dimensions: 256, apiKey: plantedKey, baseUrl })
  const collection = await open(path, { model })
  const { ids, vectors } = await collection.vectors()
  assert.equal(ids.length, records.length)
  for (const [row, id] of ids.entries()) {
    const record = records[Number(id.slice(1).split('#')[0])]
    assert.equal(readPlantedId(rowOf(vectors, row)), plantedId(record?.text ?? ''))
  }
  await collection.close()
})
