import { InvalidArgumentError } from '../../spec/errors.ts'

/** Which arithmetic a kernel runs on: the TypeScript specification, WASM SIMD, or WASM relaxed SIMD. All give one answer. */
export type Engine = 'typescript' | 'simd' | 'relaxed'

export interface Features {
  readonly simd: boolean
  readonly relaxedSimd: boolean
  /** Shared memory between workers. */
  readonly threads: boolean
  /** A relaxed dot product of bytes is one instruction of the processor (VNNI, dot product of ARM), not three. */
  readonly fusedDot: boolean
}

// Smallest modules that only validate with the feature: (module (func (drop (i8x16 op …)))).
const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
const simdModule = [...header, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 9, 1, 7, 0, 0x41, 0, 0xfd, 15, 0x1a, 11]
const relaxedModule = [
  ...header, 1, 5, 1, 0x60, 0, 1, 0x7b, 3, 2, 1, 0, 10, 15, 1, 13, 0,
  0x41, 1, 0xfd, 15, 0x41, 2, 0xfd, 15, 0xfd, 0x80, 2, 11,
] // biome-ignore format: bytes of one module

/**
 * (module (func (export "f") (result i32) (i32x4.extract_lane 0 (i32x4.relaxed_dot_i8x16_i7x16_add_s
 * (i8x16.splat 127) (i8x16.splat −1) (i32x4.splat 0))))): with −1, which is no 7-bit number, the processor's way shows.
 */
const dotModule = [
  ...header, 1, 5, 1, 0x60, 0, 1, 0x7f, 3, 2, 1, 0, 7, 5, 1, 1, 0x66, 0, 0, 10, 23, 1, 21, 0,
  0x41, 0xff, 0, 0xfd, 15, 0x41, 0x7f, 0xfd, 15, 0x41, 0, 0xfd, 17, 0xfd, 0x93, 2, 0xfd, 27, 0, 11,
] // biome-ignore format: bytes of one module

let dotIsFused: boolean | undefined

/** What this runtime can do, found by validation, not by version; and by one product, of the processor. */
export function features(): Features {
  const relaxedSimd = WebAssembly.validate(Uint8Array.from(relaxedModule))
  return {
    simd: WebAssembly.validate(Uint8Array.from(simdModule)),
    relaxedSimd,
    threads: typeof SharedArrayBuffer === 'function',
    fusedDot: relaxedSimd && isDotFused(),
  }
}

/** Where the product takes several instructions, its first saturates: at 2 · 32,767. Asked once: the processor stays. */
function isDotFused(): boolean {
  if (dotIsFused === undefined) {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(dotModule)))
    dotIsFused = (exports['f'] as () => number)() !== 65534
  }
  return dotIsFused
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
