import type { InferenceSession, Tensor } from 'onnxruntime-node'
import { CorruptDataError, UnsupportedError, VecinoError } from '../spec/errors.ts'
import { halfToFloat } from './safetensors.ts'

/** Texts of one run, equally long: `rows × columns` token ids, row-major. */
export interface OnnxBatch {
  readonly ids: Int32Array
  /** Segment of each token, for pairs of texts. @default all 0 */
  readonly types?: Int32Array | undefined
  readonly columns: number
}

/** A graph and what runs it: `graphOnDisk` in Node, `graphOnWeb` in a page. */
export interface GraphSource {
  /** What messages call it: a path or an address. */
  readonly place: string
  /** `native` for the processor's own arithmetic, `wasm` for that of WASM. */
  readonly engine: 'native' | 'wasm'
  readonly Tensor: typeof Tensor
  /** The graph itself, without weights kept beside it. */
  bytes(): Promise<Uint8Array>
  /** @param written - A graph to run instead. */
  create(options: InferenceSession.SessionOptions, written: Uint8Array | undefined): Promise<InferenceSession>
  /** Waits while others have their turn on this thread, before a run; where the runtime does so itself, undefined. */
  readonly turn?: (() => Promise<void>) | undefined
}

/** A transformer's graph on the CPU. A run blocks its thread: others go on in other threads. */
export interface OnnxSession {
  readonly outputs: readonly string[]
  /**
   * @param output - Name of the one to be given. @default what the graph was opened for
   * @returns the output's values, row-major, in float32 whatever the graph computes in.
   */
  run(batch: OnnxBatch, output?: string): Promise<{ data: Float32Array; dims: readonly number[] }>
  /** First values of outputs by name. */
  scalars(batch: OnnxBatch, names: readonly string[]): Promise<number[]>
  close(): Promise<void>
}

/** What a graph may be asked for, in order of preference: states of every token, or scores of a pair. */
export type OnnxOutput = 'states' | 'scores'

const outputNames: Readonly<Record<OnnxOutput, readonly string[]>> = {
  states: ['last_hidden_state', 'token_embeddings'],
  scores: ['logits'],
}
/** Attention needs memory by the square of the length; beyond this the arena gives it back after a run. */
const longTokens = 1024
const givingBack = { extra: { memory: { enable_memory_arena_shrinkage: 'cpu:0' } } }
const inputs = ['input_ids', 'attention_mask', 'token_type_ids']

export interface WrittenGraph {
  readonly bytes: Uint8Array
  readonly output: string
}

/** Which of a graph's outputs is asked for; undefined where there is none. */
export function outputOf(names: readonly string[], output: OnnxOutput): string | undefined {
  return outputNames[output].find((one) => names.includes(one)) ?? names[0]
}

/**
 * Open a graph with one thread of its own.
 *
 * @param written - A graph to run instead of the source's, which then only names it in messages, and the output it is for.
 * @throws {CorruptDataError} when the runtime cannot read the graph.
 * @throws {UnsupportedError} naming inputs that are not a text's.
 */
export async function openOnnxSession(
  source: GraphSource,
  output: OnnxOutput = 'states',
  written?: WrittenGraph,
): Promise<OnnxSession> {
  const { place } = source
  const session = await create(source, written?.bytes)
  const unknown = session.inputNames.filter((name) => !inputs.includes(name))
  if (unknown.length > 0) throw new UnsupportedError(place, `inputs of ${inputs.join(', ')}`, unknown.join(', '))
  const name = written?.output ?? outputOf(session.outputNames, output)
  if (name === undefined) throw new UnsupportedError(place, 'an output', 'none')

  async function run({ ids, types, columns }: OnnxBatch, names: readonly string[]) {
    const shape = [ids.length / columns, columns]
    const given: Record<string, () => BigInt64Array> = {
      input_ids: () => wide(ids),
      attention_mask: () => new BigInt64Array(ids.length).fill(1n),
      token_type_ids: () => (types === undefined ? new BigInt64Array(ids.length) : wide(types)),
    }
    const feeds: Record<string, Tensor> = {}
    for (const input of session.inputNames)
      feeds[input] = new source.Tensor('int64', (given[input] as () => BigInt64Array)(), shape)
    // Older runtimes call what they give by the names of the first outputs, so all before the last are asked for too.
    const last = Math.max(...names.map((one) => session.outputNames.indexOf(one)))
    await source.turn?.()
    return session.run(feeds, session.outputNames.slice(0, last + 1), columns > longTokens ? givingBack : {})
  }

  return {
    outputs: session.outputNames,
    async run(batch, asked = name) {
      const results = await run(batch, [asked])
      const { dims } = results[asked] as Tensor
      const data = valuesOf(results[asked] as Tensor, place)
      for (const result of Object.values(results)) result.dispose()
      return { data, dims }
    },
    async scalars(batch, names) {
      const results = await run(batch, names)
      return names.map((one) => Number((results[one] as Tensor).data[0]))
    },
    close: () => session.release(),
  }
}

async function create(source: GraphSource, written: Uint8Array | undefined): Promise<InferenceSession> {
  const options = {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 4,
    // A plan of memory a shape, of which there are hundreds: resident memory would grow with each.
    enableMemPattern: false,
    // One node for adding and normalizing takes several times as long as two.
    extra: { optimization: { disable_specified_optimizers: 'SkipLayerNormFusion;BiasGeluFusion' } },
  } as const
  try {
    return await source.create(options, written)
  } catch (cause) {
    if (VecinoError.isInstance(cause)) throw cause
    throw new CorruptDataError(source.place, 'an ONNX graph', 'a file the runtime refuses', {
      remedy: 'Pull the model again: half a download looks like this.',
      cause,
    })
  }
}

/** Integers ≥ 0 in 64 bits, low half first: many times as fast as one BigInt after the other. */
function wide(values: Int32Array): BigInt64Array {
  const halves = new Int32Array(2 * values.length)
  for (let i = 0; i < values.length; i++) halves[2 * i] = values[i] as number
  return new BigInt64Array(halves.buffer)
}

function valuesOf({ data, type }: Tensor, place: string): Float32Array {
  if (type === 'float32') return data as Float32Array
  if (type !== 'float16') throw new UnsupportedError(place, 'float32 or float16 output', type)
  const bits = data as unknown as ArrayBufferView
  const halves = new Uint16Array(bits.buffer, bits.byteOffset, bits.byteLength >> 1)
  return Float32Array.from(halves, halfToFloat)
}
