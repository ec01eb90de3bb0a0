import { UnsupportedError } from '../../spec/errors.ts'

/** Functions of a compiled kernel: numbers in (offsets into its memory, counts), a number or nothing out. */
export type KernelExports = Readonly<Record<string, (...args: number[]) => number>>

/** By name and kind of memory: most processes need one of the two kinds, so the other is not compiled. */
const modules = new Map<string, Promise<WebAssembly.Module>>()

/**
 * Instantiate `build/<name>.wasm` over `memory`.
 * One file serves both kinds of memory: its import says "shared", and for a plain memory that flag is cleared in the bytes.
 */
export async function loadKernel<T = KernelExports>(name: string, memory: WebAssembly.Memory): Promise<T> {
  const isShared = typeof SharedArrayBuffer === 'function' && memory.buffer instanceof SharedArrayBuffer
  const key = `${name}/${isShared ? 'shared' : 'single'}`
  let compiled = modules.get(key)
  if (compiled === undefined) {
    compiled = compile(name, isShared)
    modules.set(key, compiled)
  }
  const instance = await WebAssembly.instantiate(await compiled, { env: { memory } })
  return instance.exports as T
}

async function compile(name: string, isShared: boolean): Promise<WebAssembly.Module> {
  const bytes = await readBytes(new URL(`./build/${name}.wasm`, import.meta.url))
  if (!isShared) bytes[memoryFlagsAt(bytes)] = 1
  return WebAssembly.compile(bytes as BufferSource)
}

async function readBytes(url: URL): Promise<Uint8Array> {
  if (url.protocol !== 'file:') return new Uint8Array(await (await fetch(url)).arrayBuffer())
  const { readFile } = await import('node:fs/promises')
  return new Uint8Array(await readFile(url))
}

/** Offset of the limits' flags in the import `env.memory` (0x03: shared with a maximum; 0x01: with a maximum). */
function memoryFlagsAt(bytes: Uint8Array): number {
  const pattern = [3, 0x65, 0x6e, 0x76, 6, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 2, 3]
  for (let at = 8; at < Math.min(bytes.length, 4096); at++)
    if (pattern.every((byte, i) => bytes[at + i] === byte)) return at + pattern.length - 1
  throw new UnsupportedError(
    'kernel',
    'a module that imports shared memory',
    'another one',
    'Run `npm run build:wasm`.',
  )
}
