import { InvalidArgumentError } from '../spec/errors.ts'
import { type Interval, percentileInterval } from './bootstrap.ts'
import type { Evaluation } from './evaluation.ts'

/** A value with what it would have been in each draw. */
export type Replicated = Pick<Evaluation, 'value' | 'replicates'>

/** Mean over tasks, each draw's mean beside it. @throws {InvalidArgumentError} for none, or unlike numbers of draws. */
export function meanOf(parts: readonly Replicated[]): Replicated {
  const [first] = parts
  if (first === undefined) throw new InvalidArgumentError('parts', 'at least one', 0)
  for (const part of parts) assertPaired(first, part)
  return {
    value: parts.reduce((sum, { value }) => sum + value, 0) / parts.length,
    replicates: first.replicates.map(
      (_, draw) => parts.reduce((sum, { replicates }) => sum + (replicates[draw] as number), 0) / parts.length,
    ),
  }
}

export interface Compared {
  readonly value: number
  readonly interval: Interval
}

/** a − b on the same draws of the same tasks. */
export function differenceOf(a: Replicated, b: Replicated, level?: number): Compared {
  return paired(a, b, (x, y) => x - y, level)
}

/** a / b on the same draws of the same tasks. */
export function ratioOf(a: Replicated, b: Replicated, level?: number): Compared {
  return paired(a, b, (x, y) => x / y, level)
}

function paired(a: Replicated, b: Replicated, join: (a: number, b: number) => number, level?: number): Compared {
  assertPaired(a, b)
  const replicates = a.replicates.map((value, draw) => join(value, b.replicates[draw] as number))
  return { value: join(a.value, b.value), interval: percentileInterval(replicates, level) }
}

function assertPaired(a: Replicated, b: Replicated): void {
  if (a.replicates.length !== b.replicates.length)
    throw new InvalidArgumentError('replicates', `${a.replicates.length} on both sides`, b.replicates.length)
}
