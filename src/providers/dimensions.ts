import { InvalidArgumentError } from '../spec/errors.ts'
import type { KnownHostedModel } from './known-models.ts'

/** @throws {InvalidArgumentError} for dimensions the model does not give. */
export function dimensionsOf(known: KnownHostedModel, asked: number | undefined): number {
  const { dimensions, choice, model } = known
  if (asked === undefined || asked === dimensions) return dimensions
  const isGiven = choice === 'any' ? asked <= dimensions : choice !== 'none' && choice.includes(asked)
  if (isGiven) return asked
  const expected = choice === 'any' ? `1 to ${dimensions}` : choice === 'none' ? `${dimensions}` : choice.join(', ')
  throw new InvalidArgumentError('options.dimensions', `${expected}, which ${model} gives`, asked)
}
