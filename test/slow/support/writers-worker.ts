/**
 * One of many processes that move money between accounts, or that look on. Arguments: path, seed, how many transfers
 * (0: look on until standard input closes), how many accounts.
 */
import { VecinoError } from '../../../src/spec/errors.ts'
import { openSqliteStore } from '../../../src/stores/sqlite/store.ts'
import { sampleBatch, sampleSource } from '../../../src/testing/store-samples.ts'
import { passport, randomOf } from './crash-script.ts'

const [, , path = '', seed = '0', transfers = '0', accounts = '0'] = process.argv
const store = await openSqliteStore(path, { lockWaitMs: 60_000 })

async function balances(): Promise<number[]> {
  const rows = await store.sources({ offset: 0, limit: Number(accounts) })
  return rows.map(({ metadata }) => metadata['balance'] as number)
}

function account(number: number, balance: number) {
  return sampleSource(`account ${number}`, [`balance ${balance}`], { metadata: { balance } })
}

if (Number(transfers) > 0) {
  const random = randomOf(Number(seed))
  for (let n = 0; n < Number(transfers); n++)
    await store.asWriter(async () => {
      const from = random(Number(accounts))
      const to = (from + 1 + random(Number(accounts) - 1)) % Number(accounts)
      const amount = random(10)
      const now = await balances()
      const put = [account(from, (now[from] as number) - amount), account(to, (now[to] as number) + amount)]
      await store.write(sampleBatch(put, passport, n + 1))
    })
} else {
  let isOver = false
  process.stdin.on('end', () => {
    isOver = true
  })
  process.stdin.resume()
  const total = (await balances()).reduce((sum, balance) => sum + balance, 0)
  let reads = 0
  let lastGeneration = 0
  while (!isOver) {
    const { generation } = store
    if (generation < lastGeneration) throw new Error(`went back from state ${lastGeneration} to ${generation}`)
    lastGeneration = generation
    const sum = (await balances()).reduce((all, balance) => all + balance, 0)
    if (sum !== total) throw new Error(`saw ${sum} instead of ${total}: two states at once`)
    try {
      const { keys } = await store.keyword('balance', { topK: 1000 })
      if (keys.length !== Number(accounts)) throw new Error(`saw ${keys.length} of ${accounts} accounts`)
    } catch (error) {
      if (!VecinoError.isInstance(error) || error.code !== 'busy') throw error
    }
    reads++
    await new Promise((resolve) => setImmediate(resolve))
  }
  process.stdout.write(`${reads}\n`)
}
await store.close()
