import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { createRandom } from '../../kernels/random.ts'
import { createMatrix } from '../../spec/matrix.ts'
import { Phrases } from '../phrases.ts'
import { partners, towardsTeacher } from './objectives.ts'
import type { Recipe } from './recipe.ts'
import { TableTrainer } from './table-trainer.ts'
import type { TokenLists } from './token-lists.ts'
import { type TrainingInput, trainTable } from './train-static.ts'

const tokens = 40
const columns = 16
const texts = 400

function listsOf(rows: readonly (readonly number[])[]): TokenLists {
  const starts = new Int32Array(rows.length + 1)
  rows.forEach((row, i) => {
    starts[i + 1] = starts[i]! + row.length
  })
  return { ids: Int32Array.from(rows.flat()), starts, count: rows.length }
}

/** Texts of random tokens; the teacher's vector is the unit sum of hidden token vectors. */
function world(): TrainingInput {
  const random = createRandom(5)
  const hidden = Float32Array.from({ length: tokens * columns }, () => random.normal())
  const rows = Array.from({ length: texts }, () =>
    Array.from({ length: 2 + random.below(6) }, () => random.below(tokens)),
  )
  const targets = new Float32Array(texts * columns)
  rows.forEach((row, i) => {
    const target = targets.subarray(i * columns, (i + 1) * columns)
    for (const token of row) for (let k = 0; k < columns; k++) target[k] = target[k]! + hidden[token * columns + k]!
    const norm = Math.hypot(...target)
    for (let k = 0; k < columns; k++) target[k] = target[k]! / norm
  })
  const axes = new Float64Array(columns * columns)
  for (let k = 0; k < columns; k++) axes[k * columns + k] = 1
  const lists = listsOf(rows)
  return {
    tokenVectors: createMatrix(
      tokens,
      columns,
      Float32Array.from({ length: tokens * columns }, () => random.normal()),
    ),
    phrases: new Phrases(Uint16Array.of(0, 1)),
    rowCounts: new Float64Array(tokens + 1).fill(50),
    texts: lists,
    keep: new Uint8Array(texts).fill(1),
    targets,
    axes,
    pairs: [{ a: lists, b: listsOf(rows.map((row) => row.toReversed())) }],
  }
}

const recipe = {
  seed: 3,
  dimensions: columns,
  pooling: { damping: 0.5, halfAt: 50 },
  tokensPerText: 16,
  regression: {
    epochs: 40,
    batch: 40,
    learningRate: 0.02,
    cosineWeight: 1,
    similarityWeight: 10,
    neighbours: 4,
    halfway: 0,
  },
  contrast: { steps: 220, batch: 40, learningRate: 0.005, temperature: 0.1, weight: 0.1, regressionBatches: 1 },
} as Recipe

async function temporary(t: { after(f: () => Promise<void>): void }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vecino-train-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

test('a table learns what the teacher says of texts', async (t) => {
  const losses: number[] = []
  await trainTable(world(), recipe, {
    folder: await temporary(t),
    run: 'a',
    onReport: ({ cosineLoss }) => losses.push(cosineLoss),
  })
  assert.ok(losses.at(-1)! < 0.1, `1 − cosine ended at ${losses.at(-1)}`)
  assert.ok(losses.at(-1)! < losses[0]! / 3)
})

test('a run that was stopped goes on from its checkpoint to the same bits', async (t) => {
  const input = world()
  const whole = await trainTable(input, recipe, { folder: await temporary(t), run: 'a' })
  const folder = await temporary(t)
  for (const after of [1, 2]) {
    const stop = new AbortController()
    let reports = 0
    const stopped = trainTable(input, recipe, {
      folder,
      run: 'a',
      signal: stop.signal,
      onReport: () => {
        if (++reports === after) stop.abort()
      },
    })
    await assert.rejects(stopped, { name: 'AbortError' })
  }
  assert.deepEqual(await trainTable(input, recipe, { folder, run: 'a' }), whole)
})

test('rows go the nearer to what is foretold of them, the fewer their meetings', async (t) => {
  const input = world()
  const train = async (halfway: number) =>
    trainTable(
      input,
      { ...recipe, regression: { ...recipe.regression, halfway }, contrast: { ...recipe.contrast, steps: 0 } },
      { folder: await temporary(t), run: 'a' },
    )
  const [free, held, foretold] = [await train(0), await train(50), await train(1e9)]
  const apart = (a: Float32Array, b: Float32Array) => Math.hypot(...a.map((value, i) => value - b[i]!))
  assert.ok(apart(free, foretold) > 0.1)
  assert.ok(apart(held, free) < apart(foretold, free) && apart(held, foretold) < apart(free, foretold))
})

test('slopes of both objectives agree with differences of their losses', async () => {
  const { texts: lists, targets } = world()
  const trainer = await TableTrainer.create({
    tokens,
    columns,
    capacity: 8,
    tokenCapacity: 200,
    sides: 2,
    damping: 0,
    halfAt: 50,
  })
  const random = createRandom(1)
  const count = 8
  const order = Int32Array.from({ length: 16 }, (_, i) => i)
  for (let i = 0; i < trainer.table.length; i++) trainer.table[i] = random.normal()
  trainer.forward(0, lists, order, 0, count)
  trainer.forward(1, lists, order, 8, count)
  const units = trainer.units(0, count)
  const target = targets.slice(0, count * columns)
  const losses = {
    teacher: () => towardsTeacher(trainer, 0, target, count, 1),
    partners: () => partners(trainer, 0, 1, count, 0.5, 1),
  }
  for (const loss of Object.values(losses)) {
    trainer.slopes(0, count).fill(0)
    trainer.slopes(1, count).fill(0)
    loss()
    const slopes = trainer.slopes(0, count).slice()
    for (const at of [0, 7, 40]) {
      const value = units[at]!
      const step = 1e-2
      units[at] = value + step
      const above = loss()
      units[at] = value - step
      const below = loss()
      units[at] = value
      assert.ok(Math.abs((above - below) / (2 * step) - slopes[at]!) < 2e-3, `slope ${slopes[at]} at ${at}`)
    }
  }
})
