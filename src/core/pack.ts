import { InvalidArgumentError } from '../spec/errors.ts'
import type { ModelLimits } from '../spec/model.ts'

/** Enough for a call's overhead to vanish, few enough for a rate, an abort and a crash to cost little. */
export const mostTextsPerCall = 1024

/**
 * Pack texts into calls: longest first, so that texts of a call are of like length (padding costs nothing) and the
 * longest calls start first. Every index is in exactly one call; no call exceeds the limits.
 *
 * @param tokens - Tokens of each text, prompt included; each ≤ `limits.tokensPerText` and `limits.tokensPerCall`.
 * @param limits.textsPerCall - Texts a call; calls are never longer than 1,024 texts.
 * @returns indices into `tokens`, one array a call.
 * @throws {InvalidArgumentError} naming the first text that no call can take.
 */
export function pack(
  tokens: ArrayLike<number>,
  limits: Pick<ModelLimits, 'tokensPerText' | 'textsPerCall' | 'tokensPerCall'>,
): Int32Array[] {
  const mostTokens = Math.min(limits.tokensPerText, limits.tokensPerCall)
  for (let i = 0; i < tokens.length; i++)
    if ((tokens[i] as number) > mostTokens)
      throw new InvalidArgumentError(
        `texts[${i}]`,
        `at most ${mostTokens} tokens, the model's window`,
        tokens[i],
        'Split it into passages first; nothing is cut silently.',
      )
  const order = Int32Array.from({ length: tokens.length }, (_, i) => i)
  order.sort((a, b) => (tokens[b] as number) - (tokens[a] as number) || a - b)

  const textsPerCall = Math.min(limits.textsPerCall, mostTextsPerCall)
  const calls: Int32Array[] = []
  let start = 0
  let sum = 0
  for (let i = 0; i < order.length; i++) {
    const size = tokens[order[i] as number] as number
    if (i > start && (i - start >= textsPerCall || sum + size > limits.tokensPerCall)) {
      calls.push(order.slice(start, i))
      start = i
      sum = 0
    }
    sum += size
  }
  if (start < order.length) calls.push(order.slice(start))
  return calls
}
