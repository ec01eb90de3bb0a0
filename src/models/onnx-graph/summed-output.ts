import { integerAttribute, newIntegers, newNode, newOutput, type OnnxGraph } from './onnx-graph.ts'

/** Name of the output of `withSumOutput`. */
export const sumOutput = 'vecino/sum'

/**
 * The graph with the sum of each row's hidden states as one output more, rows × 1 × values: much less to hand over than
 * the states themselves. A product with the mask and not `ReduceSum`, whose last bits depend on the number of rows.
 */
export function withSumOutput(graph: OnnxGraph, states: string): OnnxGraph {
  const mask = 'attention_mask'
  if (!graph.inputs.has(mask)) return graph
  const [real, across, shape] = ['vecino/mask', 'vecino/mask across', 'vecino/mask shape'] as const
  const domain = ''
  return {
    ...graph,
    nodes: [
      ...graph.nodes,
      newNode('Cast', [mask], real, { domain, attributes: [integerAttribute('to', 1)] }),
      newNode('Reshape', [real, shape], across, { domain }),
      newNode('MatMul', [across, states], sumOutput, { domain }),
    ],
    tensors: new Map(graph.tensors).set(shape, newIntegers(shape, [0, 1, -1])),
    outputs: new Map([[sumOutput, newOutput(sumOutput, 'float32')], ...graph.outputs]),
  }
}
