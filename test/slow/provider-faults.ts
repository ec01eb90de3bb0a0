/**
 * The fault scripts of hosted models over more than 10⁵ texts: none lost, doubled or misplaced, no key in an error.
 *
 * node test/slow/provider-faults.ts [--inputs=3000]
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { numberFlag } from './support/harness.ts'

const suite = fileURLToPath(new URL('../providers-faults.test.ts', import.meta.url))
const { status } = spawnSync(process.execPath, ['--test', suite], {
  stdio: 'inherit',
  env: { ...process.env, VECINO_FAULT_INPUTS: String(numberFlag('inputs', 3000)) },
})
process.exitCode = status ?? 1
