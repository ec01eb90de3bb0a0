/** Adds the records of `paid-crash.ts` with a model whose every call is written down as paid before it is answered. */
import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { open } from '../../../src/open.ts'
import { paidModel, records } from './paid-script.ts'

const [path, invoice] = process.argv.slice(2) as [string, string]
const model = paidModel(async (texts) => {
  appendFileSync(invoice, `${JSON.stringify(texts)}\n`)
  await sleep(3)
})
const collection = await open(path, { model })
console.log('open')
const { embedded, reused } = await collection.add(records)
await collection.close()
console.log(`done ${embedded} ${reused}`)
