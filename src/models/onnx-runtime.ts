import { readFile } from 'node:fs/promises'
import { MissingDependencyError } from '../spec/errors.ts'
import type { GraphSource } from './onnx-session.ts'

/**
 * A graph's file, run by `onnxruntime-node`, which also finds weights kept beside it.
 *
 * @throws {MissingDependencyError} when it is not installed or does not load here.
 */
export async function graphOnDisk(path: string): Promise<GraphSource> {
  const { InferenceSession, Tensor } = await importRuntime()
  return {
    place: path,
    engine: 'native',
    Tensor,
    bytes: () => readFile(path),
    create: (options, written) =>
      written === undefined ? InferenceSession.create(path, options) : InferenceSession.create(written, options),
  }
}

async function importRuntime(): Promise<typeof import('onnxruntime-node')> {
  try {
    return await import('onnxruntime-node')
  } catch (cause) {
    throw new MissingDependencyError('transformer models', 'onnxruntime-node', {
      remedy: 'Install it: npm install onnxruntime-node --onnxruntime-node-install=skip.',
      cause,
    })
  }
}
