// Parts shared by the kernels: loops over contiguous vectors, 16 bytes a step, scalar tail.

/** Sum of the four lanes in a fixed order. */
// @ts-ignore: decorator
@inline
export function sumF32x4(v: v128): f32 {
  return (
    (f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1)) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  )
}
