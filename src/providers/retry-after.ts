/** Longest wait a server may impose; what it asks beyond is taken for a mistake. */
export const mostRetryAfterMs = 120_000

/**
 * How long the server asks to wait, from `retry-after-ms`, else from `Retry-After` in seconds or as an HTTP date.
 *
 * @param nowMs - Milliseconds since 1970, for dates.
 * @returns milliseconds from 0 to 120,000; undefined where the server does not say, or says what nobody can obey
 *   (a negative number, no number at all).
 */
export function retryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const milliseconds = numberOf(headers.get('retry-after-ms'))
  if (milliseconds !== undefined) return within(milliseconds)
  const header = headers.get('retry-after')
  const seconds = numberOf(header)
  if (seconds !== undefined) return within(seconds * 1000)
  // Date.parse takes '-5' for a year, so only what has letters is a date.
  const date = header === null || !/[a-z]/i.test(header) ? Number.NaN : Date.parse(header)
  return Number.isNaN(date) ? undefined : within(Math.max(0, date - nowMs))
}

function numberOf(header: string | null): number | undefined {
  if (header === null || !/^\s*[+-]?\d+(\.\d+)?\s*$/.test(header)) return undefined
  return Number(header)
}

function within(ms: number): number | undefined {
  return ms < 0 ? undefined : Math.min(ms, mostRetryAfterMs)
}
