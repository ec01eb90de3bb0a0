import { InvalidArgumentError } from '../spec/errors.ts'

/** @throws {InvalidArgumentError} unless `options.<name>` is an integer from `low` to `high`. */
export function assertInteger(name: string, value: number, low: number, high = Number.MAX_SAFE_INTEGER): void {
  if (Number.isSafeInteger(value) && value >= low && value <= high) return
  const range = high === Number.MAX_SAFE_INTEGER ? `of at least ${low}` : `from ${low} to ${high}`
  throw new InvalidArgumentError(`options.${name}`, `an integer ${range}`, value)
}

/** @throws {InvalidArgumentError} unless `options.<name>` is a finite number from `low` to `high`. */
export function assertNumber(name: string, value: number, low: number, high = Number.MAX_VALUE): void {
  if (typeof value === 'number' && value >= low && value <= high) return
  const range = high === Number.MAX_VALUE ? `of at least ${low}` : `from ${low} to ${high}`
  throw new InvalidArgumentError(`options.${name}`, `a finite number ${range}`, value)
}

/** @throws {InvalidArgumentError} unless `options.<name>` is one of `choices`. */
export function assertChoice<T extends string>(name: string, value: T, choices: readonly T[]): void {
  if (choices.includes(value)) return
  throw new InvalidArgumentError(`options.${name}`, choices.map((choice) => `'${choice}'`).join(' or '), value)
}
