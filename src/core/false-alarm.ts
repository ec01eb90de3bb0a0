import type { SearchMode } from '../spec/collection.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import { createMatrix, type Matrix, rowOf } from '../spec/matrix.ts'
import type { EmbeddingModel } from '../spec/model.ts'
import { fingerprint } from '../spec/passport.ts'
import type { Store } from '../spec/store.ts'
import { keepSetting } from './background.ts'
import { embedMany } from './embed-many.ts'
import { rank } from './rank.ts'

interface KeptScores {
  readonly fingerprint: string
  readonly generation: number
  readonly scores: readonly number[]
}

/** @throws {InvalidArgumentError} unless `rate` is in (0, 0.5]. */
export function assertFalseAlarmRate(rate: number | undefined): void {
  if (rate !== undefined && !(typeof rate === 'number' && rate > 0 && rate <= 0.5))
    throw new InvalidArgumentError('options.falseAlarmRate', 'a number above 0 and at most 0.5', rate)
}

/**
 * The score a hit must exceed so that of questions the collection does not answer only a share `rate` gets one.
 *
 * The built-in foreign questions are searched in the same mode, without a filter, and the threshold is the (1 − rate)
 * quantile of their best scores. A filter only lowers best scores, so with one the rate is lower than asked. A
 * collection that does answer some of the questions gets a higher threshold, never a lower one: fewer false alarms than
 * asked, and from a handful of such questions hardly a change.
 *
 * Cost: some 240 searches, once for each mode and state of the collection; then one read.
 */
export async function falseAlarmThreshold(
  { store, model, mean, mode }: { store: Store; model: EmbeddingModel; mean: number; mode: SearchMode },
  rate: number,
): Promise<number> {
  const name = `false-alarm/${mode}`
  const print = fingerprint(store.passport)
  const { generation } = store
  const kept = (await store.setting(name)) as KeptScores | undefined
  if (kept?.fingerprint === print && kept.generation === generation) return quantileFromAbove(kept.scores, rate)
  const scores = await bestScores(store, model, mean, mode)
  await keepSetting(store, name, { fingerprint: print, generation, scores } satisfies KeptScores)
  return quantileFromAbove(scores, rate)
}

async function bestScores(store: Store, model: EmbeddingModel, mean: number, mode: SearchMode): Promise<number[]> {
  const { foreignQuestions } = await import('./foreign-questions.ts')
  const vectors =
    mode === 'keyword'
      ? undefined
      : await embedMany(foreignQuestions, { model, task: 'query', cache: store, onNoVector: 'skip' })
  const scores: number[] = []
  for (const [i, query] of foreignQuestions.entries()) {
    const vector = vectors === undefined || vectors.without.includes(i) ? undefined : oneRow(vectors.vectors, i)
    const { passages } = await rank({ store, mode, query, vector, mean }, 1)
    scores.push(passages[0]?.score ?? 0)
  }
  return scores
}

function oneRow(vectors: Matrix, row: number): Matrix {
  return createMatrix(1, vectors.columns, rowOf(vectors, row), vectors.passport)
}

/**
 * The value that a share `rate` of the scores exceeds. Above the upper tenth it is read off; within it, where single
 * scores would decide, from an exponential tail fitted to that tenth, which also reaches rates below 1 / count.
 *
 * Source: peaks over threshold (Pickands 1975) with shape 0.
 */
export function quantileFromAbove(scores: readonly number[], rate: number): number {
  const descending = scores.toSorted((a, b) => b - a)
  const n = descending.length
  const tail = Math.max(1, Math.floor(n / 10))
  if (rate * n >= tail) {
    const place = Math.min(n - 1, rate * n)
    const below = Math.floor(place)
    const upper = descending[below] as number
    const lower = descending[Math.min(n - 1, below + 1)] as number
    return upper + (place - below) * (lower - upper)
  }
  const start = descending[tail] as number
  const meanExcess = descending.slice(0, tail).reduce((sum, score) => sum + score - start, 0) / tail
  return start + meanExcess * Math.log(tail / n / rate)
}
