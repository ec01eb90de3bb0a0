// Training of a table of token vectors: pooling and its gradient, three matrix products, Adam on touched rows.
// Plain SIMD only (no relaxed operation), so that a run gives the same bits on every machine.
// Offsets are bytes into linear memory; widths are multiples of 4.
import { sumF32x4 } from './_simd'

/** Rows to unit length in place; their norms are kept for the way back. */
export function normalize(rows: i32, norms: i32, count: i32, columns: i32): void {
  const rowBytes = columns << 2
  for (let row = 0; row < count; row++) {
    const at = rows + row * rowBytes
    const norm = f32(Math.sqrt(dot(at, at, rowBytes))) + f32(1e-12)
    store<f32>(norms + (row << 2), norm)
    const scale = f32x4.splat(f32(1) / norm)
    for (let i = 0; i < rowBytes; i += 16) v128.store(at + i, f32x4.mul(v128.load(at + i), scale))
  }
}

/** slope = (slope − (slope · unit) unit) / norm */
export function normalizeBack(units: i32, norms: i32, slopes: i32, count: i32, columns: i32): void {
  const rowBytes = columns << 2
  for (let row = 0; row < count; row++) {
    const unit = units + row * rowBytes
    const slope = slopes + row * rowBytes
    const along = f32x4.splat(dot(unit, slope, rowBytes))
    const scale = f32x4.splat(f32(1) / load<f32>(norms + (row << 2)))
    for (let i = 0; i < rowBytes; i += 16) {
      const rest = f32x4.sub(v128.load(slope + i), f32x4.mul(along, v128.load(unit + i)))
      v128.store(slope + i, f32x4.mul(rest, scale))
    }
  }
}

// @ts-ignore: decorator
@inline
function dot(a: i32, b: i32, bytes: i32): f32 {
  let sum = f32x4.splat(0)
  for (let i = 0; i < bytes; i += 16) sum = f32x4.add(sum, f32x4.mul(v128.load(a + i), v128.load(b + i)))
  return sumF32x4(sum)
}

/** c = a · bᵀ: a is m × k, b is n × k, c is m × n; m and n multiples of 4. */
export function productNT(a: i32, b: i32, c: i32, m: i32, n: i32, k: i32): void {
  const bytes = k << 2
  for (let i = 0; i < m; i += 4) {
    const a0 = a + i * bytes
    const a1 = a0 + bytes
    const a2 = a1 + bytes
    const a3 = a2 + bytes
    for (let j = 0; j < n; j += 2) {
      const b0 = b + j * bytes
      const b1 = b0 + bytes
      let s00 = f32x4.splat(0), s01 = f32x4.splat(0), s10 = f32x4.splat(0), s11 = f32x4.splat(0)
      let s20 = f32x4.splat(0), s21 = f32x4.splat(0), s30 = f32x4.splat(0), s31 = f32x4.splat(0)
      for (let p = 0; p < bytes; p += 16) {
        const x0 = v128.load(b0 + p)
        const x1 = v128.load(b1 + p)
        let y = v128.load(a0 + p)
        s00 = f32x4.add(s00, f32x4.mul(y, x0))
        s01 = f32x4.add(s01, f32x4.mul(y, x1))
        y = v128.load(a1 + p)
        s10 = f32x4.add(s10, f32x4.mul(y, x0))
        s11 = f32x4.add(s11, f32x4.mul(y, x1))
        y = v128.load(a2 + p)
        s20 = f32x4.add(s20, f32x4.mul(y, x0))
        s21 = f32x4.add(s21, f32x4.mul(y, x1))
        y = v128.load(a3 + p)
        s30 = f32x4.add(s30, f32x4.mul(y, x0))
        s31 = f32x4.add(s31, f32x4.mul(y, x1))
      }
      const row = n << 2
      const to = c + i * row + (j << 2)
      store<f32>(to, sumF32x4(s00))
      store<f32>(to + 4, sumF32x4(s01))
      store<f32>(to + row, sumF32x4(s10))
      store<f32>(to + row + 4, sumF32x4(s11))
      store<f32>(to + 2 * row, sumF32x4(s20))
      store<f32>(to + 2 * row + 4, sumF32x4(s21))
      store<f32>(to + 3 * row, sumF32x4(s30))
      store<f32>(to + 3 * row + 4, sumF32x4(s31))
    }
  }
}

/** c (+)= a · b: a is m × k, b is k × n, c is m × n; m multiple of 4, n of 8. */
export function productNN(a: i32, b: i32, c: i32, m: i32, n: i32, k: i32, add: i32): void {
  product(a, b, c, m, n, k, k << 2, 4, add)
}

/** c (+)= aᵀ · b: a is k × m, b is k × n, c is m × n; m multiple of 4, n of 8. */
export function productTN(a: i32, b: i32, c: i32, m: i32, n: i32, k: i32, add: i32): void {
  product(a, b, c, m, n, k, 4, m << 2, add)
}

// @ts-ignore: decorator
@inline
function product(a: i32, b: i32, c: i32, m: i32, n: i32, k: i32, rowStep: i32, depthStep: i32, add: i32): void {
  const row = n << 2
  for (let j = 0; j < row; j += 32) {
    for (let i = 0; i < m; i += 4) {
      let pa = a + i * rowStep
      let pb = b + j
      let s00 = f32x4.splat(0), s01 = f32x4.splat(0), s10 = f32x4.splat(0), s11 = f32x4.splat(0)
      let s20 = f32x4.splat(0), s21 = f32x4.splat(0), s30 = f32x4.splat(0), s31 = f32x4.splat(0)
      for (let p = 0; p < k; p++) {
        const x0 = v128.load(pb)
        const x1 = v128.load(pb + 16)
        let y = v128.load32_splat(pa)
        s00 = f32x4.add(s00, f32x4.mul(y, x0))
        s01 = f32x4.add(s01, f32x4.mul(y, x1))
        y = v128.load32_splat(pa + rowStep)
        s10 = f32x4.add(s10, f32x4.mul(y, x0))
        s11 = f32x4.add(s11, f32x4.mul(y, x1))
        y = v128.load32_splat(pa + 2 * rowStep)
        s20 = f32x4.add(s20, f32x4.mul(y, x0))
        s21 = f32x4.add(s21, f32x4.mul(y, x1))
        y = v128.load32_splat(pa + 3 * rowStep)
        s30 = f32x4.add(s30, f32x4.mul(y, x0))
        s31 = f32x4.add(s31, f32x4.mul(y, x1))
        pa += depthStep
        pb += row
      }
      const to = c + i * row + j
      put(to, s00, add)
      put(to + 16, s01, add)
      put(to + row, s10, add)
      put(to + row + 16, s11, add)
      put(to + 2 * row, s20, add)
      put(to + 2 * row + 16, s21, add)
      put(to + 3 * row, s30, add)
      put(to + 3 * row + 16, s31, add)
    }
  }
}

// @ts-ignore: decorator
@inline
function put(to: i32, value: v128, add: i32): void {
  v128.store(to, add ? f32x4.add(v128.load(to), value) : value)
}

/**
 * Adam on the listed rows; their gradient is cleared. `rate` has the bias corrections in it.
 * Source: Kingma & Ba 2015, the lazy form for sparse rows.
 */
export function adamRows(
  table: i32, first: i32, second: i32, gradient: i32, rows: i32, count: i32, columns: i32,
  rate: f32, beta1: f32, beta2: f32, epsilon: f32, decay: f32,
): void {
  const rowBytes = columns << 2
  const b1 = f32x4.splat(beta1), c1 = f32x4.splat(f32(1) - beta1)
  const b2 = f32x4.splat(beta2), c2 = f32x4.splat(f32(1) - beta2)
  const step = f32x4.splat(rate), eps = f32x4.splat(epsilon), keep = f32x4.splat(f32(1) - decay)
  const zero = f32x4.splat(0)
  for (let index = 0; index < count; index++) {
    const offset = load<i32>(rows + (index << 2)) * rowBytes
    for (let i = offset; i < offset + rowBytes; i += 16) {
      const g = v128.load(gradient + i)
      v128.store(gradient + i, zero)
      const m = f32x4.add(f32x4.mul(b1, v128.load(first + i)), f32x4.mul(c1, g))
      const v = f32x4.add(f32x4.mul(b2, v128.load(second + i)), f32x4.mul(c2, f32x4.mul(g, g)))
      v128.store(first + i, m)
      v128.store(second + i, v)
      const change = f32x4.div(f32x4.mul(step, m), f32x4.add(f32x4.sqrt(v), eps))
      v128.store(table + i, f32x4.sub(f32x4.mul(keep, v128.load(table + i)), change))
    }
  }
}

/**
 * output[text] = Σ w · row over its tokens, w = max(1 − damping · cos(row, sum of the text's other rows), 1/20) / (1 + position / halfAt).
 * The weights are kept for the way back, where they count as constants.
 */
export function poolDamped(
  table: i32, ids: i32, starts: i32, count: i32, columns: i32, output: i32, weights: i32, mean: i32,
  damping: f32, halfAt: f32,
): void {
  const rowBytes = columns << 2
  for (let text = 0; text < count; text++) {
    const to = output + text * rowBytes
    memory.fill(to, 0, rowBytes)
    memory.fill(mean, 0, rowBytes)
    const start = load<i32>(starts + (text << 2))
    const end = load<i32>(starts + ((text + 1) << 2))
    for (let at = start; at < end; at++)
      addScaled(mean, table + load<i32>(ids + (at << 2)) * rowBytes, rowBytes, halfAt / (halfAt + f32(at - start)))
    const squares = dot(mean, mean, rowBytes)
    for (let at = start; at < end; at++) {
      const row = table + load<i32>(ids + (at << 2)) * rowBytes
      const share = halfAt / (halfAt + f32(at - start))
      const own = dot(row, row, rowBytes)
      const along = dot(row, mean, rowBytes)
      const others = f32(Math.sqrt(max<f32>(squares - share * (f32(2) * along - share * own), 0) * own)) + f32(1e-12)
      const weight = share * max<f32>(f32(1) - damping * (along - share * own) / others, 0.05)
      store<f32>(weights + (at << 2), weight)
      addScaled(to, row, rowBytes, weight)
    }
  }
}

/** gradient[id] += weight · slope[text] for every token of every text. */
export function scatterDamped(gradient: i32, ids: i32, starts: i32, count: i32, columns: i32, slope: i32, weights: i32): void {
  const rowBytes = columns << 2
  for (let text = 0; text < count; text++) {
    const from = slope + text * rowBytes
    const end = load<i32>(starts + ((text + 1) << 2))
    for (let at = load<i32>(starts + (text << 2)); at < end; at++)
      addScaled(gradient + load<i32>(ids + (at << 2)) * rowBytes, from, rowBytes, load<f32>(weights + (at << 2)))
  }
}

// @ts-ignore: decorator
@inline
function addScaled(to: i32, from: i32, bytes: i32, factor: f32): void {
  const scale = f32x4.splat(factor)
  for (let i = 0; i < bytes; i += 16)
    v128.store(to + i, f32x4.add(v128.load(to + i), f32x4.mul(scale, v128.load(from + i))))
}
