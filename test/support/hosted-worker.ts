/** Adds the records to a collection by a hosted model, until it is killed: node hosted-worker.ts <collection> <records> */
import { open } from '../../src/open.ts'
import { hostedRecords } from './hosted.ts'

const [path = '', count = '0'] = process.argv.slice(2)
const collection = await open(path, { model: 'voyage:voyage-4?dimensions=256' })
await collection.add(hostedRecords(Number(count)))
await collection.close()
