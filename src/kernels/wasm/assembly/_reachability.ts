import { multiplyAdd, sumF32x4 } from './_simd'

// Nearest pair of rows between any two groups under mutual reachability. Float32 products rule pairs out by a proven
// error; what they leave open is measured by the float64 sum of the TypeScript specification.

/** The specification's distance: float64, first to last. */
function exactDistance(x: usize, y: usize, columns: i32): f64 {
  let sum: f64 = 0
  for (let j = 0; j < columns; j++) {
    const difference = <f64>load<f32>(x + <usize>j * 4) - <f64>load<f32>(y + <usize>j * 4)
    sum += difference * difference
  }
  return sum
}

/** Keep the pair (p, q) in `cell` (f64 weight, i32 smaller id, i32 larger id) where it comes first by these three. */
function offer(
  cell: usize, p: i32, q: i32, product: f32,
  x: usize, columns: i32, ids: usize, norms: usize, cores: usize, error: f64,
): void {
  const best = load<f64>(cell)
  const core = max<f64>(load<f64>(cores + <usize>p * 8), load<f64>(cores + <usize>q * 8))
  if (core > best) return
  const pNorm = load<f64>(norms + <usize>p * 8)
  const qNorm = load<f64>(norms + <usize>q * 8)
  const squared = pNorm + qNorm - 2 * <f64>product
  const slack = 2 * error * sqrt(pNorm * qNorm) + <f64>columns * 4e-45
  if (squared - slack > best * best) return
  let weight = core
  if (squared + slack > core * core) {
    const line = <usize>columns * 4
    weight = max<f64>(core, sqrt(exactDistance(x + <usize>p * line, x + <usize>q * line, columns)))
  }
  if (weight > best) return
  const pId = load<i32>(ids + <usize>p * 4)
  const qId = load<i32>(ids + <usize>q * 4)
  const low = min(pId, qId)
  const high = max(pId, qId)
  if (weight == best) {
    const heldLow = load<i32>(cell, 8)
    if (low > heldLow || (low == heldLow && high >= load<i32>(cell, 12))) return
  }
  store<f64>(cell, weight)
  store<i32>(cell, low, 8)
  store<i32>(cell, high, 12)
}

/**
 * For each part in [fromPart, toPart), rows of one group: the first pair, by weight and ids, between its rows and the
 * rows of each group that follows, in `cells` at part · groups + other; cells hold a pair known before, or infinity.
 * Rows stand group by group, by ascending core distance; group g is rows starts[g] … starts[g + 1] − 1. A part is three
 * i32: its first row, the row after its last, its group.
 */
export function nearestPairs(
  x: usize, columns: i32, groups: i32, fromPart: i32, toPart: i32,
  parts: usize, starts: usize, ids: usize, norms: usize, cores: usize, cells: usize, error: f64,
): void {
  const line = <usize>columns * 4
  const whole = <usize>(columns & ~3) * 4
  for (let part = fromPart; part < toPart; part++) {
    const lines = cells + <usize>part * <usize>groups * 16
    const first = load<i32>(parts + <usize>part * 12)
    const after = load<i32>(parts + <usize>part * 12, 4)
    for (let p = first; p < after; p += 2) {
      // Two rows by four at a time: each load serves twice. An odd last row stands in for its missing partner.
      const p1 = min(p + 1, after - 1)
      const x0 = x + <usize>p * line
      const x1 = x + <usize>p1 * line
      const core = load<f64>(cores + <usize>p * 8)
      for (let other = load<i32>(parts + <usize>part * 12, 8) + 1; other < groups; other++) {
        const cell = lines + <usize>other * 16
        // Nothing is nearer than a core distance, and those that follow are larger.
        if (core > load<f64>(cell)) continue
        const end = load<i32>(starts + <usize>(other + 1) * 4)
        for (let q = load<i32>(starts + <usize>other * 4); q < end; q += 4) {
          if (load<f64>(cores + <usize>q * 8) > load<f64>(cell)) break
          const q1 = min(q + 1, end - 1)
          const q2 = min(q + 2, end - 1)
          const q3 = min(q + 3, end - 1)
          const y0 = x + <usize>q * line
          const y1 = x + <usize>q1 * line
          const y2 = x + <usize>q2 * line
          const y3 = x + <usize>q3 * line
          let s0 = f32x4.splat(0)
          let s1 = s0
          let s2 = s0
          let s3 = s0
          let t0 = s0
          let t1 = s0
          let t2 = s0
          let t3 = s0
          for (let at: usize = 0; at < whole; at += 16) {
            const v = v128.load(x0 + at)
            const w = v128.load(x1 + at)
            let y = v128.load(y0 + at)
            s0 = multiplyAdd(v, y, s0)
            t0 = multiplyAdd(w, y, t0)
            y = v128.load(y1 + at)
            s1 = multiplyAdd(v, y, s1)
            t1 = multiplyAdd(w, y, t1)
            y = v128.load(y2 + at)
            s2 = multiplyAdd(v, y, s2)
            t2 = multiplyAdd(w, y, t2)
            y = v128.load(y3 + at)
            s3 = multiplyAdd(v, y, s3)
            t3 = multiplyAdd(w, y, t3)
          }
          let a0 = sumF32x4(s0)
          let a1 = sumF32x4(s1)
          let a2 = sumF32x4(s2)
          let a3 = sumF32x4(s3)
          let b0 = sumF32x4(t0)
          let b1 = sumF32x4(t1)
          let b2 = sumF32x4(t2)
          let b3 = sumF32x4(t3)
          for (let at = whole; at < line; at += 4) {
            const v = load<f32>(x0 + at)
            const w = load<f32>(x1 + at)
            a0 += v * load<f32>(y0 + at)
            a1 += v * load<f32>(y1 + at)
            a2 += v * load<f32>(y2 + at)
            a3 += v * load<f32>(y3 + at)
            b0 += w * load<f32>(y0 + at)
            b1 += w * load<f32>(y1 + at)
            b2 += w * load<f32>(y2 + at)
            b3 += w * load<f32>(y3 + at)
          }
          offer(cell, p, q, a0, x, columns, ids, norms, cores, error)
          offer(cell, p, q1, a1, x, columns, ids, norms, cores, error)
          offer(cell, p, q2, a2, x, columns, ids, norms, cores, error)
          offer(cell, p, q3, a3, x, columns, ids, norms, cores, error)
          offer(cell, p1, q, b0, x, columns, ids, norms, cores, error)
          offer(cell, p1, q1, b1, x, columns, ids, norms, cores, error)
          offer(cell, p1, q2, b2, x, columns, ids, norms, cores, error)
          offer(cell, p1, q3, b3, x, columns, ids, norms, cores, error)
        }
      }
    }
  }
}
