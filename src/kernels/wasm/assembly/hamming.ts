/** Bits in which each of `rows` codes differs from the code at `query`, as u16; `bytes` a multiple of 16, at most 4,096. */
export function hammingRows(codes: usize, query: usize, out: usize, rows: i32, bytes: i32): void {
  for (let row = 0; row < rows; row++) {
    let sum = i16x8.splat(0)
    for (let j: usize = 0; j < <usize>bytes; j += 16) {
      const different = v128.xor(v128.load(codes + j), v128.load(query + j))
      sum = i16x8.add(sum, i16x8.extadd_pairwise_i8x16_u(i8x16.popcnt(different)))
    }
    const fours = i32x4.extadd_pairwise_i16x8_u(sum)
    const total =
      i32x4.extract_lane(fours, 0) + i32x4.extract_lane(fours, 1) + i32x4.extract_lane(fours, 2) + i32x4.extract_lane(fours, 3)
    store<u16>(out + <usize>row * 2, <u16>total)
    codes += <usize>bytes
  }
}
