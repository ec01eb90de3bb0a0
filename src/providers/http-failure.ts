import { ProviderError } from '../spec/errors.ts'

/** The server refuses what was sent for its length: one text, or all of them together. */
export class TooLargeError extends ProviderError {}

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
  /context length|context_length|too long|too large|too many tokens|max\w* (context|tokens)|exceed\w* .{0,40}(tokens|length)/i

/**
 * The error for an answer with another status than 2xx. Nothing the server says reaches the message but codes of a fixed
 * list: it may repeat the key or a text.
 *
 * @param said - The answer's body.
 * @param asked - Its `x-should-retry`.
 * @param retryAfterMs - What it asks to wait.
 */
export function refusalOf(
  { provider, host }: { readonly provider: string; readonly host: string },
  {
    status,
    said,
    asked,
    retryAfterMs,
  }: {
    readonly status: number
    readonly said: string
    readonly asked: string | null
    readonly retryAfterMs: number | undefined
  },
): ProviderError {
  const code = knownCodes.find((known) => said.includes(`"${known}"`))
  // Some servers refuse a long text with 500, and some speak of tokens where they mean those of a minute.
  const isTooLarge = status === 413 || (status !== 429 && status !== 401 && status !== 403 && tooLong.test(said))
  const canHelp = (retriedStatuses.has(status) || status >= 500) && !moneyCodes.includes(code ?? '') && !isTooLarge
  const isRetryable = asked === 'true' || (asked !== 'false' && canHelp)
  const why = code ?? (isTooLarge && status !== 413 ? 'too long' : undefined)
  const Kind = isTooLarge ? TooLargeError : ProviderError
  return new Kind(
    provider,
    `expected an answer from ${host}, got status ${status}${why === undefined ? '' : ` (${why})`}.`,
    { status, isRetryable, ...(retryAfterMs === undefined ? {} : { retryAfterMs }), remedy: remedyOf(status, code) },
  )
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

/** The system's code of a network error, such as ECONNREFUSED: short, and never of the user's making. */
export function reasonOf(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth++)
    if ('code' in at && typeof at.code === 'string' && /^[A-Z_0-9]+$/.test(at.code)) return at.code
  return error instanceof TypeError && error.message !== 'fetch failed' ? 'cut short' : 'no code'
}
