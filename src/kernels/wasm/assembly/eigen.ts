// Eigenvectors of a symmetric matrix in float64: the steps and the order of symmetric-eigen.ts, two lanes at a time.

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
  const whole = length & ~1
  const wide = f64x2.splat(factor)
  for (let j = 0; j < whole; j += 2) {
    const at = <usize>j * 8
    v128.store(x + at, f64x2.sub(v128.load(x + at), f64x2.mul(wide, v128.load(y + at))))
  }
  if (whole < length) {
    const at = <usize>whole * 8
    store<f64>(x + at, load<f64>(x + at) - factor * load<f64>(y + at))
  }
}

/** x[j] −= u · p[j] + w · v[j] */
// @ts-ignore: decorator
@inline
function subtractTwo(x: usize, u: f64, p: usize, w: f64, v: usize, length: i32): void {
  const whole = length & ~1
  const wideU = f64x2.splat(u)
  const wideW = f64x2.splat(w)
  for (let j = 0; j < whole; j += 2) {
    const at = <usize>j * 8
    const step = f64x2.add(f64x2.mul(wideU, v128.load(p + at)), f64x2.mul(wideW, v128.load(v + at)))
    v128.store(x + at, f64x2.sub(v128.load(x + at), step))
  }
  if (whole < length) {
    const at = <usize>whole * 8
    store<f64>(x + at, load<f64>(x + at) - (u * load<f64>(p + at) + w * load<f64>(v + at)))
  }
}

/** All arrays are float64: a and q size², the others `size`. */
export function tridiagonalize(
  a: usize, q: usize, size: i32, diagonal: usize, offDiagonal: usize, betas: usize, p: usize,
): void {
  const line = <usize>size * 8
  for (let k = 0; k + 2 < size; k++) {
    const length = size - k - 1
    const v = a + <usize>k * line + <usize>(k + 1) * 8
    let scale: f64 = 0
    for (let j = 0; j < length; j++) scale = max<f64>(scale, abs<f64>(load<f64>(v + <usize>j * 8)))
    if (scale == 0) continue
    for (let j = 0; j < length; j++) {
      const at = v + <usize>j * 8
      store<f64>(at, load<f64>(at) / scale)
    }
    const squares = dot(v, v, length)
    const first = load<f64>(v)
    const norm = first > 0 ? -sqrt(squares) : sqrt(squares)
    store<f64>(offDiagonal + <usize>k * 8, norm * scale)
    store<f64>(v, first - norm)
    const beta = 1 / (squares - first * norm)
    store<f64>(betas + <usize>k * 8, beta)
    const step = p + <usize>(k + 1) * 8
    for (let i = 0; i < length; i++) {
      const row = a + <usize>(k + 1 + i) * line + <usize>(k + 1) * 8
      store<f64>(step + <usize>i * 8, dot(row, v, length) * beta)
    }
    subtractScaled(step, (dot(step, v, length) * beta) / 2, v, length)
    for (let i = 0; i < length; i++) {
      const row = a + <usize>(k + 1 + i) * line + <usize>(k + 1) * 8
      subtractTwo(row, load<f64>(v + <usize>i * 8), step, load<f64>(step + <usize>i * 8), v, length)
    }
  }
  for (let i = 0; i < size; i++) store<f64>(diagonal + <usize>i * 8, load<f64>(a + <usize>i * line + <usize>i * 8))
  if (size > 1) store<f64>(offDiagonal + <usize>(size - 2) * 8, load<f64>(a + <usize>(size - 1) * line + <usize>(size - 2) * 8))

  for (let i = 0; i < size; i++) store<f64>(q + <usize>i * line + <usize>i * 8, 1)
  for (let k = size - 3; k >= 0; k--) {
    const beta = load<f64>(betas + <usize>k * 8)
    if (beta == 0) continue
    const length = size - k - 1
    const v = a + <usize>k * line + <usize>(k + 1) * 8
    for (let i = 0; i < length; i++) {
      const row = q + <usize>(k + 1 + i) * line + <usize>(k + 1) * 8
      subtractScaled(row, dot(row, v, length) * beta, v, length)
    }
  }
}

function hypotenuse(a: f64, b: f64): f64 {
  const x = abs<f64>(a)
  const y = abs<f64>(b)
  const large = max<f64>(x, y)
  if (large == 0) return 0
  const ratio = min<f64>(x, y) / large
  return large * sqrt(1 + ratio * ratio)
}

// @ts-ignore: decorator
@inline
function rotate(upper: usize, lower: usize, size: i32, s: f64, c: f64): void {
  const whole = size & ~1
  const wideS = f64x2.splat(s)
  const wideC = f64x2.splat(c)
  for (let j = 0; j < whole; j += 2) {
    const at = <usize>j * 8
    const f = v128.load(lower + at)
    const e = v128.load(upper + at)
    v128.store(lower + at, f64x2.add(f64x2.mul(wideS, e), f64x2.mul(wideC, f)))
    v128.store(upper + at, f64x2.sub(f64x2.mul(wideC, e), f64x2.mul(wideS, f)))
  }
  if (whole < size) {
    const at = <usize>whole * 8
    const f = load<f64>(lower + at)
    const e = load<f64>(upper + at)
    store<f64>(lower + at, s * e + c * f)
    store<f64>(upper + at, c * e - s * f)
  }
}

/** Returns 0, or 1 where an eigenvalue took more than 300 sweeps. */
export function diagonalize(diagonal: usize, offDiagonal: usize, basis: usize, size: i32): i32 {
  const line = <usize>size * 8
  let largest: f64 = 0
  for (let l: usize = 0; l < <usize>size; l++) {
    largest = max<f64>(largest, abs<f64>(load<f64>(diagonal + l * 8)) + abs<f64>(load<f64>(offDiagonal + l * 8)))
  }
  const negligible = f64.EPSILON * largest
  for (let l = 0; l < size; l++) {
    const dl = diagonal + <usize>l * 8
    const el = offDiagonal + <usize>l * 8
    for (let sweep = 0; ; sweep++) {
      let m = l
      for (; m < size - 1; m++) if (abs<f64>(load<f64>(offDiagonal + <usize>m * 8)) <= negligible) break
      if (m == l) break
      if (sweep == 300) return 1
      let g = (load<f64>(dl, 8) - load<f64>(dl)) / (2 * load<f64>(el))
      let r = hypotenuse(g, 1)
      g = load<f64>(diagonal + <usize>m * 8) - load<f64>(dl) + load<f64>(el) / (g + (g < 0 ? -r : r))
      let s: f64 = 1
      let c: f64 = 1
      let p: f64 = 0
      let i = m - 1
      for (; i >= l; i--) {
        const di = diagonal + <usize>i * 8
        const ei = offDiagonal + <usize>i * 8
        const f = s * load<f64>(ei)
        const b = c * load<f64>(ei)
        r = hypotenuse(f, g)
        store<f64>(ei, r, 8)
        if (r == 0) {
          store<f64>(di, load<f64>(di, 8) - p, 8)
          store<f64>(offDiagonal + <usize>m * 8, 0)
          break
        }
        s = f / r
        c = g / r
        g = load<f64>(di, 8) - p
        r = (load<f64>(di) - g) * s + 2 * c * b
        p = s * r
        store<f64>(di, g + p, 8)
        g = c * r - b
        rotate(basis + <usize>i * line, basis + <usize>(i + 1) * line, size, s, c)
      }
      if (r == 0 && i >= l) continue
      store<f64>(dl, load<f64>(dl) - p)
      store<f64>(el, g)
      store<f64>(offDiagonal + <usize>m * 8, 0)
    }
  }
  return 0
}
