/**
 * Build the package: kernels, then TypeScript to `dist`, then the kernels' files beside their loader, then the command
 * line in few files, because a cold start would spend a third of its time on finding and opening a hundred.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, readFileSync, rmSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))

function run(...args: string[]): void {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

rmSync(`${root}dist`, { recursive: true, force: true })
run('scripts/build-wasm.ts')
run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json')
cpSync(`${root}src/kernels/wasm/build`, `${root}dist/kernels/wasm/build`, { recursive: true })
await bundleCommandLine(`${root}dist/cli`)
chmodSync(`${root}dist/cli/main.js`, 0o755)

/** Every command stays a file of its own, imported when it is named. */
async function bundleCommandLine(folder: string): Promise<void> {
  await build({
    entryPoints: [`${folder}/main.js`],
    outdir: folder,
    allowOverwrite: true,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    external: ['onnxruntime-node', 'onnxruntime-web'],
    plugins: [keepPlaces(folder)],
    logLevel: 'warning',
  })
}

/** A module that looks for files beside itself must find them from the bundle too. */
function keepPlaces(folder: string): Plugin {
  return {
    name: 'keep-places',
    setup({ onLoad }) {
      onLoad({ filter: /dist[\\/].*\.js$/ }, ({ path }) => {
        const text = readFileSync(path, 'utf8')
        if (!text.includes('import.meta.url') || dirname(path) === folder) return undefined
        const place = JSON.stringify(relative(folder, path).replaceAll('\\', '/'))
        return { contents: text.replaceAll('import.meta.url', `new URL(${place}, import.meta.url).href`), loader: 'js' }
      })
    },
  }
}
