import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runtimeWasm } from '../../../test/support/mini-lm.ts'
import { graphOnWeb } from './graph.ts'

test('models opened later use the runtime as the first one set it up, and may say no other', async () => {
  const open = (options: Parameters<typeof graphOnWeb>[2]) => graphOnWeb('graph', new Uint8Array(), options)
  await open({ wasm: runtimeWasm(), threads: 2 })
  await open({})
  await open({ threads: 2 })
  await assert.rejects(open({ threads: 1 }), /A page starts the runtime once/)
})
