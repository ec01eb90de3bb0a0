import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { MissingDependencyError, UnsupportedError } from '../spec/errors.ts'
import { graphParts } from './graph-on-disk.ts'
import type { GraphSource } from './onnx-session.ts'

/**
 * A graph's file, run by `onnxruntime-node`, which also finds weights kept beside it; where that is not installed, by
 * `onnxruntime-web`, several times slower.
 *
 * @throws {MissingDependencyError} when neither is installed, or the first does not load here.
 * @throws {UnsupportedError} for weights beside the graph, where only the second is installed.
 */
export async function graphOnDisk(path: string): Promise<GraphSource> {
  try {
    const { InferenceSession, Tensor } = await import('onnxruntime-node')
    return {
      place: path,
      engine: 'native',
      Tensor,
      bytes: () => readFile(path),
      create: (options, written) =>
        written === undefined ? InferenceSession.create(path, options) : InferenceSession.create(written, options),
    }
  } catch (cause) {
    const wasm = isAbsent(cause) ? await webRuntime() : undefined
    if (wasm === undefined)
      throw new MissingDependencyError('transformer models', 'onnxruntime-node', {
        remedy: 'Install it: npm install onnxruntime-node --onnxruntime-node-install=skip.',
        cause,
      })
    const [, beside] = await graphParts(path)
    if (beside !== undefined)
      throw new UnsupportedError(
        path,
        'weights in the graph itself',
        beside,
        'npm install onnxruntime-node reads them where they are.',
      )
    const { graphOnWeb } = await import('./web/graph.ts')
    return graphOnWeb(path, await readFile(path), { wasm, threads: 1 })
  }
}

/** The WASM of `onnxruntime-web`; undefined where it is not installed. */
async function webRuntime(): Promise<Uint8Array | undefined> {
  try {
    return await readFile(fileURLToPath(import.meta.resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm')))
  } catch {
    return undefined
  }
}

function isAbsent(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'ERR_MODULE_NOT_FOUND'
}
