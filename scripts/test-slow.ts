/** Run the slow suites of test/slow one after the other: each is a program that ends with status 0 when it holds. */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../test/slow/', import.meta.url))
const asked = process.argv.slice(2)
const suites = readdirSync(folder)
  .filter((file) => /^[a-z].*\.ts$/.test(file))
  .map((file) => file.slice(0, -'.ts'.length))
  .filter((suite) => asked.length === 0 || asked.includes(suite))

const failed: string[] = []
for (const suite of suites) {
  const started = performance.now()
  console.log(`\n— ${suite}`)
  const { status } = spawnSync(process.execPath, [`${folder}${suite}.ts`], { stdio: 'inherit' })
  console.log(
    `— ${suite}: ${status === 0 ? 'holds' : 'FAILED'} after ${((performance.now() - started) / 1000).toFixed(0)} s`,
  )
  if (status !== 0) failed.push(suite)
}
console.log(`\n${suites.length - failed.length} passed, ${failed.length} failed`)
process.exitCode = failed.length === 0 && suites.length > 0 ? 0 : 1
