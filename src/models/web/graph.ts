import { InvalidArgumentError, MissingDependencyError, NotFoundError, UnsupportedError } from '../../spec/errors.ts'
import type { GraphSource } from '../onnx-session.ts'
import { fetched, ownAddress } from './files.ts'

type Runtime = typeof import('onnxruntime-web/wasm')

/** Of the runtime, which a page starts once: models opened later use it as the first one set it up, and may say no other. */
export interface WebRuntimeOptions {
  /**
   * The runtime's `ort-wasm-simd-threaded.wasm`: an address of the page's own origin, or its bytes.
   * @default the file beside the runtime's script, where bundlers put it
   */
  readonly wasm?: string | URL | Uint8Array | undefined
  /** Integer ≥ 1; more than one needs a page that is cross-origin isolated. @default there the logical cores, at most 8; else 1 */
  readonly threads?: number | undefined
}

const needed = 'transformer models in a page'
const file = 'ort-wasm-simd-threaded.wasm'
let started:
  | { readonly runtime: Promise<Runtime>; readonly wasm: string | undefined; readonly threads: number }
  | undefined

/**
 * A graph in memory, run by `onnxruntime-web`.
 *
 * @param place - What messages call it.
 * @throws {MissingDependencyError} when the runtime is not installed, or its WASM not found.
 * @throws {InvalidArgumentError} for options unlike those the runtime was started with.
 * @throws {UnsupportedError} for several threads where a page cannot share memory.
 */
export async function graphOnWeb(place: string, bytes: Uint8Array, options: WebRuntimeOptions): Promise<GraphSource> {
  const { InferenceSession, Tensor } = await start(options)
  return {
    place,
    engine: 'wasm',
    Tensor,
    bytes: async () => bytes,
    async create(settings, written) {
      try {
        return await InferenceSession.create(written ?? bytes, settings)
      } catch (cause) {
        // So it says when its WASM did not load; any other error is about the graph.
        if (!String(cause).includes('no available backend')) throw cause
        throw new MissingDependencyError(needed, file, {
          remedy:
            'Serve the file, which stands in the folder dist of onnxruntime-web, and name its address: options.wasm.',
          cause,
        })
      }
    },
    turn,
  }
}

async function start({ wasm, threads = started?.threads ?? mostThreads() }: WebRuntimeOptions): Promise<Runtime> {
  if (!Number.isInteger(threads) || threads < 1)
    throw new InvalidArgumentError('options.threads', 'an integer ≥ 1', threads)
  if (threads > 1 && globalThis.crossOriginIsolated === false)
    throw new UnsupportedError(
      'options.threads',
      'a page that is cross-origin isolated, or 1',
      `${threads} on a page that is not`,
      'Serve the page with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp.',
    )
  const address = wasm === undefined || wasm instanceof Uint8Array ? undefined : ownAddress(wasm, 'options.wasm')
  if (started === undefined) {
    const runtime = importRuntime(wasm instanceof Uint8Array ? wasm : address, threads)
    started = { runtime, wasm: address?.href, threads }
    runtime.catch(() => {
      started = undefined
    })
  } else if (started.threads !== threads || (address !== undefined && address.href !== started.wasm))
    throw new InvalidArgumentError(
      'options',
      `what the runtime was started with: ${started.threads} threads, wasm ${started.wasm ?? 'of its own'}`,
      `${threads} threads, wasm ${address?.href ?? 'of its own'}`,
      'A page starts the runtime once.',
    )
  return started.runtime
}

async function importRuntime(wasm: URL | Uint8Array | undefined, threads: number): Promise<Runtime> {
  const binary = wasm instanceof URL ? await fetched(wasm) : wasm
  if (wasm !== undefined && binary === undefined)
    throw new NotFoundError('options.wasm', String(wasm), `Serve ${file} of onnxruntime-web there.`)
  let runtime: Runtime
  try {
    runtime = await import('onnxruntime-web/wasm')
  } catch (cause) {
    throw new MissingDependencyError(needed, 'onnxruntime-web', { cause })
  }
  runtime.env.wasm.numThreads = threads
  if (binary !== undefined) runtime.env.wasm.wasmBinary = binary
  return runtime
}

function mostThreads(): number {
  return globalThis.crossOriginIsolated === true ? Math.min(8, Math.max(1, navigator.hardwareConcurrency)) : 1
}

/** The runtime computes in the calling thread and gives none of its time to others; a page would stand still for a whole job. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    // Not a timer, which pages in the background get once a second.
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}
