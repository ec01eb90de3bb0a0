// @ts-ignore: decorator
@inline
function sumLanes(v: v128): i32 {
  return i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1) + i32x4.extract_lane(v, 2) + i32x4.extract_lane(v, 3)
}

/** Σ of 8-bit codes times a query's 16-bit values over [from, to), both multiples of 16. */
// @ts-ignore: decorator
@inline
export function wideDot(codes: usize, wholeQuery: usize, from: i32, to: i32): i32 {
  let a = i32x4.splat(0)
  let b = i32x4.splat(0)
  for (let j = <usize>from; j < <usize>to; j += 16) {
    const c = v128.load(codes + j)
    a = i32x4.add(a, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(c), v128.load(wholeQuery + j * 2)))
    b = i32x4.add(b, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(c), v128.load(wholeQuery + j * 2, 16)))
  }
  return sumLanes(i32x4.add(a, b))
}
