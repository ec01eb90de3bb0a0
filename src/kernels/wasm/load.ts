import { UnsupportedError } from '../../spec/errors.ts'

/** Functions of a compiled kernel: numbers in (offsets into its memory, counts), a number or nothing out. */
export type KernelExports = Readonly<Record<string, (...args: number[]) => number>>

const modules = new Map<string, Promise<{ shared: WebAssembly.Module; single: WebAssembly.Module }>>()

/**
 * Instantiate `build/<name>.wasm` over `memory`.
 * One file serves both kinds of memory: its import says "shared", and for a plain memory that flag is cleared in the bytes.
 */
export async function loadKernel<T = KernelExports>(name: string, memory: WebAssembly.Memory): Promise<T> {
  let compiled = modules.get(name)
  if (compiled === undefined) {
    compiled = compile(name)
    modules.set(name, compiled)
  }
  const { shared, single } = await compiled
  const isShared = typeof SharedArrayBuffer === 'function' && memory.buffer instanceof SharedArrayBuffer
  const instance = await WebAssembly.instantiate(isShared ? shared : single, { env: { memory } })
  return instance.exports as T
}

async function compile(name: string): Promise<{ shared: WebAssembly.Module; single: WebAssembly.Module }> {
  const bytes = await readBytes(new URL(`./build/${name}.wasm`, import.meta.url))
  const plain = bytes.slice()
  plain[memoryFlagsAt(plain)] = 1
  return {
    shared: await WebAssembly.compile(bytes as BufferSource),
    single: await WebAssembly.compile(plain as BufferSource),
  }
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
