import { sumF32x4 } from './_simd'

// Fields of the parameter block, 4 bytes each; umap-layout.ts writes them in this order.
const STARTS: usize = 0
const NEIGHBOURS: usize = 4
const RATES: usize = 8
const OTHERS_COUNT: usize = 12
const COMPONENTS: usize = 16
const NEGATIVES: usize = 20
const PULL_SLOPES: usize = 24
const PUSH_SLOPES: usize = 28
const PULL: usize = 32
const SEED: usize = 36
const LIST_BYTES: usize = 40

/** As in umap-steps.ts. */
const PUSHES_AT_ONCE: usize = 16

// Read from memory, for V8 builds each constant vector anew, in three instructions, wherever it is used.
const constants = memory.data<u32>([0, 1, 2, 3, 0x9e3779b9, 0x85ebca6b, 0xc2b2ae35], 16)
// Largest step, and the least and the largest squared distance of umap-slopes.ts.
const limits = memory.data<f32>([-4, 4, 5.9604644775390625e-8, 4294967040])

/** For each set of four lanes the bytes that bring them to the front. */
const chosen = memory.data<u32>([
  0x03020100, 0x03020100, 0x03020100, 0x03020100,
  0x03020100, 0x03020100, 0x03020100, 0x03020100,
  0x07060504, 0x03020100, 0x03020100, 0x03020100,
  0x03020100, 0x07060504, 0x03020100, 0x03020100,
  0x0b0a0908, 0x03020100, 0x03020100, 0x03020100,
  0x03020100, 0x0b0a0908, 0x03020100, 0x03020100,
  0x07060504, 0x0b0a0908, 0x03020100, 0x03020100,
  0x03020100, 0x07060504, 0x0b0a0908, 0x03020100,
  0x0f0e0d0c, 0x03020100, 0x03020100, 0x03020100,
  0x03020100, 0x0f0e0d0c, 0x03020100, 0x03020100,
  0x07060504, 0x0f0e0d0c, 0x03020100, 0x03020100,
  0x03020100, 0x07060504, 0x0f0e0d0c, 0x03020100,
  0x0b0a0908, 0x0f0e0d0c, 0x03020100, 0x03020100,
  0x03020100, 0x0b0a0908, 0x0f0e0d0c, 0x03020100,
  0x07060504, 0x0b0a0908, 0x0f0e0d0c, 0x03020100,
  0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c,
], 16)

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
  let h = i32x4.mul(v128.xor(words, i32x4.shr_u(words, 16)), v128.load32_splat(constants, 20))
  h = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 13)), v128.load32_splat(constants, 24))
  return v128.xor(h, i32x4.shr_u(h, 16))
}

/** Places of four random points. */
// @ts-ignore: decorator
@inline
function draw(stream: u32, first: usize, count: v128): v128 {
  const numbers = i32x4.add(v128.load(constants), i32x4.splat(<i32>first))
  const random = mixLanes(i32x4.add(i32x4.mul(numbers, v128.load32_splat(constants, 16)), i32x4.splat(stream)))
  const low = i64x2.extmul_low_i32x4_u(random, count)
  const high = i64x2.extmul_high_i32x4_u(random, count)
  return v128.shuffle<i32>(low, high, 1, 3, 5, 7)
}

// @ts-ignore: decorator
@inline
function below(first: usize, count: usize): v128 {
  return i32x4.lt_s(v128.load(constants), i32x4.splat(<i32>count - <i32>first))
}

// @ts-ignore: decorator
@inline
function clip(step: v128): v128 {
  return f32x4.pmin(f32x4.pmax(step, v128.load32_splat(limits)), v128.load32_splat(limits, 4))
}

/** Slope at four squared distances: from the segment of each, linear in it; `slopes` as umap-slopes.ts lays them. */
// @ts-ignore: decorator
@inline
function slopeAt(slopes: usize, distance: v128): v128 {
  const squared = f32x4.pmin(f32x4.pmax(distance, v128.load32_splat(limits, 8)), v128.load32_splat(limits, 12))
  const segments = i32x4.shr_u(squared, 18)
  const ab = pairOf(slopes, segments, 0)
  const cd = pairOf(slopes, segments, 1)
  const constant = v128.shuffle<f32>(ab, cd, 0, 2, 4, 6)
  return f32x4.add(constant, f32x4.mul(v128.shuffle<f32>(ab, cd, 1, 3, 5, 7), squared))
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
    const mask = <usize>i32x4.bitmask(fires)
    v128.store(fired + active * 4, v128.swizzle(v128.load(neighbours + <usize>e * 4), v128.load(chosen + mask * 16)))
    active += popcnt(mask)
  }
  v128.store(fired + active * 4, i32x4.splat(0))
  return active
}

/**
 * One epoch for rows [from, to): each reads `own` and `others` as they were when the epoch began and writes only its
 * own row of `next`, so that rows may be shared out among threads in any way. A row is pulled by four of its
 * neighbours at a time, then pushed by sixteen random points at a time.
 * `scratch` holds three vectors a component and twice the longest list of neighbours.
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
  const pulls: usize = load<u32>(block + PULL_SLOPES)
  const pushes: usize = load<u32>(block + PUSH_SLOPES)
  const pullRate = load<f32>(block + PULL) * rate
  const seed = mix(load<u32>(block + SEED) + epoch * 0x9e3779b9)
  const fired = scratch + rowBytes * 12
  if (rowBytes != 8) {
    for (let v = from; v < to; v++) {
      const edges = starts + <usize>v * 4
      const active = fire(neighbours, rates, load<u32>(edges), load<u32>(edges, 4), epoch, fired)
      const at = <usize>v * rowBytes
      moveInAny(
        scratch, fired, active, negatives, own + at, others, next + at, rowBytes, count, mix(seed ^ v),
        pulls, pushes, rate, pullRate,
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
      p = pull(p, others, v128.load(fired + n * 4), below(n, active), pulls, pullRate)
      p2 = pull(p2, others, v128.load(fired2 + n * 4), below(n, active2), pulls, pullRate)
    }
    for (let m = n; m < active; m += 4)
      p = pull(p, others, v128.load(fired + m * 4), below(m, active), pulls, pullRate)
    for (let m = n; m < active2; m += 4)
      p2 = pull(p2, others, v128.load(fired2 + m * 4), below(m, active2), pulls, pullRate)
    p = shove(p, others, mix(seed ^ v), active * negatives, count, pushes, rate)
    if (paired) p2 = shove(p2, others, mix(seed ^ (v + 1)), active2 * negatives, count, pushes, rate)
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
  p: v128, others: usize, places: v128, live: v128, slopes: usize, rate: f32,
): v128 {
  const ab = pairOf(others, places, 0)
  const cd = pairOf(others, places, 1)
  const dx = f32x4.sub(v128.shuffle<f32>(p, p, 0, 0, 0, 0), v128.shuffle<f32>(ab, cd, 0, 2, 4, 6))
  const dy = f32x4.sub(v128.shuffle<f32>(p, p, 2, 2, 2, 2), v128.shuffle<f32>(ab, cd, 1, 3, 5, 7))
  const squared = f32x4.add(f32x4.mul(dx, dx), f32x4.mul(dy, dy))
  const slope = v128.and(slopeAt(slopes, squared), live)
  return moved(p, clip(f32x4.mul(slope, dx)), clip(f32x4.mul(slope, dy)), rate)
}

/** Pushes, so many from one place: none of these waits for another. */
// @ts-ignore: decorator
@inline
function shove(
  p: v128, others: usize, stream: u32, draws: usize, count: v128, slopes: usize, rate: f32,
): v128 {
  for (let n: usize = 0; n < draws; ) {
    const x = v128.shuffle<f32>(p, p, 0, 0, 0, 0)
    const y = v128.shuffle<f32>(p, p, 2, 2, 2, 2)
    let sumX = f32x4.splat(0)
    let sumY = f32x4.splat(0)
    for (const end = min(n + PUSHES_AT_ONCE, draws); n < end; n += 4) {
      const places = draw(stream, n, count)
      const ab = pairOf(others, places, 0)
      const cd = pairOf(others, places, 1)
      const dx = f32x4.sub(x, v128.shuffle<f32>(ab, cd, 0, 2, 4, 6))
      const dy = f32x4.sub(y, v128.shuffle<f32>(ab, cd, 1, 3, 5, 7))
      const squared = f32x4.add(f32x4.mul(dx, dx), f32x4.mul(dy, dy))
      const slope = v128.and(slopeAt(slopes, squared), below(n, draws))
      sumX = f32x4.add(sumX, clip(f32x4.mul(slope, dx)))
      sumY = f32x4.add(sumY, clip(f32x4.mul(slope, dy)))
    }
    p = moved(p, sumX, sumY, rate)
  }
  return p
}

/** Two points, or two segments, of four: pairs of float32. */
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

/** p + rate · the sum of the four lanes of x and of y, each in pairs as in sumF32x4. */
// @ts-ignore: decorator
@inline
function moved(p: v128, x: v128, y: v128, rate: f32): v128 {
  const halves = f32x4.add(v128.shuffle<f32>(x, y, 0, 2, 4, 6), v128.shuffle<f32>(x, y, 1, 3, 5, 7))
  const sums = f32x4.add(halves, v128.shuffle<f32>(halves, halves, 1, 0, 3, 2))
  return f32x4.add(p, f32x4.mul(f32x4.splat(rate), sums))
}

/** The same for any number of components. Scratch: row, differences and sums, a vector a component each. */
function moveInAny(
  scratch: usize, fired: usize, active: usize, negatives: usize, own: usize, others: usize, next: usize,
  rowBytes: usize, count: v128, stream: u32,
  pulls: usize, pushes: usize, rate: f32, pullRate: f32,
): void {
  const differences = scratch + rowBytes * 4
  const sums = differences + rowBytes * 4
  for (let c: usize = 0; c < rowBytes; c += 4) v128.store(scratch + c * 4, v128.load32_splat(own + c))
  for (let first: usize = 0; first < active; first += 4) {
    memory.fill(sums, 0, rowBytes * 4)
    const squared = differ(scratch, differences, others, v128.load(fired + first * 4), rowBytes)
    addSteps(sums, differences, v128.and(slopeAt(pulls, squared), below(first, active)), rowBytes)
    moveBy(scratch, sums, pullRate, rowBytes)
  }
  const draws = active * negatives
  for (let n: usize = 0; n < draws; ) {
    memory.fill(sums, 0, rowBytes * 4)
    for (const end = min(n + PUSHES_AT_ONCE, draws); n < end; n += 4) {
      const squared = differ(scratch, differences, others, draw(stream, n, count), rowBytes)
      addSteps(sums, differences, v128.and(slopeAt(pushes, squared), below(n, draws)), rowBytes)
    }
    moveBy(scratch, sums, rate, rowBytes)
  }
  for (let c: usize = 0; c < rowBytes; c += 4) store<f32>(next + c, load<f32>(scratch + c * 4))
}

// @ts-ignore: decorator
@inline
function addSteps(sums: usize, differences: usize, slope: v128, rowBytes: usize): void {
  for (let c: usize = 0; c < rowBytes * 4; c += 16)
    v128.store(sums + c, f32x4.add(v128.load(sums + c), clip(f32x4.mul(slope, v128.load(differences + c)))))
}

// @ts-ignore: decorator
@inline
function moveBy(row: usize, sums: usize, rate: f32, rowBytes: usize): void {
  for (let c: usize = 0; c < rowBytes * 4; c += 16)
    v128.store(row + c, f32x4.splat(load<f32>(row + c) + rate * sumF32x4(v128.load(sums + c))))
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
