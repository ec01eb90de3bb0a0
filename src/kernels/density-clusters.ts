import type { CondensedTree } from './condensed-tree.ts'

export interface Selection {
  readonly method: 'eom' | 'leaf'
  /** Distance under which clusters are not split further; 0 for none. */
  readonly epsilon: number
  readonly allowSingleCluster: boolean
}

export interface DensityClusters {
  readonly labels: Int32Array
  readonly probabilities: Float64Array
  readonly persistence: Float64Array
  readonly outlierScores: Float64Array
}

/** Flat clusters of a condensed tree, as the reference implementation selects and numbers them. */
export function selectClusters(tree: CondensedTree, selection: Selection): DensityClusters {
  const { rows, clusters, parent, lambda, stability } = tree
  const children: number[][] = Array.from({ length: clusters }, () => [])
  for (let c = 1; c < clusters; c++) children[parent[rows + c]! - rows]!.push(c)
  const total = stability.slice()
  let chosen = selection.method === 'eom' ? byExcessOfMass(children, total, selection) : leavesOf(children)
  const onlyRoot = chosen.length === 1 && chosen[0] === 0
  if (selection.epsilon > 0 && !onlyRoot) chosen = mergeBelow(tree, children, chosen, selection)
  if (!selection.allowSingleCluster) chosen = chosen.filter((cluster) => cluster !== 0)

  chosen = [...new Set(chosen)].sort((a, b) => a - b)
  const { labels, falls } = labelRows(tree, chosen, selection)
  const sizes = new Int32Array(chosen.length)
  for (const label of labels) if (label >= 0) sizes[label]!++
  const highest = lambda.reduce((a, b) => Math.max(a, b), 0)
  return {
    labels,
    probabilities: probabilitiesOf(tree, labels, chosen, falls),
    persistence: Float64Array.from(chosen, (cluster, label) =>
      Number.isFinite(highest) && highest > 0 && sizes[label]! > 0 ? total[cluster]! / (sizes[label]! * highest) : 1,
    ),
    outlierScores: outlierScoresOf(tree, falls),
  }
}

/** Excess of mass: a cluster stays whole where it is at least as stable as its parts together. */
function byExcessOfMass(children: number[][], stability: Float64Array, { allowSingleCluster }: Selection): number[] {
  const isChosen = new Uint8Array(children.length).fill(1)
  if (!allowSingleCluster) isChosen[0] = 0
  for (let c = children.length - 1; c >= (allowSingleCluster ? 0 : 1); c--) {
    const parts = Math.fround(children[c]!.reduce((sum, child) => sum + stability[child]!, 0))
    if (parts > stability[c]!) {
      isChosen[c] = 0
      stability[c] = parts
    } else for (const below of descendants(children, c)) isChosen[below] = 0
  }
  return [...isChosen.keys()].filter((c) => isChosen[c] === 1)
}

function leavesOf(children: number[][]): number[] {
  return children.flatMap((below, c) => (below.length === 0 ? [c] : []))
}

function descendants(children: number[][], cluster: number): number[] {
  const found = [...children[cluster]!]
  for (let head = 0; head < found.length; head++) found.push(...children[found[head]!]!)
  return found
}

/** Clusters born at a distance below `epsilon` give way to their first ancestor born above it. */
function mergeBelow(tree: CondensedTree, children: number[][], chosen: number[], selection: Selection): number[] {
  const { rows, parent, lambda } = tree
  const born = (cluster: number) => 1 / lambda[rows + cluster]!
  const merged: number[] = []
  const covered = new Set<number>()
  for (const cluster of chosen) {
    if (cluster === 0 || born(cluster) >= selection.epsilon) {
      merged.push(cluster)
      continue
    }
    if (covered.has(cluster)) continue
    let at = cluster
    for (;;) {
      const up = parent[rows + at]! - rows
      if (up === 0) {
        if (selection.allowSingleCluster) at = 0
        break
      }
      at = up
      if (born(at) > selection.epsilon) break
    }
    merged.push(at)
    for (const below of descendants(children, at)) covered.add(below)
  }
  return merged
}

/** Labels, and the largest lambda at which a direct member falls from each cluster. */
function labelRows(tree: CondensedTree, chosen: number[], { allowSingleCluster, epsilon }: Selection) {
  const { rows, clusters, parent, lambda } = tree
  const falls = new Float64Array(clusters)
  for (let node = 0; node < rows + clusters; node++) {
    const from = parent[node]! - rows
    if (from >= 0) falls[from] = Math.max(falls[from]!, lambda[node]!)
  }
  const labelOf = new Int32Array(clusters).fill(-1)
  chosen.forEach((cluster, label) => {
    labelOf[cluster] = label
  })
  // Parents come first, so one pass hands labels down.
  for (let c = 1; c < clusters; c++) {
    const up = parent[rows + c]! - rows
    if (labelOf[c] === -1 && up !== 0) labelOf[c] = labelOf[up]!
  }
  const rootLabel = allowSingleCluster && chosen.length === 1 ? labelOf[0]! : -1
  const isInRoot = new Uint8Array(clusters)
  isInRoot[0] = 1
  const isChosen = new Set(chosen)
  for (let c = 1; c < clusters; c++) if (!isChosen.has(c) && isInRoot[parent[rows + c]! - rows] === 1) isInRoot[c] = 1
  const needed = epsilon > 0 ? 1 / epsilon : falls[0]!
  const labels = new Int32Array(rows)
  for (let i = 0; i < rows; i++) {
    const from = parent[i]! - rows
    if (isInRoot[from] === 0) labels[i] = labelOf[from]!
    else labels[i] = lambda[i]! >= needed ? rootLabel : -1
  }
  return { labels, falls }
}

/** How deep in its cluster a row falls, as a share of the deepest; 1 at distance 0. */
function probabilitiesOf(tree: CondensedTree, labels: Int32Array, chosen: number[], falls: Float64Array): Float64Array {
  return Float64Array.from(labels, (label, i) => {
    if (label < 0) return 0
    const deepest = falls[chosen[label]!]!
    const fall = tree.lambda[i]!
    return deepest === 0 || !Number.isFinite(fall) ? 1 : Math.min(fall, deepest) / deepest
  })
}

/** GLOSH: how much earlier a row falls than the densest part of what it falls from, from 0 to 1. */
function outlierScoresOf({ rows, clusters, parent, lambda }: CondensedTree, falls: Float64Array): Float64Array {
  const deepest = falls.slice()
  for (let c = clusters - 1; c > 0; c--) {
    const up = parent[rows + c]! - rows
    deepest[up] = Math.max(deepest[up]!, deepest[c]!)
  }
  return Float64Array.from({ length: rows }, (_, i) => {
    const most = deepest[parent[i]! - rows]!
    if (most === 0 || !Number.isFinite(lambda[i]!)) return 0
    return Number.isFinite(most) ? (most - lambda[i]!) / most : 1
  })
}
