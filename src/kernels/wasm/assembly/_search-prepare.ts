/**
 * Prepare rows for the basis: scaled by `unit`, or to length 1 where that is 0, less the mean, in float64.
 * `out`: `width` f32 a row, zeros for one longer than `longest`, which is marked at `tooLong` (a byte a row).
 * `sums`: f64 Σ row · mean, Σ (row · unit − mean)² and Σ row² for each, first column to last.
 */
export function centreRows(
  rows: usize, mean: usize, count: i32, columns: i32, width: i32, unit: f64, longest: f64,
  out: usize, tooLong: usize, sums: usize,
): void {
  const line = <usize>columns * 4
  for (let i: usize = 0; i < <usize>count; i++) {
    const row = rows + i * line
    const to = out + i * <usize>width * 4
    let base: f64 = 0
    let square: f64 = 0
    let length: f64 = 0
    for (let j: usize = 0; j < line; j += 4) {
      const value = <f64>load<f32>(row + j)
      const centre = load<f64>(mean + 2 * j)
      const rest = value * unit - centre
      base += value * centre
      square += rest * rest
      length += value * value
    }
    store<f64>(sums + i * 24, base)
    store<f64>(sums + i * 24, square, 8)
    store<f64>(sums + i * 24, length, 16)
    const norm = sqrt(length)
    const scale = unit == 0 ? 1 / norm : unit
    const isTooLong = norm * scale > longest
    store<u8>(tooLong + i, isTooLong ? 1 : 0)
    if (isTooLong) memory.fill(to, 0, <usize>width * 4)
    else {
      for (let j: usize = 0; j < line; j += 4) {
        store<f32>(to + j, <f32>(<f64>load<f32>(row + j) * scale - load<f64>(mean + 2 * j)))
      }
      memory.fill(to + line, 0, <usize>width * 4 - line)
    }
  }
}

/** Turned rows at `places` (i32) as directions of queries: `(row + mean) / norm`, all `width` long; norms and mean f64. */
export function aimRows(
  rows: usize, places: usize, norms: usize, mean: usize, count: i32, width: i32, out: usize,
): void {
  const line = <usize>width * 4
  for (let i: usize = 0; i < <usize>count; i++) {
    const row = rows + <usize>load<i32>(places + i * 4) * line
    const to = out + i * line
    const norm = load<f64>(norms + i * 8)
    for (let j: usize = 0; j < line; j += 4) {
      store<f32>(to + j, <f32>((<f64>load<f32>(row + j) + load<f64>(mean + 2 * j)) / norm))
    }
  }
}
