import { InvalidArgumentError, ProviderError } from '../spec/errors.ts'
import { Breaker } from './breaker.ts'
import { type Clock, systemClock } from './clock.ts'
import { BodyTooLarge, readBody } from './read-body.ts'
import { retryAfterMs } from './retry-after.ts'

export interface HttpOptions {
  /** Named in errors. */
  readonly provider: string
  /** http or https, without user, password, query and fragment. */
  readonly baseUrl: string
  /** Sent as `Authorization: Bearer …` to the origin of `baseUrl` and nowhere else; asked for at each request. */
  readonly apiKey?: (() => string | undefined) | undefined
  /** What to do where no server is. @default to check that it runs */
  readonly absentRemedy?: string | undefined
  /** One attempt, from connecting to the last byte. @default 60,000 */
  readonly timeoutMs?: number | undefined
  /** A request with all its attempts and waits. @default 600,000 */
  readonly deadlineMs?: number | undefined
  /** Attempts after the first, integer ≥ 0. @default 6 */
  readonly maxRetries?: number | undefined
  /** Longest answer, in bytes. @default 64 MB */
  readonly maxBodyBytes?: number | undefined
  /** @default the system's */
  readonly clock?: Clock | undefined
}

/** Nobody is there: from a server that never answered, waiting makes none. */
const absentReasons: readonly string[] = ['ECONNREFUSED', 'ENOTFOUND']
const firstBackoffMs = 500
const mostBackoffMs = 30_000
const mostRedirects = 3
const retriedStatuses = new Set([408, 409, 429])
/** Codes that say more than the status and come from a fixed list, so that they hold nothing of the user's. */
const knownCodes = [
  'insufficient_quota',
  'invalid_api_key',
  'model_not_found',
  'context_length_exceeded',
  'rate_limit_exceeded',
  'billing_not_active',
] as const
/** They come with 429, but waiting does not mend them. */
const moneyCodes: readonly string[] = ['insufficient_quota', 'billing_not_active']

const tooLong =
  /context length|too long|too large|too many tokens|max\w* (context|tokens)|exceed\w* .{0,40}(tokens|length)/i

type Failure = { readonly error: ProviderError; readonly waitMs: number | undefined }

/**
 * JSON over HTTP to one server: a deadline over all, a time limit on each attempt, retries with full jitter where they
 * can help, waits the server asks for (shared by all calls), a breaker, a cap on the answer's bytes. Redirects to another
 * origin are refused, and no message holds the key, a header, or what was sent.
 */
export class HttpClient {
  private readonly options: HttpOptions
  private readonly base: URL
  private readonly clock: Clock
  private readonly breaker: Breaker
  private hasAnswered = false

  /** @throws {InvalidArgumentError} for an address that is none, or a number out of range. */
  constructor(options: HttpOptions) {
    this.options = options
    this.base = baseOf(options.baseUrl)
    this.clock = options.clock ?? systemClock
    this.breaker = new Breaker(this.clock)
    for (const name of ['timeoutMs', 'deadlineMs', 'maxBodyBytes'] as const) {
      const value = options[name]
      if (value !== undefined && !(Number.isFinite(value) && value > 0))
        throw new InvalidArgumentError(`options.${name}`, 'a number > 0', value)
    }
    const { maxRetries = 0 } = options
    if (!Number.isSafeInteger(maxRetries) || maxRetries < 0)
      throw new InvalidArgumentError('options.maxRetries', 'an integer ≥ 0', maxRetries)
  }

  /** Host and port, for messages and receipts. */
  get host(): string {
    return this.base.host
  }

  /**
   * @param path - Below the base address, without a leading slash.
   * @returns the answer, parsed.
   * @throws {ProviderError} when no attempt succeeded.
   */
  async post(path: string, body: unknown, signal?: AbortSignal): Promise<unknown> {
    const { deadlineMs = 600_000, maxRetries = 6 } = this.options
    const endMs = this.clock.now() + deadlineMs
    const text = JSON.stringify(body)
    for (let attempt = 0; ; attempt++) {
      await this.waitForTurn(endMs, signal)
      const outcome = await this.attempt(path, text, endMs, signal).finally(() => this.breaker.leave())
      if ('json' in outcome) return outcome.json
      const { error, waitMs } = outcome
      if (!error.isRetryable || attempt >= maxRetries) throw error
      const backoff = this.clock.random() * Math.min(mostBackoffMs, firstBackoffMs * 2 ** attempt)
      // Never before the server's time; the jitter on top keeps the calls from returning all at once.
      const delay = (waitMs ?? 0) + backoff
      if (this.clock.now() + delay >= endMs) throw error
      await this.clock.sleep(delay, signal)
    }
  }

  private async waitForTurn(endMs: number, signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      signal?.throwIfAborted()
      const wait = this.breaker.enter()
      if (wait === undefined) return
      if (typeof wait !== 'number') {
        await wait
        continue
      }
      if (this.clock.now() + wait >= endMs)
        throw new ProviderError(
          this.options.provider,
          `expected ${this.host} to take requests again in time, got a pause beyond the deadline.`,
          { isRetryable: true, retryAfterMs: wait, remedy: 'Try again later; what was done is kept.' },
        )
      await this.clock.sleep(wait, signal)
    }
  }

  private async attempt(
    path: string,
    body: string,
    endMs: number,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly json: unknown } | Failure> {
    const { provider, timeoutMs = 60_000, maxBodyBytes = 64 << 20 } = this.options
    const timeout = AbortSignal.timeout(Math.max(1, Math.ceil(Math.min(timeoutMs, endMs - this.clock.now()))))
    const either = signal === undefined ? timeout : AbortSignal.any([signal, timeout])
    try {
      const response = await this.send(path, body, either)
      this.hasAnswered = true
      const text = await readBody(response, maxBodyBytes)
      if (response.ok) return this.parse(response, text)
      return this.refused(response, text)
    } catch (error) {
      signal?.throwIfAborted()
      if (error instanceof ProviderError || error instanceof InvalidArgumentError) throw error
      if (error instanceof BodyTooLarge)
        throw new ProviderError(provider, `expected an answer of at most ${maxBodyBytes} bytes, got a longer one.`, {
          remedy: 'The server is broken, or is none of this kind.',
          cause: error,
        })
      this.breaker.failed()
      const reason = reasonOf(error)
      const isAbsent = !this.hasAnswered && absentReasons.includes(reason)
      const got = timeout.aborted ? `none within ${timeoutMs} ms` : `a broken connection (${reason})`
      return {
        waitMs: undefined,
        error: new ProviderError(provider, `expected an answer from ${this.host}, got ${got}.`, {
          isRetryable: !isAbsent,
          remedy:
            (isAbsent ? this.options.absentRemedy : undefined) ??
            'Check that the server runs and can be reached; what was done is kept.',
          cause: error,
        }),
      }
    }
  }

  private async send(path: string, body: string, signal: AbortSignal): Promise<Response> {
    let url = new URL(path, this.base)
    for (let hops = 0; ; hops++) {
      const key = this.options.apiKey?.()
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        },
        body,
        signal,
        redirect: 'manual',
      })
      if (response.status < 300 || response.status > 399) return response
      await response.body?.cancel()
      const target = targetOf(response.headers.get('location'), url)
      const isKept = response.status === 307 || response.status === 308
      if (target === undefined || target.origin !== this.base.origin || !isKept || hops >= mostRedirects)
        throw new ProviderError(
          this.options.provider,
          `expected an answer from ${this.host}, got a redirect${target === undefined || target.origin === this.base.origin ? '' : ' to another host'}.`,
          { status: response.status, remedy: 'It was not followed and the key not sent. Give the right base address.' },
        )
      url = target
    }
  }

  private parse(response: Response, text: string): { readonly json: unknown } | Failure {
    const type = (response.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
    const isJson = type === '' || type === 'application/json' || type.endsWith('+json') || type === 'text/json'
    if (isJson) {
      try {
        const json: unknown = JSON.parse(text)
        this.breaker.succeeded()
        return { json }
      } catch {
        // The parser's own message quotes the text, so it is not kept as the cause.
        return this.unusable(response, 'JSON that breaks off or is none')
      }
    }
    return this.unusable(response, type === 'text/html' ? 'a web page' : 'another content type')
  }

  private unusable(response: Response, got: string): Failure {
    this.breaker.failed()
    return {
      waitMs: undefined,
      error: new ProviderError(
        this.options.provider,
        `expected JSON from ${this.host}, got ${got} with status ${response.status}.`,
        {
          status: response.status,
          isRetryable: true,
          remedy: 'A proxy or a login page may stand before the server; check the base address.',
        },
      ),
    }
  }

  private refused(response: Response, text: string): Failure {
    const { status, headers } = response
    const code = knownCodes.find((known) => text.includes(`"${known}"`))
    const asked = headers.get('x-should-retry')
    const canHelp = (retriedStatuses.has(status) || status >= 500) && !moneyCodes.includes(code ?? '')
    const isRetryable = asked === 'true' || (asked !== 'false' && canHelp)
    const waitMs = retryAfterMs(headers, this.clock.now())
    if (isRetryable && waitMs !== undefined) this.breaker.pause(waitMs)
    if (status >= 500 || status === 408) this.breaker.failed()
    else this.breaker.succeeded()
    const said = code ?? (tooLong.test(text) ? 'too long' : undefined)
    return {
      waitMs,
      error: new ProviderError(
        this.options.provider,
        `expected an answer from ${this.host}, got status ${status}${said === undefined ? '' : ` (${said})`}.`,
        { status, isRetryable, retryAfterMs: waitMs, remedy: remedyOf(status, code) },
      ),
    }
  }
}

function remedyOf(status: number, code: string | undefined): string {
  if (code !== undefined && moneyCodes.includes(code)) return 'The account has no credit left; what was done is kept.'
  if (status === 401 || status === 403) return 'Check the API key and what it is allowed to do.'
  if (status === 404) return 'Check the name of the model and the base address.'
  if (status === 413) return 'Send fewer or shorter texts.'
  if (status === 429) return 'Too many requests: try again later, or with fewer calls at once; what was done is kept.'
  if (status >= 500 || status === 408) return 'The server is in trouble; try again later, what was done is kept.'
  return 'The server does not take this request; check the model, its dimensions and the texts.'
}

/** @throws {InvalidArgumentError}; the address itself is not shown, for it may hold a password. */
function baseOf(given: string): URL {
  const expected = 'an http or https address without user, password, query and fragment'
  let url: URL
  try {
    url = new URL(given)
  } catch {
    throw new InvalidArgumentError('options.baseUrl', expected, 'something else')
  }
  if (
    !/^https?:$/.test(url.protocol) ||
    url.username !== '' ||
    url.password !== '' ||
    url.search !== '' ||
    url.hash !== ''
  )
    throw new InvalidArgumentError('options.baseUrl', expected, 'something else')
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  return url
}

function targetOf(location: string | null, from: URL): URL | undefined {
  try {
    return location === null ? undefined : new URL(location, from)
  } catch {
    return undefined
  }
}

/** The system's code of a network error, such as ECONNREFUSED: short, and never of the user's making. */
function reasonOf(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth++)
    if ('code' in at && typeof at.code === 'string' && /^[A-Z_0-9]+$/.test(at.code)) return at.code
  return error instanceof TypeError && error.message !== 'fetch failed' ? 'cut short' : 'no code'
}
