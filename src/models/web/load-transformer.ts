import { InvalidArgumentError, NotFoundError, UnsupportedError } from '../../spec/errors.ts'
import { readTokenizer } from '../../text/tokenizers/read.ts'
import type { GraphDtype } from '../graph-files.ts'
import { prepareTransformer } from '../prepare-transformer.ts'
import { Transformer } from '../transformer-model.ts'
import { type WebFiles, webFolder, webGraph } from './files.ts'
import { graphOnWeb, type WebRuntimeOptions } from './graph.ts'
import { OneThread } from './one-thread.ts'

export interface WebTransformerOptions extends WebRuntimeOptions {
  /** Which of the folder's graphs to run; each gives vectors of its own, so it is part of the passport. @default 'float32' */
  readonly dtype?: GraphDtype | undefined
  /** Keep only the first values of each vector, integer from 1 to the model's; for models trained for it. @default all */
  readonly dimensions?: number | undefined
  /** The model's name on the hub; needed where no folder's address says it. @default the folder's name */
  readonly name?: string | undefined
}

/**
 * Open a sentence-transformers folder in a page, by `onnxruntime-web`: the contract of `loadTransformer` in Node. Nothing is
 * fetched from anywhere but the page's own origin, and nothing is sent.
 *
 * @param files - The folder's address, or its files by path; with tokenizer.json, config.json, modules.json and a graph that
 *   holds its weights itself.
 * @throws {MissingDependencyError} without `onnxruntime-web`.
 * @throws {NotFoundError} when a file is not there.
 * @throws {InvalidArgumentError} for an address of another origin, and for options unlike those the runtime was started with.
 * @throws {UnreadableInputError} when the server does not answer.
 *
 * Runs take the calling thread and give it back between one another, some 400 tokens each; call it in a worker where a page
 * must not stutter.
 */
export async function loadTransformer(files: WebFiles, options: WebTransformerOptions = {}): Promise<Transformer> {
  const { dtype = 'float32', dimensions } = options
  const folder = webFolder(files)
  const name = options.name ?? nameOf(files, folder.place)
  const [graph, tokenizer] = await Promise.all([webGraph(files, folder, dtype), folder.read('tokenizer.json')])
  const tokenizerPlace = `${folder.place}/tokenizer.json`
  if (tokenizer === undefined)
    throw new NotFoundError('tokenizer file', tokenizerPlace, 'Serve the whole folder of the model.')
  const prepared = await prepareTransformer({
    folder,
    graph: await graphOnWeb(graph.place, graph.bytes, options),
    tokenizer: await readTokenizer(tokenizer, tokenizerPlace),
    tokenizerDigest: await digestOf(tokenizer),
    weightsDigest: await digestOf(graph.bytes),
    name,
    dtype,
    dimensions,
    digestOf,
  })
  return new Transformer(prepared, new OneThread(prepared))
}

function nameOf(files: WebFiles, place: string): string {
  const isServed = typeof files === 'string' || files instanceof URL
  const name = isServed ? decodeURIComponent(new URL(place).pathname.split('/').at(-1) ?? '') : ''
  if (name === '')
    throw new InvalidArgumentError('options.name', "the model's name, where no folder's address says it", undefined)
  return name
}

/** As `digestOf` of `model-files.ts`, by what a page has for it. */
async function digestOf(...parts: readonly (Uint8Array | string)[]): Promise<string> {
  const { subtle } = globalThis.crypto
  if (subtle === undefined)
    throw new UnsupportedError('crypto.subtle', 'a secure context', 'none', 'Serve the page by https, or on localhost.')
  const encoder = new TextEncoder()
  const all = parts.map((part) => (typeof part === 'string' ? encoder.encode(part) : part))
  const bytes = all.length === 1 ? all[0]! : joined(all.flatMap((part) => [encoder.encode(`${part.length}:`), part]))
  const digest = new Uint8Array(await subtle.digest('SHA-256', bytes as BufferSource))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
