import { type Links, linksOf } from './links.ts'
import { floatAttribute, integerAttribute, newNode, type OnnxGraph, type OnnxNode, withOpset } from './onnx-graph.ts'

/** Names of what attention is computed from: `softmax(scale · q · kᵀ + bias) · v` in each head. */
interface Attention {
  readonly last: OnnxNode
  readonly q: string
  readonly k: string
  readonly v: string
  readonly scale: number
  /** Added to the scores, such as relative positions; empty where nothing is. */
  readonly bias: string
}

/**
 * The node for a whole block, the fastest first. ONNX's own is of version 23, which older runtimes lack, and graphs with
 * operators that have changed since can't be brought to; the runtime's own has been there for long.
 */
export const attentionForms = ['Attention', 'MultiHeadAttention'] as const
export type AttentionForm = (typeof attentionForms)[number]

/**
 * The graph with each attention block as one node. The mask is left out: every row of a run must be full. Blocks written
 * in another way stay as they are.
 *
 * @returns undefined where the graph can't be brought to the version that the form needs.
 */
export function withFusedAttention(graph: OnnxGraph, heads: number, form: AttentionForm): OnnxGraph | undefined {
  const links = linksOf(graph)
  const exchanged = new Map<OnnxNode, OnnxNode>()
  for (const node of graph.nodes) {
    const found = node.type === 'Softmax' ? attentionOf(node, graph, links) : undefined
    if (found !== undefined) exchanged.set(found.last, attentionNode(found, heads, form))
  }
  const fused = { ...graph, nodes: graph.nodes.map((node) => exchanged.get(node) ?? node) }
  return form === 'Attention' ? withOpset(fused, 23) : fused
}

function attentionNode({ last, q, k, v, scale, bias }: Attention, heads: number, form: AttentionForm): OnnxNode {
  const output = last.outputs[0] as string
  const scaled = floatAttribute('scale', scale)
  if (form === 'Attention') {
    const attributes = [integerAttribute('q_num_heads', heads), integerAttribute('kv_num_heads', heads), scaled]
    return newNode(form, bias === '' ? [q, k, v] : [q, k, v, bias], output, { domain: '', attributes })
  }
  const attributes = [integerAttribute('num_heads', heads), scaled]
  return newNode(form, bias === '' ? [q, k, v] : [q, k, v, '', '', bias], output, { attributes })
}

function attentionOf(softmax: OnnxNode, graph: OnnxGraph, links: Links): Attention | undefined {
  const weights = weightsOf(softmax, links)
  const product = links.onlyReader(weights)
  if (product?.type !== 'MatMul' || product.inputs[0] !== weights) return undefined
  const read = links.onlyReader(product.outputs[0] as string)
  // Some exporters say once more that it has four dimensions.
  const turned = read?.type === 'Reshape' ? links.onlyReader(read.outputs[0] as string) : read
  if (turned?.type !== 'Transpose' || permOf(turned) !== '0,2,1,3') return undefined
  const last = links.onlyReader(turned.outputs[0] as string)
  if (last?.type !== 'Reshape') return undefined
  const scores = scoresOf(softmax.inputs[0] as string, graph, links)
  if (scores === undefined) return undefined
  const q = headsOf(scores.a, '0,2,1,3', links)
  const k = headsOf(scores.b, '0,2,3,1', links)
  const v = headsOf(product.inputs[1] as string, '0,2,1,3', links)
  if (q === undefined || k === undefined || v === undefined || v.scale !== 1) return undefined
  return { last, q: q.name, k: k.name, v: v.name, scale: scores.scale * q.scale * k.scale, bias: scores.bias }
}

/** The softmax's output, past what changes nothing: dropout, and zeros for rows that are masked whole. */
function weightsOf(softmax: OnnxNode, links: Links): string {
  const [output = ''] = softmax.outputs
  const dropout = links.onlyReader(output)
  if (dropout?.type === 'Dropout') return dropout.outputs[0] as string
  const guard = links.readers(output).find((node) => node.type === 'Where' && node.inputs[2] === output)
  const condition = guard && links.maker(guard.inputs[0] as string)
  const isGuard =
    condition?.type === 'IsNaN' && links.readers(output).every((node) => [guard, condition].includes(node))
  return guard !== undefined && isGuard ? (guard.outputs[0] as string) : output
}

interface Scores {
  readonly a: string
  readonly b: string
  readonly scale: number
  readonly bias: string
}

/** What the scores are made of, read backwards from the softmax. */
function scoresOf(name: string, graph: OnnxGraph, links: Links): Scores | undefined {
  const node = links.maker(name)
  const [first = '', second = '', third = ''] = node?.inputs ?? []
  if (node?.type === 'MatMul') return { a: first, b: second, scale: 1, bias: '' }
  const scaled = scaledBy(node, links)
  if (scaled !== undefined) {
    const inner = scoresOf(scaled.name, graph, links)
    return inner?.bias === '' ? { ...inner, scale: inner.scale * scaled.scale } : undefined
  }
  if (node?.type === 'Where' && isMask(first, graph, links))
    return scoresOf(third, graph, links) ?? scoresOf(second, graph, links)
  if (node?.type !== 'Add') return undefined
  for (const [from, added] of [
    [first, second],
    [second, first],
  ] as const) {
    const inner = scoresOf(from, graph, links)
    if (inner === undefined) continue
    if (isMask(added, graph, links)) return inner
    return inner.bias === '' ? { ...inner, bias: added } : undefined
  }
  return undefined
}

/** The tensor of tokens × all heads that was cut into heads, with the factors it met on the way. */
function headsOf(name: string, perm: string, links: Links): { name: string; scale: number } | undefined {
  const node = links.maker(name)
  const scaled = scaledBy(node, links)
  if (scaled !== undefined) {
    const inner = headsOf(scaled.name, perm, links)
    return inner && { ...inner, scale: inner.scale * scaled.scale }
  }
  if (perm === '0,2,3,1' && node !== undefined) {
    const straight = turnedBack(node, links)
    if (straight !== undefined) return headsOf(straight, '0,2,1,3', links)
  }
  if (node?.type !== 'Transpose') return undefined
  const inner = node.inputs[0] as string
  const cut = permOf(node) === perm ? links.maker(inner) : undefined
  return cut?.type === 'Reshape' ? { name: cut.inputs[0] as string, scale: 1 } : undefined
}

/** What a node is the transpose of, in its last two dimensions; some exporters merge the others for it. */
function turnedBack(node: OnnxNode, links: Links): string | undefined {
  if (node.type === 'Transpose' && permOf(node) === '0,1,3,2') return node.inputs[0]
  const turned = node.type === 'Reshape' ? links.maker(node.inputs[0] as string) : undefined
  const merged =
    turned?.type === 'Transpose' && permOf(turned) === '0,2,1' ? links.maker(turned.inputs[0] as string) : undefined
  return merged?.type === 'Reshape' ? merged.inputs[0] : undefined
}

function scaledBy(node: OnnxNode | undefined, links: Links): { name: string; scale: number } | undefined {
  const [first = '', second = ''] = node?.inputs ?? []
  const [left, right] = [links.scalar(first), links.scalar(second)]
  if (node?.type === 'Mul' && right !== undefined) return { name: first, scale: right }
  if (node?.type === 'Mul' && left !== undefined) return { name: second, scale: left }
  if (node?.type === 'Div' && right !== undefined) return { name: first, scale: 1 / right }
  return undefined
}

/** True for what is computed from the attention mask and from shapes alone. */
function isMask(name: string, { tensors, inputs }: OnnxGraph, links: Links): boolean {
  const seen = new Set<string>()
  const open = [name]
  while (open.length > 0) {
    const one = open.pop() as string
    if (seen.has(one)) continue
    seen.add(one)
    if (inputs.has(one) && one !== 'attention_mask') return false
    const tensor = tensors.get(one)
    if (tensor !== undefined && [1, 10].includes(tensor.type ?? 1) && tensor.scalar === undefined) return false
    const maker = links.maker(one)
    if (maker !== undefined && maker.type !== 'Shape') open.push(...maker.inputs.filter((input) => input !== ''))
  }
  return seen.has('attention_mask')
}

function permOf(node: OnnxNode): string {
  return node.attributes.get('perm')?.integers.join() ?? ''
}
