import type { SpanningTree } from './reachability-tree.ts'

/**
 * What remains of a single-linkage tree when parts below a least size count as points falling off.
 * Nodes: rows are 0 … rows − 1, clusters rows … rows + clusters − 1 with the root first and parents before children.
 */
export interface CondensedTree {
  readonly rows: number
  readonly clusters: number
  /** Of each row and each cluster: the cluster it falls from; the root's is −1. */
  readonly parent: Int32Array
  /** 1 / distance at which it falls; Infinity at distance 0; the root's is 0. */
  readonly lambda: Float64Array
  /** Rows under each node. */
  readonly size: Int32Array
  /** Sum over what falls from each cluster of (lambda − the cluster's own lambda) × size. */
  readonly stability: Float64Array
}

/** Source: Campello, Moulavi & Sander 2013; the reference implementation's order of nodes. */
export function condenseTree(tree: SpanningTree, rows: number, minClusterSize: number): CondensedTree {
  const { left, right, size: sizes } = singleLinkage(tree, rows)
  const root = 2 * rows - 2
  const most = rows + 1 + 2 * Math.floor(rows / minClusterSize)
  const parent = new Int32Array(most).fill(-1)
  const lambda = new Float64Array(most)
  const size = new Int32Array(most).fill(1, 0, rows)
  size[rows] = rows
  let clusters = 1

  function dropRows(node: number, from: number, at: number): void {
    const stack = [node]
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      if (top < rows) {
        parent[top] = from
        lambda[top] = at
      } else stack.push(left[top - rows]!, right[top - rows]!)
    }
  }

  // Breadth first: a cluster's number is then larger than its parent's.
  const queue: [node: number, cluster: number][] = [[root, rows]]
  for (let head = 0; head < queue.length; head++) {
    const [node, cluster] = queue[head]!
    const distance = tree.weights[node - rows]!
    const at = distance > 0 ? 1 / distance : Number.POSITIVE_INFINITY
    const children = [left[node - rows]!, right[node - rows]!] as const
    const isLarge = children.map((child) => sizes[child]! >= minClusterSize)
    children.forEach((child, side) => {
      if (!isLarge[side]) dropRows(child, cluster, at)
      else if (!isLarge[1 - side]) queue.push([child, cluster])
      else {
        const born = rows + clusters++
        parent[born] = cluster
        lambda[born] = at
        size[born] = sizes[child]!
        queue.push([child, born])
      }
    })
  }

  const stability = new Float64Array(clusters)
  for (let node = 0; node < rows + clusters; node++) {
    const from = parent[node]!
    // Equal lambdas add nothing; infinite ones would make a NaN of it.
    if (from >= rows && lambda[node]! > lambda[from]!)
      stability[from - rows]! += (lambda[node]! - lambda[from]!) * size[node]!
  }
  return {
    rows,
    clusters,
    parent: parent.slice(0, rows + clusters),
    lambda: lambda.slice(0, rows + clusters),
    size: size.slice(0, rows + clusters),
    stability,
  }
}

/** Merge i, of the i-th lightest edge, makes node rows + i of two nodes before it. */
function singleLinkage(tree: SpanningTree, rows: number) {
  const left = new Int32Array(rows - 1)
  const right = new Int32Array(rows - 1)
  const size = new Int32Array(2 * rows - 1).fill(1, 0, rows)
  const above = Int32Array.from({ length: 2 * rows - 1 }, (_, i) => i)
  function top(node: number): number {
    let at = node
    while (above[at] !== at) {
      above[at] = above[above[at]!]!
      at = above[at]!
    }
    return at
  }
  for (let i = 0; i < rows - 1; i++) {
    const a = top(tree.low[i]!)
    const b = top(tree.high[i]!)
    left[i] = a
    right[i] = b
    size[rows + i] = size[a]! + size[b]!
    above[a] = rows + i
    above[b] = rows + i
  }
  return { left, right, size }
}
