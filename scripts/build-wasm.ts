/**
 * Compile every kernel of src/kernels/wasm/assembly to src/kernels/wasm/build, where the loader finds it.
 * A file `name.ts` gives `name.wasm`; `name.relaxed.ts` may use relaxed SIMD; files that begin with `_` are shared parts.
 * Only what changed is compiled again.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const source = join(root, 'src/kernels/wasm/assembly')
const output = join(root, 'src/kernels/wasm/build')
const compiler = join(root, 'node_modules/assemblyscript/bin/asc.js')

mkdirSync(output, { recursive: true })
const files = readdirSync(source).filter((file) => file.endsWith('.ts'))
const entries = files.filter((file) => !file.startsWith('_')).map((file) => file.slice(0, -'.ts'.length))
for (const file of readdirSync(output)) if (!entries.includes(file.replace(/\.wasm$/, ''))) rmSync(join(output, file))

const changed = (path: string) => statSync(path).mtimeMs
const sharedMs = Math.max(
  changed(fileURLToPath(import.meta.url)),
  ...files.filter((file) => file.startsWith('_')).map((file) => changed(join(source, file))),
)
const stale = entries.filter((name) => {
  const built = statSync(join(output, `${name}.wasm`), { throwIfNoEntry: false })
  return built === undefined || built.mtimeMs < Math.max(sharedMs, changed(join(source, `${name}.ts`)))
})

async function compile(name: string): Promise<void> {
  const options = [
    `src/kernels/wasm/assembly/${name}.ts`,
    '--outFile',
    `src/kernels/wasm/build/${name}.wasm`,
    ...'-O3 --noAssert --runtime stub --importMemory --sharedMemory --maximumMemory 65536'.split(' '),
    '--enable',
    `simd,threads,bulk-memory${name.endsWith('.relaxed') ? ',relaxed-simd' : ''}`,
    ...'--use abort='.split(' '),
  ]
  const child = spawn(process.execPath, [compiler, ...options], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  const status = await new Promise((resolve) => child.on('close', resolve))
  if (status !== 0) throw new Error(`assemblyscript could not compile ${name}.ts`)
}

const queue = stale.toReversed()
async function work(): Promise<void> {
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) await compile(name)
}
await Promise.all(Array.from({ length: availableParallelism() }, work))
