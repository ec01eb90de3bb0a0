import { assertKnownOptions } from '../core/options.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import type { ModelLimits } from '../spec/model.ts'
import type { Passport } from '../spec/passport.ts'
import type { Tariff } from '../spec/usage.ts'
import { type Clock, systemClock } from './clock.ts'
import { HttpClient } from './http.ts'
import type { RateLimits } from './rate-limiter.ts'

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
  /** Held back here so that the server takes every request; an integer ≥ 1. @default what is published for the model's lowest paid tier, then what the server's headers say */
  readonly requestsPerMinute?: number | undefined
  /** The same for tokens, by estimate. */
  readonly tokensPerMinute?: number | undefined
  /** The same for texts. */
  readonly textsPerMinute?: number | undefined
  /** US dollars for a million tokens, ≥ 0: your own price, or that of a server not known here. @default the published one; 0 for a server on this machine */
  readonly usdPerMillionTokens?: number | undefined
  /** Tokens of a text, special tokens included, by the model's own tokenizer. @default an estimate on the safe side */
  readonly countTokens?: ((text: string) => number) | undefined
  /** Decides the jitter of waits; an integer. @default the process id, so that processes do not wait alike */
  readonly seed?: number | undefined
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
  'requestsPerMinute',
  'tokensPerMinute',
  'textsPerMinute',
  'usdPerMillionTokens',
  'countTokens',
  'seed',
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
    ['requestsPerMinute', 1],
    ['tokensPerMinute', 1],
    ['textsPerMinute', 1],
    ['seed', Number.MIN_SAFE_INTEGER],
  ] as const) {
    const value = options[name]
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= least))
      throw new InvalidArgumentError(
        `options.${name}`,
        least === Number.MIN_SAFE_INTEGER ? 'an integer' : `an integer ≥ ${least}`,
        value,
      )
  }
  const { usdPerMillionTokens, countTokens } = options
  if (usdPerMillionTokens !== undefined && !(Number.isFinite(usdPerMillionTokens) && usdPerMillionTokens >= 0))
    throw new InvalidArgumentError('options.usdPerMillionTokens', 'US dollars ≥ 0', usdPerMillionTokens)
  if (countTokens !== undefined && typeof countTokens !== 'function')
    throw new InvalidArgumentError('options.countTokens', 'a function of a text', countTokens)
}

/**
 * The client of a provider's server.
 *
 * @throws {InvalidArgumentError} naming the variable, where a key or an address is needed and not given. A collection
 *   that is there already opens without a key, for words, status and export need none; then the first call throws.
 */
export function clientOf(
  place: Place,
  options: HostedOptions,
  { knownLimits, adapt = (url) => url }: { knownLimits?: RateLimits | undefined; adapt?: (url: string) => string } = {},
): HttpClient {
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
  const { timeoutMs, deadlineMs, maxRetries, requestsPerMinute, tokensPerMinute, textsPerMinute, seed } = options
  return new HttpClient({
    provider,
    baseUrl: adapt(baseUrl),
    apiKey,
    absentRemedy,
    timeoutMs,
    deadlineMs,
    maxRetries,
    // Another address is another server, with limits of its own.
    knownLimits: baseUrl === place.defaultUrl ? knownLimits : undefined,
    limits: { requestsPerMinute, tokensPerMinute, textsPerMinute },
    clock: options.clock ?? systemClock(seed),
  })
}

/**
 * What a server's texts cost: the caller's price, else the published one, else nothing where the server is this machine.
 */
export function tariffOf(
  client: HttpClient,
  options: HostedOptions,
  known?: { readonly usdPerMillionTokens: number | null; readonly pricedOn: string },
): Tariff {
  const { host } = client
  const isHere = isThisMachine(host)
  if (options.usdPerMillionTokens !== undefined)
    return { host, isHere, usdPerMillionTokens: options.usdPerMillionTokens, pricedOn: null }
  const usd = known?.usdPerMillionTokens ?? null
  return usd === null
    ? { host, isHere, usdPerMillionTokens: isHere ? 0 : null, pricedOn: null }
    : { host, isHere, usdPerMillionTokens: usd, pricedOn: known?.pricedOn ?? null }
}

/** What a minute may hold as far as it is known, for estimates. */
export function perMinuteOf(client: HttpClient): ModelLimits['perMinute'] {
  const { requestsPerMinute: requests, tokensPerMinute: tokens, textsPerMinute: texts } = client.rates
  return {
    ...(requests === undefined ? {} : { requests }),
    ...(tokens === undefined ? {} : { tokens }),
    ...(texts === undefined ? {} : { texts }),
  }
}

function isThisMachine(host: string): boolean {
  const name = host.replace(/:\d+$/, '')
  return name === 'localhost' || name === '[::1]' || /^127(\.\d{1,3}){3}$/.test(name)
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
      `an API key of ${provider} in the environment`,
      undefined,
      `Set it (export ${name}=…); a program can also pass it to a function of vecino/providers, such as openaiModel.`,
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
