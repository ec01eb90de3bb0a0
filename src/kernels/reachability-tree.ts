import type { Matrix } from '../spec/matrix.ts'
import { knnGraph } from './knn-graph.ts'
import { squaredDistance, squaredNorms } from './metric.ts'
import { isBefore, nearestGroupPairs, type Pair } from './reachability-pairs.ts'
import type { Engine } from './wasm/features.ts'

/**
 * Edges of a spanning tree, ascending by weight, then by the smaller and the larger row: no two edges are equal in this
 * order, so there is one minimum spanning tree, whichever way it is found.
 */
export interface SpanningTree {
  /** rows − 1 edges. */
  readonly low: Int32Array
  readonly high: Int32Array
  readonly weights: Float64Array
}

/** More neighbours than core distances need: the further lists reach, the more edges they prove. */
const leastNeighbours = 24

/**
 * The minimum spanning tree under mutual reachability: the larger of the Euclidean distance of two rows and their core
 * distances, a core distance being that to the `minSamples`-th other row. Exact, in float64.
 *
 * Cost: an exact neighbour graph, then at most half of all distances once, and those only of rows that are dense
 *   enough to matter; memory of (groups left)² pairs.
 */
export async function reachabilityTree(
  matrix: Matrix,
  minSamples: number,
  options: {
    readonly engine: Engine
    readonly threads?: number | undefined
    readonly signal?: AbortSignal | undefined
  },
): Promise<SpanningTree> {
  const { data, rows, columns } = matrix
  const listed = Math.min(rows - 1, Math.max(minSamples + 8, leastNeighbours))
  const coreAt = Math.min(minSamples, rows - 1) - 1
  const { ids } = await knnGraph(matrix, { k: listed, metric: 'l2', ...options })
  options.signal?.throwIfAborted()
  const distance = (a: number, b: number) => Math.sqrt(squaredDistance(data, a * columns, data, b * columns, columns))
  const listedDistances = new Float64Array(rows * listed)
  for (let i = 0; i < rows; i++)
    for (let r = 0; r < listed; r++) listedDistances[i * listed + r] = distance(i, ids[i * listed + r]!)
  const cores = Float64Array.from({ length: rows }, (_, i) => listedDistances[i * listed + coreAt]!)
  const largest = squaredNorms(matrix).reduce((a, b) => Math.max(a, b), 0)
  // Outside this range float32 products overflow, or lose more than the error bound allows for.
  if (options.engine === 'typescript' || largest > 1e30 || largest < 1e-25) return sortEdges(prim(matrix, cores))

  const groups = new Groups(rows)
  const edges: Pair[] = []
  joinByLists(groups, edges, { ids, listedDistances, listed, cores, isComplete: listed === rows - 1 })
  if (edges.length < rows - 1) {
    const { members, starts } = groups.ordered(cores)
    const known = listedPairs({ ids, listedDistances, listed, cores })
    const pairs = await nearestGroupPairs(matrix, members, starts, cores, known, options)
    edges.push(...joinByPairs(pairs, starts.length - 1))
  }
  return sortEdges(edges)
}

/** The specification: Prim's algorithm over all pairs. */
function prim({ data, rows, columns }: Matrix, cores: Float64Array): Pair[] {
  const best: Pair[] = Array.from({ length: rows }, () => ({ weight: Number.POSITIVE_INFINITY, low: rows, high: rows }))
  const outside = Array.from({ length: rows - 1 }, (_, i) => i + 1)
  const edges: Pair[] = []
  let from = 0
  while (outside.length > 0) {
    let next = 0
    outside.forEach((row, place) => {
      const squared = squaredDistance(data, from * columns, data, row * columns, columns)
      const weight = Math.max(cores[from]!, cores[row]!, Math.sqrt(squared))
      const edge = { weight, low: Math.min(from, row), high: Math.max(from, row) }
      if (isBefore(edge, best[row]!)) best[row] = edge
      if (isBefore(best[row]!, best[outside[next]!]!)) next = place
    })
    from = outside[next]!
    edges.push(best[from]!)
    outside[next] = outside.at(-1)!
    outside.pop()
  }
  return edges
}

interface Lists {
  readonly ids: Int32Array
  readonly listedDistances: Float64Array
  readonly listed: number
  readonly cores: Float64Array
  /** Lists hold all other rows. */
  readonly isComplete: boolean
}

/**
 * Borůvka's rounds as far as neighbour lists can prove them: a group's first listed edge to another group is its first
 * edge of all where it is shorter than whatever any of its rows may have beyond the end of its list.
 */
function joinByLists(groups: Groups, edges: Pair[], lists: Lists): void {
  const { ids, listedDistances, listed, cores, isComplete } = lists
  const rows = cores.length
  for (let joined = true; joined; ) {
    joined = false
    const first: (Pair | undefined)[] = new Array(rows)
    const reach = new Float64Array(rows).fill(Number.POSITIVE_INFINITY)
    for (let i = 0; i < rows; i++) {
      const group = groups.find(i)
      if (!isComplete) reach[group] = Math.min(reach[group]!, listedDistances[(i + 1) * listed - 1]!)
      for (let r = 0; r < listed; r++) {
        const other = ids[i * listed + r]!
        const held = first[group]
        const distance = listedDistances[i * listed + r]!
        if (held !== undefined && Math.max(distance, cores[i]!) > held.weight) break
        if (groups.find(other) === group) continue
        const weight = Math.max(distance, cores[i]!, cores[other]!)
        const edge = { weight, low: Math.min(i, other), high: Math.max(i, other) }
        if (held === undefined || isBefore(edge, held)) first[group] = edge
      }
    }
    for (let group = 0; group < rows; group++) {
      const edge = first[group]
      if (edge === undefined || edge.weight >= reach[group]!) continue
      if (!groups.join(edge.low, edge.high)) continue
      edges.push(edge)
      joined = true
    }
  }
}

function* listedPairs({ ids, listedDistances, listed, cores }: Omit<Lists, 'isComplete'>): Generator<Pair> {
  for (let at = 0; at < ids.length; at++) {
    const row = Math.floor(at / listed)
    const other = ids[at]!
    const weight = Math.max(listedDistances[at]!, cores[row]!, cores[other]!)
    yield { weight, low: Math.min(row, other), high: Math.max(row, other) }
  }
}

/** Prim's algorithm over groups, from the first pair of each two. */
function joinByPairs(pairs: (a: number, b: number) => Pair, groups: number): Pair[] {
  const best: (Pair | undefined)[] = new Array(groups)
  const outside = Array.from({ length: groups - 1 }, (_, i) => i + 1)
  const edges: Pair[] = []
  let from = 0
  while (outside.length > 0) {
    let next = 0
    outside.forEach((group, place) => {
      const edge = pairs(Math.min(from, group), Math.max(from, group))
      const held = best[group]
      if (held === undefined || isBefore(edge, held)) best[group] = edge
      if (isBefore(best[group]!, best[outside[next]!]!)) next = place
    })
    from = outside[next]!
    edges.push(best[from]!)
    outside[next] = outside.at(-1)!
    outside.pop()
  }
  return edges
}

function sortEdges(edges: Pair[]): SpanningTree {
  edges.sort((a, b) => a.weight - b.weight || a.low - b.low || a.high - b.high)
  return {
    low: Int32Array.from(edges, (edge) => edge.low),
    high: Int32Array.from(edges, (edge) => edge.high),
    weights: Float64Array.from(edges, (edge) => edge.weight),
  }
}

/** Disjoint sets of rows. */
class Groups {
  private readonly parent: Int32Array
  private readonly size: Int32Array

  constructor(rows: number) {
    this.parent = Int32Array.from({ length: rows }, (_, i) => i)
    this.size = new Int32Array(rows).fill(1)
  }

  find(row: number): number {
    const { parent } = this
    let at = row
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!
      at = parent[at]!
    }
    return at
  }

  /** False where both are in one set already. */
  join(a: number, b: number): boolean {
    const x = this.find(a)
    const y = this.find(b)
    if (x === y) return false
    const [large, small] = this.size[x]! >= this.size[y]! ? [x, y] : [y, x]
    this.parent[small] = large
    this.size[large]! += this.size[small]!
    return true
  }

  /** Rows set by set, each ascending by `keys`; set g holds members[starts[g]] … members[starts[g + 1] − 1]. */
  ordered(keys: Float64Array): { members: Int32Array; starts: Int32Array } {
    const lists = new Map<number, number[]>()
    for (let i = 0; i < this.parent.length; i++) {
      const root = this.find(i)
      const list = lists.get(root)
      if (list === undefined) lists.set(root, [i])
      else list.push(i)
    }
    for (const list of lists.values()) list.sort((a, b) => keys[a]! - keys[b]! || a - b)
    const starts = [0]
    for (const list of lists.values()) starts.push(starts.at(-1)! + list.length)
    return { members: Int32Array.from([...lists.values()].flat()), starts: Int32Array.from(starts) }
  }
}
