import { sumF32x4 } from './_simd'

/** Inner products of `rows` float32 rows at `matrix` with the vector at `query`, written to `scores`. */
export function dotRows(matrix: usize, query: usize, scores: usize, rows: i32, columns: i32): void {
  const whole = columns & ~7
  for (let row = 0; row < rows; row++) {
    const base = matrix + (<usize>row * <usize>columns) * 4
    let a = f32x4.splat(0)
    let b = f32x4.splat(0)
    for (let j = 0; j < whole; j += 8) {
      const at = <usize>j * 4
      a = f32x4.add(a, f32x4.mul(v128.load(base + at), v128.load(query + at)))
      b = f32x4.add(b, f32x4.mul(v128.load(base + at, 16), v128.load(query + at, 16)))
    }
    let sum = sumF32x4(f32x4.add(a, b))
    for (let j = whole; j < columns; j++) sum += load<f32>(base + <usize>j * 4) * load<f32>(query + <usize>j * 4)
    store<f32>(scores + <usize>row * 4, sum)
  }
}
