/**
 * For pairs `from` to `to` (multiples of 4; two i32 places a pair) of float32 rows their inner product, or with `distance`
 * their squared distance: float64 sums from the first column to the last, as metric.ts has them, four pairs side by side.
 */
export function pairProducts(
  rows: usize, columns: i32, pairs: usize, from: i32, to: i32, distance: bool, out: usize,
): void {
  const stride = <usize>columns * 4
  for (let pair = <usize>from; pair < <usize>to; pair += 4) {
    const at = pairs + pair * 8
    const a0 = rows + <usize>load<i32>(at) * stride
    const b0 = rows + <usize>load<i32>(at, 4) * stride
    const a1 = rows + <usize>load<i32>(at, 8) * stride
    const b1 = rows + <usize>load<i32>(at, 12) * stride
    const a2 = rows + <usize>load<i32>(at, 16) * stride
    const b2 = rows + <usize>load<i32>(at, 20) * stride
    const a3 = rows + <usize>load<i32>(at, 24) * stride
    const b3 = rows + <usize>load<i32>(at, 28) * stride
    let s0: f64 = 0
    let s1: f64 = 0
    let s2: f64 = 0
    let s3: f64 = 0
    if (distance) {
      for (let j: usize = 0; j < stride; j += 4) {
        const d0 = <f64>load<f32>(a0 + j) - <f64>load<f32>(b0 + j)
        const d1 = <f64>load<f32>(a1 + j) - <f64>load<f32>(b1 + j)
        const d2 = <f64>load<f32>(a2 + j) - <f64>load<f32>(b2 + j)
        const d3 = <f64>load<f32>(a3 + j) - <f64>load<f32>(b3 + j)
        s0 += d0 * d0
        s1 += d1 * d1
        s2 += d2 * d2
        s3 += d3 * d3
      }
    } else {
      for (let j: usize = 0; j < stride; j += 4) {
        s0 += <f64>load<f32>(a0 + j) * <f64>load<f32>(b0 + j)
        s1 += <f64>load<f32>(a1 + j) * <f64>load<f32>(b1 + j)
        s2 += <f64>load<f32>(a2 + j) * <f64>load<f32>(b2 + j)
        s3 += <f64>load<f32>(a3 + j) * <f64>load<f32>(b3 + j)
      }
    }
    store<f64>(out + pair * 8, s0)
    store<f64>(out + pair * 8, s1, 8)
    store<f64>(out + pair * 8, s2, 16)
    store<f64>(out + pair * 8, s3, 24)
  }
}
