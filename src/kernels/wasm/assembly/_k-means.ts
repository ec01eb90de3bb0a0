import { multiplyAdd, sumF32x4 } from './_simd'

// Assignment of rows to their nearest centroid by Elkan's bounds. Inner products are float32 with a proven error;
// whatever they leave open is decided by the float64 sum of the TypeScript specification, so labels are the same bits.

/** Squared length of each row in float64, four running sums: as `squaredLength` in TypeScript. */
export function squaredNorms(x: usize, from: i32, to: i32, columns: i32, norms: usize): void {
  const whole = columns & ~3
  for (let row = from; row < to; row++) {
    const base = x + <usize>row * <usize>columns * 4
    let a = f64x2.splat(0)
    let b = f64x2.splat(0)
    for (let j = 0; j < whole; j += 4) {
      const low = f64x2.promote_low_f32x4(v128.load64_zero(base + <usize>j * 4))
      const high = f64x2.promote_low_f32x4(v128.load64_zero(base + <usize>j * 4, 8))
      a = f64x2.add(a, f64x2.mul(low, low))
      b = f64x2.add(b, f64x2.mul(high, high))
    }
    let sum =
      (f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1)) + (f64x2.extract_lane(b, 0) + f64x2.extract_lane(b, 1))
    for (let j = whole; j < columns; j++) {
      const value = <f64>load<f32>(base + <usize>j * 4)
      sum += value * value
    }
    store<f64>(norms + <usize>row * 8, sum)
  }
}

/** The specification's distance: float64, first to last. */
function exactDistance(x: usize, c: usize, columns: i32): f64 {
  let sum: f64 = 0
  for (let j = 0; j < columns; j++) {
    const difference = <f64>load<f32>(x + <usize>j * 4) - <f64>load<f32>(c + <usize>j * 4)
    sum += difference * difference
  }
  return sum
}

/** Squared distance in float64, four running sums: as `laneDistance` in TypeScript. */
// @ts-ignore: decorator
@inline
function laneDistance(x: usize, y: usize, columns: i32): f64 {
  const whole = columns & ~3
  let low = f64x2.splat(0)
  let high = f64x2.splat(0)
  for (let j = 0; j < whole; j += 4) {
    const at = <usize>j * 4
    const d0 = f64x2.sub(
      f64x2.promote_low_f32x4(v128.load64_zero(x + at)), f64x2.promote_low_f32x4(v128.load64_zero(y + at)),
    )
    const d1 = f64x2.sub(
      f64x2.promote_low_f32x4(v128.load64_zero(x + at, 8)), f64x2.promote_low_f32x4(v128.load64_zero(y + at, 8)),
    )
    low = f64x2.add(low, f64x2.mul(d0, d0))
    high = f64x2.add(high, f64x2.mul(d1, d1))
  }
  let sum =
    (f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1)) +
    (f64x2.extract_lane(high, 0) + f64x2.extract_lane(high, 1))
  for (let j = whole; j < columns; j++) {
    const difference = <f64>load<f32>(x + <usize>j * 4) - <f64>load<f32>(y + <usize>j * 4)
    sum += difference * difference
  }
  return sum
}

/**
 * Squared distances of `rows` listed rows to each of `count` points, point by point in float32: eight running sums, as
 * `seedDistance` in TypeScript. Never fused, so that the same rows are drawn everywhere.
 */
export function seedDistances(
  x: usize, list: usize, rows: i32, columns: i32, points: usize, count: i32, distances: usize,
): void {
  const line = <usize>columns * 4
  const whole = <usize>(columns & ~7) * 4
  for (let i = 0; i < rows; i++) {
    const row = x + <usize>load<i32>(list + <usize>i * 4) * line
    for (let p = 0; p < count; p++) {
      const point = x + <usize>load<i32>(points + <usize>p * 4) * line
      let low = f32x4.splat(0)
      let high = f32x4.splat(0)
      for (let j: usize = 0; j < whole; j += 32) {
        const a = f32x4.sub(v128.load(row + j), v128.load(point + j))
        const b = f32x4.sub(v128.load(row + j, 16), v128.load(point + j, 16))
        low = f32x4.add(low, f32x4.mul(a, a))
        high = f32x4.add(high, f32x4.mul(b, b))
      }
      let sum = sumF32x4(f32x4.add(low, high))
      for (let j = whole; j < line; j += 4) {
        const difference = load<f32>(row + j) - load<f32>(point + j)
        sum += difference * difference
      }
      store<f32>(distances + (<usize>p * <usize>rows + <usize>i) * 4, sum)
    }
  }
}

/** sums ± the row, each value first rounded to the grid of `magic`, so that sums are exact in any order. */
// @ts-ignore: decorator
@inline
function addRow(x: usize, columns: i32, sums: usize, magic: f64, isAdded: bool): void {
  const shift = f64x2.splat(magic)
  const whole = columns & ~1
  for (let j = 0; j < whole; j += 2) {
    const value = f64x2.promote_low_f32x4(v128.load64_zero(x + <usize>j * 4))
    const rounded = f64x2.sub(f64x2.add(value, shift), shift)
    const at = sums + <usize>j * 8
    v128.store(at, isAdded ? f64x2.add(v128.load(at), rounded) : f64x2.sub(v128.load(at), rounded))
  }
  if (whole < columns) {
    const rounded = (<f64>load<f32>(x + <usize>whole * 4) + magic) - magic
    const at = sums + <usize>whole * 8
    store<f64>(at, isAdded ? load<f64>(at) + rounded : load<f64>(at) - rounded)
  }
}

/** total += part, and part = 0, for `length` doubles. */
export function merge(total: usize, part: usize, length: i32): void {
  const zero = f64x2.splat(0)
  const whole = length & ~1
  for (let i = 0; i < whole; i += 2) {
    const at = <usize>i * 8
    v128.store(total + at, f64x2.add(v128.load(total + at), v128.load(part + at)))
    v128.store(part + at, zero)
  }
  if (whole < length) {
    const at = <usize>whole * 8
    store<f64>(total + at, load<f64>(total + at) + load<f64>(part + at))
    store<f64>(part + at, 0)
  }
}

/** One inner product. */
// @ts-ignore: decorator
@inline
function dotOne(x: usize, c: usize, columns: i32): f32 {
  let s0 = f32x4.splat(0)
  let s1 = s0
  let s2 = s0
  let s3 = s0
  const end = x + <usize>columns * 4
  const whole = x + <usize>(columns & ~15) * 4
  while (x < whole) {
    s0 = multiplyAdd(v128.load(x), v128.load(c), s0)
    s1 = multiplyAdd(v128.load(x, 16), v128.load(c, 16), s1)
    s2 = multiplyAdd(v128.load(x, 32), v128.load(c, 32), s2)
    s3 = multiplyAdd(v128.load(x, 48), v128.load(c, 48), s3)
    x += 64
    c += 64
  }
  let sum = sumF32x4(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)))
  while (x < end) {
    sum += load<f32>(x) * load<f32>(c)
    x += 4
    c += 4
  }
  return sum
}

/** Four inner products of the row at x with the centroids at c0 … c3. */
// @ts-ignore: decorator
@inline
function dotFour(x: usize, c0: usize, c1: usize, c2: usize, c3: usize, columns: i32, out: usize): void {
  // Eight sums: four chains of additions would wait for each other.
  let s0 = f32x4.splat(0)
  let s1 = s0
  let s2 = s0
  let s3 = s0
  let t0 = s0
  let t1 = s0
  let t2 = s0
  let t3 = s0
  const end = x + <usize>columns * 4
  const whole = x + <usize>(columns & ~7) * 4
  while (x < whole) {
    const v = v128.load(x)
    s0 = multiplyAdd(v, v128.load(c0), s0)
    s1 = multiplyAdd(v, v128.load(c1), s1)
    s2 = multiplyAdd(v, v128.load(c2), s2)
    s3 = multiplyAdd(v, v128.load(c3), s3)
    const w = v128.load(x, 16)
    t0 = multiplyAdd(w, v128.load(c0, 16), t0)
    t1 = multiplyAdd(w, v128.load(c1, 16), t1)
    t2 = multiplyAdd(w, v128.load(c2, 16), t2)
    t3 = multiplyAdd(w, v128.load(c3, 16), t3)
    x += 32
    c0 += 32
    c1 += 32
    c2 += 32
    c3 += 32
  }
  let d0 = sumF32x4(f32x4.add(s0, t0))
  let d1 = sumF32x4(f32x4.add(s1, t1))
  let d2 = sumF32x4(f32x4.add(s2, t2))
  let d3 = sumF32x4(f32x4.add(s3, t3))
  while (x < end) {
    const v = load<f32>(x)
    d0 += v * load<f32>(c0)
    d1 += v * load<f32>(c1)
    d2 += v * load<f32>(c2)
    d3 += v * load<f32>(c3)
    x += 4
    c0 += 4
    c1 += 4
    c2 += 4
    c3 += 4
  }
  store<f32>(out, d0)
  store<f32>(out, d1, 4)
  store<f32>(out, d2, 8)
  store<f32>(out, d3, 12)
}

/** Inner products of two rows with four centroids: each load serves twice. */
// @ts-ignore: decorator
@inline
function dotTwoByFour(
  x: usize, y: usize, c0: usize, c1: usize, c2: usize, c3: usize, columns: i32, outX: usize, outY: usize,
): void {
  let s0 = f32x4.splat(0)
  let s1 = s0
  let s2 = s0
  let s3 = s0
  let t0 = s0
  let t1 = s0
  let t2 = s0
  let t3 = s0
  const end = x + <usize>columns * 4
  const whole = x + <usize>(columns & ~7) * 4
  while (x < whole) {
    let v = v128.load(x)
    let w = v128.load(y)
    let c = v128.load(c0)
    s0 = multiplyAdd(v, c, s0)
    t0 = multiplyAdd(w, c, t0)
    c = v128.load(c1)
    s1 = multiplyAdd(v, c, s1)
    t1 = multiplyAdd(w, c, t1)
    c = v128.load(c2)
    s2 = multiplyAdd(v, c, s2)
    t2 = multiplyAdd(w, c, t2)
    c = v128.load(c3)
    s3 = multiplyAdd(v, c, s3)
    t3 = multiplyAdd(w, c, t3)
    v = v128.load(x, 16)
    w = v128.load(y, 16)
    c = v128.load(c0, 16)
    s0 = multiplyAdd(v, c, s0)
    t0 = multiplyAdd(w, c, t0)
    c = v128.load(c1, 16)
    s1 = multiplyAdd(v, c, s1)
    t1 = multiplyAdd(w, c, t1)
    c = v128.load(c2, 16)
    s2 = multiplyAdd(v, c, s2)
    t2 = multiplyAdd(w, c, t2)
    c = v128.load(c3, 16)
    s3 = multiplyAdd(v, c, s3)
    t3 = multiplyAdd(w, c, t3)
    x += 32
    y += 32
    c0 += 32
    c1 += 32
    c2 += 32
    c3 += 32
  }
  let d0 = sumF32x4(s0)
  let d1 = sumF32x4(s1)
  let d2 = sumF32x4(s2)
  let d3 = sumF32x4(s3)
  let e0 = sumF32x4(t0)
  let e1 = sumF32x4(t1)
  let e2 = sumF32x4(t2)
  let e3 = sumF32x4(t3)
  while (x < end) {
    const v = load<f32>(x)
    const w = load<f32>(y)
    d0 += v * load<f32>(c0)
    d1 += v * load<f32>(c1)
    d2 += v * load<f32>(c2)
    d3 += v * load<f32>(c3)
    e0 += w * load<f32>(c0)
    e1 += w * load<f32>(c1)
    e2 += w * load<f32>(c2)
    e3 += w * load<f32>(c3)
    x += 4
    y += 4
    c0 += 4
    c1 += 4
    c2 += 4
    c3 += 4
  }
  store<f32>(outX, d0)
  store<f32>(outX, d1, 4)
  store<f32>(outX, d2, 8)
  store<f32>(outX, d3, 12)
  store<f32>(outY, e0)
  store<f32>(outY, e1, 4)
  store<f32>(outY, e2, 8)
  store<f32>(outY, e3, 12)
}

const roundUp: f64 = 1 + 1 / 4194304
const roundDown: f64 = 1 - 1 / 4194304

// @ts-ignore: decorator
@inline
function upperBound(squared: f64, slack: f64): f32 {
  return <f32>(sqrt(max<f64>(0, squared) + slack) * roundUp)
}

/**
 * Assign rows `from … to` (of `list` where it is not 0) and add what moved to `work`.
 *
 * `lower` (rows × padded k float32, or 0 for none) and `upper` hold bounds on distances; `drift` says how far each
 * centroid moved, rounded up. A label of −1 is a row not yet seen. `error` × ‖row‖ bounds the error of an inner product;
 * `largest` is the largest of `squares` (float32, the centroids' squared lengths, padded).
 * `work`: k × columns double sums (16-aligned), k double counts, then int32 candidates and float32 products, twice:
 * k + 4 of each, k rounded up to 4. Returns how many labels changed.
 */
export function assign(
  x: usize, list: usize, from: i32, to: i32, columns: i32, k: i32,
  centroids: usize, squares: usize, norms: usize,
  labels: usize, upper: usize, lower: usize, drift: usize,
  work: usize, magic: f64, error: f64, largest: f64,
): i32 {
  const line = <usize>columns * 4
  const padded = (k + 3) & ~3
  const room = <usize>(padded + 4) * 4
  const candidates = work + ((<usize>k * <usize>columns * 8 + 15) & ~15) + <usize>padded * 8
  const products = candidates + room
  const otherProducts = products + room
  let changed = 0
  // A row all of whose distances are wanted waits here for the next one: two at a time take fewer loads.
  let waiting = -1
  for (let i = from; i < to; i++) {
    const row = list != 0 ? load<i32>(list + <usize>i * 4) : i
    const label = load<i32>(labels + <usize>row * 4)
    if (label < 0 || lower == 0) {
      if (waiting < 0) {
        waiting = row
        continue
      }
      for (let j = 0; j < padded; j += 4) {
        const at = centroids + <usize>j * line
        dotTwoByFour(
          x + <usize>waiting * line, x + <usize>row * line,
          at, centroids + <usize>min(j + 1, k - 1) * line,
          centroids + <usize>min(j + 2, k - 1) * line, centroids + <usize>min(j + 3, k - 1) * line,
          columns, products + <usize>j * 4, otherProducts + <usize>j * 4,
        )
      }
      for (let j = 0; j < k; j++) store<i32>(candidates + <usize>j * 4, j)
      changed += settle(x, waiting, columns, k, k, true, centroids, squares, norms, labels, upper, lower, work, products, magic, error, largest)
      changed += settle(x, row, columns, k, k, true, centroids, squares, norms, labels, upper, lower, work, otherProducts, magic, error, largest)
      waiting = -1
      continue
    }

    const base = x + <usize>row * line
    const bounds = lower + <usize>row * <usize>padded * 4
    const limit = (load<f32>(upper + <usize>row * 4) + load<f32>(drift + <usize>label * 4)) * <f32>roundUp
    const wide = f32x4.splat(limit)
    let any = i32x4.splat(0)
    for (let j = 0; j < padded; j += 4) {
      const at = <usize>j * 4
      const bound = f32x4.sub(v128.load(bounds + at), v128.load(drift + at))
      v128.store(bounds + at, bound)
      any = v128.or(any, f32x4.le(bound, wide))
    }
    // The own centroid's bound is kept infinite, so it never asks for work.
    if (!v128.any_true(any)) {
      store<f32>(upper + <usize>row * 4, limit)
      continue
    }
    const ownProduct = dotOne(base, centroids + <usize>label * line, columns)
    const norm = load<f64>(norms + <usize>row * 8)
    const squared = norm + <f64>load<f32>(squares + <usize>label * 4) - 2 * <f64>ownProduct
    const tight = upperBound(squared, slackOf(norm, largest, columns, error))
    store<f32>(upper + <usize>row * 4, tight)
    const narrow = f32x4.splat(tight)
    let count = 0
    for (let j = 0; j < padded; j += 4) {
      let mask = i32x4.bitmask(f32x4.le(v128.load(bounds + <usize>j * 4), narrow))
      while (mask != 0) {
        store<i32>(candidates + <usize>count * 4, j + ctz(mask))
        count++
        mask &= mask - 1
      }
    }
    if (count == 0) continue
    let c = 0
    for (; c + 3 <= count; c += 4) {
      const at = candidates + <usize>c * 4
      const fourth = load<i32>(c + 3 < count ? at + 12 : at + 8)
      dotFour(
        base,
        centroids + <usize>load<i32>(at) * line,
        centroids + <usize>load<i32>(at, 4) * line,
        centroids + <usize>load<i32>(at, 8) * line,
        centroids + <usize>fourth * line,
        columns, products + <usize>c * 4,
      )
    }
    for (; c < count; c++) {
      const centroid = centroids + <usize>load<i32>(candidates + <usize>c * 4) * line
      store<f32>(products + <usize>c * 4, dotOne(base, centroid, columns))
    }
    // Room to the next group of four is filled with the own centroid, too.
    for (let c = count; c < ((count + 4) & ~3); c++) {
      store<i32>(candidates + <usize>c * 4, label)
      store<f32>(products + <usize>c * 4, ownProduct)
    }
    changed += settle(
      x, row, columns, k, count + 1, false,
      centroids, squares, norms, labels, upper, lower, work, products, magic, error, largest,
    )
  }
  if (waiting >= 0) {
    const base = x + <usize>waiting * line
    for (let j = 0; j < padded; j += 4) {
      dotFour(
        base,
        centroids + <usize>j * line, centroids + <usize>min(j + 1, k - 1) * line,
        centroids + <usize>min(j + 2, k - 1) * line, centroids + <usize>min(j + 3, k - 1) * line,
        columns, products + <usize>j * 4,
      )
    }
    for (let j = 0; j < k; j++) store<i32>(candidates + <usize>j * 4, j)
    changed += settle(x, waiting, columns, k, k, true, centroids, squares, norms, labels, upper, lower, work, products, magic, error, largest)
  }
  return changed
}

/**
 * How far a float32 squared distance may be off: by its product, by the rounding of its other parts, and by what lies
 * below the smallest float32.
 */
// @ts-ignore: decorator
@inline
function slackOf(norm: f64, largest: f64, columns: i32, error: f64): f64 {
  return 2 * error * sqrt(norm) + (norm + largest) * (1.0 / 2097152.0) + <f64>columns * 4e-45
}

/** Choose among the first `count` candidates of `work` by their products; update label, bounds and sums. */
function settle(
  x: usize, row: i32, columns: i32, k: i32, count: i32, isEvery: bool,
  centroids: usize, squares: usize, norms: usize, labels: usize, upper: usize, lower: usize,
  work: usize, products: usize, magic: f64, error: f64, largest: f64,
): i32 {
  const line = <usize>columns * 4
  const padded = (k + 3) & ~3
  const counts = work + ((<usize>k * <usize>columns * 8 + 15) & ~15)
  const candidates = counts + <usize>padded * 8
  const base = x + <usize>row * line
  const label = load<i32>(labels + <usize>row * 4)
  const norm = load<f64>(norms + <usize>row * 8)
  const slack = slackOf(norm, largest, columns, error)
  const bounds = lower + <usize>row * <usize>padded * 4
  const groups = (count + 3) & ~3

  // Squared distances take the products' place; bounds from below follow from them.
  const wideNorm = f32x4.splat(<f32>norm)
  const wideSlack = f32x4.splat(<f32>(slack * roundUp))
  const zero = f32x4.splat(0)
  const down = f32x4.splat(<f32>roundDown)
  let least = f32x4.splat(Infinity)
  for (let c = 0; c < groups; c += 4) {
    const at = products + <usize>c * 4
    const chosen = candidates + <usize>c * 4
    let square: v128
    if (isEvery) square = v128.load(squares + <usize>c * 4)
    else {
      square = f32x4.splat(load<f32>(squares + <usize>load<i32>(chosen) * 4))
      square = f32x4.replace_lane(square, 1, load<f32>(squares + <usize>load<i32>(chosen, 4) * 4))
      square = f32x4.replace_lane(square, 2, load<f32>(squares + <usize>load<i32>(chosen, 8) * 4))
      square = f32x4.replace_lane(square, 3, load<f32>(squares + <usize>load<i32>(chosen, 12) * 4))
    }
    const product = v128.load(at)
    const squared = f32x4.sub(f32x4.add(wideNorm, square), f32x4.add(product, product))
    v128.store(at, squared)
    least = f32x4.min(least, squared)
    if (lower == 0) continue
    const bound = f32x4.mul(f32x4.sqrt(f32x4.max(f32x4.sub(squared, wideSlack), zero)), down)
    if (isEvery) v128.store(bounds + <usize>c * 4, bound)
    else {
      store<f32>(bounds + <usize>load<i32>(chosen) * 4, f32x4.extract_lane(bound, 0))
      store<f32>(bounds + <usize>load<i32>(chosen, 4) * 4, f32x4.extract_lane(bound, 1))
      store<f32>(bounds + <usize>load<i32>(chosen, 8) * 4, f32x4.extract_lane(bound, 2))
      store<f32>(bounds + <usize>load<i32>(chosen, 12) * 4, f32x4.extract_lane(bound, 3))
    }
  }
  if (lower != 0 && isEvery) for (let j = k; j < padded; j++) store<f32>(bounds + <usize>j * 4, Infinity)
  const best = min<f32>(
    min<f32>(f32x4.extract_lane(least, 0), f32x4.extract_lane(least, 1)),
    min<f32>(f32x4.extract_lane(least, 2), f32x4.extract_lane(least, 3)),
  )

  // Whoever may be as near as the best is compared by the specification's sum, lowest index first.
  const limit = f32x4.splat(<f32>((<f64>best + 2 * slack) * roundUp + 1e-44))
  let nearest = -1
  let exactBest: f64 = -1
  for (let c = 0; c < groups; c += 4) {
    let mask = i32x4.bitmask(f32x4.le(v128.load(products + <usize>c * 4), limit))
    while (mask != 0) {
      const place = c + ctz(mask)
      mask &= mask - 1
      if (place >= count) break
      const j = load<i32>(candidates + <usize>place * 4)
      if (nearest < 0) {
        nearest = j
        continue
      }
      if (exactBest < 0) exactBest = exactDistance(base, centroids + <usize>nearest * line, columns)
      const exact = exactDistance(base, centroids + <usize>j * line, columns)
      if (exact < exactBest || (exact == exactBest && j < nearest)) {
        exactBest = exact
        nearest = j
      }
    }
  }
  if (lower != 0) {
    // Every rival lies within the limit, so it bounds whichever was chosen.
    store<f32>(upper + <usize>row * 4, upperBound(<f64>best + (exactBest < 0 ? 0 : 2 * slack), slack))
    store<f32>(bounds + <usize>nearest * 4, Infinity)
  }
  if (nearest == label) return 0
  store<i32>(labels + <usize>row * 4, nearest)
  addRow(base, columns, work + <usize>nearest * <usize>columns * 8, magic, true)
  const up = counts + <usize>nearest * 8
  store<f64>(up, load<f64>(up) + 1)
  if (label >= 0) {
    addRow(base, columns, work + <usize>label * <usize>columns * 8, magic, false)
    const fewer = counts + <usize>label * 8
    store<f64>(fewer, load<f64>(fewer) - 1)
  }
  return 1
}

/** Squared distance of each row from … to to the centroid of its label. */
export function ownDistances(
  x: usize, from: i32, to: i32, columns: i32, centroids: usize, labels: usize, distances: usize,
): void {
  const line = <usize>columns * 4
  for (let row = from; row < to; row++) {
    const own = centroids + <usize>load<i32>(labels + <usize>row * 4) * line
    store<f64>(distances + <usize>row * 8, laneDistance(x + <usize>row * line, own, columns))
  }
}
