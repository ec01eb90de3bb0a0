import { InvalidArgumentError } from '../spec/errors.ts'
import type { Arena } from './wasm/arena.ts'
import { bestEngine, type Engine } from './wasm/features.ts'
import { type Call, Pool } from './wasm/pool.ts'

/** Functions of a kernel in TypeScript, over the same memory and with the same arguments as its compiled twin's. */
export type Methods<Name extends string> = Readonly<Record<Name, (...call: number[]) => unknown>>

/** Runs calls of one kernel, whichever engine it is on. */
export interface Runner<Name extends string> {
  /** Threads that take part; 1 on the TypeScript engine. */
  readonly threads: number
  /** What each call returned. */
  run(method: Name, calls: readonly Call[]): Promise<Float64Array>
  /** [from, to) of `parts` about equal parts of `rows`, each starting at a multiple of 64: no two threads share a cache line. */
  split(rows: number, parts?: number): (readonly [number, number])[]
  close(): void
}

/**
 * @param name - Kernel in wasm/assembly.
 * @param specification - The same functions in TypeScript; made on the first run, when the arena has its final size.
 */
export function createRunner<Name extends string>(
  arena: Arena,
  name: string,
  specification: (memory: WebAssembly.Memory) => Methods<Name>,
  options: { readonly threads: number; readonly engine?: Engine | undefined },
): Runner<Name> {
  const engine = options.engine ?? bestEngine()
  if (engine !== 'typescript') {
    const pool = new Pool(arena, options.threads)
    return {
      threads: pool.threads,
      run: (method, calls) => pool.run(name, method, calls),
      split: (rows, parts = pool.threads) => split(rows, parts),
      close: () => pool.close(),
    }
  }
  let methods: Methods<Name> | undefined
  return {
    threads: 1,
    async run(method, calls) {
      methods ??= specification(arena.memory)
      return Float64Array.from(calls, (call) => Number(methods![method](...call) ?? 0))
    },
    split,
    close: () => {},
  }
}

function split(rows: number, parts = 1): (readonly [number, number])[] {
  if (!Number.isSafeInteger(parts) || parts < 1)
    throw new InvalidArgumentError('parts', 'an integer of at least 1', parts)
  const size = Math.ceil(rows / parts / 64) * 64
  const ranges: (readonly [number, number])[] = []
  for (let from = 0; from < rows; from += size) ranges.push([from, Math.min(rows, from + size)])
  return ranges
}
