// All pairs that may reach a threshold.

import {
  SEGMENTS,
  UNITS,
  HAS_BIAS,
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
} from './_search-layout'
import { wideDot } from './_search-dot'
import { scan } from './_search-scan'

let plan: usize = 0
/** Least threshold of each 16 rows of a tile. */
let minima: usize = 0

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
      scan(plan, codes, (end - tile + 15) >> 4, load<i32>(plan, NIBBLES) != 0, first, second, scratch, other)
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
  const query = queryAt
  const wholeQuery = query + QUERY_HEAD + <usize>load<i32>(plan, WIDTH)
  const norm = v128.load32_splat(query, NORM)
  const shift = v128.load32_splat(query, SHIFT_UP)
  const least = f32x4.splat(queryThreshold)
  const width = load<i32>(plan, WIDTH)
  const head = load<i32>(plan, HEAD)
  const beyond = load<f32>(query, BEYOND)
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
      const scale = rowScale * scale2
      const rowThreshold = min(queryThreshold, load<f32>(rowThresholds + <usize>j * 4))
      const error = load<f32>(meta, 4)
      const slack = rowScale * slack2
      let sum = wideDot(rowAt, wholeQuery, head, width)
      const closer = load<f32>(bounds + <usize>(j - from) * 4) + (error - load<f32>(meta, 8)) * beyond + slack + scale * <f32>sum
      if (closer * load<f32>(query, NORM) + load<f32>(query, SHIFT_UP) < rowThreshold) continue
      sum += wideDot(rowAt, wholeQuery, 0, head)
      const product = scale * <f32>sum
      const coding = error * coding2 + slack
      const bias = load<f32>(meta, 12)
      const upper = (load<f32>(query, BASE_UP) - bias * load<f32>(query, BIAS_UP) + coding + product) * load<f32>(query, NORM) + load<f32>(query, SHIFT_UP)
      if (upper < rowThreshold) continue
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
