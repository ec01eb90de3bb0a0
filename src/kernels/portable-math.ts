/**
 * Logarithm and exponential with the same bits on every engine.
 *
 * ECMAScript leaves `Math.log`, `Math.exp`, `Math.cos` and `Math.pow` to the implementation, so a seeded kernel
 * that calls them may differ between runtimes. These use only +, −, ×, ÷, which IEEE 754 fixes.
 */

const bits = new DataView(new ArrayBuffer(8))
// ln 2 in two parts: the first has 32 trailing zero bits, so k × ln2High is exact for |k| < 2^11.
const ln2High = 0.6931471803691238
const ln2Low = 1.9082149292705877e-10

const smallestExponent = -1074
const powersOfTwo = makePowersOfTwo()

/** 2^k for k from −1074 to 1023, exact. */
function makePowersOfTwo(): Float64Array {
  const powers = new Float64Array(1023 - smallestExponent + 1)
  powers[-smallestExponent] = 1
  for (let k = 1; k <= 1023; k++) powers[k - smallestExponent] = powers[k - 1 - smallestExponent]! * 2
  for (let k = -1; k >= smallestExponent; k--) powers[k - smallestExponent] = powers[k + 1 - smallestExponent]! / 2
  return powers
}

/**
 * Natural logarithm; relative error below 4e-16.
 *
 * @returns NaN for x < 0 and NaN, −∞ for 0.
 *
 * Source: x = 2^k m with m in [√½, √2), then ln m = 2 artanh((m − 1) / (m + 1)) by its power series.
 */
export function portableLog(x: number): number {
  if (!(x > 0)) return x === 0 ? Number.NEGATIVE_INFINITY : Number.NaN
  if (x === Number.POSITIVE_INFINITY) return x
  let exponent = 0
  let scaled = x
  if (x < 2.2250738585072014e-308) {
    scaled = x * 18014398509481984
    exponent = -54
  }
  bits.setFloat64(0, scaled)
  const high = bits.getUint32(0)
  exponent += (high >>> 20) - 1023
  bits.setUint32(0, (high & 0xfffff) | 0x3ff00000)
  let m = bits.getFloat64(0)
  if (m > Math.SQRT2) {
    m /= 2
    exponent++
  }
  const f = m - 1
  const s = f / (2 + f)
  const z = s * s
  let series = 1 / 25
  for (let odd = 23; odd >= 3; odd -= 2) series = series * z + 1 / odd
  return exponent * ln2High + (2 * s + (2 * s * z * series + exponent * ln2Low))
}

/**
 * e^x; relative error below 4e-16 in the normal range.
 *
 * Source: x = k ln 2 + r with |r| ≤ ½ ln 2, then the Taylor series of e^r.
 */
export function portableExp(x: number): number {
  if (Number.isNaN(x)) return x
  if (x > 709.782712893384) return Number.POSITIVE_INFINITY
  if (x < -745.1332191019412) return 0
  const k = Math.round(x * Math.LOG2E)
  const r = x - k * ln2High - k * ln2Low
  let series = 1
  for (let n = 14; n >= 1; n--) series = 1 + (r / n) * series
  if (k > 1023) return series * 2 * powersOfTwo[k - 1 - smallestExponent]!
  if (k >= -1022) return series * powersOfTwo[k - smallestExponent]!
  // Two steps: one product with a subnormal power would lose bits of the series.
  return series * powersOfTwo[k + 54 - smallestExponent]! * powersOfTwo[-54 - smallestExponent]!
}
