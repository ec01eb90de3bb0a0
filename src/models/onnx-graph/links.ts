import type { OnnxGraph, OnnxNode } from './onnx-graph.ts'

/** Who makes and who reads each tensor of a graph. */
export interface Links {
  /** The node that makes a tensor; undefined for constants and for the graph's inputs. */
  maker(name: string): OnnxNode | undefined
  /** The one node that reads a tensor's values; undefined where there are several, none, or where it is an output of the graph. */
  onlyReader(name: string): OnnxNode | undefined
  readers(name: string): readonly OnnxNode[]
  /** The value of a constant of one float, undefined for any other tensor. */
  scalar(name: string | undefined): number | undefined
}

export function linksOf({ nodes, tensors, outputs }: OnnxGraph): Links {
  const makers = new Map<string, OnnxNode>()
  const readers = new Map<string, OnnxNode[]>()
  for (const node of nodes) {
    for (const name of node.outputs) if (node.type !== 'Constant') makers.set(name, node)
    for (const name of new Set(node.inputs)) {
      const list = readers.get(name)
      if (list === undefined) readers.set(name, [node])
      else list.push(node)
    }
  }
  const all = (name: string) => readers.get(name) ?? []
  return {
    maker: (name) => makers.get(name),
    readers: all,
    onlyReader(name) {
      const [first, ...others] = all(name).filter((node) => node.type !== 'Shape')
      return others.length === 0 && !outputs.has(name) ? first : undefined
    },
    scalar: (name) => (name === undefined ? undefined : tensors.get(name)?.scalar),
  }
}
