/**
 * How well near-duplicates are found, and whether the false-alarm rate is the one asked for: average precision on labelled
 * pairs, and the share of unlike pairs at or above the threshold of a rate beside the interval that was stated for it.
 * Needs ../shared. `node bench/duplicates.bench.ts [starter|minilm-int8|minilm-float32 …]`
 */
import { fileURLToPath } from 'node:url'
import { duplicates } from '../src/analyses/duplicates.ts'
import { type DrawnPairs, PairTail } from '../src/analyses/pair-tail.ts'
import { embedMany } from '../src/core/embed-many.ts'
import { averagePrecision } from '../src/evaluate/average-precision.ts'
import { dot } from '../src/kernels/metric.ts'
import { createRandom } from '../src/kernels/random.ts'
import { loadModel } from '../src/models/load.ts'
import type { Matrix } from '../src/spec/matrix.ts'
import type { EmbeddingModel } from '../src/spec/model.ts'
import { duplicateSets, type LabelledPairs, nearDuplicates } from './support/duplicate-sets.ts'

const miniLm = fileURLToPath(new URL('../../shared/models/all-MiniLM-L6-v2', import.meta.url))
const models: Readonly<Record<string, () => Promise<EmbeddingModel>>> = {
  starter: () => loadModel(),
  'minilm-int8': () => loadModel(miniLm, { dtype: 'int8' }),
  'minilm-float32': () => loadModel(miniLm, { dtype: 'float32' }),
}
const rates = [0.01, 0.001, 0.0001]
const asked = process.argv.slice(2)
for (const name of asked.length > 0 ? asked : Object.keys(models)) {
  const model = await (models[name] as () => Promise<EmbeddingModel>)()
  await nearDuplicateSet(name, model)
  for (const pairs of duplicateSets()) await labelledPairs(name, model, pairs)
  await model.close?.()
}

async function vectorsOf(model: EmbeddingModel, texts: readonly string[]): Promise<Matrix> {
  const cut = texts.map((text) => text.slice(0, 1000))
  return (await embedMany(cut, { model, task: 'document', onNoVector: 'skip' })).vectors
}

/** All pairs of one set, whose clusters are known. Calibrated on pairs of one half of its items, realised on the other. */
async function nearDuplicateSet(name: string, model: EmbeddingModel): Promise<void> {
  const { items, clusters } = nearDuplicates(await vectorsOf(model, nearDuplicates().items.texts))
  const { vectors } = items
  const n = vectors.rows
  const half = new Uint8Array(n)
  for (const i of createRandom(7).sample(n, n >> 1)) half[i] = 1
  const scores: number[] = []
  const truth: boolean[] = []
  const known = { cosines: [] as number[], first: [] as number[], second: [] as number[] }
  const unlike: number[] = []
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++) {
      const cosine = dot(vectors.data, i * vectors.columns, vectors.data, j * vectors.columns, vectors.columns)
      scores.push(cosine)
      truth.push(clusters[i] === clusters[j])
      if (half[i] === 1 && half[j] === 1) {
        known.cosines.push(cosine)
        known.first.push(i)
        known.second.push(j)
      }
      if (half[i] === 0 && half[j] === 0 && clusters[i] !== clusters[j]) unlike.push(cosine)
    }
  console.log(
    `${name} neardup: average precision ${averagePrecision(scores, truth).toFixed(4)} over ${scores.length} pairs`,
  )
  report(
    new PairTail({
      cosines: Float64Array.from(known.cosines),
      first: Int32Array.from(known.first),
      second: Int32Array.from(known.second),
    }),
    unlike,
  )
  const groupings = new Set<string>()
  const threshold = new PairTail({ cosines: Float64Array.from(scores) }).threshold(1 / scores.length)
  for (let seed = 0; seed < 20; seed++) {
    const order = createRandom(seed).sample(n, n)
    const shuffled = nearDuplicates(vectors, order).items
    const groups = await duplicates(shuffled, { threshold })
    groupings.add(
      groups
        .map(({ kept, removed }) =>
          [...kept, ...removed.map(({ row }) => row)]
            .map((row) => shuffled.ids[row])
            .sort()
            .join(' '),
        )
        .sort()
        .join('\n'),
    )
  }
  console.log(`  threshold ${threshold.toFixed(3)}: ${groupings.size} grouping(s) under 20 shuffles`)
}

/** Labelled pairs, of which the unlike ones are hard: precision from them, false alarms from texts of unlike pairs. */
async function labelledPairs(name: string, model: EmbeddingModel, { set, a, b, same }: LabelledPairs): Promise<void> {
  const [left, right] = [await vectorsOf(model, a), await vectorsOf(model, b)]
  const { columns } = left
  const cosine = (i: number, j: number) => dot(left.data, i * columns, right.data, j * columns, columns)
  const scores = a.map((_, i) => cosine(i, i))
  console.log(
    `${name} ${set}: average precision ${averagePrecision(scores, same).toFixed(4)} over ${a.length} labelled pairs`,
  )
  const middle = a.length >> 1
  report(
    new PairTail(crossPairs(0, middle, 200_000, cosine)),
    Array.from(crossPairs(middle, a.length, 1_000_000, cosine).cosines),
  )
}

function crossPairs(
  from: number,
  to: number,
  count: number,
  cosine: (i: number, j: number) => number,
): Required<DrawnPairs> {
  const random = createRandom(3)
  const drawn = { cosines: new Float64Array(count), first: new Int32Array(count), second: new Int32Array(count) }
  for (let at = 0; at < count; ) {
    const [i, j] = [from + random.below(to - from), from + random.below(to - from)]
    if (i === j) continue
    drawn.cosines[at] = cosine(i, j)
    drawn.first[at] = i
    drawn.second[at++] = to + j
  }
  return drawn
}

function report(tail: PairTail, unlike: readonly number[]): void {
  for (const rate of rates) {
    const threshold = tail.threshold(rate)
    const realised = unlike.filter((cosine) => cosine >= threshold).length / unlike.length
    const { low, high, support } = tail.falseAlarms(threshold)
    const isInside = low <= realised && realised <= high
    console.log(
      `  asked ${rate}: cosine ${threshold.toFixed(3)}, realised ${realised.toExponential(2)}, stated ${low.toExponential(2)} to ${high.toExponential(2)} (${support}) ${isInside ? 'inside' : 'OUTSIDE'}`,
    )
  }
}
