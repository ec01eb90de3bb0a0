import type { SparseRows } from './fuzzy-set.ts'
import { createRunner, type Runner } from './kernel-runner.ts'
import type { Random } from './random.ts'
import { leadingVectors, normalizedAdjacency, spectralBlock } from './spectral-start.ts'
import { firstSegment, slopesOf } from './umap-slopes.ts'
import { createUmapSteps } from './umap-steps.ts'
import { Arena } from './wasm/arena.ts'
import type { Engine } from './wasm/features.ts'

export interface LayoutSettings {
  readonly components: number
  readonly epochs: number
  readonly a: number
  readonly b: number
  readonly repulsionStrength: number
  readonly negativeSampleRate: number
  readonly learningRate: number
  readonly seed: number
  /** 2: both ends of an edge move, so each row moves for its own edge and for the one back. 1: only rows move. */
  readonly pull: 1 | 2
  readonly threads: number
  readonly engine?: Engine | undefined
  readonly onEpoch?: ((epoch: number) => void) | undefined
}

/** Some rows have more edges than others, and threads take the next part when done. */
const partsAThread = 4

type Method = 'epoch' | 'recur'

/** A graph in an arena, every row filled up to a multiple of four edges that never fire. */
interface PlacedGraph {
  readonly arena: Arena
  readonly starts: number
  readonly neighbours: number
  readonly weights: number
  readonly edges: number
  readonly longest: number
}

function place(graph: SparseRows, weights: Float32Array, threads: number): PlacedGraph {
  const arena = new Arena({ shared: threads > 1 })
  const { rows, starts, columns } = graph
  const padded = new Uint32Array(rows + 1)
  let longest = 0
  for (let i = 0; i < rows; i++) {
    const length = Math.ceil((starts[i + 1]! - starts[i]!) / 4) * 4
    padded[i + 1] = padded[i]! + length
    longest = Math.max(longest, length)
  }
  const edges = padded[rows]!
  const startsAt = arena.alloc(padded.length * 4)
  const neighboursAt = arena.alloc((edges + 4) * 4)
  const weightsAt = arena.alloc((edges + 4) * 4)
  arena.int32(startsAt, padded.length).set(padded)
  const [ids, values] = [arena.int32(neighboursAt, edges).fill(0), arena.float32(weightsAt, edges).fill(0)]
  for (let i = 0; i < rows; i++) {
    ids.set(columns.subarray(starts[i]!, starts[i + 1]!), padded[i]!)
    values.set(weights.subarray(starts[i]!, starts[i + 1]!), padded[i]!)
  }
  return { arena, starts: startsAt, neighbours: neighboursAt, weights: weightsAt, edges, longest }
}

const runnerOf = (arena: Arena, settings: { threads: number; engine?: Engine | undefined }): Runner<Method> =>
  createRunner(arena, 'umap', createUmapSteps, settings)

/** `rows × components` start from the leading eigenvectors of the graph's normalised adjacency; components ≤ 3. */
export async function spectralStart(
  graph: SparseRows,
  components: number,
  random: Random,
  options: { readonly threads: number; readonly engine?: Engine | undefined },
): Promise<Float32Array> {
  const { rows } = graph
  const { roots, normalized } = normalizedAdjacency(graph)
  const { arena, starts, neighbours, weights } = place(graph, normalized, options.threads)
  const length = rows * spectralBlock
  const blocks = [0, 1, 2].map(() => arena.alloc(length * 4))
  for (const block of blocks) arena.float32(block, length).fill(0)
  const runner = runnerOf(arena, options)
  const parts = runner.split(rows)
  try {
    const vectors = await leadingVectors(
      roots,
      random,
      (block) => arena.float32(blocks[block]!, length),
      (now, last, next, { scale, shift, back }) => {
        const places = [starts, neighbours, weights, blocks[now]!, blocks[last]!, blocks[next]!]
        return runner.run(
          'recur',
          parts.map(([from, to]) => [...places, from, to, scale, shift, back]),
        )
      },
    )
    return Float32Array.from({ length: rows * components }, (_, at) => {
      const row = Math.floor(at / components)
      return vectors[row * spectralBlock + 1 + (at % components)]!
    })
  } finally {
    runner.close()
  }
}

/**
 * Stochastic descent on the fuzzy sets' cross entropy. In each epoch every row reads the positions of the epoch before and
 * writes only its own, with random numbers from (seed, epoch, row): any number of threads gives the same bytes.
 *
 * @param rates - How often each edge fires an epoch, in [0, 1], in the order of the graph's edges.
 * @param start - `rows × components`; taken over, becomes the result.
 * @param fixed - Positions the edges lead to; absent: they lead to the rows themselves.
 */
export async function optimizeLayout(
  graph: SparseRows,
  rates: Float32Array,
  start: Float32Array,
  settings: LayoutSettings,
  fixed?: Float32Array,
): Promise<Float32Array> {
  const { components, epochs } = settings
  const { rows } = graph
  const { arena, starts, neighbours, weights, longest } = place(graph, rates, settings.threads)
  const rowsOfOthers = fixed === undefined ? rows : fixed.length / components
  const buffers = [arena.alloc(start.length * 4), arena.alloc(start.length * 4)] as const
  const others = fixed === undefined ? 0 : arena.alloc(fixed.length * 4)
  const block = arena.alloc(64)
  const listBytes = (longest + 8) * 4
  const scratches = Array.from({ length: settings.threads * partsAThread }, () =>
    arena.alloc(components * 48 + 2 * listBytes),
  )
  arena.float32(buffers[0], start.length).set(start)
  if (fixed !== undefined) arena.float32(others, fixed.length).set(fixed)
  arena.int32(block, 6).set([starts, neighbours, weights, rowsOfOthers, components, settings.negativeSampleRate])
  // The kernel adds a segment's number as the bits of the squared distance give it.
  const slopes = slopesOf(settings.a, settings.b, settings.repulsionStrength)
  for (const [i, table] of [slopes.pulls, slopes.pushes].entries()) {
    const at = arena.alloc(table.length * 4)
    arena.float32(at, table.length).set(table)
    arena.int32(block + 24 + 4 * i, 1)[0] = at - firstSegment * 8
  }
  arena.float32(block + 32, 1)[0] = settings.pull
  arena.int32(block + 36, 2).set([settings.seed, listBytes])
  const runner = runnerOf(arena, settings)
  const parts = runner.split(rows, runner.threads * partsAThread)
  try {
    for (let epoch = 0; epoch < epochs; epoch++) {
      const [own, next] = epoch % 2 === 0 ? buffers : [buffers[1], buffers[0]]
      const rate = settings.learningRate * (1 - epoch / epochs)
      const from = fixed === undefined ? own : others
      await runner.run(
        'epoch',
        parts.map(([low, high], part) => [block, own, from, next, scratches[part]!, low, high, epoch, rate]),
      )
      settings.onEpoch?.(epoch + 1)
    }
  } finally {
    runner.close()
  }
  start.set(arena.float32(buffers[epochs % 2]!, start.length))
  return start
}
