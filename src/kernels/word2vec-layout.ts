import { portableExp } from './portable-math.ts'
import { createRandom } from './random.ts'
import type { Arena } from './wasm/arena.ts'
import { type EncodedCorpus, keepThresholds, noiseTables } from './word2vec-vocabulary.ts'

export interface TrainingSettings {
  readonly dimensions: number
  readonly window: number
  readonly negative: number
  readonly subsample: number
  readonly algorithm: 'skip-gram' | 'cbow'
  readonly seed: number
  readonly shards: number
}

/** Where one training run lies in memory: offsets in bytes. */
export interface TrainingLayout {
  /** A parameter block for each shard, in the order the kernel reads. */
  readonly blocks: readonly number[]
  /** Input rows, then output rows, of the state all shards begin a round with; then each shard's own copy. */
  readonly base: number
  readonly replicas: readonly number[]
  /** Share of the shards' summed moves that a row takes at the end of a round; input rows, then output rows. */
  readonly joinShares: number
  /** Floats a row: dimensions rounded up to a multiple of 4, the rest zero. */
  readonly stride: number
}

export const sigmoidSteps = 1000

/** Targets a step works on together; a shorter list is filled up with a row of zeros. */
export const targetGroup = 6

/** Write corpus, tables and first weights into the arena. */
export function layOut(arena: Arena, corpus: EncodedCorpus, settings: TrainingSettings): TrainingLayout {
  const { dimensions, window, negative } = settings
  const words = corpus.words.length
  const stride = Math.ceil(dimensions / 4) * 4
  const weightBytes = 2 * words * stride * 4
  const put = (values: ArrayLike<number>) => {
    const at = arena.alloc(values.length * 4)
    new Uint32Array(arena.memory.buffer, at, values.length).set(values)
    return at
  }
  const tokens = put(corpus.tokens)
  const starts = put(corpus.starts)
  const keep = put(keepThresholds(corpus.counts, settings.subsample))
  const noise = noiseTables(corpus.counts)
  const share = put(noise.share)
  const alias = put(noise.alias)
  const sigmoid = arena.alloc(sigmoidSteps * 4)
  arena.float32(sigmoid, sigmoidSteps).set(sigmoidTable())

  const base = arena.alloc(weightBytes)
  const replicas =
    settings.shards === 1 ? [base] : Array.from({ length: settings.shards }, () => arena.alloc(weightBytes))
  const joinShares = arena.alloc(2 * words * 4)
  const zeroed = (floats: number) => {
    const at = arena.alloc(floats * 4)
    arena.float32(at, floats).fill(0)
    return at
  }
  const listed = Math.max(negative + 1, 2 * window) + targetGroup
  const blocks = replicas.map((inputs) => {
    const outputs = inputs + words * stride * 4
    const bag = settings.algorithm === 'cbow' ? 1 : 0
    const fields = [
      tokens,
      starts,
      keep,
      share,
      alias,
      sigmoid,
      inputs,
      outputs,
      arena.alloc(corpus.longestSentence * 4),
    ]
    fields.push(zeroed(stride), zeroed(listed * targetGroup * 4), zeroed(listed))
    fields.push(zeroed(2 * window), zeroed(stride), zeroed(stride))
    return put([...fields, words, stride, window, negative, bag])
  })

  const weights = arena.float32(base, 2 * words * stride).fill(0)
  const random = createRandom(settings.seed).fork('weights')
  for (let word = 0; word < words; word++)
    for (let d = 0; d < dimensions; d++) weights[word * stride + d] = (random.uint32() / 2147483648 - 1) / dimensions
  for (const replica of replicas) arena.float32(replica, weights.length).set(arena.float32(base, weights.length))
  return { blocks, base, replicas, joinShares, stride }
}

/** σ at the middle of each of the table's steps over [−6, 6]. */
function sigmoidTable(): Float32Array {
  return Float32Array.from({ length: sigmoidSteps }, (_, i) => {
    const x = ((i + 0.5) / sigmoidSteps) * 12 - 6
    return 1 / (1 + portableExp(-x))
  })
}
