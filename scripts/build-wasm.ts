/**
 * Compile every kernel of src/kernels/wasm/assembly to src/kernels/wasm/build, where the loader finds it.
 * A file `name.ts` gives `name.wasm`; `name.relaxed.ts` may use relaxed SIMD; files that begin with `_` are shared parts.
 *
 * The compiled kernels (100 kB) are kept in git, so that a fresh clone answers at once; `build/sources.json` says from
 * which sources each was made, and only those whose sources changed are compiled. `--check` compiles all of them anew
 * into a folder of its own and fails when a byte differs from what is kept.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const source = join(root, 'src/kernels/wasm/assembly')
const kept = join(root, 'src/kernels/wasm/build')
const digestsFile = join(kept, 'sources.json')
const compiler = join(root, 'node_modules/assemblyscript/bin/asc.js')
const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

const files = readdirSync(source).filter((file) => file.endsWith('.ts'))
const kernels = files.filter((file) => !file.startsWith('_')).map((file) => file.slice(0, -'.ts'.length))

function optionsOf(kernel: string): string[] {
  const features = `simd,threads,bulk-memory${kernel.endsWith('.relaxed') ? ',relaxed-simd' : ''}`
  const fixed = '-O3 --noAssert --runtime stub --importMemory --sharedMemory --maximumMemory 65536 --use abort='
  return [`src/kernels/wasm/assembly/${kernel}.ts`, ...fixed.split(' '), '--enable', features]
}

/** Digest of all that decides a kernel's bytes: compiler, options, shared parts, its own source. */
function digestOf(kernel: string): string {
  const hash = createHash('sha256').update(JSON.stringify([devDependencies.assemblyscript, optionsOf(kernel)]))
  for (const file of files.filter((name) => name.startsWith('_') || name === `${kernel}.ts`))
    hash.update(`\n${file}\n`).update(readFileSync(join(source, file)))
  return hash.digest('hex')
}

async function compile(kernel: string, folder: string): Promise<void> {
  const args = [compiler, ...optionsOf(kernel), '--outFile', join(folder, `${kernel}.wasm`)]
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  const status = await new Promise((resolve) => child.on('close', resolve))
  if (status !== 0) throw new Error(`assemblyscript could not compile ${kernel}.ts`)
}

async function compileAll(list: readonly string[], folder: string): Promise<void> {
  const queue = list.toReversed()
  const work = async () => {
    for (let kernel = queue.pop(); kernel !== undefined; kernel = queue.pop()) await compile(kernel, folder)
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
}

async function update(): Promise<void> {
  mkdirSync(kept, { recursive: true })
  const digests = Object.fromEntries(kernels.map((kernel) => [kernel, digestOf(kernel)]))
  const before = existsSync(digestsFile) ? JSON.parse(readFileSync(digestsFile, 'utf8')) : {}
  const stale = kernels.filter(
    (kernel) => before[kernel] !== digests[kernel] || !existsSync(join(kept, `${kernel}.wasm`)),
  )
  await compileAll(stale, kept)
  for (const file of readdirSync(kept))
    if (file.endsWith('.wasm') && !kernels.includes(file.slice(0, -'.wasm'.length))) rmSync(join(kept, file))
  if (JSON.stringify(before) !== JSON.stringify(digests))
    writeFileSync(digestsFile, `${JSON.stringify(digests, null, 2)}\n`)
}

async function check(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'vecino-kernels-'))
  try {
    await compileAll(kernels, folder)
    const bytes = (path: string) => (existsSync(path) ? readFileSync(path) : Buffer.alloc(0))
    const differing = kernels.filter(
      (kernel) => !bytes(join(folder, `${kernel}.wasm`)).equals(bytes(join(kept, `${kernel}.wasm`))),
    )
    const total = kernels.reduce((sum, kernel) => sum + bytes(join(kept, `${kernel}.wasm`)).length, 0)
    console.log(`${kernels.length} kernels, ${total} bytes; ${differing.length} differ from their sources`)
    if (differing.length > 0) throw new Error(`run npm run build:wasm and commit: ${differing.join(', ')}`)
    if (total > 150_000) throw new Error(`the kernels are ${total} bytes, more than 150,000`)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

await (process.argv.includes('--check') ? check() : update())
