// Second pass: the rows that the first could not rule out, and the search made of both.

import {
  SEGMENTS,
  SEGMENT_COUNT,
  UNITS,
  HAS_BIAS,
  WIDTH,
  HEAD,
  POSITIONS,
  TOP_K,
  CAPACITY,
  ALLOWED,
  GROUP,
  ROWS,
  FIRST_ID,
  BLOCKS,
  ROW_CODES,
  FIRST_POSITION,
  SEGMENT_BYTES,
  BIAS_UP,
  BASE_UP,
  BASE_DOWN,
  SCALE2,
  CODING2,
  BEYOND,
  BIAS_DOWN,
  EXCLUDED,
  SLACK2,
  NORM,
  SHIFT_DOWN,
  QUERY_HEAD,
  SAMPLES,
  WAITING,
  CHUNK_BLOCKS,
  NIBBLES,
} from './_search-layout'
import { wideDot } from './_search-dot'
import { scan, unpack } from './_search-scan'

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
let unpacked: usize = 0
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

/**
 * Tighter bounds of one row; it joins the candidates unless they rule it out. `bound`: that of the first pass, in which the
 * codes of the other dimensions replace what their length allowed.
 */
function refine(row: usize, id: i32, bound: f32): void {
  if (overflown || bound < threshold) return
  const allowed = load<i32>(plan, ALLOWED)
  if (allowed != 0 && ((load<u8>(<usize>allowed + <usize>(id >> 3)) >> <u8>(id & 7)) & 1) == 0) return
  if (id == load<i32>(query, EXCLUDED)) return
  const width = load<i32>(plan, WIDTH)
  const head = load<i32>(plan, HEAD)
  const meta = row + <usize>width
  const rowScale = load<f32>(meta)
  const scale = rowScale * load<f32>(query, SCALE2)
  const error = load<f32>(meta, 4)
  const slack = rowScale * load<f32>(query, SLACK2)
  let sum = wideDot(row, wholeQuery, head, width)
  if (bound + (error - load<f32>(meta, 8)) * load<f32>(query, BEYOND) + slack + scale * <f32>sum < threshold) return
  sum += wideDot(row, wholeQuery, 0, head)
  const coding = error * load<f32>(query, CODING2) + slack
  const bias = load<f32>(meta, 12)
  const up = load<f32>(query, BASE_UP) - bias * load<f32>(query, BIAS_UP) + coding
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
        const slot = waiting + <usize>waitingCount * 16
        store<i32>(slot, <i32>(codes + <usize>local * stride))
        store<i32>(slot, firstId + local, 4)
        store<f32>(slot, load<f32>(at + <usize>local * 4), 8)
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
  const head = <usize>load<i32>(plan, HEAD)
  const end = <usize>load<i32>(plan, WIDTH) + 12
  let sum = 0
  for (let i = 0; i < waitingCount; i++) {
    const row = <usize>load<i32>(waiting + <usize>i * 16)
    for (let at = head; at < end; at += 64) sum += load<u8>(row + at)
    sum += load<u8>(row + end)
  }
  touched = sum
  for (let i = 0; i < waitingCount; i++) {
    const slot = waiting + <usize>i * 16
    refine(<usize>load<i32>(slot), load<i32>(slot, 4), load<f32>(slot, 8))
  }
  waitingCount = 0
}

/** A bound that about `wanted` rows or a few more reach, from a sample of the bounds. */
function guessCut(bounds: usize, positions: i32, wanted: i32, sample: usize): f32 {
  // Some 16 sampled bounds among the wanted ones are guess enough.
  const step = max(max(1, wanted >> 4), positions / SAMPLES)
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
 * Candidates of queries `from` to `to`, a group at a time. `scratch`: bounds of a group, candidates, heap, sample, waiting, unpacked blocks.
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
  unpacked = waiting + WAITING * 16
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
  const nibbles = load<i32>(plan, NIBBLES) != 0
  const unpacks = nibbles && count > 2
  for (let s = 0; s < segmentCount; s++) {
    const segment = segments + <usize>s * SEGMENT_BYTES
    const blocks = (load<i32>(segment, ROWS) + 15) >> 4
    const codes = <usize>load<i32>(segment, BLOCKS)
    const offset = bounds + <usize>load<i32>(segment, FIRST_POSITION) * 4
    const chunk = count > 2 ? CHUNK_BLOCKS : blocks
    for (let block = 0; block < blocks; block += chunk) {
      const size = min(chunk, blocks - block)
      let at = codes + <usize>block * blockBytes
      if (unpacks) {
        unpack(plan, at, size, unpacked)
        at = unpacked
      }
      const to = offset + <usize>block * 64
      for (let i = 0; i < count; i += 2) {
        const first = queries + <usize>i * <usize>queryBytes
        const second = i + 1 < count ? first + <usize>queryBytes : 0
        const a = to + <usize>i * boundsBytes
        scan(plan, at, size, nibbles && !unpacks, first, second, a, a + boundsBytes)
      }
    }
  }
}
