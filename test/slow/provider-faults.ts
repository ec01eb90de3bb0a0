/**
 * The fault scripts of hosted models, thousands of texts under each: none lost, doubled or misplaced, no key in an error, the
 * receipt equal to the invoice; then 200 changes of weights, all refused, and 1,000 changes that change no vector, none
 * refused.
 *
 * node test/slow/provider-faults.ts [--inputs=20000] [--swaps=200] [--harmless=1000] [--processes=2]
 */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { numberFlag } from './support/harness.ts'

function run(suite: string, environment: Readonly<Record<string, string>>): Promise<boolean> {
  const path = fileURLToPath(new URL(`../${suite}.test.ts`, import.meta.url))
  const child = spawn(process.execPath, ['--test', '--test-reporter=dot', path], {
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  })
  return new Promise((resolve) => child.on('close', (status) => resolve(status === 0)))
}

const processes = numberFlag('processes', 2)
const inputs = String(numberFlag('inputs', 20_000))
const parts = Array.from({ length: processes }, (_, part) =>
  run('providers-faults', { VECINO_FAULT_INPUTS: inputs, VECINO_FAULT_PART: `${part}/${processes}` }),
)
const hold = await Promise.all(parts)
hold.push(
  await run('providers-swaps', {
    VECINO_SWAPS: String(numberFlag('swaps', 200)),
    VECINO_HARMLESS: String(numberFlag('harmless', 1000)),
  }),
)
console.log(`${hold.filter(Boolean).length} passed, ${hold.filter((one) => !one).length} failed`)
process.exitCode = hold.every(Boolean) ? 0 : 1
