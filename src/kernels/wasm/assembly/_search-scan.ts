// First pass: upper bounds from the first coded dimensions of every row.

import {
  UNITS,
  NIBBLES,
  HAS_BIAS,
  BASE1,
  SCALE1,
  CODING1,
  TAIL1,
  SLACK1,
  OFFSET1,
  BIAS_UP,
  QUERY_HEAD,
  FLUSH_UNITS,
  FUSED,
} from './_search-layout'

/** Constants of the inner loops: written there as literals, the engine would make them anew at every use. */
const constants = memory.data<u64>([
  0x0f0f0f0f0f0f0f0f, 0x0f0f0f0f0f0f0f0f, 0x00ff00ff00ff00ff, 0x00ff00ff00ff00ff, 0x0001000100010001, 0x0001000100010001,
], 16)

/** Products of signed bytes with bytes 0…127, neighbours added: one instruction with relaxed SIMD, the same numbers without. */
// @ts-ignore: decorator
@inline
function pairProducts(query: v128, codes: v128, lowBytes: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i16x8.relaxed_dot_i8x16_i7x16_s(query, codes)
  return i16x8.add(
    i16x8.mul(i16x8.shr_s(i16x8.shl(query, 8), 8), v128.and(codes, lowBytes)),
    i16x8.mul(i16x8.shr_s(query, 8), i16x8.shr_u(codes, 8)),
  )
}

// @ts-ignore: decorator
@inline
function addPairs(sum: v128, products: v128, ones: v128): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(products, ones))
}

// @ts-ignore: decorator
@inline
function highNibbles(codes: v128, nibble: v128): v128 {
  return v128.and(i16x8.shr_u(codes, 4), nibble)
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

/** From the sums at `out`, in their place. */
// @ts-ignore: decorator
@inline
function bound16(query: usize, meta: usize, out: usize, bias: bool): void {
  const coding = v128.load(meta, 64)
  const tail = v128.load(meta, 80)
  const codingLow = i16x8.extend_low_i8x16_u(coding)
  const codingHigh = i16x8.extend_high_i8x16_u(coding)
  const tailLow = i16x8.extend_low_i8x16_u(tail)
  const tailHigh = i16x8.extend_high_i8x16_u(tail)
  v128.store(out, bound4(v128.load(out), query, meta, i32x4.extend_low_i16x8_u(codingLow), i32x4.extend_low_i16x8_u(tailLow), 0, bias))
  v128.store(out, bound4(v128.load(out, 16), query, meta, i32x4.extend_high_i16x8_u(codingLow), i32x4.extend_high_i16x8_u(tailLow), 4, bias), 16)
  v128.store(out, bound4(v128.load(out, 32), query, meta, i32x4.extend_low_i16x8_u(codingHigh), i32x4.extend_low_i16x8_u(tailHigh), 8, bias), 32)
  v128.store(out, bound4(v128.load(out, 48), query, meta, i32x4.extend_high_i16x8_u(codingHigh), i32x4.extend_high_i16x8_u(tailHigh), 12, bias), 48)
}

/** Add a flush of products to the sums at `sums`: they rest in memory, so that the loops keep to the registers there are. */
// @ts-ignore: decorator
@inline
function flush(sums: usize, a0: v128, a1: v128, a2: v128, a3: v128): void {
  const ones = v128.load(constants, 32)
  v128.store(sums, addPairs(v128.load(sums), a0, ones))
  v128.store(sums, addPairs(v128.load(sums, 16), a1, ones), 16)
  v128.store(sums, addPairs(v128.load(sums, 32), a2, ones), 32)
  v128.store(sums, addPairs(v128.load(sums, 48), a3, ones), 48)
}

// @ts-ignore: decorator
@inline
function clear(sums: usize): void {
  const zero = i32x4.splat(0)
  v128.store(sums, zero)
  v128.store(sums, zero, 16)
  v128.store(sums, zero, 32)
  v128.store(sums, zero, 48)
}

/** Bounds of all rows in `blocks` blocks of 16 for one query. */
// @ts-ignore: decorator
@inline
function scanOne(at: usize, blocks: i32, units: i32, query: usize, out: usize, nibbles: bool, bias: bool): void {
  const nibble = v128.load(constants)
  const lowBytes = v128.load(constants, 16)
  for (let block = 0; block < blocks; block++) {
    clear(out)
    let q = query + QUERY_HEAD
    const codesEnd = at + <usize>units * 64
    while (at < codesEnd) {
      const end = min(at + FLUSH_UNITS * 64, codesEnd)
      let a0 = i32x4.splat(0)
      let a1 = a0
      let a2 = a0
      let a3 = a0
      while (at < end) {
        let quad: v128
        if (nibbles) {
          let c: v128
          let other: v128
          quad = v128.load32_splat(q, 0)
          other = v128.load32_splat(q, 4)
          c = v128.load(at, 0)
          a0 = i16x8.add(i16x8.add(a0, pairProducts(quad, v128.and(c, nibble), lowBytes)), pairProducts(other, highNibbles(c, nibble), lowBytes))
          c = v128.load(at, 16)
          a1 = i16x8.add(i16x8.add(a1, pairProducts(quad, v128.and(c, nibble), lowBytes)), pairProducts(other, highNibbles(c, nibble), lowBytes))
          c = v128.load(at, 32)
          a2 = i16x8.add(i16x8.add(a2, pairProducts(quad, v128.and(c, nibble), lowBytes)), pairProducts(other, highNibbles(c, nibble), lowBytes))
          c = v128.load(at, 48)
          a3 = i16x8.add(i16x8.add(a3, pairProducts(quad, v128.and(c, nibble), lowBytes)), pairProducts(other, highNibbles(c, nibble), lowBytes))
          at += 64
        } else {
          quad = v128.load32_splat(q, 0)
          a0 = i16x8.add(a0, pairProducts(quad, v128.load(at, 0), lowBytes))
          a1 = i16x8.add(a1, pairProducts(quad, v128.load(at, 16), lowBytes))
          a2 = i16x8.add(a2, pairProducts(quad, v128.load(at, 32), lowBytes))
          a3 = i16x8.add(a3, pairProducts(quad, v128.load(at, 48), lowBytes))
          quad = v128.load32_splat(q, 4)
          a0 = i16x8.add(a0, pairProducts(quad, v128.load(at, 64), lowBytes))
          a1 = i16x8.add(a1, pairProducts(quad, v128.load(at, 80), lowBytes))
          a2 = i16x8.add(a2, pairProducts(quad, v128.load(at, 96), lowBytes))
          a3 = i16x8.add(a3, pairProducts(quad, v128.load(at, 112), lowBytes))
          at += 128
        }
        q += 8
      }
      flush(out, a0, a1, a2, a3)
    }
    bound16(query, at, out, bias)
    at += bias ? 160 : 96
    out += 64
  }
}

/** The same for two queries over bytes, each code loaded once. */
// @ts-ignore: decorator
@inline
function scanTwo(
  at: usize, blocks: i32, units: i32, first: usize, second: usize, firstOut: usize, secondOut: usize, bias: bool,
): void {
  const lowBytes = v128.load(constants, 16)
  for (let block = 0; block < blocks; block++) {
    clear(firstOut)
    clear(secondOut)
    let q = first + QUERY_HEAD
    let p = second + QUERY_HEAD
    const codesEnd = at + <usize>units * 64
    while (at < codesEnd) {
      const end = min(at + FLUSH_UNITS * 64, codesEnd)
      let a0 = i32x4.splat(0)
      let a1 = a0
      let a2 = a0
      let a3 = a0
      let b0 = a0
      let b1 = a0
      let b2 = a0
      let b3 = a0
      while (at < end) {
        let c: v128
        let quad: v128
        let other: v128
        quad = v128.load32_splat(q, 0)
        other = v128.load32_splat(p, 0)
        c = v128.load(at, 0)
        a0 = i16x8.add(a0, pairProducts(quad, c, lowBytes))
        b0 = i16x8.add(b0, pairProducts(other, c, lowBytes))
        c = v128.load(at, 16)
        a1 = i16x8.add(a1, pairProducts(quad, c, lowBytes))
        b1 = i16x8.add(b1, pairProducts(other, c, lowBytes))
        c = v128.load(at, 32)
        a2 = i16x8.add(a2, pairProducts(quad, c, lowBytes))
        b2 = i16x8.add(b2, pairProducts(other, c, lowBytes))
        c = v128.load(at, 48)
        a3 = i16x8.add(a3, pairProducts(quad, c, lowBytes))
        b3 = i16x8.add(b3, pairProducts(other, c, lowBytes))
        at += 64
        q += 4
        p += 4
      }
      flush(firstOut, a0, a1, a2, a3)
      flush(secondOut, b0, b1, b2, b3)
    }
    bound16(first, at, firstOut, bias)
    bound16(second, at, secondOut, bias)
    at += bias ? 160 : 96
    firstOut += 64
    secondOut += 64
  }
}

/** `sum` and the products of four signed bytes with four bytes 0 … 127, for each lane. */
// @ts-ignore: decorator
@inline
export function dotAdd(query: v128, codes: v128, sum: v128): v128 {
  return i32x4.relaxed_dot_i8x16_i7x16_add_s(query, codes, sum)
}

/** `scanOne` where that is one instruction: the sums stay in registers to the end. */
// @ts-ignore: decorator
@inline
function fusedOne(at: usize, blocks: i32, units: i32, query: usize, out: usize, nibbles: bool, bias: bool): void {
  const nibble = v128.load(constants)
  for (let block = 0; block < blocks; block++) {
    let q = query + QUERY_HEAD
    let a0 = i32x4.splat(0)
    let a1 = a0
    let a2 = a0
    let a3 = a0
    for (const end = at + <usize>units * 64; at < end; at += 64) {
      const quad = v128.load32_splat(q)
      q += 4
      if (nibbles) {
        const other = v128.load32_splat(q)
        q += 4
        let c = v128.load(at)
        a0 = dotAdd(other, highNibbles(c, nibble), dotAdd(quad, v128.and(c, nibble), a0))
        c = v128.load(at, 16)
        a1 = dotAdd(other, highNibbles(c, nibble), dotAdd(quad, v128.and(c, nibble), a1))
        c = v128.load(at, 32)
        a2 = dotAdd(other, highNibbles(c, nibble), dotAdd(quad, v128.and(c, nibble), a2))
        c = v128.load(at, 48)
        a3 = dotAdd(other, highNibbles(c, nibble), dotAdd(quad, v128.and(c, nibble), a3))
      } else {
        a0 = dotAdd(quad, v128.load(at), a0)
        a1 = dotAdd(quad, v128.load(at, 16), a1)
        a2 = dotAdd(quad, v128.load(at, 32), a2)
        a3 = dotAdd(quad, v128.load(at, 48), a3)
      }
    }
    v128.store(out, a0)
    v128.store(out, a1, 16)
    v128.store(out, a2, 32)
    v128.store(out, a3, 48)
    bound16(query, at, out, bias)
    at += bias ? 160 : 96
    out += 64
  }
}

/** `scanTwo` likewise. */
// @ts-ignore: decorator
@inline
function fusedTwo(
  at: usize, blocks: i32, units: i32, first: usize, second: usize, firstOut: usize, secondOut: usize, bias: bool,
): void {
  for (let block = 0; block < blocks; block++) {
    let q = first + QUERY_HEAD
    let p = second + QUERY_HEAD
    let a0 = i32x4.splat(0)
    let a1 = a0
    let a2 = a0
    let a3 = a0
    let b0 = a0
    let b1 = a0
    let b2 = a0
    let b3 = a0
    for (const end = at + <usize>units * 64; at < end; at += 64) {
      const quad = v128.load32_splat(q)
      const other = v128.load32_splat(p)
      let c = v128.load(at)
      a0 = dotAdd(quad, c, a0)
      b0 = dotAdd(other, c, b0)
      c = v128.load(at, 16)
      a1 = dotAdd(quad, c, a1)
      b1 = dotAdd(other, c, b1)
      c = v128.load(at, 32)
      a2 = dotAdd(quad, c, a2)
      b2 = dotAdd(other, c, b2)
      c = v128.load(at, 48)
      a3 = dotAdd(quad, c, a3)
      b3 = dotAdd(other, c, b3)
      q += 4
      p += 4
    }
    v128.store(firstOut, a0)
    v128.store(firstOut, a1, 16)
    v128.store(firstOut, a2, 32)
    v128.store(firstOut, a3, 48)
    v128.store(secondOut, b0)
    v128.store(secondOut, b1, 16)
    v128.store(secondOut, b2, 32)
    v128.store(secondOut, b3, 48)
    bound16(first, at, firstOut, bias)
    bound16(second, at, secondOut, bias)
    at += bias ? 160 : 96
    firstOut += 64
    secondOut += 64
  }
}

function fusedOneBytes(at: usize, blocks: i32, units: i32, query: usize, out: usize, bias: bool): void {
  if (bias) fusedOne(at, blocks, units, query, out, false, true)
  else fusedOne(at, blocks, units, query, out, false, false)
}
function fusedNibbles(at: usize, blocks: i32, units: i32, query: usize, out: usize, bias: bool): void {
  if (bias) fusedOne(at, blocks, units, query, out, true, true)
  else fusedOne(at, blocks, units, query, out, true, false)
}
function fusedTwoBytes(
  at: usize, blocks: i32, units: i32, first: usize, second: usize, a: usize, b: usize, bias: bool,
): void {
  if (bias) fusedTwo(at, blocks, units, first, second, a, b, true)
  else fusedTwo(at, blocks, units, first, second, a, b, false)
}

function scanOneBytes(at: usize, blocks: i32, units: i32, query: usize, out: usize): void {
  scanOne(at, blocks, units, query, out, false, false)
}
function scanOneBytesBias(at: usize, blocks: i32, units: i32, query: usize, out: usize): void {
  scanOne(at, blocks, units, query, out, false, true)
}
function scanNibbles(at: usize, blocks: i32, units: i32, query: usize, out: usize, bias: bool): void {
  if (bias) scanOne(at, blocks, units, query, out, true, true)
  else scanOne(at, blocks, units, query, out, true, false)
}
function scanTwoBytes(at: usize, blocks: i32, units: i32, a: usize, b: usize, outA: usize, outB: usize): void {
  scanTwo(at, blocks, units, a, b, outA, outB, false)
}
function scanTwoBytesBias(at: usize, blocks: i32, units: i32, a: usize, b: usize, outA: usize, outB: usize): void {
  scanTwo(at, blocks, units, a, b, outA, outB, true)
}

/** Upper bounds of one or two (`second` not 0) queries; `nibbles`: the codes are packed, as the plan says or not any more. */
export function scan(
  plan: usize, codes: usize, blocks: i32, nibbles: bool, first: usize, second: usize, a: usize, b: usize,
): void {
  const coded = load<i32>(plan, NIBBLES) != 0
  const units = load<i32>(plan, UNITS) << (coded && !nibbles ? 1 : 0)
  const bias = load<i32>(plan, HAS_BIAS) != 0
  if (ASC_FEATURE_RELAXED_SIMD && load<i32>(plan, FUSED) != 0) {
    if (nibbles) {
      fusedNibbles(codes, blocks, units, first, a, bias)
      if (second != 0) fusedNibbles(codes, blocks, units, second, b, bias)
    } else if (second == 0) fusedOneBytes(codes, blocks, units, first, a, bias)
    else fusedTwoBytes(codes, blocks, units, first, second, a, b, bias)
  } else if (nibbles) {
    scanNibbles(codes, blocks, units, first, a, bias)
    if (second != 0) scanNibbles(codes, blocks, units, second, b, bias)
  } else if (second == 0) {
    if (bias) scanOneBytesBias(codes, blocks, units, first, a)
    else scanOneBytes(codes, blocks, units, first, a)
  } else if (bias) scanTwoBytesBias(codes, blocks, units, first, second, a, b)
  else scanTwoBytes(codes, blocks, units, first, second, a, b)
}

/** Unpack nibbles to bytes: worth it where several queries pass over the same blocks. */
export function unpack(plan: usize, codes: usize, blocks: i32, out: usize): void {
  const units = load<i32>(plan, UNITS)
  const nibble = v128.load(constants)
  const metaBytes: usize = load<i32>(plan, HAS_BIAS) != 0 ? 160 : 96
  for (let block = 0; block < blocks; block++) {
    for (let unit = 0; unit < units; unit++) {
      for (let at: usize = 0; at < 64; at += 16) {
        const c = v128.load(codes + at)
        v128.store(out + at, v128.and(c, nibble))
        v128.store(out + at, highNibbles(c, nibble), 64)
      }
      codes += 64
      out += 128
    }
    memory.copy(out, codes, metaBytes)
    codes += metaBytes
    out += metaBytes
  }
}
