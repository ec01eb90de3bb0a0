import { basename, resolve } from 'node:path'
import { InvalidArgumentError } from '../spec/errors.ts'
import { loadTokenizer } from '../text/tokenizers/load.ts'
import type { GraphDtype } from './graph-files.ts'
import { digestOfGraph, findGraph } from './graph-on-disk.ts'
import { digestOf, onDisk } from './model-files.ts'
import { graphOnDisk } from './onnx-runtime.ts'
import { prepareTransformer } from './prepare-transformer.ts'
import { Transformer } from './transformer-model.ts'
import { TransformerThreads } from './transformer-threads.ts'

export interface TransformerOptions {
  /** Which of the folder's graphs to run; each gives vectors of its own, so it is part of the passport. @default 'float32' */
  readonly dtype?: GraphDtype | undefined
  /** Threads of one call, integer ≥ 1. @default the logical cores, at most 8 */
  readonly threads?: number | undefined
  /** Keep only the first values of each vector, integer from 1 to the model's; for models trained for it. @default all */
  readonly dimensions?: number | undefined
  /** The model's name on the hub, where the folder does not show it. @default the folder's name */
  readonly name?: string | undefined
}

/**
 * Open a sentence-transformers folder that holds ONNX graphs.
 *
 * @param folder - With tokenizer.json, config.json, modules.json and `onnx/model.onnx` (float32),
 *   `onnx/model_quantized.onnx` (int8), `onnx/model_fp16.onnx` (float16) …
 * @throws {MissingDependencyError} without `onnxruntime-node`, or `onnxruntime-web` in its place.
 * @throws {NotFoundError} when the folder or the graph is not there.
 * @throws {UnsupportedError} for weights that are no ONNX, and naming a module, pooling or tokenizer that is not computed here.
 *
 * A text has one vector, whoever is embedded with it: in float32 to the last few bits; in 8 bits to the last, by scales that
 * are fixed when the graph is opened (`planRewriting`; the passport's dtype ends in `-static`), or, where the graph does not
 * allow it, because texts run one by one.
 * Departs from sentence-transformers: a text beyond the window is refused, not cut.
 */
export async function loadTransformer(folder: string, options: TransformerOptions = {}): Promise<Transformer> {
  const { dtype = 'float32', dimensions } = options
  const threads = options.threads ?? Math.min(8, Math.max(1, globalThis.navigator?.hardwareConcurrency ?? 1))
  if (!Number.isInteger(threads) || threads < 1)
    throw new InvalidArgumentError('options.threads', 'an integer ≥ 1', threads)
  const path = await findGraph(resolve(folder), dtype)
  const [{ tokenizer, digest }, weights] = await Promise.all([loadTokenizer(folder), digestOfGraph(path)])
  const prepared = await prepareTransformer({
    folder: onDisk(folder),
    graph: await graphOnDisk(path),
    tokenizer,
    tokenizerDigest: digest,
    weightsDigest: weights,
    name: options.name ?? basename(resolve(folder)),
    dtype,
    dimensions,
    digestOf,
  })
  return new Transformer(prepared, new TransformerThreads(prepared, threads))
}
