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
  assertCounts(successes, trials, confidence)
  const outside = (1 - confidence) / 2
  const failures = trials - successes
  return {
    low: successes === 0 ? 0 : inverse((p) => incompleteBeta(successes, failures + 1, p), outside),
    high: failures === 0 ? 1 : inverse((p) => incompleteBeta(successes + 1, failures, p), 1 - outside),
  }
}

/**
 * Where the share of successes in further trials will lie: it allows for the chance in what was seen and in what comes.
 *
 * @param successes - Integer in [0, trials]; of rare events. The more frequent they are, the wider it is than need be: by
 *   5 % where one trial in ten succeeds, by 40 % where every second one does.
 * @param trials - Integer ≥ 0; without a trial the interval is [0, 1].
 * @param further - How many trials come, integer ≥ 1.
 * @param confidence - In (0, 1). @default 0.95
 *
 * Source: Nelson 1970 (prediction of a Poisson count from another, by the binomial share that one has of both).
 */
export function predictionInterval(
  successes: number,
  trials: number,
  further: number,
  confidence = 0.95,
): { readonly low: number; readonly high: number } {
  assertCounts(successes, trials, confidence)
  if (!Number.isSafeInteger(further) || further < 1)
    throw new InvalidArgumentError('further', 'an integer ≥ 1', further)
  if (trials === 0) return { low: 0, high: 1 }
  const outside = (1 - confidence) / 2
  const [seen, coming] = [trials / (trials + further), further / (trials + further)]
  const least = (count: number) => incompleteBeta(successes, count + 1, seen)
  const low = successes === 0 || least(0) >= outside ? 0 : inverse(least, outside, further)
  const high = inverse((count) => 1 - incompleteBeta(count, successes + 1, coming), 1 - outside, further)
  return { low: low / further, high: high / further }
}

function assertCounts(successes: number, trials: number, confidence: number): void {
  if (!Number.isSafeInteger(trials) || trials < 0) throw new InvalidArgumentError('trials', 'an integer ≥ 0', trials)
  if (!Number.isSafeInteger(successes) || successes < 0 || successes > trials)
    throw new InvalidArgumentError('successes', `an integer from 0 to ${trials}`, successes)
  if (!(confidence > 0 && confidence < 1))
    throw new InvalidArgumentError('confidence', 'a number between 0 and 1', confidence)
}

/** Where an increasing function on [0, most] takes a value, or the end next to it. */
function inverse(increasing: (p: number) => number, value: number, most = 1): number {
  let [low, high] = [0, most]
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
