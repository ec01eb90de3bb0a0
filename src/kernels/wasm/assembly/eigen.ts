// Eigenvectors of a symmetric matrix in float64: the steps and the order of symmetric-eigen.ts, two lanes at a time.

/** Vectors of a strip. */
const STRIP: usize = 8

/** Sum of products, four running sums. */
// @ts-ignore: decorator
@inline
function dot(x: usize, y: usize, length: i32): f64 {
  const whole = length & ~3
  let low = f64x2.splat(0)
  let high = f64x2.splat(0)
  for (let j = 0; j < whole; j += 4) {
    const at = <usize>j * 8
    low = f64x2.add(low, f64x2.mul(v128.load(x + at), v128.load(y + at)))
    high = f64x2.add(high, f64x2.mul(v128.load(x + at, 16), v128.load(y + at, 16)))
  }
  return finish(low, high, x, y, whole, length)
}

// @ts-ignore: decorator
@inline
function finish(low: v128, high: v128, x: usize, y: usize, whole: i32, length: i32): f64 {
  let sum =
    (f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1)) +
    (f64x2.extract_lane(high, 0) + f64x2.extract_lane(high, 1))
  for (let j = whole; j < length; j++) sum += load<f64>(x + <usize>j * 8) * load<f64>(y + <usize>j * 8)
  return sum
}

/** x[j] −= factor · y[j] */
// @ts-ignore: decorator
@inline
function subtractScaled(x: usize, factor: f64, y: usize, length: i32): void {
  for (let j = 0; j < length; j++) {
    const at = <usize>j * 8
    store<f64>(x + at, load<f64>(x + at) - factor * load<f64>(y + at))
  }
}

/** x[j] −= u · p[j] + w · v[j], and the sum of the new x[j] · y[j]. */
// @ts-ignore: decorator
@inline
function subtractTwoAndDot(x: usize, u: f64, p: usize, w: f64, v: usize, y: usize, length: i32): f64 {
  const whole = length & ~3
  const wideU = f64x2.splat(u)
  const wideW = f64x2.splat(w)
  let low = f64x2.splat(0)
  let high = f64x2.splat(0)
  for (let j = 0; j < whole; j += 4) {
    const at = <usize>j * 8
    const first = f64x2.add(f64x2.mul(wideU, v128.load(p + at)), f64x2.mul(wideW, v128.load(v + at)))
    const second = f64x2.add(f64x2.mul(wideU, v128.load(p + at, 16)), f64x2.mul(wideW, v128.load(v + at, 16)))
    const a = f64x2.sub(v128.load(x + at), first)
    const b = f64x2.sub(v128.load(x + at, 16), second)
    v128.store(x + at, a)
    v128.store(x + at, b, 16)
    low = f64x2.add(low, f64x2.mul(a, v128.load(y + at)))
    high = f64x2.add(high, f64x2.mul(b, v128.load(y + at, 16)))
  }
  for (let j = whole; j < length; j++) {
    const at = <usize>j * 8
    store<f64>(x + at, load<f64>(x + at) - (u * load<f64>(p + at) + w * load<f64>(v + at)))
  }
  return finish(low, high, x, y, whole, length)
}

/**
 * All arrays are float64: a size², `steps` twice size, the others `size`. Each step's change of a row waits until the next
 * step reads that row: one pass over the matrix a step.
 */
export function tridiagonalize(
  a: usize, size: i32, diagonal: usize, offDiagonal: usize, betas: usize, steps: usize,
): void {
  const line = <usize>size * 8
  let p = steps
  let before = steps + line
  let pending = false
  for (let k = 0; k < size; k++) {
    const row = a + <usize>k * line
    const length = size - k - 1
    const v = row + <usize>(k + 1) * 8
    const last = row - line
    if (pending) {
      const u = load<f64>(last + <usize>k * 8)
      const w = load<f64>(before + <usize>k * 8)
      for (let j = k; j < size; j++) {
        const at = <usize>j * 8
        store<f64>(row + at, load<f64>(row + at) - (u * load<f64>(before + at) + w * load<f64>(last + at)))
      }
    }
    store<f64>(diagonal + <usize>k * 8, load<f64>(row + <usize>k * 8))
    if (length == 1) store<f64>(offDiagonal + <usize>k * 8, load<f64>(v))
    let beta: f64 = 0
    if (length > 1) {
      let scale: f64 = 0
      for (let j = 0; j < length; j++) scale = max<f64>(scale, abs<f64>(load<f64>(v + <usize>j * 8)))
      if (scale > 0) {
        for (let j = 0; j < length; j++) {
          const at = v + <usize>j * 8
          store<f64>(at, load<f64>(at) / scale)
        }
        const squares = dot(v, v, length)
        const first = load<f64>(v)
        const norm = first > 0 ? -sqrt(squares) : sqrt(squares)
        store<f64>(offDiagonal + <usize>k * 8, norm * scale)
        store<f64>(v, first - norm)
        beta = 1 / (squares - first * norm)
      }
    }
    store<f64>(betas + <usize>k * 8, beta)
    const step = p + <usize>(k + 1) * 8
    const old = before + <usize>(k + 1) * 8
    const oldV = last + <usize>(k + 1) * 8
    for (let i = k + 1; i < size; i++) {
      const x = a + <usize>i * line + <usize>(k + 1) * 8
      const at = <usize>i * 8
      const sum = pending
        ? subtractTwoAndDot(x, load<f64>(last + at), old, load<f64>(before + at), oldV, v, length)
        : dot(x, v, length)
      store<f64>(p + at, sum * beta)
    }
    pending = beta != 0
    if (pending) subtractScaled(step, (dot(step, v, length) * beta) / 2, v, length)
    const other = p
    p = before
    before = other
  }
}

/**
 * Vectors from unit vectors: the QL turns in reverse, then the reflectors. Strips [from, to) of eight vectors each,
 * coordinate by coordinate. `turns` holds a sine and a cosine each, `bounds` the first and the last row of each sweep.
 */
export function turnBack(
  a: usize, size: i32, betas: usize, turns: usize, bounds: usize, sweeps: i32, strips: usize, from: i32, to: i32,
): void {
  const line = <usize>size * 8
  for (let strip = from; strip < to; strip++) {
    const x = strips + <usize>strip * line * STRIP
    turnStrip(x, turns, bounds, sweeps)
    for (let k = size - 3; k >= 0; k--) {
      const beta = load<f64>(betas + <usize>k * 8)
      if (beta != 0) reflectStrip(x + <usize>(k + 1) * STRIP * 8, a + <usize>k * line + <usize>(k + 1) * 8, size - k - 1, beta)
    }
  }
}

function turnStrip(x: usize, turns: usize, bounds: usize, sweeps: i32): void {
  for (let sweep = sweeps - 1; sweep >= 0; sweep--) {
    const low = load<i32>(bounds + <usize>sweep * 8)
    const high = load<i32>(bounds + <usize>sweep * 8, 4)
    let row = x + <usize>low * STRIP * 8
    let a = v128.load(row)
    let b = v128.load(row, 16)
    let c = v128.load(row, 32)
    let d = v128.load(row, 48)
    for (let i = low; i < high; i++) {
      turns -= 16
      const sine = v128.load64_splat(turns)
      const cosine = v128.load64_splat(turns, 8)
      const e = v128.load(row, 64)
      const f = v128.load(row, 80)
      const g = v128.load(row, 96)
      const h = v128.load(row, 112)
      v128.store(row, f64x2.add(f64x2.mul(cosine, a), f64x2.mul(sine, e)))
      v128.store(row, f64x2.add(f64x2.mul(cosine, b), f64x2.mul(sine, f)), 16)
      v128.store(row, f64x2.add(f64x2.mul(cosine, c), f64x2.mul(sine, g)), 32)
      v128.store(row, f64x2.add(f64x2.mul(cosine, d), f64x2.mul(sine, h)), 48)
      a = f64x2.sub(f64x2.mul(cosine, e), f64x2.mul(sine, a))
      b = f64x2.sub(f64x2.mul(cosine, f), f64x2.mul(sine, b))
      c = f64x2.sub(f64x2.mul(cosine, g), f64x2.mul(sine, c))
      d = f64x2.sub(f64x2.mul(cosine, h), f64x2.mul(sine, d))
      row += STRIP * 8
    }
    v128.store(row, a)
    v128.store(row, b, 16)
    v128.store(row, c, 32)
    v128.store(row, d, 48)
  }
}

/** x −= β (v · x) v for each vector of the strip. */
function reflectStrip(x: usize, v: usize, length: i32, beta: f64): void {
  let a = f64x2.splat(0)
  let b = a
  let c = a
  let d = a
  let at = x
  for (let i = 0; i < length; i++) {
    const w = v128.load64_splat(v + <usize>i * 8)
    a = f64x2.add(a, f64x2.mul(w, v128.load(at)))
    b = f64x2.add(b, f64x2.mul(w, v128.load(at, 16)))
    c = f64x2.add(c, f64x2.mul(w, v128.load(at, 32)))
    d = f64x2.add(d, f64x2.mul(w, v128.load(at, 48)))
    at += STRIP * 8
  }
  const wide = f64x2.splat(beta)
  a = f64x2.mul(a, wide)
  b = f64x2.mul(b, wide)
  c = f64x2.mul(c, wide)
  d = f64x2.mul(d, wide)
  at = x
  for (let i = 0; i < length; i++) {
    const w = v128.load64_splat(v + <usize>i * 8)
    v128.store(at, f64x2.sub(v128.load(at), f64x2.mul(a, w)))
    v128.store(at, f64x2.sub(v128.load(at, 16), f64x2.mul(b, w)), 16)
    v128.store(at, f64x2.sub(v128.load(at, 32), f64x2.mul(c, w)), 32)
    v128.store(at, f64x2.sub(v128.load(at, 48), f64x2.mul(d, w)), 48)
    at += STRIP * 8
  }
}
