import { power } from './_power'
import { sumF32x4 } from './_simd'

// Fields of the parameter block, 4 bytes each; umap-layout.ts writes them in this order.
const STARTS: usize = 0
const NEIGHBOURS: usize = 4
const RATES: usize = 8
const OTHERS_COUNT: usize = 12
const COMPONENTS: usize = 16
const NEGATIVES: usize = 20
const A: usize = 24
const B: usize = 28
const REPULSION: usize = 32
const PULL: usize = 36
const SEED: usize = 40
const LIST_BYTES: usize = 44

// @ts-ignore: decorator
@inline
function mix(word: u32): u32 {
  let h = word
  h = (h ^ (h >>> 16)) * 0x85ebca6b
  h = (h ^ (h >>> 13)) * 0xc2b2ae35
  return h ^ (h >>> 16)
}

// @ts-ignore: decorator
@inline
function mixLanes(words: v128): v128 {
  let h = i32x4.mul(v128.xor(words, i32x4.shr_u(words, 16)), i32x4.splat(0x85ebca6b))
  h = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 13)), i32x4.splat(0xc2b2ae35))
  return v128.xor(h, i32x4.shr_u(h, 16))
}

/** Places of four random points. */
// @ts-ignore: decorator
@inline
function draw(stream: u32, first: usize, count: v128): v128 {
  const counter = i32x4.mul(i32x4.add(i32x4(0, 1, 2, 3), i32x4.splat(<i32>first)), i32x4.splat(0x9e3779b9))
  const random = mixLanes(i32x4.add(counter, i32x4.splat(stream)))
  const low = i64x2.extmul_low_i32x4_u(random, count)
  const high = i64x2.extmul_high_i32x4_u(random, count)
  return v128.shuffle<i32>(low, high, 1, 3, 5, 7)
}

// @ts-ignore: decorator
@inline
function below(first: usize, count: usize): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(<i32>count - <i32>first))
}

// @ts-ignore: decorator
@inline
function clip(step: v128): v128 {
  return f32x4.pmin(f32x4.pmax(step, f32x4.splat(-4)), f32x4.splat(4))
}

/** −2ab·s^(b−1) / (1 + a·s^b) at a squared distance s: slope of the pull. */
// @ts-ignore: decorator
@inline
function attraction(distance: v128, a: v128, b: v128, minusTwoAB: v128): v128 {
  const squared = f32x4.pmax(distance, f32x4.splat(1e-12))
  const p = power(squared, b)
  return f32x4.div(f32x4.mul(minusTwoAB, p), f32x4.mul(squared, f32x4.add(f32x4.splat(1), f32x4.mul(a, p))))
}

/** 2b·γ / ((0.001 + s)(1 + a·s^b)): slope of the push. */
// @ts-ignore: decorator
@inline
function repulsion(squared: v128, a: v128, b: v128, push: v128): v128 {
  const p = power(squared, b)
  return f32x4.div(
    push,
    f32x4.mul(f32x4.add(f32x4.splat(0.001), squared), f32x4.add(f32x4.splat(1), f32x4.mul(a, p))),
  )
}

/** Component at `c` of the points at `places`, row numbers. */
// @ts-ignore: decorator
@inline
function gather(others: usize, places: v128, rowBytes: usize, c: usize): v128 {
  const at = others + c
  let values = v128.load32_zero(at + <usize>i32x4.extract_lane(places, 0) * rowBytes)
  values = v128.load_lane<f32>(at + <usize>i32x4.extract_lane(places, 1) * rowBytes, values, 1)
  values = v128.load_lane<f32>(at + <usize>i32x4.extract_lane(places, 2) * rowBytes, values, 2)
  return v128.load_lane<f32>(at + <usize>i32x4.extract_lane(places, 3) * rowBytes, values, 3)
}

/** Neighbours of a row whose edge fires in this epoch, listed at `fired`; four zeros follow, so that a step may read on. */
// @ts-ignore: decorator
@inline
function fire(neighbours: usize, rates: usize, begin: u32, end: u32, epoch: u32, fired: usize): usize {
  const now = f32x4.splat(<f32>(epoch + 1))
  const before = f32x4.splat(<f32>epoch)
  let active: usize = 0
  for (let e = begin; e < end; e += 4) {
    const often = v128.load(rates + <usize>e * 4)
    const fires = f32x4.ne(f32x4.floor(f32x4.mul(often, now)), f32x4.floor(f32x4.mul(often, before)))
    for (let mask = i32x4.bitmask(fires); mask != 0; mask &= mask - 1) {
      store<u32>(fired + active * 4, load<u32>(neighbours + <usize>(e + ctz(mask)) * 4))
      active++
    }
  }
  v128.store(fired + active * 4, i32x4.splat(0))
  return active
}

/**
 * One epoch for rows [from, to): each reads `own` and `others` as they were when the epoch began and writes only its
 * own row of `next`, so that rows may be shared out among threads in any way. A row is pulled by four of its
 * neighbours at a time, then pushed by four random points at a time.
 * `scratch` holds two vectors a component and twice the longest list of neighbours.
 */
export function epoch(
  block: usize, own: usize, others: usize, next: usize, scratch: usize, from: u32, to: u32, epoch: u32, rate: f32,
): void {
  const starts: usize = load<u32>(block + STARTS)
  const neighbours: usize = load<u32>(block + NEIGHBOURS)
  const rates: usize = load<u32>(block + RATES)
  const count = i32x4.splat(load<u32>(block + OTHERS_COUNT))
  const rowBytes: usize = (<usize>load<u32>(block + COMPONENTS)) * 4
  const negatives: usize = load<u32>(block + NEGATIVES)
  const listBytes: usize = load<u32>(block + LIST_BYTES)
  const a = v128.load32_splat(block + A)
  const b = v128.load32_splat(block + B)
  const minusTwoAB = f32x4.mul(f32x4.mul(f32x4.splat(-2), a), b)
  const pullRate = load<f32>(block + PULL) * rate
  const push = f32x4.mul(v128.load32_splat(block + REPULSION), f32x4.mul(f32x4.splat(2), b))
  const seed = mix(load<u32>(block + SEED) + epoch * 0x9e3779b9)
  const fired = scratch + rowBytes * 8
  if (rowBytes != 8) {
    for (let v = from; v < to; v++) {
      const edges = starts + <usize>v * 4
      const active = fire(neighbours, rates, load<u32>(edges), load<u32>(edges, 4), epoch, fired)
      const at = <usize>v * rowBytes
      moveInAny(
        scratch, fired, active, negatives, own + at, others, next + at, rowBytes, count, mix(seed ^ v),
        a, b, minusTwoAB, push, rate, pullRate,
      )
    }
    return
  }
  // Two rows side by side: each is a chain of dependent steps, and two chains keep the arithmetic units busy.
  const fired2 = fired + listBytes
  for (let v = from; v < to; v += 2) {
    const edges = starts + <usize>v * 4
    const active = fire(neighbours, rates, load<u32>(edges), load<u32>(edges, 4), epoch, fired)
    const paired = v + 1 < to
    const active2 = paired ? fire(neighbours, rates, load<u32>(edges, 4), load<u32>(edges, 8), epoch, fired2) : 0
    const at = <usize>v * 8
    const at2 = paired ? at + 8 : at
    let p = spread(own + at)
    let p2 = spread(own + at2)
    const both = min(active, active2)
    let n: usize = 0
    for (; n < both; n += 4) {
      p = pull(p, others, v128.load(fired + n * 4), below(n, active), a, b, minusTwoAB, pullRate)
      p2 = pull(p2, others, v128.load(fired2 + n * 4), below(n, active2), a, b, minusTwoAB, pullRate)
    }
    for (let m = n; m < active; m += 4)
      p = pull(p, others, v128.load(fired + m * 4), below(m, active), a, b, minusTwoAB, pullRate)
    for (let m = n; m < active2; m += 4)
      p2 = pull(p2, others, v128.load(fired2 + m * 4), below(m, active2), a, b, minusTwoAB, pullRate)
    const stream = mix(seed ^ v)
    const stream2 = mix(seed ^ (v + 1))
    const draws = active * negatives
    const draws2 = active2 * negatives
    const drawBoth = min(draws, draws2)
    for (n = 0; n < drawBoth; n += 4) {
      p = shove(p, others, draw(stream, n, count), below(n, draws), a, b, push, rate)
      p2 = shove(p2, others, draw(stream2, n, count), below(n, draws2), a, b, push, rate)
    }
    for (let m = n; m < draws; m += 4) p = shove(p, others, draw(stream, m, count), below(m, draws), a, b, push, rate)
    for (let m = n; m < draws2; m += 4)
      p2 = shove(p2, others, draw(stream2, m, count), below(m, draws2), a, b, push, rate)
    v128.store64_lane(next + at, v128.shuffle<f32>(p, p, 0, 2, 0, 2), 0)
    if (paired) v128.store64_lane(next + at2, v128.shuffle<f32>(p2, p2, 0, 2, 0, 2), 0)
  }
}

// A row in the plane is held as (x, x, y, y).

// @ts-ignore: decorator
@inline
function spread(at: usize): v128 {
  const xy = v128.load64_zero(at)
  return v128.shuffle<f32>(xy, xy, 0, 0, 1, 1)
}

// @ts-ignore: decorator
@inline
function pull(
  p: v128, others: usize, places: v128, live: v128, a: v128, b: v128, minusTwoAB: v128, rate: f32,
): v128 {
  const ab = pairOf(others, places, 0)
  const cd = pairOf(others, places, 1)
  const dx = f32x4.sub(v128.shuffle<f32>(p, p, 0, 0, 0, 0), v128.shuffle<f32>(ab, cd, 0, 2, 4, 6))
  const dy = f32x4.sub(v128.shuffle<f32>(p, p, 2, 2, 2, 2), v128.shuffle<f32>(ab, cd, 1, 3, 5, 7))
  const squared = f32x4.add(f32x4.mul(dx, dx), f32x4.mul(dy, dy))
  return moved(p, v128.and(attraction(squared, a, b, minusTwoAB), live), dx, dy, rate)
}

// @ts-ignore: decorator
@inline
function shove(p: v128, others: usize, places: v128, live: v128, a: v128, b: v128, push: v128, rate: f32): v128 {
  const ab = pairOf(others, places, 0)
  const cd = pairOf(others, places, 1)
  const dx = f32x4.sub(v128.shuffle<f32>(p, p, 0, 0, 0, 0), v128.shuffle<f32>(ab, cd, 0, 2, 4, 6))
  const dy = f32x4.sub(v128.shuffle<f32>(p, p, 2, 2, 2, 2), v128.shuffle<f32>(ab, cd, 1, 3, 5, 7))
  const squared = f32x4.add(f32x4.mul(dx, dx), f32x4.mul(dy, dy))
  return moved(p, v128.and(repulsion(squared, a, b, push), live), dx, dy, rate)
}

/** Two points of four, as (x, y, x, y). */
// @ts-ignore: decorator
@inline
function pairOf(others: usize, places: v128, half: i32): v128 {
  if (half == 0) {
    const first = v128.load64_zero(others + <usize>i32x4.extract_lane(places, 0) * 8)
    return v128.load64_lane(others + <usize>i32x4.extract_lane(places, 1) * 8, first, 1)
  }
  const first = v128.load64_zero(others + <usize>i32x4.extract_lane(places, 2) * 8)
  return v128.load64_lane(others + <usize>i32x4.extract_lane(places, 3) * 8, first, 1)
}

/** p + rate · Σ of the four clipped steps, each sum in pairs as in sumF32x4. */
// @ts-ignore: decorator
@inline
function moved(p: v128, slope: v128, dx: v128, dy: v128, rate: f32): v128 {
  const x = clip(f32x4.mul(slope, dx))
  const y = clip(f32x4.mul(slope, dy))
  const halves = f32x4.add(v128.shuffle<f32>(x, y, 0, 2, 4, 6), v128.shuffle<f32>(x, y, 1, 3, 5, 7))
  const sums = f32x4.add(halves, v128.shuffle<f32>(halves, halves, 1, 0, 3, 2))
  return f32x4.add(p, f32x4.mul(f32x4.splat(rate), sums))
}

/** The same for any number of components. Scratch: row and differences, a vector a component each. */
function moveInAny(
  scratch: usize, fired: usize, active: usize, negatives: usize, own: usize, others: usize, next: usize,
  rowBytes: usize, count: v128, stream: u32,
  a: v128, b: v128, minusTwoAB: v128, push: v128, rate: f32, pullRate: f32,
): void {
  const differences = scratch + rowBytes * 4
  for (let c: usize = 0; c < rowBytes; c += 4) v128.store(scratch + c * 4, v128.load32_splat(own + c))
  for (let first: usize = 0; first < active; first += 4) {
    const squared = differ(scratch, differences, others, v128.load(fired + first * 4), rowBytes)
    move(scratch, differences, v128.and(attraction(squared, a, b, minusTwoAB), below(first, active)), pullRate, rowBytes)
  }
  const draws = active * negatives
  for (let first: usize = 0; first < draws; first += 4) {
    const squared = differ(scratch, differences, others, draw(stream, first, count), rowBytes)
    move(scratch, differences, v128.and(repulsion(squared, a, b, push), below(first, draws)), rate, rowBytes)
  }
  for (let c: usize = 0; c < rowBytes; c += 4) store<f32>(next + c, load<f32>(scratch + c * 4))
}

// @ts-ignore: decorator
@inline
function move(row: usize, differences: usize, slope: v128, rate: f32, rowBytes: usize): void {
  for (let c: usize = 0; c < rowBytes * 4; c += 16) {
    const step = rate * sumF32x4(clip(f32x4.mul(slope, v128.load(differences + c))))
    v128.store(row + c, f32x4.splat(load<f32>(row + c) + step))
  }
}

// @ts-ignore: decorator
@inline
function differ(row: usize, differences: usize, others: usize, places: v128, rowBytes: usize): v128 {
  let squared = f32x4.splat(0)
  for (let c: usize = 0; c < rowBytes; c += 4) {
    const difference = f32x4.sub(v128.load(row + c * 4), gather(others, places, rowBytes, c))
    v128.store(differences + c * 4, difference)
    squared = f32x4.add(squared, f32x4.mul(difference, difference))
  }
  return squared
}

/**
 * One step of a three-term recurrence on four columns at once, rows [from, to):
 * next = scale · (W · now) + shift · now − back · last, each row of the three 16 bytes.
 */
export function recur(
  starts: usize, neighbours: usize, weights: usize, now: usize, last: usize, next: usize,
  from: u32, to: u32, scale: f32, shift: f32, back: f32,
): void {
  const s = f32x4.splat(scale)
  const h = f32x4.splat(shift)
  const k = f32x4.splat(back)
  for (let v = <usize>from; v < <usize>to; v++) {
    const end = load<u32>(starts + v * 4, 4)
    let sum = f32x4.splat(0)
    for (let e = <usize>load<u32>(starts + v * 4); e < <usize>end; e++) {
      const other = now + <usize>load<u32>(neighbours + e * 4) * 16
      sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(weights + e * 4), v128.load(other)))
    }
    const at = v * 16
    const kept = f32x4.sub(f32x4.mul(h, v128.load(now + at)), f32x4.mul(k, v128.load(last + at)))
    v128.store(next + at, f32x4.add(f32x4.mul(s, sum), kept))
  }
}
