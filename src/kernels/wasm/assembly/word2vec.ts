import { sumF32x4 } from './_simd'

// Fields of the parameter block, 4 bytes each; word2vec-layout.ts writes them in this order.
const TOKENS: usize = 0
const STARTS: usize = 4
const KEEP: usize = 8
const ALIAS_SHARE: usize = 12
const ALIAS_WORD: usize = 16
const SIGMOID: usize = 20
const INPUTS: usize = 24
const OUTPUTS: usize = 28
const SENTENCE: usize = 32
const ZEROS: usize = 36
const SLOPES: usize = 40
const TARGETS: usize = 44
const CONTEXTS: usize = 48
const MEAN: usize = 52
const CORRECTION: usize = 56
const WORDS: usize = 60
const STRIDE: usize = 64
const WINDOW: usize = 68
const NEGATIVE: usize = 72
const BAG: usize = 76

const sigmoidSteps: f32 = 1000

let state: u32 = 0

// @ts-ignore: decorator
@inline
function random(): u32 {
  state += 0x6d2b79f5
  let t = (state ^ (state >>> 15)) * (state | 1)
  t ^= t + (t ^ (t >>> 7)) * (t | 61)
  return t ^ (t >>> 14)
}

// @ts-ignore: decorator
@inline
function below(limit: u32): u32 {
  return <u32>((<u64>random() * <u64>limit) >> 32)
}

/** (label − σ(dot)) · rate, from a table over [−6, 6]; beyond it σ counts as 0 or 1. */
// @ts-ignore: decorator
@inline
function slope(table: usize, dot: f32, label: f32, rate: f32): f32 {
  if (dot >= 6) return (label - 1) * rate
  if (dot <= -6) return label * rate
  const index = <usize>(<i32>((dot + 6) * (sigmoidSteps / 12)))
  return (label - load<f32>(table + index * 4)) * rate
}

/**
 * One pass over sentences [from, to): subsample, walk the window, step.
 * The rate falls by `fall` with each token read. Returns the tokens kept.
 */
export function train(block: usize, from: u32, to: u32, seed: u32, startRate: f32, fall: f32): u32 {
  const tokens: usize = load<u32>(block + TOKENS)
  const starts: usize = load<u32>(block + STARTS)
  const keep: usize = load<u32>(block + KEEP)
  const sentence: usize = load<u32>(block + SENTENCE)
  const inputs: usize = load<u32>(block + INPUTS)
  const rowBytes: usize = (<usize>load<u32>(block + STRIDE)) * 4
  const contexts: usize = load<u32>(block + CONTEXTS)
  const window: i32 = load<i32>(block + WINDOW)
  const bag = load<i32>(block + BAG) != 0
  const first = load<u32>(starts + <usize>from * 4)
  let kept: u32 = 0
  let rate = startRate
  state = seed
  for (let s = from; s < to; s++) {
    const begin = load<u32>(starts + <usize>s * 4)
    const end = load<u32>(starts + <usize>s * 4, 4)
    let length: i32 = 0
    for (let i = begin; i < end; i++) {
      const word = load<u32>(tokens + <usize>i * 4)
      const limit = load<u32>(keep + <usize>word * 4)
      if (limit != 0xffffffff && random() > limit) continue
      store<u32>(sentence + <usize>length * 4, word)
      length++
    }
    kept += length
    rate = startRate - fall * <f32>(begin - first)
    for (let i = 0; i < length; i++) {
      const reach = window - <i32>below(window)
      const low = max(0, i - reach)
      const high = min(length, i + reach + 1)
      if (high - low < 2) continue
      let count: usize = 0
      for (let j = low; j < high; j++) {
        if (j == i) continue
        const row = load<u32>(sentence + <usize>j * 4)
        store<u32>(contexts + count * 4, <u32>(inputs + <usize>row * rowBytes))
        count++
      }
      const word = load<u32>(sentence + <usize>i * 4)
      if (bag) bagStep(block, word, count, rate)
      else skipGramStep(block, word, count, rate)
    }
  }
  return kept
}

// @ts-ignore: decorator
@inline
function noiseWord(words: u32, share: usize, alias: usize): u32 {
  const drawn = below(words)
  return random() < load<u32>(share + <usize>drawn * 4) ? drawn : load<u32>(alias + <usize>drawn * 4)
}

/** The word and its noise words, filled up to `whole` with rows of zeros; a noise word that is the word itself gives way to a row of zeros. */
function chooseTargets(block: usize, word: u32, whole: usize): usize {
  const words = load<u32>(block + WORDS)
  const outputs: usize = load<u32>(block + OUTPUTS)
  const rowBytes: usize = (<usize>load<u32>(block + STRIDE)) * 4
  const negative: usize = load<u32>(block + NEGATIVE)
  const share: usize = load<u32>(block + ALIAS_SHARE)
  const alias: usize = load<u32>(block + ALIAS_WORD)
  const targets: usize = load<u32>(block + TARGETS)
  store<u32>(targets, <u32>(outputs + <usize>word * rowBytes))
  let count: usize = 1
  for (let n: usize = 0; n < negative; n++) {
    const drawn = noiseWord(words, share, alias)
    if (drawn == word) continue
    store<u32>(targets + count * 4, <u32>(outputs + <usize>drawn * rowBytes))
    count++
  }
  const zeros = load<u32>(block + ZEROS)
  for (let n = count; n < whole; n++) store<u32>(targets + n * 4, zeros)
  return count
}

/** Every context row against the word and its noise words, which the whole window shares (Ji et al. 2016). */
function skipGramStep(block: usize, word: u32, count: usize, rate: f32): void {
  const rowBytes: usize = (<usize>load<u32>(block + STRIDE)) * 4
  const sigmoid: usize = load<u32>(block + SIGMOID)
  const contexts: usize = load<u32>(block + CONTEXTS)
  const slopes: usize = load<u32>(block + SLOPES)
  const whole = ((<usize>load<u32>(block + NEGATIVE) + 6) / 6) * 6
  const targets = chooseTargets(block, word, whole)
  for (let group: usize = 0; group < whole; group += 6) {
    const at = <usize>load<u32>(block + TARGETS) + group * 4
    const t0: usize = load<u32>(at)
    const t1: usize = load<u32>(at, 4)
    const t2: usize = load<u32>(at, 8)
    const t3: usize = load<u32>(at, 12)
    const t4: usize = load<u32>(at, 16)
    const t5: usize = load<u32>(at, 20)
    let g = slopes
    for (let j: usize = 0; j < count; j++) {
      const row: usize = load<u32>(contexts + j * 4)
      let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0
      for (let d: usize = 0; d < rowBytes; d += 16) {
        const c = v128.load(row + d)
        s0 = f32x4.add(s0, f32x4.mul(c, v128.load(t0 + d)))
        s1 = f32x4.add(s1, f32x4.mul(c, v128.load(t1 + d)))
        s2 = f32x4.add(s2, f32x4.mul(c, v128.load(t2 + d)))
        s3 = f32x4.add(s3, f32x4.mul(c, v128.load(t3 + d)))
        s4 = f32x4.add(s4, f32x4.mul(c, v128.load(t4 + d)))
        s5 = f32x4.add(s5, f32x4.mul(c, v128.load(t5 + d)))
      }
      v128.store(g, f32x4.splat(group < targets ? slope(sigmoid, sumF32x4(s0), group == 0 ? 1 : 0, rate) : 0))
      v128.store(g, f32x4.splat(group + 1 < targets ? slope(sigmoid, sumF32x4(s1), 0, rate) : 0), 16)
      v128.store(g, f32x4.splat(group + 2 < targets ? slope(sigmoid, sumF32x4(s2), 0, rate) : 0), 32)
      v128.store(g, f32x4.splat(group + 3 < targets ? slope(sigmoid, sumF32x4(s3), 0, rate) : 0), 48)
      v128.store(g, f32x4.splat(group + 4 < targets ? slope(sigmoid, sumF32x4(s4), 0, rate) : 0), 64)
      v128.store(g, f32x4.splat(group + 5 < targets ? slope(sigmoid, sumF32x4(s5), 0, rate) : 0), 80)
      g += 96
    }
    for (let d: usize = 0; d < rowBytes; d += 16) {
      const o0 = v128.load(t0 + d), o1 = v128.load(t1 + d), o2 = v128.load(t2 + d)
      const o3 = v128.load(t3 + d), o4 = v128.load(t4 + d), o5 = v128.load(t5 + d)
      let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0
      g = slopes
      for (let j: usize = 0; j < count; j++) {
        const row: usize = <usize>load<u32>(contexts + j * 4) + d
        const c = v128.load(row)
        const g0 = v128.load(g), g1 = v128.load(g, 16), g2 = v128.load(g, 32)
        s0 = f32x4.add(s0, f32x4.mul(g0, c))
        s1 = f32x4.add(s1, f32x4.mul(g1, c))
        s2 = f32x4.add(s2, f32x4.mul(g2, c))
        const left = f32x4.add(f32x4.add(f32x4.mul(g0, o0), f32x4.mul(g1, o1)), f32x4.mul(g2, o2))
        const g3 = v128.load(g, 48), g4 = v128.load(g, 64), g5 = v128.load(g, 80)
        s3 = f32x4.add(s3, f32x4.mul(g3, c))
        s4 = f32x4.add(s4, f32x4.mul(g4, c))
        s5 = f32x4.add(s5, f32x4.mul(g5, c))
        const right = f32x4.add(f32x4.add(f32x4.mul(g3, o3), f32x4.mul(g4, o4)), f32x4.mul(g5, o5))
        v128.store(row, f32x4.add(c, f32x4.add(left, right)))
        g += 96
      }
      // Read again before adding: two noise words may be the same row.
      v128.store(t0 + d, f32x4.add(v128.load(t0 + d), s0))
      v128.store(t1 + d, f32x4.add(v128.load(t1 + d), s1))
      v128.store(t2 + d, f32x4.add(v128.load(t2 + d), s2))
      v128.store(t3 + d, f32x4.add(v128.load(t3 + d), s3))
      v128.store(t4 + d, f32x4.add(v128.load(t4 + d), s4))
      v128.store(t5 + d, f32x4.add(v128.load(t5 + d), s5))
    }
  }
}

/** The mean of the window's context rows against the word and its noise words, the mean's correction to every row. */
function bagStep(block: usize, word: u32, count: usize, rate: f32): void {
  const rowBytes: usize = (<usize>load<u32>(block + STRIDE)) * 4
  const sigmoid: usize = load<u32>(block + SIGMOID)
  const contexts: usize = load<u32>(block + CONTEXTS)
  const mean: usize = load<u32>(block + MEAN)
  const correction: usize = load<u32>(block + CORRECTION)
  const whole = ((<usize>load<u32>(block + NEGATIVE) + 6) / 6) * 6
  const targets = chooseTargets(block, word, whole)
  // Four vectors of a row at a time: a row's place is read once for them.
  const most = rowBytes & ~63
  const part = f32x4.splat(<f32>1 / <f32>count)
  for (let d: usize = 0; d < most; d += 64) {
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0
    for (let j: usize = 0; j < count; j++) {
      const row: usize = <usize>load<u32>(contexts + j * 4) + d
      s0 = f32x4.add(s0, v128.load(row))
      s1 = f32x4.add(s1, v128.load(row, 16))
      s2 = f32x4.add(s2, v128.load(row, 32))
      s3 = f32x4.add(s3, v128.load(row, 48))
    }
    v128.store(mean + d, f32x4.mul(s0, part))
    v128.store(mean + d, f32x4.mul(s1, part), 16)
    v128.store(mean + d, f32x4.mul(s2, part), 32)
    v128.store(mean + d, f32x4.mul(s3, part), 48)
  }
  for (let d = most; d < rowBytes; d += 16) {
    let sum = f32x4.splat(0)
    for (let j: usize = 0; j < count; j++) sum = f32x4.add(sum, v128.load(<usize>load<u32>(contexts + j * 4) + d))
    v128.store(mean + d, f32x4.mul(sum, part))
  }
  for (let group: usize = 0; group < whole; group += 6) {
    const at = <usize>load<u32>(block + TARGETS) + group * 4
    const t0: usize = load<u32>(at)
    const t1: usize = load<u32>(at, 4)
    const t2: usize = load<u32>(at, 8)
    const t3: usize = load<u32>(at, 12)
    const t4: usize = load<u32>(at, 16)
    const t5: usize = load<u32>(at, 20)
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0
    for (let d: usize = 0; d < rowBytes; d += 16) {
      const v = v128.load(mean + d)
      s0 = f32x4.add(s0, f32x4.mul(v, v128.load(t0 + d)))
      s1 = f32x4.add(s1, f32x4.mul(v, v128.load(t1 + d)))
      s2 = f32x4.add(s2, f32x4.mul(v, v128.load(t2 + d)))
      s3 = f32x4.add(s3, f32x4.mul(v, v128.load(t3 + d)))
      s4 = f32x4.add(s4, f32x4.mul(v, v128.load(t4 + d)))
      s5 = f32x4.add(s5, f32x4.mul(v, v128.load(t5 + d)))
    }
    const g0 = f32x4.splat(group < targets ? slope(sigmoid, sumF32x4(s0), group == 0 ? 1 : 0, rate) : 0)
    const g1 = f32x4.splat(group + 1 < targets ? slope(sigmoid, sumF32x4(s1), 0, rate) : 0)
    const g2 = f32x4.splat(group + 2 < targets ? slope(sigmoid, sumF32x4(s2), 0, rate) : 0)
    const g3 = f32x4.splat(group + 3 < targets ? slope(sigmoid, sumF32x4(s3), 0, rate) : 0)
    const g4 = f32x4.splat(group + 4 < targets ? slope(sigmoid, sumF32x4(s4), 0, rate) : 0)
    const g5 = f32x4.splat(group + 5 < targets ? slope(sigmoid, sumF32x4(s5), 0, rate) : 0)
    for (let d: usize = 0; d < rowBytes; d += 16) {
      const v = v128.load(mean + d)
      const o0 = v128.load(t0 + d), o1 = v128.load(t1 + d), o2 = v128.load(t2 + d)
      const left = f32x4.add(f32x4.add(f32x4.mul(g0, o0), f32x4.mul(g1, o1)), f32x4.mul(g2, o2))
      const o3 = v128.load(t3 + d), o4 = v128.load(t4 + d), o5 = v128.load(t5 + d)
      const right = f32x4.add(f32x4.add(f32x4.mul(g3, o3), f32x4.mul(g4, o4)), f32x4.mul(g5, o5))
      const moved = f32x4.add(left, right)
      v128.store(correction + d, group == 0 ? moved : f32x4.add(v128.load(correction + d), moved))
      v128.store(t0 + d, f32x4.add(o0, f32x4.mul(g0, v)))
      // Read again before adding: two noise words may be the same row.
      v128.store(t1 + d, f32x4.add(v128.load(t1 + d), f32x4.mul(g1, v)))
      v128.store(t2 + d, f32x4.add(v128.load(t2 + d), f32x4.mul(g2, v)))
      v128.store(t3 + d, f32x4.add(v128.load(t3 + d), f32x4.mul(g3, v)))
      v128.store(t4 + d, f32x4.add(v128.load(t4 + d), f32x4.mul(g4, v)))
      v128.store(t5 + d, f32x4.add(v128.load(t5 + d), f32x4.mul(g5, v)))
    }
  }
  for (let d: usize = 0; d < most; d += 64) {
    const c0 = v128.load(correction + d), c1 = v128.load(correction + d, 16)
    const c2 = v128.load(correction + d, 32), c3 = v128.load(correction + d, 48)
    for (let j: usize = 0; j < count; j++) {
      const row: usize = <usize>load<u32>(contexts + j * 4) + d
      v128.store(row, f32x4.add(v128.load(row), c0))
      v128.store(row, f32x4.add(v128.load(row, 16), c1), 16)
      v128.store(row, f32x4.add(v128.load(row, 32), c2), 32)
      v128.store(row, f32x4.add(v128.load(row, 48), c3), 48)
    }
  }
  for (let d = most; d < rowBytes; d += 16) {
    const c = v128.load(correction + d)
    for (let j: usize = 0; j < count; j++) {
      const row: usize = <usize>load<u32>(contexts + j * 4) + d
      v128.store(row, f32x4.add(v128.load(row), c))
    }
  }
}

/**
 * Join two replicas that both began at `base`: rows [from, to) of all three become
 * base + shares[row] · ((a − base) + (b − base)).
 */
export function join(base: usize, a: usize, b: usize, shares: usize, from: u32, to: u32, stride: u32): void {
  const rowBytes = <usize>stride * 4
  for (let row = <usize>from; row < <usize>to; row++) {
    const share = v128.load32_splat(shares + row * 4)
    const end = (row + 1) * rowBytes
    for (let at = row * rowBytes; at < end; at += 16) {
      const was = v128.load(base + at)
      const moved = f32x4.add(f32x4.sub(v128.load(a + at), was), f32x4.sub(v128.load(b + at), was))
      const now = f32x4.add(was, f32x4.mul(share, moved))
      v128.store(base + at, now)
      v128.store(a + at, now)
      v128.store(b + at, now)
    }
  }
}
