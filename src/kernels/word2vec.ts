import { InvalidArgumentError } from '../spec/errors.ts'
import { createMatrix } from '../spec/matrix.ts'
import { createRunner } from './kernel-runner.ts'
import { assertChoice, assertInteger, assertNumber } from './option-checks.ts'
import { portableExp } from './portable-math.ts'
import { createRandom } from './random.ts'
import { Arena } from './wasm/arena.ts'
import type { Engine } from './wasm/features.ts'
import { type Call, defaultThreads } from './wasm/pool.ts'
import { WordVectors } from './word-vectors.ts'
import { layOut, type TrainingLayout } from './word2vec-layout.ts'
import { createWord2vecSteps } from './word2vec-steps.ts'
import { type EncodedCorpus, encodeCorpus } from './word2vec-vocabulary.ts'

export interface Word2vecProgress {
  /** Tokens of the vocabulary passed so far, over all epochs. */
  readonly tokens: number
  readonly totalTokens: number
  readonly learningRate: number
}

export interface Word2vecOptions {
  readonly dimensions?: number
  readonly window?: number
  readonly minCount?: number
  readonly algorithm?: 'skip-gram' | 'cbow'
  readonly negative?: number
  readonly subsample?: number
  readonly epochs?: number
  readonly learningRate?: number
  readonly minLearningRate?: number
  readonly seed?: number
  readonly threads?: number
  readonly engine?: Engine
  readonly onProgress?: (progress: Word2vecProgress) => void
  readonly signal?: AbortSignal
}

const defaults = {
  dimensions: 100,
  window: 5,
  minCount: 5,
  algorithm: 'skip-gram' as 'skip-gram' | 'cbow',
  negative: 5,
  subsample: 1e-3,
  epochs: 5,
  learningRate: 0.025,
  minLearningRate: 0.0001,
  seed: 0,
}

/** Below this many tokens one shard is as fast as two. */
const tokensForTwoShards = 400_000
/** Tokens a shard reads between two joins: few, for each learns nothing of the other's meanwhile; but joining costs time in all rows. */
const tokensBetweenJoins = { least: 20_000, aWord: 2 }

/** Sightings between two joins after which a word has come to rest in each shard; cbow moves a row less often for each. */
const sightingsToRest = { 'skip-gram': 1000, cbow: 6000 }

/**
 * Train word vectors: skip-gram or continuous bag of words, with negative sampling and subsampling.
 *
 * @param sentences - Arrays of words, read once; words are taken as they are (lower-case them first if wanted).
 * @param options.dimensions - Numbers a word, integer ≥ 1; larger holds more and needs more text. @default 100
 * @param options.window - Words seen on either side, integer ≥ 1, shrunk at random for each word. @default 5
 * @param options.minCount - Rarer words are left out, integer ≥ 1. @default 5
 * @param options.algorithm - `skip-gram` is better on rare words and small corpora, `cbow` faster. @default 'skip-gram'
 * @param options.negative - Noise words a window, integer ≥ 1. @default 5
 * @param options.subsample - Frequency t beyond which words are skipped at random; 0 keeps all (gensim: `sample`). @default 1e-3
 * @param options.epochs - Passes over the corpus, integer ≥ 1. @default 5
 * @param options.learningRate - α at the start, falling linearly to `minLearningRate`. @default 0.025, 0.0001
 * @param options.seed - Safe integer; same seed, same bytes on every platform and on any number of threads. @default 0
 * @param options.threads - At most two are of use. @default the logical cores
 * @returns words by falling count with their vectors (`words × dimensions`) and counts.
 * @throws {InvalidArgumentError} when an option is out of range or fewer than two words are left.
 *
 * Cost: about 0.5 M words/s a thread (skip-gram; cbow 0.8 M) at the defaults on a busy cloud core; 4 bytes a token and 8 × dimensions bytes a
 *   word, three times that from 400,000 tokens on.
 * Source: Mikolov et al. 2013; in skip-gram a window shares its noise words as in Ji et al. 2016. Defaults of gensim's Word2Vec.
 * Departs from gensim: there every pair of skip-gram draws its own noise words, and threads race; here two shards train copies that
 *   are joined every few hundred thousand words, so that results don't depend on threads. Long sentences are not cut.
 */
export async function word2vec(
  sentences: Iterable<readonly string[]> | AsyncIterable<readonly string[]>,
  options: Word2vecOptions = {},
): Promise<WordVectors> {
  const settings = { ...defaults, ...definedOf(options) }
  assertSettings(settings)
  const threads = options.threads ?? defaultThreads()
  assertInteger('threads', threads, 1)
  const { signal, onProgress } = options
  signal?.throwIfAborted()

  const corpus = await encodeCorpus(sentences, settings.minCount)
  const words = corpus.words.length
  if (words < 2 || corpus.tokens.length === 0)
    throw new InvalidArgumentError(
      'sentences',
      `at least 2 different words that occur ${settings.minCount} times or more`,
      words,
      'Give more text or lower options.minCount.',
    )
  const shards = corpus.tokens.length < tokensForTwoShards ? 1 : 2
  const arena = new Arena({ shared: threads > 1 && shards > 1 })
  const layout = layOut(arena, corpus, { ...settings, shards })
  const { run, close } = createRunner(arena, 'word2vec', createWord2vecSteps, {
    threads: Math.min(threads, shards),
    engine: options.engine,
  })
  const roundTokens = shards * Math.max(tokensBetweenJoins.least, words * tokensBetweenJoins.aWord)
  const rounds = Math.max(1, Math.round(corpus.tokens.length / roundTokens))
  const cuts = cutSentences(corpus, rounds * shards)
  arena
    .float32(layout.joinShares, 2 * words)
    .set(joinShares(corpus, rounds * shards, sightingsToRest[settings.algorithm]))
  const random = createRandom(settings.seed).fork('steps')
  const totalTokens = corpus.tokens.length * settings.epochs
  const fallATokens = (settings.learningRate - settings.minLearningRate) / totalTokens
  let passed = 0
  try {
    for (let round = 0; round < rounds * settings.epochs; round++) {
      const calls: Call[] = []
      const start = settings.learningRate - fallATokens * passed
      const first = (round % rounds) * shards
      const roundSize = corpus.starts[cuts[first + shards]!]! - corpus.starts[cuts[first]!]!
      for (let shard = 0; shard < shards; shard++) {
        const [from, to] = [cuts[first + shard]!, cuts[first + shard + 1]!]
        const size = corpus.starts[to]! - corpus.starts[from]!
        // Each shard falls through the whole round's share of the rate, on its own part of the tokens.
        const fall = size === 0 ? 0 : (fallATokens * roundSize) / size
        calls.push([layout.blocks[shard]!, from, to, random.uint32(), start, fall])
      }
      await run('train', calls)
      if (shards > 1) await run('join', joinCalls(layout, words))
      passed += roundSize
      onProgress?.({ tokens: passed, totalTokens, learningRate: settings.learningRate - fallATokens * passed })
      signal?.throwIfAborted()
    }
  } finally {
    close()
  }
  const vectors = createMatrix(words, settings.dimensions)
  for (let word = 0; word < words; word++) {
    const row = arena.float32(layout.base + word * layout.stride * 4, settings.dimensions)
    vectors.data.set(row, word * settings.dimensions)
  }
  return new WordVectors(corpus.words, vectors, corpus.counts)
}

function definedOf<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T
}

function assertSettings(settings: typeof defaults): void {
  for (const name of ['dimensions', 'window', 'minCount', 'negative', 'epochs'] as const)
    assertInteger(name, settings[name], 1, 100_000)
  assertChoice('algorithm', settings.algorithm, ['skip-gram', 'cbow'])
  assertNumber('subsample', settings.subsample, 0, 1)
  assertNumber('learningRate', settings.learningRate, 0)
  assertNumber('minLearningRate', settings.minLearningRate, 0, settings.learningRate)
}

/** Sentence numbers at which the corpus falls into `parts` of about equally many tokens. */
function cutSentences(corpus: EncodedCorpus, parts: number): Uint32Array {
  const cuts = new Uint32Array(parts + 1)
  const sentences = corpus.starts.length - 1
  let sentence = 0
  for (let part = 1; part < parts; part++) {
    const goal = (corpus.tokens.length * part) / parts
    while (sentence < sentences && corpus.starts[sentence]! < goal) sentence++
    cuts[part] = sentence
  }
  cuts[parts] = sentences
  return cuts
}

/**
 * What part of the two shards' summed moves a row takes. A word seen rarely since the last join moves by the sum, as if
 * both shards had trained in turn; one seen often has come to rest in each shard, and takes the mean.
 */
function joinShares(corpus: EncodedCorpus, blocks: number, sightings: number): Float32Array {
  const words = corpus.words.length
  const shares = new Float32Array(2 * words)
  for (let word = 0; word < words; word++) {
    const seen = corpus.counts[word]! / blocks
    shares[word] = shares[words + word] = 0.5 + 0.5 * portableExp(-seen / sightings)
  }
  return shares
}

/** The rows of both weight matrices in two halves, one a thread. */
function joinCalls({ base, replicas, joinShares, stride }: TrainingLayout, words: number): Call[] {
  const [a, b] = replicas as [number, number]
  return [
    [base, a, b, joinShares, 0, words, stride],
    [base, a, b, joinShares, words, 2 * words, stride],
  ]
}
