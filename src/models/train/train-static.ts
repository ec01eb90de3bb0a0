import { createRandom, type Random } from '../../kernels/random.ts'
import type { Matrix } from '../../spec/matrix.ts'
import type { Phrases } from '../phrases.ts'
import { loadCheckpoint, type Progress, saveCheckpoint } from './checkpoint.ts'
import { groupNeighbours } from './group-neighbours.ts'
import { likeTeachersPairs, partners, towardsTeacher } from './objectives.ts'
import type { Recipe } from './recipe.ts'
import { settle } from './settle.ts'
import { TableTrainer } from './table-trainer.ts'
import { projectOnto } from './teacher-space.ts'
import type { TokenLists } from './token-lists.ts'

export interface TrainingInput {
  /** The teacher's vector of each token. */
  readonly tokenVectors: Matrix
  /** Their rows follow the tokens'. */
  readonly phrases: Phrases
  /** How often each row is met. */
  readonly rowCounts: Float64Array
  /** Texts the teacher has read, and its vectors of them on the axes. */
  readonly texts: TokenLists
  /** Flag of each text: 0 where it may not be trained on. */
  readonly keep: Uint8Array
  readonly targets: Float32Array
  readonly axes: Float64Array
  readonly pairs: readonly { readonly a: TokenLists; readonly b: TokenLists }[]
}

export interface TrainingReport {
  readonly stage: Progress['stage']
  readonly step: number
  readonly steps: number
  /** Means since the last report. */
  readonly cosineLoss: number
  readonly contrastLoss: number
}

/** Weight of a token at the start is a / (a + share of all tokens). Learned from there. */
const startCoefficient = 1e-3
const checkpointSteps = 200

/**
 * Train a table: regression to the teacher's vectors and their mutual cosines, then contrast on pairs with the
 * regression beside it. Stopped at any point it goes on from the last checkpoint, to the same bits.
 *
 * @param options.folder - Where checkpoints are kept. `run` names this run: a digest of everything that decides it.
 * @returns the table, a row for each token and each phrase, float32.
 */
export async function trainTable(
  input: TrainingInput,
  recipe: Recipe,
  options: {
    folder: string
    run: string
    signal?: AbortSignal | undefined
    onReport?: ((report: TrainingReport, trainer: TableTrainer) => void) | undefined
  },
): Promise<Float32Array> {
  const capacity = Math.max(recipe.regression.batch, recipe.contrast.batch)
  const trainer = await TableTrainer.create({
    tokens: input.rowCounts.length,
    columns: recipe.dimensions,
    capacity,
    tokenCapacity: capacity * recipe.tokensPerText,
    sides: 2,
    damping: recipe.pooling.damping,
    halfAt: recipe.pooling.halfAt,
  })
  startTable(input, recipe, trainer.table)
  const run = new Run(input, recipe, trainer)
  const totals = { regression: run.regressionSteps, contrast: recipe.contrast.steps }
  let { stage, step } = (await loadCheckpoint(options.folder, options.run, trainer)) ?? {
    stage: 'regression' as const,
    step: 0,
  }
  let cosineLoss = 0
  let contrastLoss = 0
  while (stage !== 'done') {
    options.signal?.throwIfAborted()
    if (step >= totals[stage]) {
      stage = stage === 'regression' ? 'contrast' : 'done'
      step = 0
      continue
    }
    if (stage === 'regression') cosineLoss += run.regression(step)
    else {
      const losses = run.contrast(step)
      cosineLoss += losses.cosine
      contrastLoss += losses.contrast
    }
    step++
    if (step % checkpointSteps === 0 || step === totals[stage]) {
      await saveCheckpoint(options.folder, options.run, trainer, { stage, step })
      const since = step % checkpointSteps === 0 ? checkpointSteps : step % checkpointSteps
      options.onReport?.(
        { stage, step, steps: totals[stage], cosineLoss: cosineLoss / since, contrastLoss: contrastLoss / since },
        trainer,
      )
      cosineLoss = 0
      contrastLoss = 0
    }
  }
  return settled(trainer.table, input, recipe)
}

/** The teacher's token vectors, centred, on the axes, frequent tokens made small; phrases the sums of their tokens. */
function startTable(input: TrainingInput, recipe: Recipe, table: Float32Array): void {
  const { data, rows, columns } = input.tokenVectors
  const mean = new Float64Array(columns)
  for (let i = 0; i < data.length; i++) mean[i % columns] = mean[i % columns]! + data[i]! / rows
  const total = input.rowCounts.reduce((sum, count) => sum + count, 0)
  const centred = new Float64Array(columns)
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < columns; i++) centred[i] = data[row * columns + i]! - mean[i]!
    projectOnto(input.axes, centred, table, row * recipe.dimensions)
    const weight = startCoefficient / (startCoefficient + (input.rowCounts[row]! + 0.5) / total)
    for (let i = row * recipe.dimensions; i < (row + 1) * recipe.dimensions; i++) table[i] = table[i]! * weight
  }
  const { pairs, count } = input.phrases
  for (let phrase = 0; phrase < count; phrase++) {
    const [first, second] = [pairs[2 * phrase]! * recipe.dimensions, pairs[2 * phrase + 1]! * recipe.dimensions]
    const to = (rows + phrase) * recipe.dimensions
    for (let i = 0; i < recipe.dimensions; i++) table[to + i] = table[first + i]! + table[second + i]!
  }
}

/** The table with each row as far its own as its meetings allow; of a copy, for training may go on from the one it has. */
function settled(trained: Float32Array, input: TrainingInput, recipe: Recipe): Float32Array {
  const { texts, rowCounts, tokenVectors, phrases } = input
  const { dimensions, regression } = recipe
  const table = trained.slice()
  if (regression.halfway === 0) return table
  const met = new Float64Array(rowCounts.length)
  for (const row of texts.ids) met[row] = met[row]! + 1
  const { rows: tokens, columns, data } = tokenVectors
  const ofPhrase = (row: number, output: Float64Array) => {
    const at = 2 * (row - tokens)
    for (const [place, token] of [phrases.pairs[at]!, phrases.pairs[at + 1]!].entries())
      output.set(trained.subarray(token * dimensions, (token + 1) * dimensions), place * dimensions)
  }
  settle(table, dimensions, { from: tokens, to: met.length }, met, regression.halfway, 2 * dimensions, ofPhrase)
  const ofToken = (row: number, output: Float64Array) => output.set(data.subarray(row * columns, (row + 1) * columns))
  settle(table, dimensions, { from: 0, to: tokens }, met, regression.halfway, columns, ofToken)
  return table
}

/** Every choice of a step depends on the seed and the step's number alone, so that a run can go on at any step. */
class Run {
  readonly regressionSteps: number
  private readonly input: TrainingInput
  private readonly recipe: Recipe
  private readonly trainer: TableTrainer
  private readonly random: Random
  private readonly usable: Int32Array
  private readonly usablePairs: readonly Int32Array[]
  private readonly targets: Float32Array
  private readonly similarities: Float32Array
  private readonly orders = new Map<string, Int32Array>()

  constructor(input: TrainingInput, recipe: Recipe, trainer: TableTrainer) {
    this.input = input
    this.recipe = recipe
    this.trainer = trainer
    this.random = createRandom(recipe.seed)
    this.usable = indicesWhere(input.texts.count, (i) => input.keep[i] === 1 && hasTokens(input.texts, i))
    this.usablePairs = input.pairs.map(({ a, b }) => indicesWhere(a.count, (i) => hasTokens(a, i) && hasTokens(b, i)))
    const { batch, epochs } = recipe.regression
    this.regressionSteps = Math.floor(this.usable.length / batch) * epochs
    this.targets = new Float32Array(batch * recipe.dimensions)
    this.similarities = new Float32Array(batch * batch)
  }

  regression(step: number): number {
    const { learningRate } = this.recipe.regression
    return this.regressionBatch('regression', step, rateAt(learningRate, step, this.regressionSteps, 100))
  }

  contrast(step: number): { cosine: number; contrast: number } {
    const { batch, learningRate, temperature, weight, regressionBatches, steps } = this.recipe.contrast
    const { trainer } = this
    const rate = rateAt(learningRate, step, steps, 50)
    const random = this.random.fork(`pairs ${step}`)
    const which = random.weighted(this.usablePairs.map((pairs) => pairs.length))
    const pairs = this.usablePairs[which] as Int32Array
    const { a, b } = this.input.pairs[which] as TrainingInput['pairs'][number]
    const count = Math.min(batch, pairs.length & ~7)
    const chosen = random.sample(pairs.length, count).map((index) => pairs[index] as number)
    trainer.forward(0, a, chosen, 0, count)
    trainer.forward(1, b, chosen, 0, count)
    trainer.slopes(0, count).fill(0)
    trainer.slopes(1, count).fill(0)
    const contrast = partners(trainer, 0, 1, count, temperature, weight)
    trainer.update(
      [
        { side: 0, count },
        { side: 1, count },
      ],
      rate,
    )
    let cosine = 0
    for (let i = 0; i < regressionBatches; i++)
      cosine += this.regressionBatch('beside', step * regressionBatches + i, rate) / regressionBatches
    return { cosine, contrast }
  }

  private regressionBatch(stream: string, step: number, rate: number): number {
    const { batch, cosineWeight, similarityWeight } = this.recipe.regression
    const { dimensions } = this.recipe
    const { trainer, targets } = this
    const perEpoch = Math.floor(this.usable.length / batch)
    const order = this.orderOf(`${stream} ${Math.floor(step / perEpoch)}`)
    const from = (step % perEpoch) * batch
    trainer.forward(0, this.input.texts, order, from, batch)
    for (let i = 0; i < batch; i++) {
      const text = order[from + i] as number
      targets.set(this.input.targets.subarray(text * dimensions, (text + 1) * dimensions), i * dimensions)
    }
    trainer.units(1, batch).set(targets)
    this.similarities.set(trainer.scoresOf(1, 1, batch))
    trainer.slopes(0, batch).fill(0)
    const loss = towardsTeacher(trainer, 0, targets, batch, cosineWeight)
    if (similarityWeight > 0) likeTeachersPairs(trainer, 0, this.similarities, batch, similarityWeight)
    trainer.update([{ side: 0, count: batch }], rate)
    return loss
  }

  /** A shuffle of the usable texts, like texts in groups; only the stream's current one is kept. */
  private orderOf(label: string): Int32Array {
    const known = this.orders.get(label)
    if (known !== undefined) return known
    const random = this.random.fork(label)
    const order = random.shuffle(this.usable.slice())
    groupNeighbours(order, this.input.targets, this.recipe.dimensions, this.recipe.regression.neighbours, random)
    this.orders.clear()
    this.orders.set(label, order)
    return order
  }
}

/** A short warm-up, then linearly to 0. */
function rateAt(learningRate: number, step: number, steps: number, warmUp: number): number {
  return learningRate * Math.min(1, (step + 1) / warmUp) * (1 - step / steps)
}

function indicesWhere(count: number, holds: (index: number) => boolean): Int32Array {
  return Int32Array.from(Array.from({ length: count }, (_, i) => i).filter(holds))
}

function hasTokens(lists: TokenLists, text: number): boolean {
  return (lists.starts[text + 1] as number) > (lists.starts[text] as number)
}
