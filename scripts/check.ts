/** Everything that can be said of the code without running it: format and lint, types, dead code, the package as users get it. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const checks: readonly (readonly [string, string])[] = [
  ['format and lint', 'biome ci .'],
  ['types', 'tsc -p .'],
  ['dead code', 'knip'],
  ['kernels', 'node scripts/build-wasm.ts --check'],
  ['build', 'node scripts/build.ts'],
  ['package', 'publint --strict'],
  ['types of the package', 'attw --pack . --profile esm-only --quiet'],
]

const failed = checks.filter(([title, command]) => {
  console.log(`\n— ${title}: ${command}`)
  const { status } = spawnSync(command, { cwd: root, stdio: 'inherit', shell: true })
  return status !== 0
})
console.log(failed.length === 0 ? '\nall checks passed' : `\nfailed: ${failed.map(([title]) => title).join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
