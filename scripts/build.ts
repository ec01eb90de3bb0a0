/** Build the package: kernels, then TypeScript to `dist`, then the kernels' files beside their loader. */
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

function run(...args: string[]): void {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

rmSync(`${root}dist`, { recursive: true, force: true })
run('scripts/build-wasm.ts')
run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json')
cpSync(`${root}src/kernels/wasm/build`, `${root}dist/kernels/wasm/build`, { recursive: true })
chmodSync(`${root}dist/cli/main.js`, 0o755)
