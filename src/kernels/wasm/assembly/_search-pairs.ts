// All pairs that may reach a threshold.

import {
  SEGMENTS,
  UNITS,
  HAS_BIAS,
  FUSED,
  BASE1,
  SCALE1,
  CODING1,
  TAIL1,
  SLACK1,
  OFFSET1,
  WIDTH,
  HEAD,
  BLOCKS,
  ROW_CODES,
  BIAS_UP,
  BASE_UP,
  BASE_DOWN,
  SCALE2,
  CODING2,
  BEYOND,
  BIAS_DOWN,
  SLACK2,
  NIBBLES,
  NORM,
  SHIFT_UP,
  SHIFT_DOWN,
  QUERY_HEAD,
  PAIR_TILE,
  PAIRS_WAITING,
} from './_search-layout'
import { wideDot } from './_search-dot'
import { multiplyAdd } from './_simd'
import { dotAdd, scan } from './_search-scan'

// State of one call; each thread has its own instance.
let plan: usize = 0
let queries: usize = 0
let queryStride: usize = 0
let self: i32 = 0
let queryThresholds: usize = 0
let rowThresholds: usize = 0
/** Of the rows of a tile: their scales, these times their coding errors and times their tails, and biases. */
let scales: usize = 0
let codings: usize = 0
let tails: usize = 0
let biases: usize = 0
/** Least threshold of each 16 rows of a tile. */
let minima: usize = 0
/** Pairs for the second pass: i32 query, i32 row, f32 first bound, i32 sum of the dimensions beyond the head. */
let waiting: usize = 0
let waitingCount: i32 = 0
/** Bounds of 16 rows. */
let lanes: usize = 0
let out: usize = 0
let capacity: i32 = 0
let found: i32 = 0

/**
 * Pairs of a query and a row whose score S = bound · NORM + SHIFT may reach the query's threshold or the row's.
 * Rows `from` to `to` (`from` a multiple of 16) of the plan's first segment, in tiles that stay in the cache while every
 * query passes. `self` ≥ 0: query i is row self + i, and only rows after it count.
 * `out`: i32 query, i32 row, f32 upper and lower bound of S for each. Returns their number, −1 when more than `capacity`.
 */
export function pairs(
  planAt: usize, queriesAt: usize, queryBytes: i32, count: i32, selfAt: i32, from: i32, to: i32,
  queryThresholdsAt: usize, rowThresholdsAt: usize, scratch: usize, outAt: usize, mostPairs: i32,
): i32 {
  plan = planAt
  queries = queriesAt
  queryStride = <usize>queryBytes
  self = selfAt
  queryThresholds = queryThresholdsAt
  rowThresholds = rowThresholdsAt
  out = outAt
  capacity = mostPairs
  found = 0
  const segment = <usize>load<i32>(plan, SEGMENTS)
  const blocks = <usize>load<i32>(segment, BLOCKS)
  const bias = load<i32>(plan, HAS_BIAS) != 0
  const blockBytes = <usize>load<i32>(plan, UNITS) * 64 + (bias ? 160 : 96)
  const other = scratch + PAIR_TILE * 4
  scales = scratch
  codings = scales + PAIR_TILE * 4
  tails = codings + PAIR_TILE * 4
  biases = tails + PAIR_TILE * 4
  minima = biases + PAIR_TILE * 4
  waiting = minima + PAIR_TILE / 16 * 4
  lanes = waiting + PAIRS_WAITING * 16
  const isFused = ASC_FEATURE_RELAXED_SIMD && load<i32>(plan, FUSED) != 0 && load<i32>(plan, NIBBLES) == 0
  waitingCount = 0
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
    if (isFused) readTile(codes, (end - tile + 15) >> 4, bias)
    for (let i = 0; i < count; i += 2) {
      if (self >= 0 && self + i >= end - 1) break
      const first = queries + <usize>i * queryStride
      const second = i + 1 < count ? first + queryStride : 0
      const thresholds = queryThresholds + <usize>i * 4
      if (isFused) {
        if (bias) fusedPairs(codes, i, first, second, tile, end, true)
        else fusedPairs(codes, i, first, second, tile, end, false)
        continue
      }
      scan(plan, codes, (end - tile + 15) >> 4, load<i32>(plan, NIBBLES) != 0, first, second, scratch, other)
      collectPairs(first, i, tile, end, load<f32>(thresholds), rowThresholds, scratch)
      if (second != 0) collectPairs(second, i + 1, tile, end, load<f32>(thresholds, 4), rowThresholds, other)
    }
    refineWaiting()
    if (found > capacity) return -1
  }
  return found
}

/** What the bounds of a tile's rows take, in float32: made once for all queries. */
function readTile(codes: usize, blocks: i32, bias: bool): void {
  const codeBytes = <usize>load<i32>(plan, UNITS) * 64
  for (let block: usize = 0; block < <usize>blocks; block++) {
    const meta = codes + codeBytes
    for (let lane: usize = 0; lane < 16; lane += 4) {
      const at = block * 64 + lane * 4
      const scale = v128.load(meta + lane * 4)
      const coding = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(meta + 64 + lane)))
      const tail = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(meta + 80 + lane)))
      v128.store(scales + at, scale)
      v128.store(codings + at, f32x4.mul(scale, f32x4.convert_i32x4_u(coding)))
      v128.store(tails + at, f32x4.mul(scale, f32x4.convert_i32x4_u(tail)))
      if (bias) v128.store(biases + at, v128.load(meta + 96 + lane * 4))
    }
    codes = meta + (bias ? 160 : 96)
  }
}

/** Upper bounds of four rows of the tile from `sum`, their coded products with a query: those of `bound4`. */
// @ts-ignore: decorator
@inline
function upper4(sum: v128, query: usize, at: usize, bias: bool): v128 {
  const doubled = f32x4.convert_i32x4_s(i32x4.sub(i32x4.shl(sum, 1), v128.load32_splat(query, OFFSET1)))
  const inner = multiplyAdd(doubled, v128.load32_splat(query, SCALE1), v128.load32_splat(query, SLACK1))
  let upper = multiplyAdd(v128.load(tails + at), v128.load32_splat(query, TAIL1), v128.load32_splat(query, BASE1))
  upper = multiplyAdd(v128.load(codings + at), v128.load32_splat(query, CODING1), upper)
  upper = multiplyAdd(v128.load(scales + at), inner, upper)
  if (bias) upper = f32x4.sub(upper, f32x4.mul(v128.load(biases + at), v128.load32_splat(query, BIAS_UP)))
  return upper
}

/** `scan` and `collectPairs` in one for two queries (`second` may be 0), where a dot product of four bytes is one instruction. */
// @ts-ignore: decorator
@inline
function fusedPairs(at: usize, index: i32, first: usize, second: usize, from: i32, to: i32, bias: bool): void {
  const units = <usize>load<i32>(plan, UNITS)
  const firstThreshold = load<f32>(queryThresholds + <usize>index * 4)
  const secondThreshold = second != 0 ? load<f32>(queryThresholds + <usize>index * 4, 4) : <f32>Infinity
  const other = second != 0 ? second : first
  for (let row = from; row < to; row += 16) {
    let q = first + QUERY_HEAD
    let p = other + QUERY_HEAD
    let a0 = i32x4.splat(0)
    let a1 = a0
    let a2 = a0
    let a3 = a0
    let b0 = a0
    let b1 = a0
    let b2 = a0
    let b3 = a0
    for (const end = at + units * 64; at < end; at += 64) {
      const quad = v128.load32_splat(q)
      const otherQuad = v128.load32_splat(p)
      let c = v128.load(at)
      a0 = dotAdd(quad, c, a0)
      b0 = dotAdd(otherQuad, c, b0)
      c = v128.load(at, 16)
      a1 = dotAdd(quad, c, a1)
      b1 = dotAdd(otherQuad, c, b1)
      c = v128.load(at, 32)
      a2 = dotAdd(quad, c, a2)
      b2 = dotAdd(otherQuad, c, b2)
      c = v128.load(at, 48)
      a3 = dotAdd(quad, c, a3)
      b3 = dotAdd(otherQuad, c, b3)
      q += 4
      p += 4
    }
    at += bias ? 160 : 96
    const place = <usize>(row - from) * 4
    boundPairs(a0, a1, a2, a3, first, index, place, row, to, firstThreshold, bias)
    if (second != 0) boundPairs(b0, b1, b2, b3, second, index + 1, place, row, to, secondThreshold, bias)
  }
}

/** From one query's coded products with 16 rows, at `place` of the tile, to the pairs that wait. */
// @ts-ignore: decorator
@inline
function boundPairs(
  a: v128, b: v128, c: v128, d: v128, query: usize, index: i32, place: usize, row: i32, to: i32, threshold: f32, bias: bool,
): void {
  const upper0 = upper4(a, query, place, bias)
  const upper1 = upper4(b, query, place + 16, bias)
  const upper2 = upper4(c, query, place + 32, bias)
  const upper3 = upper4(d, query, place + 48, bias)
  if (!mayReach(upper0, upper1, upper2, upper3, query, threshold, place >> 4)) return
  v128.store(lanes, upper0)
  v128.store(lanes, upper1, 16)
  v128.store(lanes, upper2, 32)
  v128.store(lanes, upper3, 48)
  collect16(query, index, row, to, threshold, lanes)
}

/** Whether any of 16 bounds reaches the query's threshold or the least of these rows'. `block` is in bytes of `minima`. */
// @ts-ignore: decorator
@inline
function mayReach(a: v128, b: v128, c: v128, d: v128, query: usize, threshold: f32, block: usize): bool {
  const most = f32x4.pmax(f32x4.pmax(a, b), f32x4.pmax(c, d))
  const score = f32x4.add(f32x4.mul(most, v128.load32_splat(query, NORM)), v128.load32_splat(query, SHIFT_UP))
  const least = f32x4.pmin(f32x4.splat(threshold), v128.load32_splat(minima + block))
  return v128.any_true(f32x4.ge(score, least))
}

/** The rows of a tile that one query's first bounds cannot rule out wait for the second pass. */
function collectPairs(
  query: usize, index: i32, from: i32, to: i32, queryThreshold: f32, rowThresholds: usize, bounds: usize,
): void {
  for (let row = from; row < to; row += 16) {
    const place = <usize>(row - from) * 4
    const at = bounds + place
    if (!mayReach(v128.load(at), v128.load(at, 16), v128.load(at, 32), v128.load(at, 48), query, queryThreshold, place >> 4)) continue
    collect16(query, index, row, to, queryThreshold, at)
  }
}

/** Of 16 rows those whose bound, at `bounds`, reaches the query's threshold or their own wait for the second pass. */
function collect16(query: usize, index: i32, row: i32, to: i32, queryThreshold: f32, bounds: usize): void {
  const norm = v128.load32_splat(query, NORM)
  const shift = v128.load32_splat(query, SHIFT_UP)
  const least = f32x4.splat(queryThreshold)
  const thresholds = rowThresholds + <usize>row * 4
  // The lower of the two thresholds counts: either side may want the pair.
  let mask = 0
  for (let lane: usize = 0; lane < 16; lane += 4) {
    const score = f32x4.add(f32x4.mul(v128.load(bounds + lane * 4), norm), shift)
    mask |= i32x4.bitmask(f32x4.ge(score, f32x4.pmin(least, v128.load(thresholds + lane * 4)))) << <i32>lane
  }
  while (mask != 0) {
    const lane = ctz(mask)
    mask &= mask - 1
    const j = row + lane
    if (j >= to || (self >= 0 && j <= self + index)) continue
    const slot = waiting + <usize>waitingCount * 16
    store<i32>(slot, index)
    store<i32>(slot, j, 4)
    store<f32>(slot, load<f32>(bounds + <usize>lane * 4), 8)
    if (++waitingCount == PAIRS_WAITING) refineWaiting()
  }
}

/** Bounds from the rest of the codes, then from all of them: first the sums of all that wait, so that none waits for another. */
function refineWaiting(): void {
  const width = load<i32>(plan, WIDTH)
  const head = load<i32>(plan, HEAD)
  const codes = <usize>load<i32>(<usize>load<i32>(plan, SEGMENTS), ROW_CODES)
  const stride = <usize>(width + 16)
  for (let w = 0; w < waitingCount; w++) {
    const slot = waiting + <usize>w * 16
    const query = queries + <usize>load<i32>(slot) * queryStride
    const row = codes + <usize>load<i32>(slot, 4) * stride
    store<i32>(slot, wideDot(row, query + QUERY_HEAD + <usize>width, head, width), 12)
  }
  for (let w = 0; w < waitingCount; w++) {
    const slot = waiting + <usize>w * 16
    const index = load<i32>(slot)
    const j = load<i32>(slot, 4)
    const query = queries + <usize>index * queryStride
    const row = codes + <usize>j * stride
    const meta = row + <usize>width
    const norm = load<f32>(query, NORM)
    const threshold = min(load<f32>(queryThresholds + <usize>index * 4), load<f32>(rowThresholds + <usize>j * 4))
    const rowScale = load<f32>(meta)
    const scale = rowScale * load<f32>(query, SCALE2)
    const error = load<f32>(meta, 4)
    const slack = rowScale * load<f32>(query, SLACK2)
    let sum = load<i32>(slot, 12)
    const closer = load<f32>(slot, 8) + (error - load<f32>(meta, 8)) * load<f32>(query, BEYOND) + slack + scale * <f32>sum
    if (closer * norm + load<f32>(query, SHIFT_UP) < threshold) continue
    sum += wideDot(row, query + QUERY_HEAD + <usize>width, 0, head)
    const product = scale * <f32>sum
    const coding = error * load<f32>(query, CODING2) + slack
    const bias = load<f32>(meta, 12)
    const upper = (load<f32>(query, BASE_UP) - bias * load<f32>(query, BIAS_UP) + coding + product) * norm + load<f32>(query, SHIFT_UP)
    if (upper < threshold) continue
    if (found < capacity) {
      const to = out + <usize>found * 16
      store<i32>(to, index)
      store<i32>(to, j, 4)
      store<f32>(to, upper, 8)
      store<f32>(to, (load<f32>(query, BASE_DOWN) - bias * load<f32>(query, BIAS_DOWN) - coding + product) * norm + load<f32>(query, SHIFT_DOWN), 12)
    }
    found++
  }
  waitingCount = 0
}
