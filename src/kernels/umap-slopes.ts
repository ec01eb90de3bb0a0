import { portableExp, portableLog } from './portable-math.ts'

/** Squared distances are taken from 2^−24 to just below 2^32, and each octave of them in 32 segments. */
export const leastSquared = 2 ** -24
export const largestSquared = 4294967040
/** Bits of a float32 beside those that number its segment. */
export const segmentBits = 18
const octaves = 56
const segments = 32
/** What the bits of the least distance number. */
export const firstSegment = (127 - 24) * segments

/**
 * Slopes of the pull and the push between two points over their squared distance s,
 * −2ab·s^(b−1) / (1 + a·s^b) and 2bγ / ((0.001 + s)(1 + a·s^b)): for each segment a constant and a factor of s,
 * exact at its ends and within 0.1 % between them.
 */
export function slopesOf(
  a: number,
  b: number,
  repulsionStrength: number,
): { pulls: Float32Array; pushes: Float32Array } {
  const powers = Float64Array.from({ length: octaves * segments + 1 }, (_, i) =>
    portableExp(b * portableLog(squaredAt(i))),
  )
  return {
    pulls: linear((s, i) => (-2 * a * b * powers[i]!) / (s * (1 + a * powers[i]!))),
    pushes: linear((s, i) => (2 * b * repulsionStrength) / ((0.001 + s) * (1 + a * powers[i]!))),
  }
}

function squaredAt(segment: number): number {
  return leastSquared * 2 ** Math.floor(segment / segments) * (1 + (segment % segments) / segments)
}

function linear(slope: (squared: number, segment: number) => number): Float32Array {
  const table = new Float32Array(2 * octaves * segments)
  for (let i = 0; i < octaves * segments; i++) {
    const [from, to] = [squaredAt(i), squaredAt(i + 1)]
    const factor = (slope(to, i + 1) - slope(from, i)) / (to - from)
    table[2 * i] = slope(from, i) - factor * from
    table[2 * i + 1] = factor
  }
  return table
}
