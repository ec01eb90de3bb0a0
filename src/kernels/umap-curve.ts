import { portableExp, portableLog } from './portable-math.ts'

const samples = 300

/**
 * The curve 1 / (1 + a·d^2b) nearest, by least squares, to the wished one: 1 up to `minDist`, then exp(−(d − minDist) / spread).
 * Levenberg–Marquardt from a = b = 1 over 300 distances from 0 to 3·spread, as umap-learn's `find_ab_params`.
 */
export function fitCurve(spread: number, minDist: number): { a: number; b: number } {
  const distances = Array.from({ length: samples }, (_, i) => (3 * spread * i) / (samples - 1))
  const wished = distances.map((d) => (d < minDist ? 1 : portableExp(-(d - minDist) / spread)))
  let [a, b, damping] = [1, 1, 1e-3]
  let error = measure(distances, wished, a, b).error
  for (let iteration = 0; iteration < 200 && damping < 1e12; iteration++) {
    const { aa, ab, bb, ga, gb } = measure(distances, wished, a, b)
    const [m, n] = [aa * (1 + damping), bb * (1 + damping)]
    const determinant = m * n - ab * ab
    const nextA = a + (n * ga - ab * gb) / determinant
    const nextB = b + (m * gb - ab * ga) / determinant
    const next = nextA > 0 && nextB > 0 ? measure(distances, wished, nextA, nextB).error : Number.POSITIVE_INFINITY
    if (!(next < error)) {
      damping *= 10
      continue
    }
    const gain = error - next
    ;[a, b, error] = [nextA, nextB, next]
    damping /= 10
    if (gain < 1e-15) break
  }
  return { a, b }
}

/** Squared error, and the normal equations of its linearisation. */
function measure(distances: readonly number[], wished: readonly number[], a: number, b: number) {
  let [error, aa, ab, bb, ga, gb] = [0, 0, 0, 0, 0, 0]
  for (let i = 0; i < samples; i++) {
    const d = distances[i]!
    const log = d === 0 ? 0 : portableLog(d)
    const power = d === 0 ? 0 : portableExp(2 * b * log)
    const value = 1 / (1 + a * power)
    const residual = wished[i]! - value
    const byA = -power * value * value
    const byB = byA * a * 2 * log
    error += residual * residual
    aa += byA * byA
    ab += byA * byB
    bb += byB * byB
    ga += byA * residual
    gb += byB * residual
  }
  return { error, aa, ab, bb, ga, gb }
}
