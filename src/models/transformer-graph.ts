import { createRandom } from '../kernels/random.ts'
import { CorruptDataError } from '../spec/errors.ts'
import type { Tokenizer } from '../text/tokenizers/tokenizer.ts'
import { type ScaledInput, scaledInputs, type ValueRange, withFixedScales } from './onnx-graph/fixed-scales.ts'
import { type AttentionForm, attentionForms, withFusedAttention } from './onnx-graph/fused-attention.ts'
import { neededNodes, newOutput, type OnnxGraph, readOnnxGraph, writeOnnxGraph } from './onnx-graph/onnx-graph.ts'
import { withSumOutput } from './onnx-graph/summed-output.ts'
import { type GraphSource, type OnnxSession, openOnnxSession, outputOf, type WrittenGraph } from './onnx-session.ts'

/** How the graph of a file is written anew before it is run. */
export interface Rewriting {
  readonly heads: number
  readonly attention: AttentionForm
  /** What each scaled input stands for; see `scaledInputs`. */
  readonly ranges: readonly ValueRange[]
}

/** Tokens of the sequences that a graph's ranges are found with: short and long ones, for attention and positions differ. */
const lengths = [4, 8, 12, 16, 24, 32, 64, 96]
/** Least cosine of a sequence's mean state before and after. MiniLM's are 0.985 to 0.989; with heads cut wrongly, below 0.74. */
const leastCosine = 0.95

/** Open a model's graph; with `rewriting`, as it was planned. */
export async function openTransformerGraph(
  source: GraphSource,
  rewriting: Rewriting | undefined,
): Promise<OnnxSession> {
  const read = rewriting && (await readGraph(source))
  return openOnnxSession(source, 'states', read && rewritten(read, rewriting))
}

/**
 * Find out how a graph in 8 bits can be run so that texts of one run don't change each other's vectors, and open it so.
 *
 * As exported, it scales the input of each layer by the largest value of the whole run. Here a scale is fixed instead: the
 * largest value seen in sequences of tokens drawn at random, alike for every language. What is larger is kept at the
 * edge. Attention becomes one node. The outcome is compared with the graph as it stood.
 *
 * @returns undefined where the graph is built in another way, keeps weights in a file beside it, or comes out differently:
 *   it is then to be run as it stands, one text a run.
 *
 * Cost: the graph is opened once more, and run over some 500 tokens.
 */
export async function planRewriting(
  source: GraphSource,
  model: { readonly tokenizer: Tokenizer; readonly heads: number; readonly maxTokens: number },
): Promise<{ readonly rewriting: Rewriting; readonly session: OnnxSession } | undefined> {
  const read = await readGraph(source)
  if (read === undefined) return undefined
  const sequences = drawn(model.tokenizer, model.maxTokens)
  const checked = sequences.slice(-2)
  const { ranges, states } = await runPlain(source, read, sequences, checked)
  for (const attention of attentionForms) {
    const rewriting: Rewriting = { heads: model.heads, attention, ranges }
    const session = await openRewritten(source, read, rewriting)
    if (session === undefined) continue
    if (await agrees(session, checked, states)) return { rewriting, session }
    await session.close()
  }
  return undefined
}

/** What the graph as it stands gives: ranges of its scaled inputs, and mean states of the sequences that are checked. */
async function runPlain(
  source: GraphSource,
  read: ReadGraph,
  sequences: readonly Int32Array[],
  checked: readonly Int32Array[],
) {
  const session = await openOnnxSession(source, 'states', withScalesAsOutputs(read))
  try {
    const ranges = await rangesOf(session, read.inputs, sequences)
    const states: Float64Array[] = []
    for (const ids of checked) states.push(await meanState(session, ids))
    return { ranges, states }
  } finally {
    await session.close()
  }
}

async function agrees(session: OnnxSession, sequences: readonly Int32Array[], states: readonly Float64Array[]) {
  for (const [i, ids] of sequences.entries())
    if (!(cosine(await meanState(session, ids), states[i] as Float64Array) >= leastCosine)) return false
  return true
}

/** Undefined where the graph or the runtime does not know the form of attention. */
async function openRewritten(
  source: GraphSource,
  read: ReadGraph,
  rewriting: Rewriting,
): Promise<OnnxSession | undefined> {
  const written = rewritten(read, rewriting)
  if (written === undefined) return undefined
  try {
    return await openOnnxSession(source, 'states', written)
  } catch (error) {
    if (error instanceof CorruptDataError) return undefined
    throw error
  }
}

interface ReadGraph {
  /** With hidden states as its one output. */
  readonly graph: OnnxGraph
  readonly inputs: readonly ScaledInput[]
  /** Name of the hidden states. */
  readonly states: string
}

/** Undefined for a graph that is no transformer in 8 bits as quantizers write it. */
async function readGraph(source: GraphSource): Promise<ReadGraph | undefined> {
  const whole = readOnnxGraph(await source.bytes(), source.place)
  const name = outputOf([...whole.outputs.keys()], 'states')
  const output = name === undefined ? undefined : whole.outputs.get(name)
  if (name === undefined || output === undefined) return undefined
  const only = { ...whole, outputs: new Map([[name, output]]) }
  const graph = { ...only, nodes: neededNodes(only).nodes }
  const isNested = graph.nodes.some((node) => [...node.attributes.values()].some(({ isGraph }) => isGraph))
  if (isNested || [...graph.tensors.values()].some(({ isOutside }) => isOutside)) return undefined
  const inputs = scaledInputs(graph)
  return inputs && { graph, inputs, states: name }
}

function rewritten(
  { graph, inputs, states }: ReadGraph,
  { heads, attention, ranges }: Rewriting,
): WrittenGraph | undefined {
  const fused = withFusedAttention(withFixedScales(graph, inputs, ranges), heads, attention)
  return fused && { bytes: writeOnnxGraph(withSumOutput(fused, states)), output: states }
}

function withScalesAsOutputs({ graph, inputs, states }: ReadGraph): WrittenGraph {
  const scales = inputs.flatMap(({ scale, zero }) => [
    [scale, newOutput(scale, 'float32')] as const,
    [zero, newOutput(zero, 'uint8')] as const,
  ])
  return { bytes: writeOnnxGraph({ ...graph, outputs: new Map([...scales, ...graph.outputs]) }), output: states }
}

/** Special tokens as around a text, and others drawn from the vocabulary. */
function drawn({ size, prefixIds, suffixIds }: Tokenizer, maxTokens: number): Int32Array[] {
  const random = createRandom(0)
  return lengths.map((length) => {
    const ids = Int32Array.from({ length: Math.min(length, maxTokens) }, () => random.below(size))
    ids.set(prefixIds.subarray(0, ids.length))
    ids.set(suffixIds, Math.max(0, ids.length - suffixIds.length))
    return ids
  })
}

async function rangesOf(
  session: OnnxSession,
  inputs: readonly ScaledInput[],
  sequences: readonly Int32Array[],
): Promise<ValueRange[]> {
  const least = new Float64Array(inputs.length)
  const most = new Float64Array(inputs.length)
  const names = inputs.flatMap(({ scale, zero }) => [scale, zero])
  for (const ids of sequences) {
    const values = await session.scalars({ ids, columns: ids.length }, names)
    for (let i = 0; i < inputs.length; i++) {
      const [scale = 0, zero = 0] = values.slice(2 * i)
      least[i] = Math.min(least[i] as number, -zero * scale)
      most[i] = Math.max(most[i] as number, (255 - zero) * scale)
    }
  }
  return inputs.map((_, i) => {
    // A scale of 0 would divide by it; only a layer that gives nothing but 0 has one.
    const scale = Math.fround(((most[i] as number) - (least[i] as number)) / 255) || 1
    return { scale, zero: Math.round(-(least[i] as number) / scale) }
  })
}

async function meanState(session: OnnxSession, ids: Int32Array): Promise<Float64Array> {
  const { data } = await session.run({ ids, columns: ids.length })
  const sums = new Float64Array(data.length / ids.length)
  for (const [i, value] of data.entries()) sums[i % sums.length]! += value
  return sums
}

function cosine(a: Float64Array, b: Float64Array): number {
  const dot = (x: Float64Array, y: Float64Array) => x.reduce((sum, value, i) => sum + value * (y[i] as number), 0)
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
}
