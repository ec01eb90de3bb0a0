import { InvalidArgumentError } from '../spec/errors.ts'
import type { Passport } from '../spec/passport.ts'
import type { Tokenizer } from '../text/tokenizers/tokenizer.ts'
import type { GraphDtype } from './graph-files.ts'
import { headSize } from './head.ts'
import type { ModelFolder } from './model-folder.ts'
import type { GraphSource, OnnxSession } from './onnx-session.ts'
import { readTransformerConfig, type TransformerConfig } from './transformer-config.ts'
import { openTransformerGraph, planRewriting } from './transformer-graph.ts'
import type { GraphPlace } from './transformer-runs.ts'

/** A model's files as they were found, in Node or in a page. */
export interface TransformerParts {
  readonly folder: ModelFolder
  readonly graph: GraphSource
  readonly tokenizer: Tokenizer
  readonly tokenizerDigest: string
  readonly weightsDigest: string
  readonly name: string
  readonly dtype: GraphDtype
  readonly dimensions: number | undefined
  /** SHA-256 in hex; see `digestOf` in `model-files.ts`. */
  digestOf(...parts: readonly (Uint8Array | string)[]): string | Promise<string>
}

/** A model that is ready to run, and what is true of its vectors. */
export interface PreparedTransformer {
  readonly passport: Passport
  readonly config: TransformerConfig
  readonly tokenizer: Tokenizer
  readonly place: GraphPlace
  readonly session: OnnxSession
}

/** Read a model's settings, open its graph and make its passport. */
export async function prepareTransformer(parts: TransformerParts): Promise<PreparedTransformer> {
  const { folder, graph, tokenizer, dtype, dimensions } = parts
  const config = await readTransformerConfig(folder, parts.name)
  const whole = headSize(config.head, config.hiddenSize, folder.place)
  if (dimensions !== undefined && !(Number.isInteger(dimensions) && dimensions >= 1 && dimensions <= whole))
    throw new InvalidArgumentError('dimensions', `an integer from 1 to ${whole}, what the model gives`, dimensions)
  const head = dimensions === undefined || dimensions === whole ? config.head : config.cutHead
  const layers = head.flatMap((step) => (step.kind === 'dense' ? [step.bytes] : []))
  const { pooling, hiddenSize } = config
  const isScaled = dtype === 'int8' || dtype === 'uint8'
  const planned = isScaled ? await planRewriting(graph, { ...config, tokenizer }) : undefined
  const rewriting = planned?.rewriting
  const isAlone = isScaled && planned === undefined
  const passport: Passport = {
    provider: 'onnx',
    model: parts.name,
    weightsDigest: layers.length === 0 ? parts.weightsDigest : await parts.digestOf(parts.weightsDigest, ...layers),
    tokenizerDigest: parts.tokenizerDigest,
    dimensions: dimensions ?? whole,
    pooling,
    queryPrompt: config.prompts.query,
    documentPrompt: config.prompts.document,
    normalized: head.at(-1)?.kind === 'normalize',
    maxTokens: config.maxTokens,
    dtype: arithmeticOf(dtype, rewriting !== undefined, graph),
  }
  return {
    passport,
    config: { ...config, head },
    tokenizer,
    place: { path: graph.place, pooling, hiddenSize, rewriting, isAlone },
    session: planned?.session ?? (await openTransformerGraph(graph, undefined)),
  }
}

/**
 * Two runtimes round a sum's last bits differently. In float32 no more comes of it (MiniLM's vectors differ by 2e-7), so
 * vectors of both may meet. In 8 bits a value that falls to the other side of a step moves others, layer by layer, up to
 * what the rounding itself costs (cosines of 0.993 to 1), so there the runtime is part of the name.
 */
function arithmeticOf(dtype: GraphDtype, isStatic: boolean, { engine }: GraphSource): string {
  return `${dtype}${isStatic ? '-static' : ''}${engine === 'wasm' && dtype !== 'float32' ? '-wasm' : ''}`
}
