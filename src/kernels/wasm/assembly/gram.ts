// Sums and products of the columns of a block of rows: the steps and the order of gram-steps.ts, four lanes at a time.

/** Rows whose products are summed in float32 before they join the float64 sums. */
const RUN: i32 = 256
/** Columns of a strip of the panel. */
const STRIP: usize = 8

/** `sums[j] += Σ rows[i, j]` in float64, i ascending; returns the largest size of a value. */
export function sumColumns(rows: usize, count: i32, columns: i32, sums: usize): f32 {
  let largest = f32x4.splat(0)
  let left: f32 = 0
  const whole = columns & ~3
  for (let i = 0; i < count; i++) {
    let x = rows + <usize>i * <usize>columns * 4
    let s = sums
    for (let j = 0; j < whole; j += 4) {
      const values = v128.load(x)
      largest = f32x4.max(largest, f32x4.abs(values))
      v128.store(s, f64x2.add(v128.load(s), f64x2.promote_low_f32x4(values)))
      const high = v128.shuffle<f32>(values, values, 2, 3, 2, 3)
      v128.store(s, f64x2.add(v128.load(s, 16), f64x2.promote_low_f32x4(high)), 16)
      x += 16
      s += 32
    }
    for (let j = whole; j < columns; j++) {
      const value = load<f32>(x)
      left = max<f32>(left, abs<f32>(value))
      store<f64>(s, load<f64>(s) + <f64>value)
      x += 4
      s += 8
    }
  }
  const pair = f32x4.max(largest, v128.shuffle<f32>(largest, largest, 2, 3, 2, 3))
  return max<f32>(left, max<f32>(f32x4.extract_lane(pair, 0), f32x4.extract_lane(pair, 1)))
}

/**
 * `products[i, j] += Σ_k x[k, i] · x[k, j]` for the columns i of strips [first, last) and all j of the same strip or
 * a later one, where x are the rows less `means`, times `factor`, as float32.
 * `products` is row-major float64, as wide as the strips; `panel` holds RUN rows of strips [first, strips).
 */
export function multiply(
  rows: usize, count: i32, columns: i32, means: usize, factor: f64, panel: usize, products: usize, first: i32, last: i32,
): void {
  const strips = (columns + 7) >> 3
  const line = <usize>strips * STRIP * 8
  for (let start = 0; start < count; start += RUN) {
    const depth = min(RUN, count - start)
    pack(rows + <usize>start * <usize>columns * 4, depth, columns, means, factor, panel, first, strips)
    const stripBytes = <usize>depth * STRIP * 4
    for (let i = first; i < last; i++) {
      const left = panel + <usize>(i - first) * stripBytes
      for (let j = i; j < strips; j++) {
        const right = panel + <usize>(j - first) * stripBytes
        const out = products + <usize>i * STRIP * line + <usize>j * STRIP * 8
        tile(left, right, stripBytes, out, line)
        tile(left + 16, right, stripBytes, out + 4 * line, line)
      }
    }
  }
}

/** Value [k, j] of the panel is at ((j >> 3) · depth + k) · 8 + (j & 7); columns beyond the last are zero. */
function pack(
  rows: usize, depth: i32, columns: i32, means: usize, factor: f64, panel: usize, first: i32, strips: i32,
): void {
  const scale = f64x2.splat(factor)
  const line = <usize>columns * 4
  const stripBytes = <usize>depth * STRIP * 4
  const whole = columns >> 3
  for (let k = 0; k < depth; k++) {
    const row = rows + <usize>k * line
    let to = panel + <usize>k * STRIP * 4
    for (let strip = first; strip < whole; strip++) {
      const x = row + <usize>strip * STRIP * 4
      const m = means + <usize>strip * STRIP * 8
      v128.store(to, centred(v128.load(x), m, scale))
      v128.store(to, centred(v128.load(x, 16), m + 32, scale), 16)
      to += stripBytes
    }
    if (whole < strips) {
      for (let j: usize = 0; j < STRIP; j++) {
        const column = <usize>whole * STRIP + j
        const value = column < <usize>columns
          ? <f32>((<f64>load<f32>(row + column * 4) - load<f64>(means + column * 8)) * factor)
          : 0
        store<f32>(to + j * 4, value)
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function centred(values: v128, means: usize, scale: v128): v128 {
  const high = v128.shuffle<f32>(values, values, 2, 3, 2, 3)
  const a = f64x2.mul(f64x2.sub(f64x2.promote_low_f32x4(values), v128.load(means)), scale)
  const b = f64x2.mul(f64x2.sub(f64x2.promote_low_f32x4(high), v128.load(means, 16)), scale)
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(a), f32x4.demote_f64x2_zero(b), 0, 1, 4, 5)
}

/** Four columns against eight: sums in float32, product and sum rounded separately, then into float64. */
// @ts-ignore: decorator
@inline
function tile(left: usize, right: usize, stripBytes: usize, out: usize, line: usize): void {
  let a0 = f32x4.splat(0), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0
  const end = right + stripBytes
  while (right < end) {
    const v0 = v128.load(right)
    const v1 = v128.load(right, 16)
    let x = v128.load32_splat(left)
    a0 = f32x4.add(a0, f32x4.mul(x, v0))
    a1 = f32x4.add(a1, f32x4.mul(x, v1))
    x = v128.load32_splat(left, 4)
    b0 = f32x4.add(b0, f32x4.mul(x, v0))
    b1 = f32x4.add(b1, f32x4.mul(x, v1))
    x = v128.load32_splat(left, 8)
    c0 = f32x4.add(c0, f32x4.mul(x, v0))
    c1 = f32x4.add(c1, f32x4.mul(x, v1))
    x = v128.load32_splat(left, 12)
    d0 = f32x4.add(d0, f32x4.mul(x, v0))
    d1 = f32x4.add(d1, f32x4.mul(x, v1))
    left += STRIP * 4
    right += STRIP * 4
  }
  join(out, a0, a1)
  join(out + line, b0, b1)
  join(out + 2 * line, c0, c1)
  join(out + 3 * line, d0, d1)
}

// @ts-ignore: decorator
@inline
function join(out: usize, low: v128, high: v128): void {
  const low2 = v128.shuffle<f32>(low, low, 2, 3, 2, 3)
  const high2 = v128.shuffle<f32>(high, high, 2, 3, 2, 3)
  v128.store(out, f64x2.add(v128.load(out), f64x2.promote_low_f32x4(low)))
  v128.store(out, f64x2.add(v128.load(out, 16), f64x2.promote_low_f32x4(low2)), 16)
  v128.store(out, f64x2.add(v128.load(out, 32), f64x2.promote_low_f32x4(high)), 32)
  v128.store(out, f64x2.add(v128.load(out, 48), f64x2.promote_low_f32x4(high2)), 48)
}
