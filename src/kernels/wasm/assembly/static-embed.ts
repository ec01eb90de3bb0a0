// From tokens to a text's vector: look-up, pooling, unit length; the tokens are those of `_wordpiece`.
// The specification is StaticModel in TypeScript; every answer equals its.
// Offsets are bytes into linear memory.

import { base, slotOf, unknownId } from './_wordpiece'

export { setUp, tokenize } from './_wordpiece'

let table: i32 = 0
let rowOfToken: i32 = 0
let weights: i32 = 0
let columns: i32 = 0
let tableKind: i32 = 0
let sums: i32 = 0

/** `kind` 0: int8 rows, sums exact in integers; 1: float32 rows; 2: int8 rows with `weights`. `sumsAt`: columns · 8 bytes. */
export function setTable(tableAt: i32, kind: i32, rowsAt: i32, weightsAt: i32, width: i32, sumsAt: i32): void {
  table = tableAt
  tableKind = kind
  rowOfToken = rowsAt
  weights = weightsAt
  columns = width
  sums = sumsAt
}

/** Mean row of the known tokens among `count` at `ids`, of unit length if asked; returns 0 when nothing is known. */
export function embed(ids: i32, count: i32, output: i32, unit: i32): i32 {
  let known = 0
  if (owns != 0) known = addInContext(ids, count)
  else {
    memory.fill(sums, 0, columns << 3)
    known = tableKind == 0 ? addBytes(ids, count) : addFloats(ids, count)
  }
  if (known == 0) return 0
  if (tableKind == 0 && (columns & 3) == 0) return finishBytes(known, output, unit)
  let squares: f64 = 0
  for (let i = 0; i < columns; i++) {
    const value = sumOf(i)
    squares += value * value
  }
  if (squares == 0) return 0
  const scale = unit ? 1 / Math.sqrt(squares) : 1 / f64(known)
  for (let i = 0; i < columns; i++) store<f32>(output + (i << 2), f32(sumOf(i) * scale))
  return known
}

/** Squares in four sums, as the specification has them. */
function finishBytes(known: i32, output: i32, unit: i32): i32 {
  let even = f64x2.splat(0), odd = f64x2.splat(0)
  const end = sums + (columns << 2)
  for (let at = sums; at < end; at += 16) {
    const low = f64x2.convert_low_i32x4_s(v128.load(at))
    const high = f64x2.convert_low_i32x4_s(v128.load64_zero(at + 8))
    even = f64x2.add(even, f64x2.mul(low, low))
    odd = f64x2.add(odd, f64x2.mul(high, high))
  }
  even = f64x2.add(even, odd)
  const squares = f64x2.extract_lane(even, 0) + f64x2.extract_lane(even, 1)
  if (squares == 0) return 0
  const scale = f64x2.splat(unit ? 1 / Math.sqrt(squares) : 1 / f64(known))
  for (let at = sums; at < end; at += 16) {
    const low = f32x4.demote_f64x2_zero(f64x2.mul(scale, f64x2.convert_low_i32x4_s(v128.load(at))))
    const high = f32x4.demote_f64x2_zero(f64x2.mul(scale, f64x2.convert_low_i32x4_s(v128.load64_zero(at + 8))))
    v128.store(output + (at - sums), i32x4.shuffle(low, high, 0, 1, 4, 5))
  }
  return known
}

// @ts-ignore: decorator
@inline
function sumOf(column: i32): f64 {
  return tableKind == 0 ? f64(load<i32>(sums + (column << 2))) : load<f64>(sums + (column << 3))
}

// @ts-ignore: decorator
@inline
function rowAt(id: i32): i32 {
  return rowOfToken == 0 ? id : load<i32>(rowOfToken + (id << 2))
}

/** Sums of int8 rows: 16-bit lanes hold 256 rows without overflow, then they go to 32 bits. */
function addBytes(ids: i32, count: i32): i32 {
  let known = 0
  const vectored = columns & ~15
  for (let from = 0; from < count; from += 256) {
    const to = from + 256 < count ? from + 256 : count
    for (let column = 0; column < vectored; column += 64) {
      let a = i16x8.splat(0), b = i16x8.splat(0), c = i16x8.splat(0), d = i16x8.splat(0)
      let e = i16x8.splat(0), f = i16x8.splat(0), g = i16x8.splat(0), h = i16x8.splat(0)
      const left = vectored - column
      for (let i = from; i < to; i++) {
        const id = load<i32>(ids + (i << 2))
        if (id == unknownId) continue
        const at = table + rowAt(id) * columns + column
        let x = v128.load(at)
        a = i16x8.add(a, i16x8.extend_low_i8x16_s(x))
        b = i16x8.add(b, i16x8.extend_high_i8x16_s(x))
        if (left > 16) {
          x = v128.load(at + 16)
          c = i16x8.add(c, i16x8.extend_low_i8x16_s(x))
          d = i16x8.add(d, i16x8.extend_high_i8x16_s(x))
        }
        if (left > 32) {
          x = v128.load(at + 32)
          e = i16x8.add(e, i16x8.extend_low_i8x16_s(x))
          f = i16x8.add(f, i16x8.extend_high_i8x16_s(x))
        }
        if (left > 48) {
          x = v128.load(at + 48)
          g = i16x8.add(g, i16x8.extend_low_i8x16_s(x))
          h = i16x8.add(h, i16x8.extend_high_i8x16_s(x))
        }
      }
      const out = sums + (column << 2)
      widen(out, a)
      widen(out + 32, b)
      if (left > 16) {
        widen(out + 64, c)
        widen(out + 96, d)
      }
      if (left > 32) {
        widen(out + 128, e)
        widen(out + 160, f)
      }
      if (left > 48) {
        widen(out + 192, g)
        widen(out + 224, h)
      }
    }
    for (let i = from; i < to; i++) {
      const id = load<i32>(ids + (i << 2))
      if (id == unknownId) continue
      known++
      const row = table + rowAt(id) * columns
      for (let column = vectored; column < columns; column++) {
        const out = sums + (column << 2)
        store<i32>(out, load<i32>(out) + load<i8>(row + column))
      }
    }
  }
  return known
}

// @ts-ignore: decorator
@inline
function widen(out: i32, lanes: v128): void {
  v128.store(out, i32x4.add(v128.load(out), i32x4.extend_low_i16x8_s(lanes)))
  v128.store(out + 16, i32x4.add(v128.load(out + 16), i32x4.extend_high_i16x8_s(lanes)))
}

/** Sums in doubles, token after token, as the specification adds them. */
function addFloats(ids: i32, count: i32): i32 {
  let known = 0
  for (let i = 0; i < count; i++) {
    const id = load<i32>(ids + (i << 2))
    if (id == unknownId) continue
    known++
    const weight = weights == 0 ? f64(1) : f64(load<f32>(weights + (id << 2)))
    const row = rowAt(id) * columns
    if (tableKind == 1) {
      const factor = f64x2.splat(weight)
      const from = table + (row << 2)
      let column = 0
      for (; column + 2 <= columns; column += 2) {
        const out = sums + (column << 3)
        const values = f64x2.promote_low_f32x4(v128.load64_zero(from + (column << 2)))
        v128.store(out, f64x2.add(v128.load(out), f64x2.mul(factor, values)))
      }
      if (column < columns) addOne(sums + (column << 3), weight * f64(load<f32>(from + (column << 2))))
    } else {
      for (let column = 0; column < columns; column++)
        addOne(sums + (column << 3), weight * f64(load<i8>(table + row + column)))
    }
  }
  return known
}

// @ts-ignore: decorator
@inline
function addOne(out: i32, value: f64): void {
  store<f64>(out, load<f64>(out) + value)
}

let owns: i32 = 0
let mean: i32 = 0
let places: i32 = 0
let damping: f64 = 0
let halfAt: f64 = 0

const leastWeight: f64 = 0.05
const placeCapacity: i32 = 4096

/**
 * Weigh tokens by their text: see src/models/context-pooling.ts. int8 rows only, columns a multiple of 16 up to 1,024.
 * `ownsAt`: a squared length (int32) for each of `rows`; `meanAt`: columns · 6 bytes; `placesAt`: 4,096 int32.
 */
export function setContext(rows: i32, ownsAt: i32, meanAt: i32, placesAt: i32, dampingFactor: f64, half: f64): void {
  owns = ownsAt
  mean = meanAt
  places = placesAt
  damping = dampingFactor
  halfAt = half
  for (let position = 0; position < placeCapacity; position++) store<i32>(places + (position << 2), placeOf(position))
  for (let row = 0; row < rows; row++) {
    const at = table + row * columns
    let sum = i32x4.splat(0)
    for (let column = 0; column < columns; column += 16) {
      const x = v128.load(at + column)
      const low = i16x8.extend_low_i8x16_s(x)
      const high = i16x8.extend_high_i8x16_s(x)
      sum = i32x4.add(sum, i32x4.add(i32x4.dot_i16x8_s(low, low), i32x4.dot_i16x8_s(high, high)))
    }
    store<i32>(owns + (row << 2), sumI32x4(sum))
  }
}

function placeOf(position: i32): i32 {
  const place = i32(Math.floor((256 * halfAt) / (halfAt + f64(position)) + 0.5))
  return place < 1 ? 1 : place
}

// @ts-ignore: decorator
@inline
function placeWeight(position: i32): i32 {
  return position < placeCapacity ? load<i32>(places + (position << 2)) : placeOf(position)
}

// @ts-ignore: decorator
@inline
function sumI32x4(v: v128): i32 {
  return (
    i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1) + i32x4.extract_lane(v, 2) + i32x4.extract_lane(v, 3)
  )
}

/** Copy `rows` of `bytes` from one after the other to `stride` apart. */
export function place(from: i32, rows: i32, bytes: i32, to: i32, stride: i32): void {
  for (let row = 0; row < rows; row++) memory.copy(to + row * stride, from + row * bytes, bytes)
}

/** Rows in four bits a value to int8: see src/models/packed-rows.ts. */
export function unpack(codes: i32, scales: i32, spreads: i32, rows: i32, width: i32, to: i32, stride: i32): void {
  const low = i8x16.splat(15)
  const eight = i8x16.splat(8)
  for (let row = 0; row < rows; row++) {
    // q15mulr is (a · b + 2¹⁴) >> 15, so that a scale times 8 gives (a · scale + 2¹¹) >> 12.
    const scale = i16x8.splat(i16(load<u8>(scales + row)) << 3)
    for (let column = 0; column < width; column += 32) {
      const both = v128.load(codes)
      const out = to + row * stride + column
      v128.store(out, scaled(i8x16.sub(v128.and(both, low), eight), scale, spreads + column))
      v128.store(out + 16, scaled(i8x16.sub(i8x16.shr_u(both, 4), eight), scale, spreads + column + 16))
      codes += 16
    }
  }
}

// @ts-ignore: decorator
@inline
function scaled(code: v128, scale: v128, spreads: i32): v128 {
  const a = i16x8.mul(i16x8.extend_low_i8x16_s(code), v128.load8x8_u(spreads))
  const b = i16x8.mul(i16x8.extend_high_i8x16_s(code), v128.load8x8_u(spreads + 8))
  return i8x16.narrow_i16x8_s(i16x8.q15mulr_sat_s(a, scale), i16x8.q15mulr_sat_s(b, scale))
}

let phraseSlots: i32 = 0
let phraseMask: i32 = 0

/** `pairs`: two token ids (uint16) a phrase; `slots`: `slotCount` (a power of two) entries, a pair (uint32) and its row (int32). */
export function setPhrases(pairs: i32, count: i32, slots: i32, slotCount: i32, firstRow: i32): void {
  phraseSlots = slots
  phraseMask = slotCount - 1
  for (let slot = 0; slot < slotCount; slot++) store<i32>(slots + (slot << 3) + 4, -1)
  for (let phrase = 0; phrase < count; phrase++) {
    const pair = load<u32>(pairs + (phrase << 2))
    let slot = slotOf(pair * base) & phraseMask
    // The last of two equal pairs counts.
    while (load<i32>(slots + (slot << 3) + 4) >= 0 && load<u32>(slots + (slot << 3)) != pair) slot = (slot + 1) & phraseMask
    store<u32>(slots + (slot << 3), pair)
    store<i32>(slots + (slot << 3) + 4, firstRow + phrase)
  }
}

/** Rows of phrases in the place of their tokens'; returns how many are left. */
function joinPhrases(rows: i32, count: i32): i32 {
  let left = 0
  for (let i = 0; i < count; i++) {
    let row = load<i32>(rows + (i << 2))
    if (i + 1 < count) {
      const pair: u32 = row | (load<i32>(rows + (i << 2) + 4) << 16)
      let slot = slotOf(pair * base) & phraseMask
      for (;;) {
        const found = load<i32>(phraseSlots + (slot << 3) + 4)
        if (found < 0) break
        if (load<u32>(phraseSlots + (slot << 3)) == pair) {
          row = found
          i++
          break
        }
        slot = (slot + 1) & phraseMask
      }
    }
    store<i32>(rows + (left << 2), row)
    touch(row)
    left++
  }
  return left
}

let touched: i32 = 0

/** Read a byte of each cache line of a row, so that all rows of a text are on their way at once. */
// @ts-ignore: decorator
@inline
function touch(row: i32): void {
  const at = table + row * columns
  for (let column = 0; column < columns; column += 64) touched ^= load<u8>(at + column)
}

/** Rows replace ids in their own place; the weights of the second pass stand in `weightsOf` after them. */
function addInContext(ids: i32, count: i32): i32 {
  let known = 0
  for (let i = 0; i < count; i++) {
    const id = load<i32>(ids + (i << 2))
    if (id == unknownId) continue
    store<i32>(ids + (known << 2), rowAt(id))
    known++
  }
  if (phraseSlots != 0) known = joinPhrases(ids, known)
  const weightsOf = ids + (count << 2)
  for (let i = 0; i < known; i++) store<i32>(weightsOf + (i << 2), placeWeight(i))
  sumWeighted(ids, weightsOf, known)

  let most = i32x4.splat(0)
  for (let column = 0; column < columns; column += 4)
    most = i32x4.max_u(most, i32x4.abs(v128.load(sums + (column << 2))))
  most = i32x4.max_u(most, i32x4.shuffle(most, most, 2, 3, 0, 1))
  const largest = max(i32x4.extract_lane(most, 0), i32x4.extract_lane(most, 1))
  let shift = 0
  while (largest >> shift > 16383) shift++
  // Each product pair is below 2³⁰, so a lane of 64 bits holds any number of them.
  let wide = i64x2.splat(0)
  for (let column = 0; column < columns; column += 8) {
    const at = sums + (column << 2)
    const m = i16x8.narrow_i32x4_s(i32x4.shr_s(v128.load(at), shift), i32x4.shr_s(v128.load(at + 16), shift))
    v128.store(mean + (column << 1), m)
    const square = i32x4.dot_i16x8_s(m, m)
    wide = i64x2.add(wide, i64x2.add(i64x2.extend_low_i32x4_s(square), i64x2.extend_high_i32x4_s(square)))
  }
  const squares = f64(i64x2.extract_lane(wide, 0) + i64x2.extract_lane(wide, 1))
  const unit = 1 / f64(1 << shift)
  for (let i = 0; i < known; i++) {
    const row = load<i32>(ids + (i << 2))
    const own = f64(load<i32>(owns + (row << 2)))
    const along = f64(alongMean(table + row * columns))
    const place = f64(load<i32>(weightsOf + (i << 2)))
    const share = place * unit
    const others = (squares - share * (2 * along - share * own)) * own
    const cosine = others > 0 ? (along - share * own) / Math.sqrt(others) : 0
    let kept = 1 - damping * cosine
    if (kept < leastWeight) kept = leastWeight
    store<i32>(weightsOf + (i << 2), i32(Math.floor((place / 256) * kept * 4096 + 0.5)))
  }
  sumWeighted(ids, weightsOf, known)
  return known
}

// @ts-ignore: decorator
@inline
function alongMean(at: i32): i32 {
  let sum = i32x4.splat(0)
  for (let column = 0; column < columns; column += 16) {
    const x = v128.load(at + column)
    const m = mean + (column << 1)
    sum = i32x4.add(sum, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(x), v128.load(m)))
    sum = i32x4.add(sum, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(x), v128.load(m + 16)))
  }
  return sumI32x4(sum)
}

/** sums = Σ weight · row; two rows a step, whose interleaved values meet their two weights in one dot product. */
function sumWeighted(rows: i32, weightsOf: i32, count: i32): void {
  for (let column = 0; column < columns; column += 32) {
    const wide = column + 16 < columns
    const out = sums + (column << 2)
    let a = i32x4.splat(0), b = i32x4.splat(0), c = i32x4.splat(0), d = i32x4.splat(0)
    let e = i32x4.splat(0), f = i32x4.splat(0), g = i32x4.splat(0), h = i32x4.splat(0)
    for (let i = 0; i < count; i += 2) {
      const even = load<i32>(weightsOf + (i << 2))
      const x = table + load<i32>(rows + (i << 2)) * columns + column
      let y = x
      let odd = 0
      if (i + 1 < count) {
        odd = load<i32>(weightsOf + (i << 2) + 4)
        y = table + load<i32>(rows + (i << 2) + 4) * columns + column
      }
      const pair = i32x4.splat((odd << 16) | (even & 0xffff))
      let p = v128.load(x)
      let q = v128.load(y)
      let low = i8x16.shuffle(p, q, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
      let high = i8x16.shuffle(p, q, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
      a = i32x4.add(a, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(low), pair))
      b = i32x4.add(b, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(low), pair))
      c = i32x4.add(c, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(high), pair))
      d = i32x4.add(d, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(high), pair))
      if (wide) {
        p = v128.load(x + 16)
        q = v128.load(y + 16)
        low = i8x16.shuffle(p, q, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
        high = i8x16.shuffle(p, q, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
        e = i32x4.add(e, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(low), pair))
        f = i32x4.add(f, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(low), pair))
        g = i32x4.add(g, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(high), pair))
        h = i32x4.add(h, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(high), pair))
      }
    }
    v128.store(out, a)
    v128.store(out + 16, b)
    v128.store(out + 32, c)
    v128.store(out + 48, d)
    if (wide) {
      v128.store(out + 64, e)
      v128.store(out + 80, f)
      v128.store(out + 96, g)
      v128.store(out + 112, h)
    }
  }
}
