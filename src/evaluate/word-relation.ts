import { createRandom } from '../kernels/random.ts'
import type { WordVectors } from '../kernels/word-vectors.ts'
import { InvalidArgumentError } from '../spec/errors.ts'

export interface WordRelation {
  /** Cosine of (second − first) of one pair and (second − first) of the other. */
  readonly cosine: number
  /** Share of random pairs of differences that are less parallel, in percent (0–100). */
  readonly percentile: number
  /** The cosine that 95 % of random pairs of differences stay under. */
  readonly usual: number
  /** Whether the relation is the same in both pairs: more parallel than 95 % of random ones. */
  readonly holds: boolean
}

const drawn = 2000
/** Differences are drawn among the most frequent words, whose vectors have been trained best. */
const frequentWords = 5000
const heldFrom = 0.95

/**
 * Whether two pairs of words stand in the same relation: walking − walk ≈ swimming − swim. Differences of random words are
 * the background, for in some vectors all differences are somewhat alike.
 *
 * @throws {NotFoundError} for a word that is not in the vocabulary.
 * @throws {InvalidArgumentError} for a pair of a word and itself, or fewer than four words in the vocabulary.
 */
export function wordRelation(
  vectors: WordVectors,
  first: readonly [string, string],
  second: readonly [string, string],
  { seed = 0 }: { readonly seed?: number } = {},
): WordRelation {
  for (const [a, b] of [first, second])
    if (a === b) throw new InvalidArgumentError('pair', 'two different words', `${a}, ${b}`)
  const words = Math.min(frequentWords, vectors.words.length)
  if (words < 4) throw new InvalidArgumentError('vectors', 'at least 4 words', words)
  const cosine = parallel(vectors, first, second)
  const random = createRandom(seed).fork('relation')
  const background = Float64Array.from({ length: drawn }, () => {
    const [a, b, c, d] = Array.from(random.sample(words, 4), (row) => vectors.words[row] as string) as [
      ...[string, string, string, string],
    ]
    return parallel(vectors, [a, b], [c, d])
  }).sort()
  const below = background.findIndex((value) => value >= cosine)
  const share = (below === -1 ? drawn : below) / (drawn + 1)
  return {
    cosine,
    percentile: Math.floor(share * 1000) / 10,
    usual: background[Math.floor(heldFrom * drawn)] as number,
    holds: share >= heldFrom,
  }
}

function parallel(vectors: WordVectors, first: readonly [string, string], second: readonly [string, string]): number {
  const [a, b, c, d] = [...first, ...second].map((word) => vectors.vector(word)) as [
    ...[Float32Array, Float32Array, Float32Array, Float32Array],
  ]
  let [dot, one, two] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [(b[i] as number) - (a[i] as number), (d[i] as number) - (c[i] as number)]
    dot += x * y
    one += x * x
    two += y * y
  }
  return one === 0 || two === 0 ? 0 : dot / Math.sqrt(one * two)
}
