import { assertKnownOptions } from '../core/options.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import type { Passport } from '../spec/passport.ts'
import type { Clock } from './clock.ts'
import { HttpClient } from './http.ts'

export interface HostedOptions {
  /** @default the provider's environment variable */
  readonly apiKey?: string | undefined
  /** Address up to where the provider's paths begin; http or https. @default the provider's, or its environment variable */
  readonly baseUrl?: string | undefined
  /** Ask for vectors of so many dimensions, integer ≥ 1; only where the model can. @default the model's own */
  readonly dimensions?: number | undefined
  /** Tokens of one text, integer ≥ 8, for models not known here. @default what is known of the model, else 512 */
  readonly maxTokens?: number | undefined
  /** Calls at once, integer ≥ 1; a crash costs at most so many calls. @default 4; Ollama: 1 */
  readonly parallelCalls?: number | undefined
  /** One attempt. @default 60,000 */
  readonly timeoutMs?: number | undefined
  /** A call with all its attempts and waits. @default 600,000 */
  readonly deadlineMs?: number | undefined
  /** Attempts after the first, integer ≥ 0. @default 6 */
  readonly maxRetries?: number | undefined
  /** Passport of the vectors that are there already, which spares asking an unknown model for its size. */
  readonly passport?: Passport | undefined
  /** Time and chance, for tests. @default the system's */
  readonly clock?: Clock | undefined
  /** Where variables are looked up. @default process.env */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined
}

const known = [
  'apiKey',
  'baseUrl',
  'dimensions',
  'maxTokens',
  'parallelCalls',
  'timeoutMs',
  'deadlineMs',
  'maxRetries',
  'passport',
  'clock',
  'environment',
] as const satisfies readonly (keyof HostedOptions)[]

export interface Place {
  readonly provider: string
  /** Variables looked up in turn. */
  readonly keyVariables: readonly string[]
  readonly needsKey: boolean
  readonly urlVariable: string | undefined
  /** Undefined where there is no usual one. */
  readonly defaultUrl: string | undefined
  readonly absentRemedy?: string | undefined
}

/** @throws {InvalidArgumentError} for an unknown option or one out of range. */
export function assertHostedOptions(options: HostedOptions, model: string, what: string): void {
  assertKnownOptions(options, known, what)
  if (typeof model !== 'string' || model.trim() === '') throw new InvalidArgumentError('model', 'a name', model)
  for (const [name, least] of [
    ['dimensions', 1],
    ['maxTokens', 8],
    ['parallelCalls', 1],
  ] as const) {
    const value = options[name]
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= least))
      throw new InvalidArgumentError(`options.${name}`, `an integer ≥ ${least}`, value)
  }
}

/**
 * The client of a provider's server.
 *
 * @throws {InvalidArgumentError} naming the variable, where a key or an address is needed and not given. A collection
 *   that is there already opens without a key, for words, status and export need none; then the first call throws.
 */
export function clientOf(place: Place, options: HostedOptions, adapt = (url: string) => url): HttpClient {
  const { environment = process.env } = options
  const fromVariable = place.urlVariable === undefined ? undefined : present(environment[place.urlVariable])
  const baseUrl = options.baseUrl ?? fromVariable ?? place.defaultUrl
  if (baseUrl === undefined)
    throw new InvalidArgumentError(
      place.urlVariable ?? 'options.baseUrl',
      "the server's address in the environment, or options.baseUrl",
      undefined,
      `For example: export ${place.urlVariable}=http://localhost:8080/v1`,
    )
  const apiKey = () => keyOf(place, options)
  if (options.passport === undefined) apiKey()
  const { provider, absentRemedy } = place
  const { timeoutMs, deadlineMs, maxRetries, clock } = options
  return new HttpClient({
    provider,
    baseUrl: adapt(baseUrl),
    apiKey,
    absentRemedy,
    timeoutMs,
    deadlineMs,
    maxRetries,
    clock,
  })
}

function keyOf({ provider, keyVariables, needsKey }: Place, options: HostedOptions): string | undefined {
  const { environment = process.env } = options
  const variable = keyVariables.find((name) => present(environment[name]) !== undefined)
  const key = options.apiKey ?? (variable === undefined ? undefined : environment[variable]?.trim())
  const name = options.apiKey === undefined ? (variable ?? keyVariables[0] ?? 'options.apiKey') : 'options.apiKey'
  if (key === undefined) {
    if (!needsKey) return undefined
    throw new InvalidArgumentError(
      name,
      `an API key of ${provider} in the environment, or options.apiKey`,
      undefined,
      `For example: export ${name}=…`,
    )
  }
  // An odd character would end up in the message of whoever refuses the header.
  if (!/^[\x21-\x7e]+$/.test(key))
    throw new InvalidArgumentError(
      name,
      'a key of ASCII characters without blanks',
      `${key.length} characters, some of another kind`,
    )
  return key
}

function present(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value.trim()
}
