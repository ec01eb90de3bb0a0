import { InvalidArgumentError } from '../spec/errors.ts'

/**
 * Clopper–Pearson interval of a probability: it holds the true one at least as often as it says.
 *
 * @param successes - Integer in [0, trials].
 * @param trials - Integer ≥ 0; without a trial the interval is [0, 1].
 * @param confidence - In (0, 1). @default 0.95
 *
 * Source: Clopper & Pearson 1934, by bisection of the regularised incomplete beta function (Lentz's continued fraction).
 */
export function binomialInterval(
  successes: number,
  trials: number,
  confidence = 0.95,
): { readonly low: number; readonly high: number } {
  if (!Number.isSafeInteger(trials) || trials < 0) throw new InvalidArgumentError('trials', 'an integer ≥ 0', trials)
  if (!Number.isSafeInteger(successes) || successes < 0 || successes > trials)
    throw new InvalidArgumentError('successes', `an integer from 0 to ${trials}`, successes)
  if (!(confidence > 0 && confidence < 1))
    throw new InvalidArgumentError('confidence', 'a number between 0 and 1', confidence)
  const outside = (1 - confidence) / 2
  const failures = trials - successes
  return {
    low: successes === 0 ? 0 : inverse((p) => incompleteBeta(successes, failures + 1, p), outside),
    high: failures === 0 ? 1 : inverse((p) => incompleteBeta(successes + 1, failures, p), 1 - outside),
  }
}

/** Where an increasing function on [0, 1] takes a value. */
function inverse(increasing: (p: number) => number, value: number): number {
  let [low, high] = [0, 1]
  for (let step = 0; step < 100; step++) {
    const middle = (low + high) / 2
    if (increasing(middle) < value) low = middle
    else high = middle
  }
  return (low + high) / 2
}

function incompleteBeta(a: number, b: number, x: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x))
  return x < (a + 1) / (a + b + 2) ? (front * fraction(a, b, x)) / a : 1 - (front * fraction(b, a, 1 - x)) / b
}

function fraction(a: number, b: number, x: number): number {
  const tiny = 1e-300
  let c = 1
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1), tiny)
  let value = d
  for (let m = 1; m < 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / nonZero(1 + even * d, tiny)
    c = nonZero(1 + even / c, tiny)
    value *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / nonZero(1 + odd * d, tiny)
    c = nonZero(1 + odd / c, tiny)
    value *= d * c
    if (Math.abs(d * c - 1) < 1e-14) break
  }
  return value
}

function nonZero(value: number, tiny: number): number {
  return Math.abs(value) < tiny ? tiny : value
}

/** Stirling's series, shifted to where it has converged. */
function logGamma(x: number): number {
  let shift = 0
  let z = x
  for (; z < 12; z++) shift += Math.log(z)
  const inverseSquare = 1 / (z * z)
  const series = (1 / 12 - (1 / 360 - (1 / 1260 - inverseSquare / 1680) * inverseSquare) * inverseSquare) / z
  return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series - shift
}
