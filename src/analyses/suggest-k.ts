import { kMeans } from '../kernels/k-means.ts'
import { pca } from '../kernels/pca.ts'
import { portableExp, portableLog } from '../kernels/portable-math.ts'
import { createRandom, type Random } from '../kernels/random.ts'
import type { ClusterCandidate, ClusterSuggestion } from '../spec/clusters.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import { createMatrix, type Matrix } from '../spec/matrix.ts'
import { rowsOf } from './cluster-stability.ts'
import { partitionOverlap } from './partition-overlap.ts'
import { silhouette } from './silhouette.ts'

export interface SuggestKOptions {
  /** Largest number of clusters looked at, integer ≥ 2. @default 200, or an eighth of the rows where that is less */
  readonly maxK?: number
  /** A safe integer; same seed, same answer. @default 0 */
  readonly seed?: number
  readonly threads?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** More rows than this say no more about the number of groups. */
const sampleRows = 4000
const largestK = 200
/** Candidates from 8 on are an eighth apart: the smooth curve through their scores is read at every k. */
const gridStep = 1.12
const splits = 3
const sweeps = 30
/** Fewer rows than this a cluster in half of the sample, and agreement of halves says nothing. */
const leastRowsPerHalf = 3
/** Below the one structure may be chance, above the other it is not (Kaufman & Rousseeuw 1990). */
const unclearSilhouette = 0.25
const clearSilhouette = 0.5
/** Silhouette above that of noise under which there are no groups. */
const leastGain = 0.01
/** Of the smoothing, in ln k. Chosen, like the power of stability, on three labelled sets with two models. */
const bandwidth = 0.25
const stabilityPower = 1.2
/** Scores this near the best are no worse, as far as one can tell: the fewest groups of these are suggested. */
const asGood = 0.99
/** Another k is worth naming when its score is at least this share of the best. */
const nearlyAsGood = 0.9

/**
 * How many groups are in these vectors? For each candidate k: how much better clusters part than those of noise with
 * the same covariance (silhouettes), times how well clusterings of two halves of the rows agree (adjusted Rand). Clusters
 * that part better than noise but differ from half to half are as little worth as stable cuts through one cloud.
 *
 * @param vectors - Finite rows of unit length.
 * @returns k = 1 where no candidate parts the rows better than noise. Two overlapping groups that lie along the first
 *   principal axis alone look like noise and may be missed.
 * @throws {InvalidArgumentError} for no rows, or an option out of range.
 *
 * Cost: about ten runs of k-means for each of some thirty candidates, on at most 4,000 rows.
 * Source: the reference of the gap statistic (Tibshirani, Walther & Hastie 2001) applied to the silhouette (Rousseeuw
 *   1987); prediction strength (Tibshirani & Walther 2005) with adjusted Rand.
 */
export async function suggestK(vectors: Matrix, options: SuggestKOptions = {}): Promise<ClusterSuggestion> {
  const { seed = 0, threads, signal } = options
  if (vectors.rows < 1) throw new InvalidArgumentError('vectors', 'at least 1 row', vectors.rows)
  const { maxK } = options
  if (maxK !== undefined && (!Number.isSafeInteger(maxK) || maxK < 2))
    throw new InvalidArgumentError('options.maxK', 'an integer ≥ 2', maxK)
  const random = createRandom(seed)
  const size = Math.min(vectors.rows, sampleRows)
  const sample = rowsOf(vectors, random.fork('sample').sample(vectors.rows, size).sort())
  const different = countDifferent(sample)
  // Small sets are looked at down to pairs, large ones down to groups of eight.
  const most = Math.min(different - 1, maxK ?? largestK, Math.max(Math.floor(size / 8), Math.min(8, size >> 1)))
  if (vectors.rows === 1) return oneGroup('there is only one item', [])
  if (most < 2) return oneGroup(different === 1 ? 'all items are equal' : 'so few items form no groups', [])

  const noise = await noiseLike(sample, random.fork('noise'))
  const canHalve = (k: number) => size >= 2 * leastRowsPerHalf * k
  const measure = async (k: number): Promise<ClusterCandidate> => {
    signal?.throwIfAborted()
    const run = (rows: Matrix, nInit: number, stream: Random) =>
      kMeans(rows, {
        k,
        nInit,
        seed: stream.uint32(),
        maxIterations: sweeps,
        spherical: true,
        // Better starts find halves alike where there are no groups.
        seedCandidates: 1,
        ...(threads && { threads }),
      })
    const found = await run(sample, 3, random.fork(`k ${k}`))
    const ofNoise = await run(noise, 1, random.fork(`noise ${k}`))
    const own = silhouette(sample, found.labels, k)
    const silhouetteOfNoise = silhouette(noise, ofNoise.labels, k)
    const stability = canHalve(k) ? await halvesAgree(sample, k, run, random.fork(`split ${k}`)) : 1
    const weight = stability > 0 ? portableExp(stabilityPower * portableLog(stability)) : 0
    const score = gainOf(own, silhouetteOfNoise) * weight
    return { k, silhouette: own, silhouetteOfNoise, stability, score }
  }
  const candidates: ClusterCandidate[] = []
  for (const k of candidateNumbers(most)) candidates.push(await measure(k))
  const { best, alternatives } = peaks(candidates)
  const chosen = candidates.find(({ k }) => k === best) ?? (await measure(best))
  if (gainOf(chosen.silhouette, chosen.silhouetteOfNoise) < leastGain)
    return oneGroup('no number of groups parts the items better than noise', candidates)
  const reason =
    `${best} groups: they part better than noise (silhouette ${chosen.silhouette.toFixed(3)} against ` +
    `${chosen.silhouetteOfNoise.toFixed(3)}) and ` +
    (canHalve(best)
      ? `are ${foundAgain(chosen.stability)} in half of the items (adjusted Rand ${chosen.stability.toFixed(2)}); ` +
        'around no other number is there much more of both'
      : 'more so than any other number; the items are too few to look for them again in half')
  const all = candidates.includes(chosen) ? candidates : [...candidates, chosen].sort((a, b) => a.k - b.k)
  return { k: best, reason, alternatives, candidates: all }
}

/** Groups that halves of the items don't agree on are regions of one whole, and whoever reads the reason should know. */
function foundAgain(stability: number): string {
  if (stability >= 0.5) return 'found again'
  return stability >= 0.25 ? 'found again in part' : 'hardly found again'
}

/**
 * Silhouette above that of noise. Noise keeps the shape of each axis, two humps included, so the nearer a silhouette comes
 * to one that is structure by itself, the less is taken off.
 */
function gainOf(own: number, ofNoise: number): number {
  const trust = Math.min(1, Math.max(0, (own - unclearSilhouette) / (clearSilhouette - unclearSilhouette)))
  return Math.max(0, own - (1 - trust) * ofNoise)
}

function candidateNumbers(most: number): number[] {
  const numbers: number[] = []
  for (let k = 2; k <= most; k = Math.max(k + 1, Math.round(k * gridStep))) numbers.push(k)
  return numbers
}

type RunKMeans = (rows: Matrix, nInit: number, stream: Random) => ReturnType<typeof kMeans>

async function halvesAgree(sample: Matrix, k: number, run: RunKMeans, random: Random): Promise<number> {
  let total = 0
  for (let split = 0; split < splits; split++) {
    const order = random.sample(sample.rows, sample.rows)
    const half = sample.rows >> 1
    const first = await run(rowsOf(sample, order.subarray(0, half)), 2, random.fork(`first ${split}`))
    const second = await run(rowsOf(sample, order.subarray(half)), 2, random.fork(`second ${split}`))
    total += partitionOverlap(await first.predict(sample), k, await second.predict(sample)).adjustedRand
  }
  return Math.max(0, total / splits)
}

/**
 * Rows without groups but with the same mean, variances along the principal axes and shapes of these: each axis' values
 * shuffled on their own, then scaled to unit length.
 */
async function noiseLike(sample: Matrix, random: Random): Promise<Matrix> {
  const { components, mean, transform } = await pca(sample)
  const axes = components.rows
  const { data } = transform(sample)
  const centre = new Float64Array(axes)
  for (let a = 0; a < axes; a++)
    for (let j = 0; j < sample.columns; j++) centre[a]! += components.data[a * sample.columns + j]! * mean[j]!
  const noise = createMatrix(sample.rows, axes)
  for (let a = 0; a < axes; a++) {
    const order = random.sample(sample.rows, sample.rows)
    for (let i = 0; i < sample.rows; i++) noise.data[i * axes + a] = data[order[i]! * axes + a]! + centre[a]!
  }
  for (let i = 0; i < noise.rows; i++) {
    const row = noise.data.subarray(i * axes, (i + 1) * axes)
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0))
    if (length === 0) row[0] = 1
    else for (let a = 0; a < axes; a++) row[a] = row[a]! / length
  }
  return noise
}

/**
 * The fewest groups at which the scores, as a smooth function of ln k, are as good as at their top, and the peaks that are
 * nearly as high. One score is off by several percent, so a single high one decides nothing.
 */
function peaks(candidates: readonly ClusterCandidate[]): { best: number; alternatives: number[] } {
  const curve: { k: number; height: number }[] = []
  for (let k = 2; k <= candidates.at(-1)!.k; k++) {
    let [sum, weights] = [0, 0]
    for (const candidate of candidates) {
      const distance = portableLog(candidate.k / k) / bandwidth
      const weight = portableExp((-distance * distance) / 2)
      sum += weight * candidate.score
      weights += weight
    }
    curve.push({ k, height: sum / weights })
  }
  const top = curve.reduce((best, point) => (point.height > best.height ? point : best))
  const best = curve.find(({ height }) => height >= asGood * top.height) ?? top
  const alternatives = curve.filter(
    ({ k, height }, i) =>
      Math.abs(portableLog(k / best.k)) > bandwidth &&
      height >= nearlyAsGood * top.height &&
      height >= (curve[i - 1]?.height ?? 0) &&
      height >= (curve[i + 1]?.height ?? 0),
  )
  return { best: best.k, alternatives: alternatives.sort((a, b) => b.height - a.height).map(({ k }) => k) }
}

function oneGroup(why: string, candidates: readonly ClusterCandidate[]): ClusterSuggestion {
  return { k: 1, reason: `1 group: ${why}`, alternatives: [], candidates }
}

function countDifferent({ data, rows, columns }: Matrix): number {
  const seen = new Set<string>()
  for (let i = 0; i < rows; i++) seen.add(data.subarray(i * columns, (i + 1) * columns).join())
  return seen.size
}
