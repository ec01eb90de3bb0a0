import { CorruptDataError } from '../../spec/errors.ts'
import { halfToFloat } from '../safetensors.ts'
import { type Field, field, joined, readFields, readIntegers } from './wire.ts'

/** A node as far as it is looked at here. */
export interface OnnxNode {
  readonly type: string
  /** Names of tensors; empty for an input that is left out. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: ReadonlyMap<string, OnnxAttribute>
  /** The node as a field of its graph. */
  readonly whole: Uint8Array
}

interface OnnxAttribute {
  readonly integer: number | undefined
  readonly integers: readonly number[]
  readonly tensor: OnnxTensor | undefined
  readonly isGraph: boolean
}

/** A constant of the graph. */
interface OnnxTensor {
  readonly dims: readonly number[]
  /** 1 float32, 2 uint8, 3 int8, 10 float16, … */
  readonly type: number | undefined
  /** The value of a tensor of one float; undefined for all others. */
  readonly scalar: number | undefined
  /** True when the values stand in a file beside the graph's. */
  readonly isOutside: boolean
  readonly whole: Uint8Array
}

/** A graph whose nodes, constants and outputs can be exchanged; all else is kept as it stood. */
export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[]
  readonly tensors: ReadonlyMap<string, OnnxTensor>
  readonly inputs: ReadonlyMap<string, Uint8Array>
  readonly outputs: ReadonlyMap<string, Uint8Array>
  /** Version of ONNX's own operators; see `withOpset`. */
  readonly opset: number
  /** Fields of the model apart from its graph and that version, and of the graph apart from those above. */
  readonly model: readonly Uint8Array[]
  readonly graph: readonly Uint8Array[]
}

const float32 = 1
const float16 = 10

/**
 * Read what a file in ONNX holds. Numbers of fields are those of onnx.proto.
 *
 * @throws {CorruptDataError} when the bytes are no model.
 */
export function readOnnxGraph(bytes: Uint8Array, place: string): OnnxGraph {
  const model = readFields(bytes, place)
  const found = model.find((one) => one.number === 7)
  if (found === undefined)
    throw new CorruptDataError(place, 'an ONNX graph', 'none', { remedy: 'Take the model from its source again.' })
  const isOwn = (one: Field) => one.number === 8 && ['', 'ai.onnx'].includes(textOf(readFields(one.bytes, place), 1))
  const own = model.filter(isOwn).map((one) => readFields(one.bytes, place))
  const fields = readFields(found.bytes, place)
  const of = (number: number) => fields.filter((one) => one.number === number)
  const named = (number: number) =>
    new Map(of(number).map((one) => [textOf(readFields(one.bytes, place), 1), one.whole] as const))
  const nodes = of(1).map((one) => readNode(one, place))
  const tensors = new Map(
    of(5).map((one) => {
      const parts = readFields(one.bytes, place)
      return [textOf(parts, 8), readTensor(parts, one.whole, place)] as const
    }),
  )
  // Exporters also write constants as nodes.
  for (const node of nodes) {
    const constant = node.type === 'Constant' ? node.attributes.get('value')?.tensor : undefined
    if (constant !== undefined) tensors.set(node.outputs[0] as string, constant)
  }
  return {
    nodes,
    tensors,
    inputs: named(11),
    outputs: named(12),
    opset: own.map((parts) => parts.find((one) => one.number === 2)?.value)[0] ?? 1,
    model: model.filter((one) => one.number !== 7 && !isOwn(one)).map((one) => one.whole),
    // 13: shapes noted for what lies within, which may no longer hold.
    graph: fields.filter((one) => ![1, 5, 11, 12, 13].includes(one.number)).map((one) => one.whole),
  }
}

/**
 * The bytes of a graph, without the nodes and constants that no output needs.
 *
 * @param graph.outputs - With `newOutput` for tensors that were none.
 */
export function writeOnnxGraph(graph: OnnxGraph): Uint8Array {
  const { nodes, used } = neededNodes(graph)
  const constants = new Set(nodes.flatMap((node) => (node.type === 'Constant' ? node.outputs : [])))
  const content = [
    ...nodes.map((node) => node.whole),
    ...[...graph.tensors].flatMap(([name, { whole }]) => (used.has(name) && !constants.has(name) ? [whole] : [])),
    ...[...graph.inputs].flatMap(([name, whole]) => (used.has(name) ? [whole] : [])),
    ...graph.outputs.values(),
    ...graph.graph,
  ]
  const opsets = [field(8, field(2, graph.opset)), field(8, [field(1, 'com.microsoft'), field(2, 1)])]
  return joined([...graph.model, ...opsets, field(7, content)])
}

/** Operators that are written alike in every version from 13 to 23; those of the runtime itself have none. */
const lasting = new Set(
  `Abs Add And Attention Cast Concat Constant ConstantOfShape CumSum DequantizeLinear Div Dropout DynamicQuantizeLinear
  Equal Erf Expand Flatten Floor Gather GatherElements GatherND Gelu Greater GreaterOrEqual Identity LayerNormalization
  Less LessOrEqual Log MatMul MatMulInteger MatMulIntegerToFloat Max Min Mul Neg Not Or Pow QuantizeLinear Range ReduceSum
  Relu Reshape Shape Sigmoid Slice Softmax Sqrt Squeeze Sub Tanh Transpose Unsqueeze Where`.split(/\s+/),
)

/** The graph under a later version of ONNX's operators, up to 23; undefined where one of its nodes would have to be rewritten. */
export function withOpset(graph: OnnxGraph, opset: number): OnnxGraph | undefined {
  if (graph.opset >= opset) return graph
  return graph.opset >= 13 && neededNodes(graph).nodes.every(({ type }) => lasting.has(type))
    ? { ...graph, opset }
    : undefined
}

/** Nodes that the outputs need, in their order, and the names of all they read. */
export function neededNodes({ nodes, outputs }: OnnxGraph): { nodes: OnnxNode[]; used: Set<string> } {
  const used = new Set(outputs.keys())
  const needed: OnnxNode[] = []
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((name) => used.has(name))) continue
    needed.push(node)
    for (const name of node.inputs) used.add(name)
  }
  return { nodes: needed.reverse(), used }
}

/** A node of the runtime's own operators. */
export function newNode(
  type: string,
  inputs: readonly string[],
  output: string,
  { domain = 'com.microsoft', attributes = [] }: { domain?: string; attributes?: readonly Uint8Array[] } = {},
): OnnxNode {
  const whole = field(1, [
    ...inputs.map((name) => field(1, name)),
    field(2, output),
    field(3, output),
    field(4, type),
    field(7, domain),
    ...attributes.map((one) => field(5, one)),
  ])
  return { type, inputs, outputs: [output], attributes: new Map(), whole }
}

export function integerAttribute(name: string, value: number): Uint8Array {
  return joined([field(1, name), field(3, value), field(20, 2)])
}

export function floatAttribute(name: string, value: number): Uint8Array {
  const bytes = new Uint8Array(Float32Array.of(value).buffer)
  return joined([field(1, name), Uint8Array.of(2 * 8 + 5), bytes, field(20, 1)])
}

export function newScalar(name: string, value: number, kind: 'float32' | 'uint8'): OnnxTensor {
  const isFloat = kind === 'float32'
  const raw = isFloat ? new Uint8Array(Float32Array.of(value).buffer) : Uint8Array.of(value)
  const whole = field(5, [field(2, isFloat ? float32 : 2), field(8, name), field(9, raw)])
  return { dims: [], type: isFloat ? float32 : 2, scalar: isFloat ? value : undefined, isOutside: false, whole }
}

export function newIntegers(name: string, values: readonly number[]): OnnxTensor {
  const whole = field(5, [
    field(1, values.length),
    field(2, 7),
    field(8, name),
    field(9, new Uint8Array(BigInt64Array.from(values, BigInt).buffer)),
  ])
  return { dims: [values.length], type: 7, scalar: undefined, isOutside: false, whole }
}

/** An output of a shape the runtime finds out. */
export function newOutput(name: string, kind: 'float32' | 'uint8'): Uint8Array {
  return field(12, [field(1, name), field(2, field(1, field(1, kind === 'float32' ? float32 : 2)))])
}

function readNode(node: Field, place: string): OnnxNode {
  const fields = readFields(node.bytes, place)
  const attributes = fields
    .filter((one) => one.number === 5)
    .map((one) => {
      const parts = readFields(one.bytes, place)
      const tensor = parts.find((part) => part.number === 5)
      const attribute: OnnxAttribute = {
        integer: parts.find((part) => part.number === 3)?.value,
        integers: readIntegers(parts, 8, place),
        tensor: tensor && readTensor(readFields(tensor.bytes, place), tensor.whole, place),
        isGraph: parts.some((part) => part.number === 6 || part.number === 11),
      }
      return [textOf(parts, 1), attribute] as const
    })
  return {
    type: textOf(fields, 4),
    inputs: fields.filter((one) => one.number === 1).map(text),
    outputs: fields.filter((one) => one.number === 2).map(text),
    attributes: new Map(attributes),
    whole: node.whole,
  }
}

function readTensor(fields: readonly Field[], whole: Uint8Array, place: string): OnnxTensor {
  const dims = readIntegers(fields, 1, place)
  return {
    dims,
    type: fields.find((one) => one.number === 2)?.value,
    scalar: dims.every((size) => size === 1) ? scalarOf(fields) : undefined,
    isOutside: fields.some((one) => one.number === 14 && one.value === 1),
    whole,
  }
}

function scalarOf(fields: readonly Field[]): number | undefined {
  const type = fields.find((one) => one.number === 2)?.value
  const raw = fields.find((one) => one.number === 9)?.bytes
  const written = fields.find((one) => one.number === 4)
  if (type === float32 && written?.value !== undefined) return written.value
  const bytes = raw ?? written?.bytes
  if (bytes === undefined) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (type === float32 && bytes.length === 4) return view.getFloat32(0, true)
  return type === float16 && bytes.length === 2 ? halfToFloat(view.getUint16(0, true)) : undefined
}

function textOf(fields: readonly Field[], number: number): string {
  const found = fields.find((one) => one.number === number)
  return found === undefined ? '' : text(found)
}

const decoder = new TextDecoder()

function text({ bytes }: Field): string {
  return decoder.decode(bytes)
}
