import { InvalidArgumentError } from '../../spec/errors.ts'

/** Which arithmetic a kernel runs on: the TypeScript specification, WASM SIMD, or WASM relaxed SIMD. All give one answer. */
export type Engine = 'typescript' | 'simd' | 'relaxed'

export interface Features {
  readonly simd: boolean
  readonly relaxedSimd: boolean
  /** Shared memory between workers. */
  readonly threads: boolean
}

// Smallest modules that only validate with the feature: (module (func (drop (i8x16 op …)))).
const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
const simdModule = [...header, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 9, 1, 7, 0, 0x41, 0, 0xfd, 15, 0x1a, 11]
const relaxedModule = [
  ...header, 1, 5, 1, 0x60, 0, 1, 0x7b, 3, 2, 1, 0, 10, 15, 1, 13, 0,
  0x41, 1, 0xfd, 15, 0x41, 2, 0xfd, 15, 0xfd, 0x80, 2, 11,
] // biome-ignore format: bytes of one module

/** What this runtime can do, found by validation, not by version. */
export function features(): Features {
  return {
    simd: WebAssembly.validate(Uint8Array.from(simdModule)),
    relaxedSimd: WebAssembly.validate(Uint8Array.from(relaxedModule)),
    threads: typeof SharedArrayBuffer === 'function',
  }
}

/**
 * The fastest engine here, or the one named by the environment variable `VECINO_KERNELS`
 * (`typescript`, `simd`, `relaxed`) for whoever wants to compare.
 *
 * @throws {InvalidArgumentError} when it names anything else.
 */
export function bestEngine(): Engine {
  const asked = globalThis.process?.env['VECINO_KERNELS']
  if (asked === 'typescript' || asked === 'simd' || asked === 'relaxed') return asked
  if (asked) throw new InvalidArgumentError('VECINO_KERNELS', "'typescript', 'simd' or 'relaxed'", asked)
  const { simd, relaxedSimd } = features()
  return relaxedSimd ? 'relaxed' : simd ? 'simd' : 'typescript'
}
