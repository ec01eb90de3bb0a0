// Pruned scan behind the exact index. Codes and bounds are those of exact-codes.ts; the answer is a short list of rows
// that holds every row of the exact top k, which the caller then scores in float64.
//
// Upper bounds never lie below the true score, lower bounds never above it: their slack covers coding, the part of a row
// that is not scanned, and float32 rounding. So nothing that belongs to the answer is ever dropped.

// Plan (i32 each): what all queries of a search share.
const SEGMENTS = 0
const SEGMENT_COUNT = 4
const UNITS = 8
const NIBBLES = 12
const HAS_BIAS = 16
const WIDTH = 20
const SPLIT = 24
const POSITIONS = 28
const TOP_K = 32
const CAPACITY = 36
const ALLOWED = 40
const GROUP = 44
// Segment (i32 each, 32 bytes).
const ROWS = 0
const FIRST_ID = 4
const BLOCKS = 8
const ROW_CODES = 12
const FIRST_POSITION = 16
const SEGMENT_BYTES = 32
// Query (f32 unless said): constants, then the head's quads of i8, then the whole as i16.
const BASE1 = 0
const SCALE1 = 4
const CODING1 = 8
const TAIL1 = 12
const SLACK1 = 16
const OFFSET1 = 20 // i32
const BIAS_UP = 24
const BASE_UP = 28
const BASE_DOWN = 32
const SCALE2 = 36
const CODING2 = 40
const TAIL2 = 44
const BIAS_DOWN = 48
const EXCLUDED = 52 // i32
const SLACK2 = 56
const NORM = 60
const SHIFT_UP = 64
const SHIFT_DOWN = 68
const QUERY_HEAD = 80

const FLUSH_UNITS = 8
const SAMPLES = 2048
const WAITING = 64
/** Rows whose codes stay in the second-level cache. */
const PAIR_TILE = 512
const CHUNK_BLOCKS = 48

/** Products of signed bytes with bytes 0…127, neighbours added: one instruction with relaxed SIMD, the same numbers without. */
// @ts-ignore: decorator
@inline
function pairProducts(query: v128, codes: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i16x8.relaxed_dot_i8x16_i7x16_s(query, codes)
  return i16x8.add(
    i16x8.mul(i16x8.shr_s(i16x8.shl(query, 8), 8), v128.and(codes, i16x8.splat(0xff))),
    i16x8.mul(i16x8.shr_s(query, 8), i16x8.shr_u(codes, 8)),
  )
}

// @ts-ignore: decorator
@inline
function addPairs(sum: v128, products: v128): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(products, i16x8.splat(1)))
}

// @ts-ignore: decorator
@inline
function lowNibbles(codes: v128): v128 {
  return v128.and(codes, i8x16.splat(15))
}

// @ts-ignore: decorator
@inline
function highNibbles(codes: v128): v128 {
  return v128.and(i16x8.shr_u(codes, 4), i8x16.splat(15))
}

/** Upper bounds of four rows, from twice the coded dot product. `meta`: scales, coding bytes, tail bytes, biases. */
// @ts-ignore: decorator
@inline
function bound4(sum: v128, query: usize, meta: usize, coding: v128, tail: v128, lane: usize, bias: bool): v128 {
  const doubled = i32x4.sub(i32x4.shl(sum, 1), v128.load32_splat(query, OFFSET1))
  let inner = f32x4.add(
    f32x4.mul(f32x4.convert_i32x4_s(doubled), v128.load32_splat(query, SCALE1)),
    v128.load32_splat(query, SLACK1),
  )
  inner = f32x4.add(inner, f32x4.mul(f32x4.convert_i32x4_u(coding), v128.load32_splat(query, CODING1)))
  inner = f32x4.add(inner, f32x4.mul(f32x4.convert_i32x4_u(tail), v128.load32_splat(query, TAIL1)))
  let upper = f32x4.add(f32x4.mul(v128.load(meta + lane * 4), inner), v128.load32_splat(query, BASE1))
  if (bias) upper = f32x4.sub(upper, f32x4.mul(v128.load(meta + lane * 4, 96), v128.load32_splat(query, BIAS_UP)))
  return upper
}

// @ts-ignore: decorator
@inline
function bound16(s0: v128, s1: v128, s2: v128, s3: v128, query: usize, meta: usize, out: usize, bias: bool): void {
  const coding = v128.load(meta, 64)
  const tail = v128.load(meta, 80)
  const codingLow = i16x8.extend_low_i8x16_u(coding)
  const codingHigh = i16x8.extend_high_i8x16_u(coding)
  const tailLow = i16x8.extend_low_i8x16_u(tail)
  const tailHigh = i16x8.extend_high_i8x16_u(tail)
  v128.store(out, bound4(s0, query, meta, i32x4.extend_low_i16x8_u(codingLow), i32x4.extend_low_i16x8_u(tailLow), 0, bias))
  v128.store(out, bound4(s1, query, meta, i32x4.extend_high_i16x8_u(codingLow), i32x4.extend_high_i16x8_u(tailLow), 4, bias), 16)
  v128.store(out, bound4(s2, query, meta, i32x4.extend_low_i16x8_u(codingHigh), i32x4.extend_low_i16x8_u(tailHigh), 8, bias), 32)
  v128.store(out, bound4(s3, query, meta, i32x4.extend_high_i16x8_u(codingHigh), i32x4.extend_high_i16x8_u(tailHigh), 12, bias), 48)
}

/** Bounds of all rows in `blocks` blocks of 16 for one query. */
// @ts-ignore: decorator
@inline
function scanOne(at: usize, blocks: i32, units: i32, query: usize, out: usize, nibbles: bool, bias: bool): void {
  for (let block = 0; block < blocks; block++) {
    let s0 = i32x4.splat(0)
    let s1 = s0
    let s2 = s0
    let s3 = s0
    let q = query + QUERY_HEAD
    let unit = 0
    while (unit < units) {
      const end = min(unit + FLUSH_UNITS, units)
      let a0 = i32x4.splat(0)
      let a1 = a0
      let a2 = a0
      let a3 = a0
      while (unit < end) {
        if (nibbles) {
          let c: v128
          let quad: v128
          let other: v128
          quad = v128.load32_splat(q, 0)
          other = v128.load32_splat(q, 4)
          c = v128.load(at, 0)
          a0 = i16x8.add(i16x8.add(a0, pairProducts(quad, lowNibbles(c))), pairProducts(other, highNibbles(c)))
          c = v128.load(at, 16)
          a1 = i16x8.add(i16x8.add(a1, pairProducts(quad, lowNibbles(c))), pairProducts(other, highNibbles(c)))
          c = v128.load(at, 32)
          a2 = i16x8.add(i16x8.add(a2, pairProducts(quad, lowNibbles(c))), pairProducts(other, highNibbles(c)))
          c = v128.load(at, 48)
          a3 = i16x8.add(i16x8.add(a3, pairProducts(quad, lowNibbles(c))), pairProducts(other, highNibbles(c)))
          quad = v128.load32_splat(q, 8)
          other = v128.load32_splat(q, 12)
          c = v128.load(at, 64)
          a0 = i16x8.add(i16x8.add(a0, pairProducts(quad, lowNibbles(c))), pairProducts(other, highNibbles(c)))
          c = v128.load(at, 80)
          a1 = i16x8.add(i16x8.add(a1, pairProducts(quad, lowNibbles(c))), pairProducts(other, highNibbles(c)))
          c = v128.load(at, 96)
          a2 = i16x8.add(i16x8.add(a2, pairProducts(quad, lowNibbles(c))), pairProducts(other, highNibbles(c)))
          c = v128.load(at, 112)
          a3 = i16x8.add(i16x8.add(a3, pairProducts(quad, lowNibbles(c))), pairProducts(other, highNibbles(c)))
          q += 16
          at += 128
          unit += 2
        } else {
          let quad: v128
          quad = v128.load32_splat(q, 0)
          a0 = i16x8.add(a0, pairProducts(quad, v128.load(at, 0)))
          a1 = i16x8.add(a1, pairProducts(quad, v128.load(at, 16)))
          a2 = i16x8.add(a2, pairProducts(quad, v128.load(at, 32)))
          a3 = i16x8.add(a3, pairProducts(quad, v128.load(at, 48)))
          quad = v128.load32_splat(q, 4)
          a0 = i16x8.add(a0, pairProducts(quad, v128.load(at, 64)))
          a1 = i16x8.add(a1, pairProducts(quad, v128.load(at, 80)))
          a2 = i16x8.add(a2, pairProducts(quad, v128.load(at, 96)))
          a3 = i16x8.add(a3, pairProducts(quad, v128.load(at, 112)))
          quad = v128.load32_splat(q, 8)
          a0 = i16x8.add(a0, pairProducts(quad, v128.load(at, 128)))
          a1 = i16x8.add(a1, pairProducts(quad, v128.load(at, 144)))
          a2 = i16x8.add(a2, pairProducts(quad, v128.load(at, 160)))
          a3 = i16x8.add(a3, pairProducts(quad, v128.load(at, 176)))
          quad = v128.load32_splat(q, 12)
          a0 = i16x8.add(a0, pairProducts(quad, v128.load(at, 192)))
          a1 = i16x8.add(a1, pairProducts(quad, v128.load(at, 208)))
          a2 = i16x8.add(a2, pairProducts(quad, v128.load(at, 224)))
          a3 = i16x8.add(a3, pairProducts(quad, v128.load(at, 240)))
          q += 16
          at += 256
          unit += 4
        }
      }
      s0 = addPairs(s0, a0)
      s1 = addPairs(s1, a1)
      s2 = addPairs(s2, a2)
      s3 = addPairs(s3, a3)
    }
    bound16(s0, s1, s2, s3, query, at, out, bias)
    at += bias ? 160 : 96
    out += 64
  }
}

/** The same for two queries, each code loaded and unpacked once. */
// @ts-ignore: decorator
@inline
function scanTwo(
  at: usize, blocks: i32, units: i32, first: usize, second: usize, firstOut: usize, secondOut: usize, nibbles: bool, bias: bool,
): void {
  for (let block = 0; block < blocks; block++) {
    let s0 = i32x4.splat(0)
    let s1 = s0
    let s2 = s0
    let s3 = s0
    let t0 = s0
    let t1 = s0
    let t2 = s0
    let t3 = s0
    let q = first + QUERY_HEAD
    const other = second - first
    let unit = 0
    while (unit < units) {
      const end = min(unit + FLUSH_UNITS, units)
      let a0 = i32x4.splat(0)
      let a1 = a0
      let a2 = a0
      let a3 = a0
      let b0 = a0
      let b1 = a0
      let b2 = a0
      let b3 = a0
      while (unit < end) {
        let c: v128
        let quad: v128
        let quad2: v128
        if (nibbles) {
          quad = v128.load32_splat(q, 0)
          quad2 = v128.load32_splat(q + other, 0)
          c = lowNibbles(v128.load(at, 0))
          a0 = i16x8.add(a0, pairProducts(quad, c))
          b0 = i16x8.add(b0, pairProducts(quad2, c))
          c = lowNibbles(v128.load(at, 16))
          a1 = i16x8.add(a1, pairProducts(quad, c))
          b1 = i16x8.add(b1, pairProducts(quad2, c))
          c = lowNibbles(v128.load(at, 32))
          a2 = i16x8.add(a2, pairProducts(quad, c))
          b2 = i16x8.add(b2, pairProducts(quad2, c))
          c = lowNibbles(v128.load(at, 48))
          a3 = i16x8.add(a3, pairProducts(quad, c))
          b3 = i16x8.add(b3, pairProducts(quad2, c))
          quad = v128.load32_splat(q, 4)
          quad2 = v128.load32_splat(q + other, 4)
          c = highNibbles(v128.load(at, 0))
          a0 = i16x8.add(a0, pairProducts(quad, c))
          b0 = i16x8.add(b0, pairProducts(quad2, c))
          c = highNibbles(v128.load(at, 16))
          a1 = i16x8.add(a1, pairProducts(quad, c))
          b1 = i16x8.add(b1, pairProducts(quad2, c))
          c = highNibbles(v128.load(at, 32))
          a2 = i16x8.add(a2, pairProducts(quad, c))
          b2 = i16x8.add(b2, pairProducts(quad2, c))
          c = highNibbles(v128.load(at, 48))
          a3 = i16x8.add(a3, pairProducts(quad, c))
          b3 = i16x8.add(b3, pairProducts(quad2, c))
          quad = v128.load32_splat(q, 8)
          quad2 = v128.load32_splat(q + other, 8)
          c = lowNibbles(v128.load(at, 64))
          a0 = i16x8.add(a0, pairProducts(quad, c))
          b0 = i16x8.add(b0, pairProducts(quad2, c))
          c = lowNibbles(v128.load(at, 80))
          a1 = i16x8.add(a1, pairProducts(quad, c))
          b1 = i16x8.add(b1, pairProducts(quad2, c))
          c = lowNibbles(v128.load(at, 96))
          a2 = i16x8.add(a2, pairProducts(quad, c))
          b2 = i16x8.add(b2, pairProducts(quad2, c))
          c = lowNibbles(v128.load(at, 112))
          a3 = i16x8.add(a3, pairProducts(quad, c))
          b3 = i16x8.add(b3, pairProducts(quad2, c))
          quad = v128.load32_splat(q, 12)
          quad2 = v128.load32_splat(q + other, 12)
          c = highNibbles(v128.load(at, 64))
          a0 = i16x8.add(a0, pairProducts(quad, c))
          b0 = i16x8.add(b0, pairProducts(quad2, c))
          c = highNibbles(v128.load(at, 80))
          a1 = i16x8.add(a1, pairProducts(quad, c))
          b1 = i16x8.add(b1, pairProducts(quad2, c))
          c = highNibbles(v128.load(at, 96))
          a2 = i16x8.add(a2, pairProducts(quad, c))
          b2 = i16x8.add(b2, pairProducts(quad2, c))
          c = highNibbles(v128.load(at, 112))
          a3 = i16x8.add(a3, pairProducts(quad, c))
          b3 = i16x8.add(b3, pairProducts(quad2, c))
          q += 16
          at += 128
          unit += 2
        } else {
          quad = v128.load32_splat(q, 0)
          quad2 = v128.load32_splat(q + other, 0)
          c = v128.load(at, 0)
          a0 = i16x8.add(a0, pairProducts(quad, c))
          b0 = i16x8.add(b0, pairProducts(quad2, c))
          c = v128.load(at, 16)
          a1 = i16x8.add(a1, pairProducts(quad, c))
          b1 = i16x8.add(b1, pairProducts(quad2, c))
          c = v128.load(at, 32)
          a2 = i16x8.add(a2, pairProducts(quad, c))
          b2 = i16x8.add(b2, pairProducts(quad2, c))
          c = v128.load(at, 48)
          a3 = i16x8.add(a3, pairProducts(quad, c))
          b3 = i16x8.add(b3, pairProducts(quad2, c))
          quad = v128.load32_splat(q, 4)
          quad2 = v128.load32_splat(q + other, 4)
          c = v128.load(at, 64)
          a0 = i16x8.add(a0, pairProducts(quad, c))
          b0 = i16x8.add(b0, pairProducts(quad2, c))
          c = v128.load(at, 80)
          a1 = i16x8.add(a1, pairProducts(quad, c))
          b1 = i16x8.add(b1, pairProducts(quad2, c))
          c = v128.load(at, 96)
          a2 = i16x8.add(a2, pairProducts(quad, c))
          b2 = i16x8.add(b2, pairProducts(quad2, c))
          c = v128.load(at, 112)
          a3 = i16x8.add(a3, pairProducts(quad, c))
          b3 = i16x8.add(b3, pairProducts(quad2, c))
          quad = v128.load32_splat(q, 8)
          quad2 = v128.load32_splat(q + other, 8)
          c = v128.load(at, 128)
          a0 = i16x8.add(a0, pairProducts(quad, c))
          b0 = i16x8.add(b0, pairProducts(quad2, c))
          c = v128.load(at, 144)
          a1 = i16x8.add(a1, pairProducts(quad, c))
          b1 = i16x8.add(b1, pairProducts(quad2, c))
          c = v128.load(at, 160)
          a2 = i16x8.add(a2, pairProducts(quad, c))
          b2 = i16x8.add(b2, pairProducts(quad2, c))
          c = v128.load(at, 176)
          a3 = i16x8.add(a3, pairProducts(quad, c))
          b3 = i16x8.add(b3, pairProducts(quad2, c))
          quad = v128.load32_splat(q, 12)
          quad2 = v128.load32_splat(q + other, 12)
          c = v128.load(at, 192)
          a0 = i16x8.add(a0, pairProducts(quad, c))
          b0 = i16x8.add(b0, pairProducts(quad2, c))
          c = v128.load(at, 208)
          a1 = i16x8.add(a1, pairProducts(quad, c))
          b1 = i16x8.add(b1, pairProducts(quad2, c))
          c = v128.load(at, 224)
          a2 = i16x8.add(a2, pairProducts(quad, c))
          b2 = i16x8.add(b2, pairProducts(quad2, c))
          c = v128.load(at, 240)
          a3 = i16x8.add(a3, pairProducts(quad, c))
          b3 = i16x8.add(b3, pairProducts(quad2, c))
          q += 16
          at += 256
          unit += 4
        }
      }
      s0 = addPairs(s0, a0)
      s1 = addPairs(s1, a1)
      s2 = addPairs(s2, a2)
      s3 = addPairs(s3, a3)
      t0 = addPairs(t0, b0)
      t1 = addPairs(t1, b1)
      t2 = addPairs(t2, b2)
      t3 = addPairs(t3, b3)
    }
    bound16(s0, s1, s2, s3, first, at, firstOut, bias)
    bound16(t0, t1, t2, t3, second, at, secondOut, bias)
    at += bias ? 160 : 96
    firstOut += 64
    secondOut += 64
  }
}

function scanOneBytes(at: usize, blocks: i32, units: i32, query: usize, out: usize): void {
  scanOne(at, blocks, units, query, out, false, false)
}
function scanOneBytesBias(at: usize, blocks: i32, units: i32, query: usize, out: usize): void {
  scanOne(at, blocks, units, query, out, false, true)
}
function scanOneNibbles(at: usize, blocks: i32, units: i32, query: usize, out: usize): void {
  scanOne(at, blocks, units, query, out, true, false)
}
function scanOneNibblesBias(at: usize, blocks: i32, units: i32, query: usize, out: usize): void {
  scanOne(at, blocks, units, query, out, true, true)
}
function scanTwoBytes(at: usize, blocks: i32, units: i32, a: usize, b: usize, outA: usize, outB: usize): void {
  scanTwo(at, blocks, units, a, b, outA, outB, false, false)
}
function scanTwoBytesBias(at: usize, blocks: i32, units: i32, a: usize, b: usize, outA: usize, outB: usize): void {
  scanTwo(at, blocks, units, a, b, outA, outB, false, true)
}
function scanTwoNibbles(at: usize, blocks: i32, units: i32, a: usize, b: usize, outA: usize, outB: usize): void {
  scanTwo(at, blocks, units, a, b, outA, outB, true, false)
}
function scanTwoNibblesBias(at: usize, blocks: i32, units: i32, a: usize, b: usize, outA: usize, outB: usize): void {
  scanTwo(at, blocks, units, a, b, outA, outB, true, true)
}

/** Upper bounds of one or two (`second` not 0) queries. */
function scan(codes: usize, blocks: i32, first: usize, second: usize, a: usize, b: usize): void {
  const units = load<i32>(plan, UNITS)
  const bias = load<i32>(plan, HAS_BIAS) != 0
  if (load<i32>(plan, NIBBLES) != 0) {
    if (second == 0) {
      if (bias) scanOneNibblesBias(codes, blocks, units, first, a)
      else scanOneNibbles(codes, blocks, units, first, a)
    } else if (bias) scanTwoNibblesBias(codes, blocks, units, first, second, a, b)
    else scanTwoNibbles(codes, blocks, units, first, second, a, b)
  } else if (second == 0) {
    if (bias) scanOneBytesBias(codes, blocks, units, first, a)
    else scanOneBytes(codes, blocks, units, first, a)
  } else if (bias) scanTwoBytesBias(codes, blocks, units, first, second, a, b)
  else scanTwoBytes(codes, blocks, units, first, second, a, b)
}

// State of one query's refinement; each thread has its own instance.
let plan: usize = 0
let query: usize = 0
let wholeQuery: usize = 0
/** The k-th best lower bound so far: a row whose upper bound is under it cannot be in the answer. */
let threshold: f32 = 0
let heap: usize = 0
let heapSize: i32 = 0
let topK: i32 = 0
let candidates: usize = 0
let candidateCount: i32 = 0
let capacity: i32 = 0
let overflown: bool = false
let waiting: usize = 0
let waitingCount: i32 = 0
/** Least threshold of each 16 rows of a tile. */
let minima: usize = 0
/** Keeps the compiler from dropping the loads. */
export let touched: i32 = 0

/** Put `value` in place of the root of a min-heap of `size` floats. */
function replaceRoot(at: usize, size: i32, value: f32): void {
  let hole = 0
  for (let child = 1; child < size; child = 2 * hole + 1) {
    if (child + 1 < size && load<f32>(at + <usize>(child + 1) * 4) < load<f32>(at + <usize>child * 4)) child++
    const least = load<f32>(at + <usize>child * 4)
    if (value <= least) break
    store<f32>(at + <usize>hole * 4, least)
    hole = child
  }
  store<f32>(at + <usize>hole * 4, value)
}

function siftUp(at: usize, last: i32, value: f32): void {
  let hole = last
  while (hole > 0) {
    const parent = (hole - 1) >> 1
    const above = load<f32>(at + <usize>parent * 4)
    if (above <= value) break
    store<f32>(at + <usize>hole * 4, above)
    hole = parent
  }
  store<f32>(at + <usize>hole * 4, value)
}

// @ts-ignore: decorator
@inline
function sumLanes(v: v128): i32 {
  return i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1) + i32x4.extract_lane(v, 2) + i32x4.extract_lane(v, 3)
}

/** Σ of 8-bit codes times 16-bit query values over [from, to), both multiples of 16. */
// @ts-ignore: decorator
@inline
function wideDot(codes: usize, from: i32, to: i32): i32 {
  let a = i32x4.splat(0)
  let b = i32x4.splat(0)
  for (let j = <usize>from; j < <usize>to; j += 16) {
    const c = v128.load(codes + j)
    a = i32x4.add(a, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(c), v128.load(wholeQuery + j * 2)))
    b = i32x4.add(b, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(c), v128.load(wholeQuery + j * 2, 16)))
  }
  return sumLanes(i32x4.add(a, b))
}

/** Tighter bounds of one row; it joins the candidates unless they rule it out. */
function refine(row: usize, id: i32): void {
  if (overflown) return
  const allowed = load<i32>(plan, ALLOWED)
  if (allowed != 0 && ((load<u8>(<usize>allowed + <usize>(id >> 3)) >> <u8>(id & 7)) & 1) == 0) return
  if (id == load<i32>(query, EXCLUDED)) return
  const width = load<i32>(plan, WIDTH)
  const split = load<i32>(plan, SPLIT)
  const meta = row + <usize>width
  const rowScale = load<f32>(meta)
  const scale = rowScale * load<f32>(query, SCALE2)
  const coding = load<f32>(meta, 4) * load<f32>(query, CODING2) + rowScale * load<f32>(query, SLACK2)
  const bias = load<f32>(meta, 12)
  const up = load<f32>(query, BASE_UP) - bias * load<f32>(query, BIAS_UP) + coding
  let sum = wideDot(row, 0, split)
  if (split < width) {
    if (up + scale * <f32>sum + load<f32>(meta, 8) * load<f32>(query, TAIL2) < threshold) return
    sum += wideDot(row, split, width)
  }
  const product = scale * <f32>sum
  const upper = up + product
  if (upper < threshold) return
  if (candidateCount == capacity) compact()
  if (candidateCount == capacity) {
    overflown = true
    return
  }
  const slot = candidates + <usize>candidateCount * 8
  candidateCount++
  store<i32>(slot, id)
  store<f32>(slot, upper, 4)
  const lower = load<f32>(query, BASE_DOWN) - bias * load<f32>(query, BIAS_DOWN) - coding + product
  if (heapSize < topK) {
    siftUp(heap, heapSize++, lower)
    if (heapSize == topK) threshold = load<f32>(heap)
  } else if (lower > threshold) {
    replaceRoot(heap, topK, lower)
    threshold = load<f32>(heap)
  }
}

function compact(): void {
  let kept = 0
  for (let i = 0; i < candidateCount; i++) {
    const slot = candidates + <usize>i * 8
    if (load<f32>(slot, 4) < threshold) continue
    store<i64>(candidates + <usize>kept * 8, load<i64>(slot))
    kept++
  }
  candidateCount = kept
}

/** Refine the rows whose bound is at least the threshold (and `from`) and under `below`. */
function collect(bounds: usize, from: f32, below: f32): void {
  const segments = <usize>load<i32>(plan, SEGMENTS)
  const count = load<i32>(plan, SEGMENT_COUNT)
  const stride = <usize>(load<i32>(plan, WIDTH) + 16)
  const high = f32x4.splat(below)
  for (let s = 0; s < count; s++) {
    const segment = segments + <usize>s * SEGMENT_BYTES
    const rows = load<i32>(segment, ROWS)
    const firstId = load<i32>(segment, FIRST_ID)
    const codes = <usize>load<i32>(segment, ROW_CODES)
    const at = bounds + <usize>load<i32>(segment, FIRST_POSITION) * 4
    for (let row = 0; row < rows; row += 16) {
      const low = f32x4.splat(max(from, threshold))
      const b0 = v128.load(at + <usize>row * 4)
      const b1 = v128.load(at + <usize>row * 4, 16)
      const b2 = v128.load(at + <usize>row * 4, 32)
      const b3 = v128.load(at + <usize>row * 4, 48)
      const most = f32x4.pmax(f32x4.pmax(b0, b1), f32x4.pmax(b2, b3))
      if (!v128.any_true(f32x4.ge(most, low))) continue
      let mask = i32x4.bitmask(v128.and(f32x4.ge(b0, low), f32x4.lt(b0, high)))
      mask |= i32x4.bitmask(v128.and(f32x4.ge(b1, low), f32x4.lt(b1, high))) << 4
      mask |= i32x4.bitmask(v128.and(f32x4.ge(b2, low), f32x4.lt(b2, high))) << 8
      mask |= i32x4.bitmask(v128.and(f32x4.ge(b3, low), f32x4.lt(b3, high))) << 12
      while (mask != 0) {
        const local = row + ctz(mask)
        mask &= mask - 1
        if (local >= rows) continue
        const slot = waiting + <usize>waitingCount * 8
        store<i32>(slot, <i32>(codes + <usize>local * stride))
        store<i32>(slot, firstId + local, 4)
        if (++waitingCount == WAITING) refineWaiting()
      }
    }
  }
  refineWaiting()
}

/**
 * Survivors lie far apart. Touching all their cache lines first lets the processor wait for many at once;
 * refining one by one would wait for each.
 */
function refineWaiting(): void {
  const width = <usize>load<i32>(plan, WIDTH)
  const split = <usize>load<i32>(plan, SPLIT)
  let sum = 0
  for (let i = 0; i < waitingCount; i++) {
    const row = <usize>load<i32>(waiting + <usize>i * 8)
    for (let at: usize = 0; at < split; at += 64) sum += load<u8>(row + at)
    sum += load<u8>(row + width)
  }
  touched = sum
  for (let i = 0; i < waitingCount; i++) {
    const slot = waiting + <usize>i * 8
    refine(<usize>load<i32>(slot), load<i32>(slot, 4))
  }
  waitingCount = 0
}

/** A bound that about `wanted` rows or a few more reach, from a sample of the bounds. */
function guessCut(bounds: usize, positions: i32, wanted: i32, sample: usize): f32 {
  const step = max(1, positions / SAMPLES)
  const size = min(SAMPLES, wanted / step + 2)
  let taken = 0
  for (let i = 0; i < positions; i += step) {
    const value = load<f32>(bounds + <usize>i * 4)
    if (taken < size) siftUp(sample, taken++, value)
    else if (value > load<f32>(sample)) replaceRoot(sample, size, value)
  }
  return load<f32>(sample)
}

function select(bounds: usize, sample: usize, out: usize): void {
  topK = load<i32>(plan, TOP_K)
  capacity = load<i32>(plan, CAPACITY)
  wholeQuery = query + QUERY_HEAD + <usize>load<i32>(plan, WIDTH)
  threshold = -f32.MAX_VALUE
  heapSize = 0
  candidateCount = 0
  overflown = false
  // The rows that look best first: they set a threshold near the final one.
  const cut = guessCut(bounds, load<i32>(plan, POSITIONS), 4 * topK + 32, sample)
  collect(bounds, cut, Infinity)
  if (!overflown) collect(bounds, -f32.MAX_VALUE, cut)
  if (!overflown) compact()
  store<i32>(out, overflown ? -1 : candidateCount)
  store<f32>(out, heapSize == topK ? threshold * load<f32>(query, NORM) + load<f32>(query, SHIFT_DOWN) : -f32.MAX_VALUE, 4)
  for (let i = 0; i < candidateCount; i++) {
    store<i32>(out + 8 + <usize>i * 4, load<i32>(candidates + <usize>i * 8))
  }
}

/**
 * Candidates of queries `from` to `to`, a group at a time. `scratch`: bounds of a group, candidates, heap, sample, waiting.
 * Each query's place at `out`: count (−1: more than fit, score every row instead), the k-th best lower bound, then ids.
 */
export function searchMany(
  planAt: usize, queries: usize, queryBytes: i32, from: i32, to: i32, scratch: usize, out: usize, outBytes: i32,
): void {
  plan = planAt
  const boundsBytes = <usize>load<i32>(plan, POSITIONS) * 4
  const group = load<i32>(plan, GROUP)
  candidates = scratch + boundsBytes * <usize>group
  heap = candidates + <usize>load<i32>(plan, CAPACITY) * 8
  const sample = heap + <usize>load<i32>(plan, TOP_K) * 4
  waiting = sample + SAMPLES * 4
  waitingCount = 0
  for (let i = from; i < to; i += group) {
    const count = min(group, to - i)
    scanGroup(queries + <usize>i * <usize>queryBytes, queryBytes, count, scratch, boundsBytes)
    for (let j = 0; j < count; j++) {
      query = queries + <usize>(i + j) * <usize>queryBytes
      select(scratch + <usize>j * boundsBytes, sample, out + <usize>(i + j) * <usize>outBytes)
    }
  }
}

/** Bounds of all rows for a few queries, in chunks that stay in the cache while every query passes. */
function scanGroup(queries: usize, queryBytes: i32, count: i32, bounds: usize, boundsBytes: usize): void {
  const segments = <usize>load<i32>(plan, SEGMENTS)
  const segmentCount = load<i32>(plan, SEGMENT_COUNT)
  const blockBytes = <usize>load<i32>(plan, UNITS) * 64 + (load<i32>(plan, HAS_BIAS) != 0 ? 160 : 96)
  for (let s = 0; s < segmentCount; s++) {
    const segment = segments + <usize>s * SEGMENT_BYTES
    const blocks = (load<i32>(segment, ROWS) + 15) >> 4
    const codes = <usize>load<i32>(segment, BLOCKS)
    const offset = bounds + <usize>load<i32>(segment, FIRST_POSITION) * 4
    const chunk = count > 2 ? CHUNK_BLOCKS : blocks
    for (let block = 0; block < blocks; block += chunk) {
      const size = min(chunk, blocks - block)
      const at = codes + <usize>block * blockBytes
      const to = offset + <usize>block * 64
      for (let i = 0; i < count; i += 2) {
        const first = queries + <usize>i * <usize>queryBytes
        const second = i + 1 < count ? first + <usize>queryBytes : 0
        const a = to + <usize>i * boundsBytes
        scan(at, size, first, second, a, a + boundsBytes)
      }
    }
  }
}

/**
 * Pairs of a query and a row whose score S = bound · NORM + SHIFT may reach the query's threshold or the row's.
 * Rows `from` to `to` (`from` a multiple of 16) of the plan's first segment, in tiles that stay in the cache while every
 * query passes. `self` ≥ 0: query i is row self + i, and only rows after it count.
 * `out`: i32 query, i32 row, f32 upper and lower bound of S for each. Returns their number, −1 when more than `capacity`.
 */
export function pairs(
  planAt: usize, queries: usize, queryBytes: i32, count: i32, self: i32, from: i32, to: i32,
  queryThresholds: usize, rowThresholds: usize, scratch: usize, out: usize, capacity: i32,
): i32 {
  plan = planAt
  const segment = <usize>load<i32>(plan, SEGMENTS)
  const blocks = <usize>load<i32>(segment, BLOCKS)
  const bias = load<i32>(plan, HAS_BIAS) != 0
  const blockBytes = <usize>load<i32>(plan, UNITS) * 64 + (bias ? 160 : 96)
  const other = scratch + PAIR_TILE * 4
  minima = other + PAIR_TILE * 4
  let found = 0
  for (let tile = from; tile < to; tile += PAIR_TILE) {
    const end = min(tile + PAIR_TILE, to)
    const codes = blocks + <usize>(tile >> 4) * blockBytes
    for (let row = tile; row < end; row += 16) {
      const at = rowThresholds + <usize>row * 4
      const low = f32x4.pmin(f32x4.pmin(v128.load(at), v128.load(at, 16)), f32x4.pmin(v128.load(at, 32), v128.load(at, 48)))
      const pair = f32x4.pmin(low, i32x4.shuffle(low, low, 2, 3, 0, 1))
      const least = min(f32x4.extract_lane(pair, 0), f32x4.extract_lane(pair, 1))
      store<f32>(minima + <usize>((row - tile) >> 4) * 4, least)
    }
    for (let i = 0; i < count; i += 2) {
      if (self >= 0 && self + i >= end - 1) break
      const first = queries + <usize>i * <usize>queryBytes
      const second = i + 1 < count ? first + <usize>queryBytes : 0
      scan(codes, (end - tile + 15) >> 4, first, second, scratch, other)
      found = collectPairs(first, i, self, tile, end, load<f32>(queryThresholds + <usize>i * 4), rowThresholds, scratch, out, found, capacity)
      if (found >= 0 && second != 0) {
        found = collectPairs(second, i + 1, self, tile, end, load<f32>(queryThresholds + <usize>i * 4, 4), rowThresholds, other, out, found, capacity)
      }
      if (found < 0) return -1
    }
  }
  return found
}

function collectPairs(
  queryAt: usize, index: i32, self: i32, from: i32, to: i32, queryThreshold: f32, rowThresholds: usize,
  bounds: usize, out: usize, found: i32, capacity: i32,
): i32 {
  query = queryAt
  wholeQuery = query + QUERY_HEAD + <usize>load<i32>(plan, WIDTH)
  const norm = v128.load32_splat(query, NORM)
  const shift = v128.load32_splat(query, SHIFT_UP)
  const least = f32x4.splat(queryThreshold)
  const width = load<i32>(plan, WIDTH)
  const codes = <usize>load<i32>(<usize>load<i32>(plan, SEGMENTS), ROW_CODES)
  const scale2 = load<f32>(query, SCALE2)
  const coding2 = load<f32>(query, CODING2)
  const slack2 = load<f32>(query, SLACK2)
  for (let row = from; row < to; row += 4) {
    const at = bounds + <usize>(row - from) * 4
    if ((row & 15) == 0) {
      const most = f32x4.pmax(f32x4.pmax(v128.load(at), v128.load(at, 16)), f32x4.pmax(v128.load(at, 32), v128.load(at, 48)))
      const least16 = f32x4.pmin(least, v128.load32_splat(minima + <usize>((row - from) >> 4) * 4))
      if (!v128.any_true(f32x4.ge(f32x4.add(f32x4.mul(most, norm), shift), least16))) {
        row += 12
        continue
      }
    }
    const score = f32x4.add(f32x4.mul(v128.load(at), norm), shift)
    // The lower of the two thresholds counts: either side may want the pair.
    let mask = i32x4.bitmask(f32x4.ge(score, f32x4.pmin(least, v128.load(rowThresholds + <usize>row * 4))))
    while (mask != 0) {
      const j = row + ctz(mask)
      mask &= mask - 1
      if (j >= to || (self >= 0 && j <= self + index)) continue
      const rowAt = codes + <usize>j * <usize>(width + 16)
      const meta = rowAt + <usize>width
      const rowScale = load<f32>(meta)
      const product = rowScale * scale2 * <f32>wideDot(rowAt, 0, width)
      const coding = load<f32>(meta, 4) * coding2 + rowScale * slack2
      const bias = load<f32>(meta, 12)
      const upper = (load<f32>(query, BASE_UP) - bias * load<f32>(query, BIAS_UP) + coding + product) * load<f32>(query, NORM) + load<f32>(query, SHIFT_UP)
      if (upper < queryThreshold && upper < load<f32>(rowThresholds + <usize>j * 4)) continue
      if (found == capacity) return -1
      const slot = out + <usize>found * 16
      found++
      store<i32>(slot, index)
      store<i32>(slot, j, 4)
      store<f32>(slot, upper, 8)
      store<f32>(slot, (load<f32>(query, BASE_DOWN) - bias * load<f32>(query, BIAS_DOWN) - coding + product) * load<f32>(query, NORM) + load<f32>(query, SHIFT_DOWN), 12)
    }
  }
  return found
}

/** Rows times an orthonormal basis: `out[i, j] = Σ_k rows[i, k] · basis[k, j]`; width a multiple of 16. */
export function rotate(rows: usize, basis: usize, out: usize, count: i32, width: i32): void {
  const whole = count & ~3
  rotateFours(rows, basis, out, whole, width)
  const line = <usize>width * 4
  for (let i = whole; i < count; i++) rotateOne(rows + <usize>i * line, basis, out + <usize>i * line, line)
}

function rotateOne(row: usize, basis: usize, out: usize, line: usize): void {
  for (let j: usize = 0; j < line; j += 64) {
    let a = f32x4.splat(0)
    let b = a
    let c = a
    let d = a
    let p = basis + j
    for (let k: usize = 0; k < line; k += 4) {
      const x = v128.load32_splat(row + k)
      a = f32x4.add(a, f32x4.mul(x, v128.load(p)))
      b = f32x4.add(b, f32x4.mul(x, v128.load(p, 16)))
      c = f32x4.add(c, f32x4.mul(x, v128.load(p, 32)))
      d = f32x4.add(d, f32x4.mul(x, v128.load(p, 48)))
      p += line
    }
    v128.store(out + j, a)
    v128.store(out + j, b, 16)
    v128.store(out + j, c, 32)
    v128.store(out + j, d, 48)
  }
}

function rotateFours(rows: usize, basis: usize, out: usize, count: i32, width: i32): void {
  const line = <usize>width * 4
  for (let i = 0; i < count; i += 4) {
    const r = rows + <usize>i * line
    for (let j: usize = 0; j < line; j += 32) {
      let a0 = f32x4.splat(0)
      let a1 = a0
      let b0 = a0
      let b1 = a0
      let c0 = a0
      let c1 = a0
      let d0 = a0
      let d1 = a0
      let p = basis + j
      for (let k: usize = 0; k < line; k += 4) {
        const v0 = v128.load(p)
        const v1 = v128.load(p, 16)
        p += line
        let x = v128.load32_splat(r + k)
        a0 = f32x4.add(a0, f32x4.mul(x, v0))
        a1 = f32x4.add(a1, f32x4.mul(x, v1))
        x = v128.load32_splat(r + k + line)
        b0 = f32x4.add(b0, f32x4.mul(x, v0))
        b1 = f32x4.add(b1, f32x4.mul(x, v1))
        x = v128.load32_splat(r + k + 2 * line)
        c0 = f32x4.add(c0, f32x4.mul(x, v0))
        c1 = f32x4.add(c1, f32x4.mul(x, v1))
        x = v128.load32_splat(r + k + 3 * line)
        d0 = f32x4.add(d0, f32x4.mul(x, v0))
        d1 = f32x4.add(d1, f32x4.mul(x, v1))
      }
      const o = out + <usize>i * line + j
      v128.store(o, a0)
      v128.store(o, a1, 16)
      v128.store(o + line, b0)
      v128.store(o + line, b1, 16)
      v128.store(o + 2 * line, c0)
      v128.store(o + 2 * line, c1, 16)
      v128.store(o + 3 * line, d0)
      v128.store(o + 3 * line, d1, 16)
    }
  }
}
