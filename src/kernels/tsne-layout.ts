import type { SparseRows } from './fuzzy-set.ts'
import { createRunner, type Runner } from './kernel-runner.ts'
import { createTsneSteps } from './tsne-steps.ts'
import { Arena } from './wasm/arena.ts'
import type { Engine } from './wasm/features.ts'

type Method = 'build' | 'forces' | 'normalizer' | 'advance'

export interface Phase {
  readonly iterations: number
  readonly exaggeration: number
  readonly learningRate: number
}

export interface DescentSettings {
  readonly phases: readonly Phase[]
  readonly theta: number
  readonly momentum: number
  readonly longestStep: number
  readonly threads: number
  readonly engine?: Engine | undefined
  readonly onIteration?: ((iteration: number) => void) | undefined
}

/** Parts a thread: some groups walk farther than others, and threads take the next part when done. */
const partsAThread = 4

/** Descend from `start` (`rows × 2`, taken over, becomes the result); returns Σ 1 / (1 + d²) of the result. */
export async function descend(graph: SparseRows, start: Float32Array, settings: DescentSettings): Promise<number> {
  const { rows } = graph
  const arena = new Arena({ shared: settings.threads > 1 })
  const { block, places, scratches } = lay(arena, graph, start, settings)
  const runner: Runner<Method> = createRunner(arena, 'tsne', createTsneSteps, settings)
  const parts = scratches.length
  const prepare = async () => {
    const [groups] = await runner.run('build', [[block]])
    const cut = (count: number, part: number) => Math.floor((count * part) / parts)
    await runner.run(
      'forces',
      scratches.map((scratch, part) => [
        ...[block, scratch, cut(groups!, part), cut(groups!, part + 1), cut(rows, part), cut(rows, part + 1)],
      ]),
    )
  }
  try {
    let iteration = 0
    for (const { iterations, exaggeration, learningRate } of settings.phases)
      for (let i = 0; i < iterations; i++) {
        await prepare()
        await runner.run('advance', [[block, exaggeration, learningRate, settings.momentum, settings.longestStep]])
        settings.onIteration?.(++iteration)
      }
    await prepare()
    const [normalizer] = await runner.run('normalizer', [[block]])
    start.set(arena.float32(places, rows * 2))
    return normalizer!
  } finally {
    runner.close()
  }
}

function lay(arena: Arena, graph: SparseRows, start: Float32Array, { theta, threads }: DescentSettings) {
  const { rows, starts, columns, weights } = graph
  const padded = new Uint32Array(rows + 1)
  for (let i = 0; i < rows; i++) padded[i + 1] = padded[i]! + Math.ceil((starts[i + 1]! - starts[i]!) / 4) * 4
  const edges = padded[rows]!
  const words = (count: number) => arena.alloc((count + 4) * 4)
  const [places, startsAt, neighbours, weightsAt] = [words(rows * 2), words(rows + 1), words(edges), words(edges)]
  const [pulls, pushes, masses, steps, gains] = [
    words(rows * 2),
    words(rows * 2),
    words(rows),
    words(rows * 2),
    words(rows * 2),
  ]
  const [codes, order, spare, sortedX, sortedY] = [words(rows), words(rows), words(rows * 2), words(rows), words(rows)]
  // No node has a single child, so there are fewer inner nodes than leaves.
  const [nodes, groups, histogram] = [arena.alloc(rows * 2 * 48), words(rows), words(256)]
  const scratches = Array.from({ length: threads * partsAThread }, () => arena.alloc((rows + 3) * 16))
  const block = words(19)
  const fields = [rows, places, startsAt, neighbours, weightsAt, pulls, pushes, masses, steps, gains, codes, order]
  arena.int32(block, 18).set([...fields, spare, sortedX, sortedY, nodes, groups, histogram])
  arena.float32(block + 72, 1)[0] = theta * theta
  arena.float32(places, start.length).set(start)
  arena.int32(startsAt, rows + 1).set(padded)
  arena.float32(steps, rows * 2).fill(0)
  arena.float32(gains, rows * 2).fill(1)
  // Filling edges have no weight, so it does not matter where they lead.
  const [ids, values] = [arena.int32(neighbours, edges).fill(0), arena.float32(weightsAt, edges).fill(0)]
  for (let i = 0; i < rows; i++) {
    ids.set(columns.subarray(starts[i]!, starts[i + 1]!), padded[i]!)
    values.set(weights.subarray(starts[i]!, starts[i + 1]!), padded[i]!)
  }
  return { block, places, scratches }
}
