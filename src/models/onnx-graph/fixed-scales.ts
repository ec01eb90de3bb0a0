import { type Links, linksOf } from './links.ts'
import { newNode, newScalar, type OnnxGraph, type OnnxNode } from './onnx-graph.ts'

/** A place where a graph in 8 bits scales what comes in by the largest value of the whole run. */
export interface ScaledInput {
  readonly node: OnnxNode
  /** Names of the tensors that hold the scale (float32) and the zero point (uint8), of one value each. */
  readonly scale: string
  readonly zero: string
  readonly layers: readonly Layer[]
}

/** `((values - zero) · (weights - weightsZero)) · scale · weightsScale + bias`, over several nodes. */
interface Layer {
  readonly last: OnnxNode
  readonly weights: string
  readonly weightsScale: string
  readonly weightsZero: string
  /** Empty where nothing is added. */
  readonly bias: string
}

/** Values a scaled input stands for: those outside become the nearest inside. */
export interface ValueRange {
  readonly scale: number
  /** Integer from 0 to 255: what 0 becomes. */
  readonly zero: number
}

/** All scaled inputs; undefined where one is used for anything but layers as the quantizer of ONNX writes them. */
export function scaledInputs(graph: OnnxGraph): ScaledInput[] | undefined {
  const links = linksOf(graph)
  const found: ScaledInput[] = []
  for (const node of graph.nodes) {
    if (node.type === 'DynamicQuantizeMatMul') return undefined
    if (node.type !== 'DynamicQuantizeLinear') continue
    const [values = '', scale = '', zero = ''] = node.outputs
    const layers = links.readers(values).map((reader) => layerOf(reader, scale, zero, graph, links))
    if (layers.length === 0 || !layers.every((layer) => layer !== undefined)) return undefined
    const reads = links.readers(scale).length + links.readers(zero).length
    if (reads !== 2 * layers.length) return undefined
    found.push({ node, scale, zero, layers })
  }
  return found.length === 0 ? undefined : found
}

/**
 * The graph with scales that don't depend on who else is in the run.
 *
 * @param ranges - One an input, in the order of `scaledInputs`.
 */
export function withFixedScales(
  graph: OnnxGraph,
  inputs: readonly ScaledInput[],
  ranges: readonly ValueRange[],
): OnnxGraph {
  const exchanged = new Map<OnnxNode, OnnxNode>()
  const tensors = new Map(graph.tensors)
  for (const [i, { node, scale, zero, layers }] of inputs.entries()) {
    const range = ranges[i] as ValueRange
    const [values = ''] = node.outputs
    tensors.set(scale, newScalar(scale, range.scale, 'float32'))
    tensors.set(zero, newScalar(zero, range.zero, 'uint8'))
    exchanged.set(node, newNode('QuantizeLinear', [node.inputs[0] as string, scale, zero], values, { domain: '' }))
    for (const { last, weights, weightsScale, weightsZero, bias } of layers)
      exchanged.set(
        last,
        newNode(
          'MatMulIntegerToFloat',
          [values, weights, scale, weightsScale, zero, weightsZero, bias],
          last.outputs[0] as string,
        ),
      )
  }
  return { ...graph, tensors, nodes: graph.nodes.map((node) => exchanged.get(node) ?? node) }
}

function layerOf(
  product: OnnxNode,
  scale: string,
  zero: string,
  { tensors }: OnnxGraph,
  links: Links,
): Layer | undefined {
  const [, weights = '', productZero = '', weightsZero = ''] = product.inputs
  if (product.type !== 'MatMulInteger' || productZero !== zero || tensors.get(weights)?.dims.length !== 2)
    return undefined
  const cast = links.onlyReader(product.outputs[0] as string)
  const scaled = cast?.type === 'Cast' ? links.onlyReader(cast.outputs[0] as string) : undefined
  if (cast === undefined || scaled?.type !== 'Mul') return undefined
  const scales = links.maker(other(scaled, cast.outputs[0] as string))
  if (scales?.type !== 'Mul' || !scales.inputs.includes(scale)) return undefined
  const weightsScale = other(scales, scale)
  if (!tensors.has(weightsScale) || (weightsZero !== '' && !tensors.has(weightsZero))) return undefined
  const added = links.onlyReader(scaled.outputs[0] as string)
  const bias = added?.type === 'Add' ? other(added, scaled.outputs[0] as string) : ''
  const hasBias = added !== undefined && tensors.get(bias)?.dims.length === 1
  return { last: hasBias ? added : scaled, weights, weightsScale, weightsZero, bias: hasBias ? bias : '' }
}

function other(node: OnnxNode, name: string): string {
  return node.inputs[node.inputs[0] === name ? 1 : 0] as string
}
