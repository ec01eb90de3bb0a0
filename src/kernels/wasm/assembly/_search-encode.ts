// Rows and queries into codes, as exact-codes.ts describes them. Values are float32, sums and bounds float64.

import {
  CODER_WIDTH,
  CODER_HEAD,
  CODER_NIBBLES,
  CODER_BIAS,
  CODER_DEVIATIONS,
  CODER_RMS,
  CODER_CODES,
  CODER_LIMIT,
  CODER_TURNING,
  CODER_ERROR,
  CODER_NORM,
  BASE1,
  SCALE1,
  CODING1,
  TAIL1,
  SLACK1,
  OFFSET1,
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
  SHIFT_UP,
  SHIFT_DOWN,
  QUERY_HEAD,
} from './_search-layout'

// @ts-ignore: decorator
@inline
function low(v: v128): v128 {
  return f64x2.promote_low_f32x4(v)
}

// @ts-ignore: decorator
@inline
function high(v: v128): v128 {
  return f64x2.promote_low_f32x4(i32x4.shuffle(v, v, 2, 3, 0, 1))
}

// @ts-ignore: decorator
@inline
function sum2(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1)
}

/** Σ of squares over [from, to), both multiples of 4. */
function squares(values: usize, from: i32, to: i32): f64 {
  let a = f64x2.splat(0)
  let b = a
  for (let j = from; j < to; j += 4) {
    const v = v128.load(values + <usize>j * 4)
    const x = low(v)
    const y = high(v)
    a = f64x2.add(a, f64x2.mul(x, x))
    b = f64x2.add(b, f64x2.mul(y, y))
  }
  return sum2(f64x2.add(a, b))
}

// @ts-ignore: decorator
@inline
function above(value: f64): f32 {
  const rounded = <f32>value
  return <f64>rounded < value ? rounded * <f32>(1 + 2 ** -22) : rounded
}

/**
 * Code `count` turned rows at `z` as rows `local` on of a segment. `long`: a byte each, not 0 for rows too long to code.
 * Returns the largest ‖2c − codes‖ of their heads.
 */
export function encodeRows(coder: usize, z: usize, count: i32, blocks: usize, rowCodes: usize, local: i32, long: usize): f64 {
  const width = load<i32>(coder, CODER_WIDTH)
  const head = load<i32>(coder, CODER_HEAD)
  const nibbles = load<i32>(coder, CODER_NIBBLES) != 0
  const bias = load<i32>(coder, CODER_BIAS) != 0
  const deviations = <usize>load<i32>(coder, CODER_DEVIATIONS)
  const rms = load<f64>(coder, CODER_RMS)
  const codes = load<f64>(coder, CODER_CODES)
  const turning = load<f64>(coder, CODER_TURNING)
  const largestError = load<f64>(coder, CODER_ERROR)
  const codeBytes = <usize>(nibbles ? head * 8 : head * 16)
  const blockBytes = codeBytes + (bias ? 160 : 96)
  let largest: f64 = 0
  for (let i = 0; i < count; i++) {
    const slot = <usize>((local + i) & 15)
    const block = blocks + <usize>((local + i) >> 4) * blockBytes
    const meta = block + codeBytes
    const row = rowCodes + <usize>(local + i) * <usize>(width + 16)
    const values = z + <usize>i * <usize>width * 4
    if (load<u8>(long + <usize>i) != 0) {
      largest = max(largest, unbounded(coder, block, meta, slot, row))
      continue
    }
    const headSquare = squares(values, 0, head)
    const tailSquare = squares(values, head, width)
    const norm = sqrt(headSquare + tailSquare)
    const margin = 3 * turning * norm
    let scale = above(norm / rms)
    let error: f64 = 0
    if (scale > 1e-37) {
      for (;;) {
        error = sqrt(encodeHead(coder, values, scale, block, slot)) + margin
        if (error <= 0.996 * largestError * <f64>scale * rms) break
        scale *= 1.5
      }
      largest = max(largest, headNorm)
    } else {
      scale = 0
      error = margin
      memory.fill(values, 0, <usize>head * 4)
      encodeHead(coder, values, 1, block, slot)
      largest = max(largest, headNorm)
    }
    const share = scale == 0 ? 0 : 1 / (<f64>scale * rms)
    const beyond = sqrt(tailSquare) + margin + 1e-6 * norm
    store<f32>(meta + slot * 4, scale)
    store<u8>(meta + 64 + slot, <u8>min(255, ceil((error * share * 255) / largestError + 0.01)))
    store<u8>(meta + 80 + slot, <u8>min(255, ceil(beyond * share * 253 + 0.01)))
    const half = bias ? <f32>((norm * norm) / 2) : 0
    if (bias) store<f32>(meta + 96 + slot * 4, half)
    const whole = encodeWhole(values, deviations, width, row)
    store<f32>(row + <usize>width, wholeScale)
    store<f32>(row + <usize>width, <f32>((sqrt(whole) + margin) * (1 + 1e-6) + 1e-37), 4)
    store<f32>(row + <usize>width, <f32>(sqrt(tailSquare) + margin), 8)
    store<f32>(row + <usize>width, half, 12)
  }
  return largest
}

/** ‖2c − codes‖ of the last head, and the scale of the last whole row. */
let headNorm: f64 = 0
let wholeScale: f32 = 0

/** Codes of a row's first dimensions; returns the square of their error. */
function encodeHead(coder: usize, values: usize, scale: f32, block: usize, slot: usize): f64 {
  const head = load<i32>(coder, CODER_HEAD)
  const nibbles = load<i32>(coder, CODER_NIBBLES) != 0
  const deviations = <usize>load<i32>(coder, CODER_DEVIATIONS)
  const most = load<f64>(coder, CODER_CODES)
  const half = f64x2.splat(most / 2)
  const codes = f64x2.splat(most)
  const zero = f64x2.splat(0)
  const unit = f64x2.splat((<f64>scale * load<f64>(coder, CODER_LIMIT)) / (most / 2))
  let error = zero
  let square = zero
  for (let j = 0; j < head; j += 4) {
    const v = v128.load(values + <usize>j * 4)
    const d = v128.load(deviations + <usize>j * 4)
    const x = low(v)
    const y = high(v)
    const stepX = f64x2.mul(low(d), unit)
    const stepY = f64x2.mul(high(d), unit)
    const a = f64x2.pmin(codes, f64x2.pmax(zero, f64x2.nearest(f64x2.add(f64x2.div(x, stepX), half))))
    const b = f64x2.pmin(codes, f64x2.pmax(zero, f64x2.nearest(f64x2.add(f64x2.div(y, stepY), half))))
    const centredA = f64x2.sub(a, half)
    const centredB = f64x2.sub(b, half)
    const missedA = f64x2.sub(x, f64x2.mul(centredA, stepX))
    const missedB = f64x2.sub(y, f64x2.mul(centredB, stepY))
    error = f64x2.add(error, f64x2.add(f64x2.mul(missedA, missedA), f64x2.mul(missedB, missedB)))
    square = f64x2.add(square, f64x2.add(f64x2.mul(centredA, centredA), f64x2.mul(centredB, centredB)))
    const pair = i32x4.trunc_sat_f64x2_s_zero(a)
    const other = i32x4.trunc_sat_f64x2_s_zero(b)
    const four =
      i32x4.extract_lane(pair, 0) |
      (i32x4.extract_lane(pair, 1) << 8) |
      (i32x4.extract_lane(other, 0) << 16) |
      (i32x4.extract_lane(other, 1) << 24)
    if (!nibbles) store<i32>(block + <usize>j * 16 + slot * 4, four)
    else {
      const at = block + <usize>(j >> 3) * 64 + slot * 4
      store<i32>(at, (j & 4) == 0 ? four : load<i32>(at) | (four << 4))
    }
  }
  headNorm = 2 * sqrt(sum2(square))
  return sum2(error)
}

/** Codes of the whole row; returns the square of their error. */
function encodeWhole(values: usize, deviations: usize, width: i32, row: usize): f64 {
  let most = f32x4.splat(0)
  for (let j = 0; j < width; j += 4) {
    const largest = f32x4.mul(v128.load(deviations + <usize>j * 4), f32x4.splat(127))
    most = f32x4.pmax(most, f32x4.abs(f32x4.div(v128.load(values + <usize>j * 4), largest)))
  }
  const pair = f32x4.pmax(most, i32x4.shuffle(most, most, 2, 3, 0, 1))
  wholeScale = max(f32x4.extract_lane(pair, 0), f32x4.extract_lane(pair, 1))
  const scale = f64x2.splat(<f64>wholeScale)
  const limit = f64x2.splat(127)
  let error = f64x2.splat(0)
  for (let j = 0; j < width; j += 4) {
    const v = v128.load(values + <usize>j * 4)
    const d = v128.load(deviations + <usize>j * 4)
    const x = low(v)
    const y = high(v)
    const stepX = f64x2.mul(low(d), scale)
    const stepY = f64x2.mul(high(d), scale)
    let a = f64x2.splat(0)
    let b = a
    if (wholeScale > 0) {
      a = f64x2.pmax(f64x2.neg(limit), f64x2.pmin(limit, f64x2.nearest(f64x2.div(x, stepX))))
      b = f64x2.pmax(f64x2.neg(limit), f64x2.pmin(limit, f64x2.nearest(f64x2.div(y, stepY))))
    }
    const missedA = f64x2.sub(x, f64x2.mul(a, stepX))
    const missedB = f64x2.sub(y, f64x2.mul(b, stepY))
    error = f64x2.add(error, f64x2.add(f64x2.mul(missedA, missedA), f64x2.mul(missedB, missedB)))
    const codesA = i32x4.trunc_sat_f64x2_s_zero(a)
    const codesB = i32x4.trunc_sat_f64x2_s_zero(b)
    store<i8>(row + <usize>j, <i8>i32x4.extract_lane(codesA, 0))
    store<i8>(row + <usize>j, <i8>i32x4.extract_lane(codesA, 1), 1)
    store<i8>(row + <usize>j, <i8>i32x4.extract_lane(codesB, 0), 2)
    store<i8>(row + <usize>j, <i8>i32x4.extract_lane(codesB, 1), 3)
  }
  return sum2(error)
}

/** A row too long for the codes: bounds so wide that it is always scored. Returns its ‖2c − codes‖. */
function unbounded(coder: usize, block: usize, meta: usize, slot: usize, row: usize): f64 {
  const width = <usize>load<i32>(coder, CODER_WIDTH)
  const head = load<i32>(coder, CODER_HEAD)
  const nibbles = load<i32>(coder, CODER_NIBBLES) != 0
  const middle = nibbles ? 0x77777777 : 0x1f1f1f1f
  const units = head / (nibbles ? 8 : 4)
  for (let unit = 0; unit < units; unit++) store<i32>(block + <usize>unit * 64 + slot * 4, middle)
  store<f32>(meta + slot * 4, 1e30)
  store<u8>(meta + 64 + slot, 255)
  store<u8>(meta + 80 + slot, 255)
  if (load<i32>(coder, CODER_BIAS) != 0) store<f32>(meta + 96 + slot * 4, 0)
  memory.fill(row, 0, width)
  store<f32>(row + width, 0)
  store<f32>(row + width, 1e30, 4)
  // Nothing of the first bound may be taken back.
  store<f32>(row + width, 0, 8)
  store<f32>(row + width, 0, 12)
  return sqrt(<f64>head)
}

/**
 * Code `count` queries at `queries`, `queryBytes` each. `turned`: their directions, turned. `aims`: for each the norm and
 * the base (f64). `excluded`: ids (i32) never to return, or −1. `scratch`: `width` f64.
 */
export function encodeQueries(
  coder: usize, turned: usize, aims: usize, excluded: usize, count: i32, queries: usize, queryBytes: i32, scratch: usize,
): void {
  const width = load<i32>(coder, CODER_WIDTH)
  const head = load<i32>(coder, CODER_HEAD)
  const turning = load<f64>(coder, CODER_TURNING)
  const rms = load<f64>(coder, CODER_RMS)
  const isDistance = load<i32>(coder, CODER_BIAS) != 0
  for (let i = 0; i < count; i++) {
    const query = queries + <usize>i * <usize>queryBytes
    const values = turned + <usize>i * <usize>width * 4
    const norm = load<f64>(aims + <usize>i * 16)
    const base = load<f64>(aims + <usize>i * 16, 8)
    memory.fill(query, 0, <usize>queryBytes)
    const headLength = sqrt(squares(values, 0, head)) + 2 * turning
    const beyond = sqrt(squares(values, head, width)) + 2 * turning
    const margin = 1e-6 * abs(base) + 1e-30
    // A row's bias is the length it had after turning.
    const biasMargin = 2.5 * turning + 2e-6
    headOfQuery(coder, values, query, scratch)
    wholeOfQuery(coder, values, query, scratch)
    store<f32>(query, <f32>(base + margin), BASE1)
    store<f32>(query, <f32>((headLength * load<f64>(coder, CODER_ERROR) * rms * (1 + 1e-5)) / 255), CODING1)
    store<f32>(query, <f32>((beyond * rms * (1 + 1e-5)) / 253), TAIL1)
    const bias: f64 = isDistance ? 1 / norm : 0
    store<f32>(query, <f32>(bias * (1 - biasMargin)), BIAS_UP)
    store<f32>(query, <f32>(base + margin), BASE_UP)
    store<f32>(query, <f32>(base - margin), BASE_DOWN)
    store<f32>(query, <f32>(1 + 2 * turning + 2e-5), CODING2)
    store<f32>(query, <f32>beyond, BEYOND)
    store<f32>(query, <f32>(bias * (1 + biasMargin)), BIAS_DOWN)
    store<i32>(query, excluded == 0 ? -1 : load<i32>(excluded + <usize>i * 4), EXCLUDED)
    // Pairs are compared by what is the same from both sides: x·y, or −‖x − y‖²/2.
    const square: f64 = isDistance ? (norm * norm) / 2 : 0
    const shiftMargin = (biasMargin + 4e-6) * norm * norm
    store<f32>(query, <f32>norm, NORM)
    store<f32>(query, <f32>(shiftMargin - square), SHIFT_UP)
    store<f32>(query, <f32>(-shiftMargin - square), SHIFT_DOWN)
  }
}

/** 8-bit weights of the head, small enough that 16-bit sums of a flush cannot overflow. */
function headOfQuery(coder: usize, values: usize, query: usize, weights: usize): void {
  const head = load<i32>(coder, CODER_HEAD)
  const deviations = <usize>load<i32>(coder, CODER_DEVIATIONS)
  const codes = load<f64>(coder, CODER_CODES)
  const share = load<f64>(coder, CODER_LIMIT) / codes
  // 16-bit lanes sum dimensions 0, 1 or 2, 3 of each four, over one flush of 8 units.
  const flush = load<i32>(coder, CODER_NIBBLES) != 0 ? 64 : 32
  let largest: f64 = 0
  let fullest: f64 = 0
  for (let start = 0; start < head; start += flush) {
    let even: f64 = 0
    let odd: f64 = 0
    for (let j = start; j < min(head, start + flush); j++) {
      const weight = <f64>load<f32>(values + <usize>j * 4) * <f64>load<f32>(deviations + <usize>j * 4) * share
      store<f64>(weights + <usize>j * 8, weight)
      const size = abs(weight)
      largest = max(largest, size)
      if ((j & 2) == 0) even += size
      else odd += size
    }
    fullest = max(fullest, max(even, odd))
  }
  const room = 32767 - (codes * <f64>flush) / 4
  const step = max(max(largest / 127, (fullest * codes) / room), 1e-37)
  let sum: f64 = 0
  let missed: f64 = 0
  let square: f64 = 0
  for (let j = 0; j < head; j++) {
    const exact = load<f64>(weights + <usize>j * 8)
    const weight = nearest(exact / step)
    store<i8>(query + QUERY_HEAD + <usize>j, <i8>(<i32>weight))
    sum += weight
    const rest = exact - weight * step
    missed += rest * rest
    square += weight * weight
  }
  store<f32>(query, <f32>step, SCALE1)
  store<f32>(query, <f32>((sqrt(missed) + 1e-5 * step * sqrt(square)) * load<f64>(coder, CODER_NORM) * (1 + 1e-5)), SLACK1)
  store<i32>(query, <i32>(sum * codes), OFFSET1)
}

/** 16-bit weights of all dimensions; a dot with 8-bit codes stays within 32 bits. */
function wholeOfQuery(coder: usize, values: usize, query: usize, weights: usize): void {
  const width = load<i32>(coder, CODER_WIDTH)
  const deviations = <usize>load<i32>(coder, CODER_DEVIATIONS)
  const out = query + QUERY_HEAD + <usize>width
  let most = f64x2.splat(0)
  let all = most
  for (let j: usize = 0; j < <usize>width; j += 4) {
    const v = v128.load(values + j * 4)
    const d = v128.load(deviations + j * 4)
    const a = f64x2.mul(low(v), low(d))
    const b = f64x2.mul(high(v), high(d))
    v128.store(weights + j * 8, a)
    v128.store(weights + j * 8, b, 16)
    const sizeA = f64x2.abs(a)
    const sizeB = f64x2.abs(b)
    most = f64x2.pmax(most, f64x2.pmax(sizeA, sizeB))
    all = f64x2.add(all, f64x2.add(sizeA, sizeB))
  }
  const largest = max(f64x2.extract_lane(most, 0), f64x2.extract_lane(most, 1))
  const step = max(max(largest / 32767, (sum2(all) * 127) / (2147483648.0 - 64 * <f64>width - 1)), 1e-37)
  const unit = f64x2.splat(step)
  let rests = f64x2.splat(0)
  let squared = rests
  for (let j: usize = 0; j < <usize>width; j += 4) {
    const exactA = v128.load(weights + j * 8)
    const exactB = v128.load(weights + j * 8, 16)
    const codeA = f64x2.nearest(f64x2.div(exactA, unit))
    const codeB = f64x2.nearest(f64x2.div(exactB, unit))
    const restA = f64x2.sub(exactA, f64x2.mul(codeA, unit))
    const restB = f64x2.sub(exactB, f64x2.mul(codeB, unit))
    rests = f64x2.add(rests, f64x2.add(f64x2.mul(restA, restA), f64x2.mul(restB, restB)))
    squared = f64x2.add(squared, f64x2.add(f64x2.mul(codeA, codeA), f64x2.mul(codeB, codeB)))
    const integers = i32x4.shuffle(i32x4.trunc_sat_f64x2_s_zero(codeA), i32x4.trunc_sat_f64x2_s_zero(codeB), 0, 1, 4, 5)
    v128.store64_lane(out + j * 2, i16x8.narrow_i32x4_s(integers, integers), 0)
  }
  const missed = sum2(rests)
  const square = sum2(squared)
  store<f32>(query, <f32>step, SCALE2)
  // Float32 rounding of the sum and its scaling: some 2⁻²² of it.
  store<f32>(query, <f32>((sqrt(missed) + 1e-6 * step * sqrt(square)) * 127 * sqrt(<f64>width)), SLACK2)
}
