import type { InferenceSession, Tensor } from 'onnxruntime-node'
import { CorruptDataError, MissingDependencyError, UnsupportedError } from '../spec/errors.ts'
import { halfToFloat } from './safetensors.ts'

/** Texts of one run: `rows × columns` token ids, row-major, padded on the right. */
export interface OnnxBatch {
  readonly ids: Int32Array
  /** Segment of each token, for pairs of texts. @default all 0 */
  readonly types?: Int32Array | undefined
  /** Real tokens of each row. */
  readonly lengths: Int32Array
  readonly columns: number
}

/** A transformer's graph on the CPU. A run blocks its thread: others go on in other threads. */
export interface OnnxSession {
  /** @returns the output's values, row-major, in float32 whatever the graph computes in. */
  run(batch: OnnxBatch): Promise<{ data: Float32Array; dims: readonly number[] }>
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

/**
 * Open a graph with one thread of its own.
 *
 * @param path - Of the file, not its bytes: a graph may keep its weights in a file beside it.
 * @throws {MissingDependencyError} when `onnxruntime-node` is not installed or does not load here.
 * @throws {CorruptDataError} when the runtime cannot read the file.
 * @throws {UnsupportedError} naming inputs that are not a text's.
 */
export async function openOnnxSession(path: string, output: OnnxOutput = 'states'): Promise<OnnxSession> {
  const ort = await importRuntime()
  const session = await create(ort, path)
  const unknown = session.inputNames.filter((name) => !inputs.includes(name))
  if (unknown.length > 0) throw new UnsupportedError(path, `inputs of ${inputs.join(', ')}`, unknown.join(', '))
  const name = outputNames[output].find((one) => session.outputNames.includes(one)) ?? session.outputNames[0]
  if (name === undefined) throw new UnsupportedError(path, 'an output', 'none')

  return {
    async run({ ids, types, lengths, columns }) {
      const rows = lengths.length
      const shape = [rows, columns]
      const given: Record<string, () => BigInt64Array> = {
        input_ids: () => BigInt64Array.from(ids, BigInt),
        attention_mask: () => maskOf(lengths, columns),
        token_type_ids: () => (types === undefined ? new BigInt64Array(ids.length) : BigInt64Array.from(types, BigInt)),
      }
      const feeds: Record<string, Tensor> = {}
      for (const input of session.inputNames)
        feeds[input] = new ort.Tensor('int64', (given[input] as () => BigInt64Array)(), shape)
      const isLong = columns > longTokens
      const result = (await session.run(feeds, [name], isLong ? givingBack : {}))[name] as Tensor
      const { dims } = result
      const data = valuesOf(result, path)
      result.dispose()
      return { data, dims }
    },
    close: () => session.release(),
  }
}

async function create(ort: typeof import('onnxruntime-node'), path: string): Promise<InferenceSession> {
  try {
    return await ort.InferenceSession.create(path, {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'all',
      logSeverityLevel: 4,
    })
  } catch (cause) {
    throw new CorruptDataError(path, 'an ONNX graph', 'a file the runtime refuses', {
      remedy: 'Pull the model again: half a download looks like this.',
      cause,
    })
  }
}

function maskOf(lengths: Int32Array, columns: number): BigInt64Array {
  const mask = new BigInt64Array(lengths.length * columns)
  for (const [row, length] of lengths.entries()) mask.fill(1n, row * columns, row * columns + length)
  return mask
}

function valuesOf({ data, type }: Tensor, path: string): Float32Array {
  if (type === 'float32') return data as Float32Array
  if (type !== 'float16') throw new UnsupportedError(path, 'float32 or float16 output', type)
  const bits = data as unknown as ArrayBufferView
  const halves = new Uint16Array(bits.buffer, bits.byteOffset, bits.byteLength >> 1)
  return Float32Array.from(halves, halfToFloat)
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
