import { InvalidArgumentError } from '../spec/errors.ts'

/** An option that is an integer in [least, most], or left out. */
export function integerOption(name: string, value: number | undefined, least: number, most: number, fallback: number) {
  if (value === undefined) return fallback
  if (!Number.isSafeInteger(value) || value < least || value > most)
    throw new InvalidArgumentError(
      `options.${name}`,
      most === Number.MAX_SAFE_INTEGER ? `an integer ≥ ${least}` : `an integer from ${least} to ${most}`,
      value,
    )
  return value
}

/** Refuses options of a misspelt or unknown name, which would otherwise be ignored without a word. */
export function assertKnownOptions(options: object, known: readonly string[], of: string): void {
  if (typeof options !== 'object' || options === null) throw new InvalidArgumentError('options', 'an object', options)
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new InvalidArgumentError('options', `those of ${of}: ${known.join(', ')}`, unknown, 'Check its spelling.')
}
