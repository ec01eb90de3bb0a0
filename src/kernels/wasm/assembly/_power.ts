// Powers of positive float32 numbers, four at a time, from +, ×, integer steps and two polynomials:
// relative error below 1e-5 for moderate exponents, and the same bits on every machine.

/** x^b for x > 0 (0 counts as 2^-127); results below 2^-126 or above 2^126 stop there. */
// @ts-ignore: decorator
@inline
export function power(x: v128, b: v128): v128 {
  const shifted = i32x4.sub(x, i32x4.splat(0x3f3504f3))
  const exponent = i32x4.shr_s(shifted, 23)
  const t = f32x4.sub(i32x4.sub(x, i32x4.shl(exponent, 23)), f32x4.splat(1))
  let p = f32x4.add(f32x4.mul(t, f32x4.splat(-0.20685812830924988)), f32x4.splat(0.3184071183204651))
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(-0.36641326546669006))
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(0.47979387640953064))
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(-0.7212084531784058))
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(1.442701816558838))
  const log2 = f32x4.add(f32x4.mul(p, t), f32x4.convert_i32x4_s(exponent))
  const y = f32x4.pmin(f32x4.pmax(f32x4.mul(log2, b), f32x4.splat(-126)), f32x4.splat(126))
  // Adding 1.5 · 2^23 rounds to the nearest integer, which then stands in the low bits.
  const rounded = f32x4.add(y, f32x4.splat(12582912))
  const r = f32x4.sub(y, f32x4.sub(rounded, f32x4.splat(12582912)))
  let q = f32x4.add(f32x4.mul(r, f32x4.splat(0.009676037356257439)), f32x4.splat(0.05592203512787819))
  q = f32x4.add(f32x4.mul(q, r), f32x4.splat(0.2402210682630539))
  q = f32x4.add(f32x4.mul(q, r), f32x4.splat(0.6931210160255432))
  q = f32x4.add(f32x4.mul(q, r), f32x4.splat(1))
  return i32x4.add(q, i32x4.shl(rounded, 23))
}
