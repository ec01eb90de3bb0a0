import { UnsupportedError } from '../../spec/errors.ts'
import { features } from './features.ts'

const pageBytes = 65536
/** WASM's 32-bit address space. */
const maxPages = 65536

/**
 * Linear memory with a bump allocator: kernels get offsets, JavaScript gets views.
 * Views die when the memory grows, so ask for a view after the last `alloc`.
 */
export class Arena {
  readonly memory: WebAssembly.Memory
  private next = pageBytes

  /** @param options.shared - Memory that workers may share; falls back to plain memory where the runtime has none. */
  constructor(options: { shared?: boolean; memory?: WebAssembly.Memory } = {}) {
    const shared = (options.shared ?? false) && features().threads
    this.memory = options.memory ?? new WebAssembly.Memory({ initial: 1, maximum: maxPages, shared })
  }

  /** Offset of `bytes` fresh bytes, aligned to 64. */
  alloc(bytes: number): number {
    const at = this.next
    const end = at + Math.ceil(bytes / 64) * 64
    const missing = Math.ceil(end / pageBytes) - this.memory.buffer.byteLength / pageBytes
    if (missing > 0) {
      try {
        this.memory.grow(missing)
      } catch (cause) {
        throw new UnsupportedError(
          'kernel memory',
          `at most ${maxPages * pageBytes} bytes and free RAM for them`,
          `${end} bytes`,
          `Work in parts. (${String(cause)})`,
        )
      }
    }
    this.next = end
    return at
  }

  /** Everything allocated after `mark()` is free again after `release(mark)`. */
  mark(): number {
    return this.next
  }

  release(mark: number): void {
    this.next = mark
  }

  float32(at: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, at, length)
  }

  int32(at: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, at, length)
  }

  int8(at: number, length: number): Int8Array {
    return new Int8Array(this.memory.buffer, at, length)
  }

  uint8(at: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, at, length)
  }
}
