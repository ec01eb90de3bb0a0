import { InvalidArgumentError, ProviderError } from '../spec/errors.ts'
import type { UsageEntry } from '../spec/usage.ts'
import { baseOf, targetOf } from './base-address.ts'
import { Breaker } from './breaker.ts'
import { type Clock, systemClock } from './clock.ts'
import { reasonOf, refusalOf, TooLargeError } from './http-failure.ts'
import { RateLimiter, type RateLimits, type RequestSize } from './rate-limiter.ts'
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
  /** Of a minute, as known of the server; what it tells itself replaces it. @default none */
  readonly knownLimits?: RateLimits | undefined
  /** Of a minute, as the caller wants them; never exceeded. @default none */
  readonly limits?: RateLimits | undefined
  /** @default the system's */
  readonly clock?: Clock | undefined
}

/** Nobody is there: from a server that never answered, waiting makes none. */
const absentReasons: readonly string[] = ['ECONNREFUSED', 'ENOTFOUND']
const firstBackoffMs = 500
const mostBackoffMs = 30_000
const mostRedirects = 3
/** What a request is, beside its body. */
export interface PostOptions {
  readonly signal?: AbortSignal | undefined
  /** What it counts for in the limits of a minute. @default one request without tokens */
  readonly size?: RequestSize | undefined
  /** Told of every attempt. @default nobody */
  readonly entry?: UsageEntry | undefined
}

type Failure = { readonly error: ProviderError; readonly waitMs: number | undefined }

/**
 * JSON over HTTP to one server: a deadline over all, a time limit on each attempt, limits of a minute, retries with full
 * jitter where they can help, waits the server asks for (shared by all calls), a breaker, a cap on the answer's bytes. Redirects to another
 * origin are refused, and no message holds the key, a header, or what was sent.
 */
export class HttpClient {
  private readonly options: HttpOptions
  private readonly base: URL
  private readonly clock: Clock
  private readonly breaker: Breaker
  private readonly limiter: RateLimiter
  private hasAnswered = false

  /** @throws {InvalidArgumentError} for an address that is none, or a number out of range. */
  constructor(options: HttpOptions) {
    this.options = options
    this.base = baseOf(options.baseUrl)
    this.clock = options.clock ?? systemClock()
    this.breaker = new Breaker(this.clock)
    this.limiter = new RateLimiter(this.clock, options.knownLimits, options.limits)
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

  /** What a minute may hold: the smaller of what is known and what was asked for. */
  get rates(): RateLimits {
    const { knownLimits = {}, limits = {} } = this.options
    const least = (name: keyof RateLimits) => {
      const most = Math.min(knownLimits[name] ?? Infinity, limits[name] ?? Infinity)
      return most === Infinity ? undefined : most
    }
    return {
      requestsPerMinute: least('requestsPerMinute'),
      tokensPerMinute: least('tokensPerMinute'),
      textsPerMinute: least('textsPerMinute'),
    }
  }

  /**
   * @param path - Below the base address, without a leading slash.
   * @returns the answer, parsed.
   * @throws {ProviderError} when no attempt succeeded.
   */
  async post(path: string, body: unknown, options: PostOptions = {}): Promise<unknown> {
    const { deadlineMs = 600_000, maxRetries = 6 } = this.options
    const endMs = this.clock.now() + deadlineMs
    const text = JSON.stringify(body)
    const { signal } = options
    for (let attempt = 0; ; attempt++) {
      await this.waitForTurn(endMs, options)
      const outcome = await this.attempt(path, text, endMs, options).finally(() => this.breaker.leave())
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

  private async waitForTurn(endMs: number, { signal, size = noSize }: PostOptions): Promise<void> {
    for (;;) {
      signal?.throwIfAborted()
      let wait = this.breaker.enter()
      if (wait === undefined) {
        wait = this.limiter.take(size)
        if (wait === 0) return
        this.breaker.leave()
      }
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
    { signal, entry }: PostOptions,
  ): Promise<{ readonly json: unknown } | Failure> {
    const { provider, timeoutMs = 60_000, maxBodyBytes = 64 << 20 } = this.options
    const timeout = AbortSignal.timeout(Math.max(1, Math.ceil(Math.min(timeoutMs, endMs - this.clock.now()))))
    const either = signal === undefined ? timeout : AbortSignal.any([signal, timeout])
    entry?.send(Buffer.byteLength(body))
    // Until more is known, it may have been paid for.
    let isRefused = false
    let isWhole = false
    try {
      const response = await this.send(path, body, either)
      this.hasAnswered = true
      this.limiter.learn(response.headers)
      isRefused = !response.ok
      const text = await readBody(response, maxBodyBytes)
      if (!response.ok) return this.refused(response, text)
      const parsed = this.parse(response, text)
      isWhole = 'json' in parsed
      return parsed
    } catch (error) {
      isRefused ||= error instanceof RedirectError || absentReasons.includes(reasonOf(error))
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
    } finally {
      if (isRefused) entry?.refused()
      else if (!isWhole) entry?.lost()
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
        throw new RedirectError(
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

  private refused(response: Response, said: string): Failure {
    const { status, headers } = response
    const waitMs = retryAfterMs(headers, this.clock.now())
    const error = refusalOf(
      { provider: this.options.provider, host: this.host },
      { status, said, asked: headers.get('x-should-retry'), retryAfterMs: waitMs },
    )
    if (error.isRetryable && waitMs !== undefined) this.breaker.pause(waitMs)
    if ((status >= 500 || status === 408) && !(error instanceof TooLargeError)) this.breaker.failed()
    else this.breaker.succeeded()
    return { waitMs, error }
  }
}

/** Where it was sent is not where it can be answered. */
class RedirectError extends ProviderError {}

const noSize: RequestSize = { tokens: 0, texts: 0 }
