/**
 * How well near-duplicates are found, and whether the false-alarm rate is the one asked for: average precision on labelled
 * pairs, and the share of unlike pairs at or above the threshold of a rate beside the interval that was stated for it.
 * Needs ../shared. `node bench/duplicates.bench.ts [starter|minilm|minilm-float32 …]`
 */
import { duplicates, sameText } from '../src/analyses/duplicates.ts'
import { type DrawnPairs, PairTail } from '../src/analyses/pair-tail.ts'
import { UnionFind } from '../src/analyses/union-find.ts'
import { averagePrecision } from '../src/evaluate/average-precision.ts'
import { dot } from '../src/kernels/metric.ts'
import { createRandom } from '../src/kernels/random.ts'
import { saveResults } from './harness.ts'
import { keptVectors, type LabelledModel } from './labelled.ts'
import { duplicateSets, type LabelledPairs, nearDuplicates } from './support/duplicate-sets.ts'

const rates = [0.01, 0.001, 0.0001]
/** Halves drawn anew: an interval of 95 % must fail now and then. */
const splits = 8
/** Second texts are numbered from here on. */
const mostRows = 100_000
const asked = process.argv.slice(2) as LabelledModel[]
const models: readonly LabelledModel[] = asked.length > 0 ? asked : ['starter', 'minilm', 'minilm-float32']
const figures: Record<string, string | number>[] = []
const groupingsFound: number[] = []
for (const model of models) {
  await nearDuplicateSet(model)
  for (const pairs of duplicateSets()) await labelledPairs(model, pairs)
}
if (asked.length === 0)
  saveResults('duplicates', {
    question: 'Are near-duplicates found, and at the false-alarm rate that was asked for?',
    command: 'node bench/duplicates.bench.ts',
    versions: {},
    rows: [],
    figures,
    notes: [
      'Average precision over all pairs of neardup (news articles and edited copies), over labelled pairs of Quora and MRPC, whose unlike ones are hard. The threshold of a rate is learnt from random pairs of one half of the texts; a cell says what share of unlike pairs of the other half reaches it, least and most of 8 halvings, and in how many of these that share was inside the 95 % interval that was stated. Pairs that share a text tell one story and don’t count as unlike; of what MRPC’s unlike pairs at 0.01 % are then, most are market reports in the same words with other numbers.',
      `Groups of neardup under 20 shuffles: ${groupingsFound.map((count) => (count === 1 ? 'the same each time' : `${count} groupings`)).join('; ')}.`,
    ],
  })

/** Texts are cut as a user of passages would. */
function beginnings(texts: readonly string[]): string[] {
  return texts.map((text) => text.slice(0, 1000))
}

/** All pairs of one set, whose clusters are known. Calibrated on pairs of one half of its items, realised on the other. */
async function nearDuplicateSet(model: LabelledModel): Promise<void> {
  const texts = beginnings(nearDuplicates().items.texts)
  const { items, clusters } = nearDuplicates(await keptVectors('neardup.dev', model, texts))
  const { vectors } = items
  const n = vectors.rows
  const scores: number[] = []
  const truth: boolean[] = []
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++) {
      scores.push(dot(vectors.data, i * vectors.columns, vectors.data, j * vectors.columns, vectors.columns))
      truth.push(clusters[i] === clusters[j])
    }
  const halves = (split: number) => {
    const half = new Uint8Array(n)
    for (const i of createRandom(split).sample(n, n >> 1)) half[i] = 1
    const known = { cosines: [] as number[], first: [] as number[], second: [] as number[] }
    const unlike: number[] = []
    let at = -1
    for (let i = 0; i < n; i++)
      for (let j = i + 1; j < n; j++) {
        at++
        if (half[i] !== half[j]) continue
        if (half[i] === 0) {
          if (truth[at] === false) unlike.push(scores[at]!)
          continue
        }
        known.cosines.push(scores[at]!)
        known.first.push(i)
        known.second.push(j)
      }
    const tail = new PairTail({
      cosines: Float64Array.from(known.cosines),
      first: Int32Array.from(known.first),
      second: Int32Array.from(known.second),
    })
    return { tail, unlike }
  }
  report(
    { model, set: 'neardup', pairs: scores.length, 'average precision': averagePrecision(scores, truth).toFixed(4) },
    halves,
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
  groupingsFound.push(groupings.size)
  console.log(`${model} neardup: ${groupings.size} grouping(s) under 20 shuffles at ${threshold.toFixed(3)}`)
}

/** Labelled pairs, of which the unlike ones are hard: precision from them, false alarms from texts of unlike pairs. */
async function labelledPairs(model: LabelledModel, { set, a, b, same }: LabelledPairs): Promise<void> {
  const left = await keptVectors(`${set}.a`, model, beginnings(a))
  const right = await keptVectors(`${set}.b`, model, beginnings(b))
  const { columns } = left
  const cosine = (i: number, j: number) => dot(left.data, i * columns, right.data, j * columns, columns)
  const scores = a.map((_, i) => cosine(i, i))
  const stories = storiesOf(a, b)
  const halves = (split: number) => {
    const order = createRandom(split).sample(a.length, a.length)
    const middle = a.length >> 1
    return {
      tail: new PairTail(crossPairs(order.subarray(0, middle), 200_000, cosine, split)),
      unlike: unlikeCosines(crossPairs(order.subarray(middle), 1_000_000, cosine, split), stories),
    }
  }
  report({ model, set, pairs: a.length, 'average precision': averagePrecision(scores, same).toFixed(4) }, halves)
}

/** The texts of a pair tell one story, and so do pairs that share a text: the story of each pair. */
function storiesOf(a: readonly string[], b: readonly string[]): Int32Array {
  const stories = new UnionFind(a.length)
  const first = new Map<string, number>()
  for (const texts of [a, b])
    texts.forEach((text, row) => {
      const known = first.get(sameText(text))
      if (known === undefined) first.set(sameText(text), row)
      else stories.join(known, row)
    })
  return Int32Array.from(a, (_, row) => stories.root(row))
}

/** Texts of two pairs drawn at random are unlike, unless they tell one story. */
function unlikeCosines({ cosines, first, second }: Required<DrawnPairs>, stories: Int32Array): number[] {
  return Array.from(cosines).filter((_, at) => stories[first[at]!] !== stories[second[at]! - mostRows])
}

/** The first text of one pair with the second of another. */
function crossPairs(
  rows: Int32Array,
  count: number,
  cosine: (i: number, j: number) => number,
  seed: number,
): Required<DrawnPairs> {
  const random = createRandom(seed).fork('pairs')
  const drawn = { cosines: new Float64Array(count), first: new Int32Array(count), second: new Int32Array(count) }
  for (let at = 0; at < count; ) {
    const [i, j] = [rows[random.below(rows.length)]!, rows[random.below(rows.length)]!]
    if (i === j) continue
    drawn.cosines[at] = cosine(i, j)
    drawn.first[at] = i
    drawn.second[at++] = mostRows + j
  }
  return drawn
}

interface Halves {
  readonly tail: PairTail
  readonly unlike: readonly number[]
}

function report(row: Record<string, string | number>, halves: (split: number) => Halves): void {
  const all = Array.from({ length: splits }, (_, split) => halves(split))
  for (const rate of rates) {
    let inside = 0
    const realised: number[] = []
    for (const { tail, unlike } of all) {
      const threshold = tail.threshold(rate)
      const share = unlike.filter((cosine) => cosine >= threshold).length / unlike.length
      const { low, high } = tail.falseAlarms(threshold)
      realised.push(share)
      if (low <= share && share <= high) inside++
    }
    row[`asked ${100 * rate} %`] =
      `${percent(Math.min(...realised))} to ${percent(Math.max(...realised))}, inside ${inside} of ${splits}`
  }
  figures.push(row)
  console.log(JSON.stringify(row))
}

function percent(rate: number): string {
  return `${Number((100 * rate).toPrecision(2))} %`
}
