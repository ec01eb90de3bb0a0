import type { Clock } from './clock.ts'
import { mostRetryAfterMs } from './retry-after.ts'

/** Of one server, for one minute. A measure that is left out has no limit. */
export interface RateLimits {
  readonly requestsPerMinute?: number | undefined
  readonly tokensPerMinute?: number | undefined
  readonly textsPerMinute?: number | undefined
}

export interface RequestSize {
  readonly tokens: number
  readonly texts: number
}

const minuteMs = 60_000

/**
 * Holds requests back so that in no minute more go out than the server takes: by the limits given, and by what the server
 * itself tells of them (`x-ratelimit-limit-…`, `-remaining-…`, `-reset-…` for requests and tokens, or `ratelimit-…`).
 *
 * Minutes slide: what went out counts for 60 seconds. A request larger than a minute's limit goes out alone.
 */
export class RateLimiter {
  private readonly clock: Clock
  private readonly windows: Readonly<Record<'requests' | 'tokens' | 'texts', Window>>

  /**
   * @param known - What is known of the server before it says so itself.
   * @param asked - What the caller wants; never exceeded, whatever the server allows.
   */
  constructor(clock: Clock, known: RateLimits = {}, asked: RateLimits = {}) {
    this.clock = clock
    this.windows = {
      requests: new Window(known.requestsPerMinute, asked.requestsPerMinute),
      tokens: new Window(known.tokensPerMinute, asked.tokensPerMinute),
      texts: new Window(known.textsPerMinute, asked.textsPerMinute),
    }
  }

  /** @returns 0 when the request may go now, and then it counts; else milliseconds to wait before asking again. */
  take({ tokens, texts }: RequestSize): number {
    const now = this.clock.now()
    const { windows } = this
    const waitMs = Math.max(
      windows.requests.wait(1, now),
      windows.tokens.wait(tokens, now),
      windows.texts.wait(texts, now),
    )
    if (waitMs > 0) return waitMs
    windows.requests.take(1, now)
    windows.tokens.take(tokens, now)
    windows.texts.take(texts, now)
    return 0
  }

  /** Take note of what an answer's headers tell. */
  learn(headers: Headers): void {
    const now = this.clock.now()
    for (const measure of ['requests', 'tokens'] as const) {
      const told = (name: string) =>
        headers.get(`x-ratelimit-${name}-${measure}`) ??
        (measure === 'requests' ? (headers.get(`x-ratelimit-${name}`) ?? headers.get(`ratelimit-${name}`)) : null)
      const limit = countOf(told('limit'))
      if (limit !== undefined && limit > 0) this.windows[measure].told = limit
      const remaining = countOf(told('remaining'))
      const resetMs = resetAfterMs(told('reset'), now)
      if (remaining !== undefined && resetMs !== undefined)
        this.windows[measure].left = { amount: remaining, untilMs: now + resetMs }
    }
  }
}

class Window {
  /** The server's own word, which replaces what was known before. */
  told: number | undefined
  /** What the server says is left until then. */
  left: { readonly amount: number; readonly untilMs: number } | undefined
  private readonly known: number
  private readonly asked: number
  private readonly taken: { readonly atMs: number; readonly amount: number }[] = []
  private sum = 0

  constructor(known = Infinity, asked = Infinity) {
    this.known = known
    this.asked = asked
  }

  wait(amount: number, now: number): number {
    return Math.max(this.waitOfMinute(amount, now), this.waitOfServer(amount, now))
  }

  take(amount: number, now: number): void {
    this.taken.push({ atMs: now, amount })
    this.sum += amount
    if (this.left !== undefined) this.left = { ...this.left, amount: this.left.amount - amount }
  }

  private waitOfMinute(amount: number, now: number): number {
    const { taken } = this
    while (taken[0] !== undefined && taken[0].atMs <= now - minuteMs)
      this.sum -= (taken.shift() as { amount: number }).amount
    const limit = Math.min(this.asked, this.told ?? this.known)
    let over = this.sum + amount - limit
    if (over <= 0) return 0
    for (const { atMs, amount: freed } of taken) {
      over -= freed
      if (over <= 0) return atMs + minuteMs - now
    }
    // Larger than the limit itself: it goes once nothing else counts any more.
    const last = taken.at(-1)
    return last === undefined ? 0 : last.atMs + minuteMs - now
  }

  private waitOfServer(amount: number, now: number): number {
    if (this.left === undefined) return 0
    const waitMs = this.left.untilMs - now
    if (waitMs > 0 && this.left.amount < amount) return waitMs
    if (waitMs <= 0) this.left = undefined
    return 0
  }
}

function countOf(header: string | null): number | undefined {
  return header !== null && /^\s*\d+(\.\d+)?\s*$/.test(header) ? Number(header) : undefined
}

/**
 * How long until a limit is full again: `1h2m3.5s`, `6m0s`, `20ms`, seconds, Unix time in seconds or milliseconds, or a
 * date. Never more than two minutes: a wait beyond that is taken for a mistake, or is a day's limit, which 429 tells of.
 */
export function resetAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined
  const text = header.trim()
  const within = (ms: number) => (Number.isFinite(ms) ? Math.min(Math.max(0, ms), mostRetryAfterMs) : undefined)
  if (/^\d+(\.\d+)?$/.test(text)) {
    const value = Number(text)
    if (value > 1e12) return within(value - nowMs)
    return within(value > 1e9 ? value * 1000 - nowMs : value * 1000)
  }
  if (/^(\d+(\.\d+)?(ms|h|m|s))+$/.test(text)) {
    const unitMs: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 }
    let sum = 0
    for (const [, amount = '', , unit = ''] of text.matchAll(/(\d+(\.\d+)?)(ms|h|m|s)/g))
      sum += Number(amount) * (unitMs[unit] ?? 0)
    return within(sum)
  }
  return within(Date.parse(text) - nowMs)
}
