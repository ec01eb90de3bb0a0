// Parts shared by the kernels: loops over contiguous vectors, 16 bytes a step, scalar tail.

/** Sum of the four lanes in a fixed order. */
// @ts-ignore: decorator
@inline
export function sumF32x4(v: v128): f32 {
  return (
    (f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1)) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  )
}

/** `a · b + sum`, fused where relaxed SIMD may fuse it. */
// @ts-ignore: decorator
@inline
export function multiplyAdd(a: v128, b: v128, sum: v128): v128 {
  // Rounding differs between machines here; callers bound the error for both ways.
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, sum)
  return f32x4.add(f32x4.mul(a, b), sum)
}
