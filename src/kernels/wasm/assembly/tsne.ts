import { sumF32x4 } from './_simd'

// Fields of the parameter block, 4 bytes each; tsne-layout.ts writes them in this order.
const ROWS: usize = 0
const PLACES: usize = 4
const STARTS: usize = 8
const NEIGHBOURS: usize = 12
const WEIGHTS: usize = 16
const PULLS: usize = 20
const PUSHES: usize = 24
const MASSES: usize = 28
const STEPS: usize = 32
const GAINS: usize = 36
const CODES: usize = 40
const ORDER: usize = 44
const SPARE: usize = 48
const SORTED_X: usize = 52
const SORTED_Y: usize = 56
const NODES: usize = 60
const GROUPS: usize = 64
const HISTOGRAM: usize = 68
const THETA_SQUARED: usize = 72

// A node of the quadtree, in depth-first order: the number of its points as a float, their mean, the square of its longer
// side, its bounds, the node after its subtree, and its points [from, to) in Morton order. Leaves are the groups.
const nodeBytes: usize = 48
const leafPoints: u32 = 12
const lastLevel: u32 = 16

// @ts-ignore: decorator
@inline
function interleave(word: u32): u32 {
  let h = word
  h = (h | (h << 8)) & 0x00ff00ff
  h = (h | (h << 4)) & 0x0f0f0f0f
  h = (h | (h << 2)) & 0x33333333
  return (h | (h << 1)) & 0x55555555
}

let nodes: usize = 0
let nextNode: u32 = 0
let groups: usize = 0
let nextGroup: u32 = 0
let codes: usize = 0
let sortedX: usize = 0
let sortedY: usize = 0

/** Sort the points along the Z-curve and build the quadtree over them. Returns the number of groups. */
export function build(block: usize): u32 {
  const rows = load<u32>(block + ROWS)
  const places: usize = load<u32>(block + PLACES)
  const order: usize = load<u32>(block + ORDER)
  codes = load<u32>(block + CODES)
  sortedX = load<u32>(block + SORTED_X)
  sortedY = load<u32>(block + SORTED_Y)
  nodes = load<u32>(block + NODES)
  groups = load<u32>(block + GROUPS)
  let low = v128.load64_zero(places)
  let high = low
  for (let i: usize = 1; i < rows; i++) {
    const at = v128.load64_zero(places + i * 8)
    low = f32x4.pmin(low, at)
    high = f32x4.pmax(high, at)
  }
  const lowX = f32x4.extract_lane(low, 0)
  const lowY = f32x4.extract_lane(low, 1)
  const side = max(f32x4.extract_lane(high, 0) - lowX, f32x4.extract_lane(high, 1) - lowY)
  const scale: f32 = side > 0 ? <f32>65535 / side : 0
  for (let i: usize = 0; i < rows; i++) {
    const x = min(<u32>((load<f32>(places + i * 8) - lowX) * scale), 65535)
    const y = min(<u32>((load<f32>(places + i * 8, 4) - lowY) * scale), 65535)
    store<u32>(codes + i * 4, interleave(x) | (interleave(y) << 1))
    store<u32>(order + i * 4, <u32>i)
  }
  sort(block, rows)
  for (let i: usize = 0; i < rows; i++) {
    const at = places + <usize>load<u32>(order + i * 4) * 8
    store<f32>(sortedX + i * 4, load<f32>(at))
    store<f32>(sortedY + i * 4, load<f32>(at, 4))
  }
  nextNode = 0
  nextGroup = 0
  split(0, rows, 0)
  return nextGroup
}

/** Stable radix sort of codes and order, a byte at a time. */
function sort(block: usize, rows: u32): void {
  const order: usize = load<u32>(block + ORDER)
  const spare: usize = load<u32>(block + SPARE)
  const histogram: usize = load<u32>(block + HISTOGRAM)
  let fromCodes = codes, fromOrder = order
  let toCodes = spare, toOrder = spare + <usize>rows * 4
  for (let shift: u32 = 0; shift < 32; shift += 8) {
    memory.fill(histogram, 0, 1024)
    for (let i: usize = 0; i < rows; i++) {
      const at = histogram + <usize>((load<u32>(fromCodes + i * 4) >>> shift) & 255) * 4
      store<u32>(at, load<u32>(at) + 1)
    }
    let sum: u32 = 0
    for (let d: usize = 0; d < 1024; d += 4) {
      const count = load<u32>(histogram + d)
      store<u32>(histogram + d, sum)
      sum += count
    }
    for (let i: usize = 0; i < rows; i++) {
      const code = load<u32>(fromCodes + i * 4)
      const at = histogram + <usize>((code >>> shift) & 255) * 4
      const place = <usize>load<u32>(at)
      store<u32>(at, <u32>place + 1)
      store<u32>(toCodes + place * 4, code)
      store<u32>(toOrder + place * 4, load<u32>(fromOrder + i * 4))
    }
    const c = fromCodes, o = fromOrder
    fromCodes = toCodes
    fromOrder = toOrder
    toCodes = c
    toOrder = o
  }
}

/** The node of points [from, to), which share their first 2 · level code bits; its subtree after it. Returns its place. */
function split(from: u32, to: u32, above: u32): usize {
  const node = nodes + <usize>nextNode * nodeBytes
  nextNode++
  let level = above
  // Levels at which no point parts from the others make no node of their own.
  const differing = load<u32>(codes + <usize>from * 4) ^ load<u32>(codes + <usize>(to - 1) * 4)
  while (level < lastLevel && differing >>> (30 - 2 * level) == 0) level++
  let sumX: f32 = 0, sumY: f32 = 0
  let lowX = Infinity as f32, lowY = Infinity as f32, highX = -Infinity as f32, highY = -Infinity as f32
  if (to - from <= leafPoints || level == lastLevel) {
    store<u32>(groups + <usize>nextGroup * 4, <u32>node)
    nextGroup++
    for (let i = <usize>from; i < <usize>to; i++) {
      const x = load<f32>(sortedX + i * 4)
      const y = load<f32>(sortedY + i * 4)
      sumX += x
      sumY += y
      lowX = min(lowX, x)
      lowY = min(lowY, y)
      highX = max(highX, x)
      highY = max(highY, y)
    }
  } else {
    const shift = 30 - 2 * level
    let begin = from
    while (begin < to) {
      const digit = (load<u32>(codes + <usize>begin * 4) >>> shift) & 3
      let last = to
      let end = begin + 1
      while (end < last) {
        const middle = (end + last) >>> 1
        if (((load<u32>(codes + <usize>middle * 4) >>> shift) & 3) == digit) end = middle + 1
        else last = middle
      }
      const child = split(begin, end, level + 1)
      const points = load<f32>(child)
      sumX += points * load<f32>(child, 4)
      sumY += points * load<f32>(child, 8)
      lowX = min(lowX, load<f32>(child, 16))
      lowY = min(lowY, load<f32>(child, 20))
      highX = max(highX, load<f32>(child, 24))
      highY = max(highY, load<f32>(child, 28))
      begin = end
    }
  }
  const points = <f32>(to - from)
  const side = max(highX - lowX, highY - lowY)
  store<f32>(node, points)
  store<f32>(node, sumX / points, 4)
  store<f32>(node, sumY / points, 8)
  store<f32>(node, side * side, 12)
  store<f32>(node, lowX, 16)
  store<f32>(node, lowY, 20)
  store<f32>(node, highX, 24)
  store<f32>(node, highY, 28)
  store<u32>(node, <u32>(nodes + <usize>nextNode * nodeBytes), 32)
  store<u32>(node, from, 36)
  store<u32>(node, to, 40)
  store<u32>(node, to - from <= leafPoints || level == lastLevel ? 1 : 0, 44)
  return node
}

/**
 * Pushes on the points of groups [fromGroup, toGroup), and pulls on rows [fromRow, toRow).
 * All points of a group walk the tree together: a node counts as one point where its side is 0 or below θ times its
 * distance from the group's bounds. `scratch` holds three vectors, then the list of masses to count.
 */
export function forces(block: usize, scratch: usize, fromGroup: u32, toGroup: u32, fromRow: u32, toRow: u32): void {
  const list: usize = load<u32>(block + GROUPS)
  const order: usize = load<u32>(block + ORDER)
  const pushes: usize = load<u32>(block + PUSHES)
  const masses: usize = load<u32>(block + MASSES)
  const xs: usize = load<u32>(block + SORTED_X)
  const ys: usize = load<u32>(block + SORTED_Y)
  const root: usize = load<u32>(block + NODES)
  const after = <usize>load<u32>(root, 32)
  const thetaSquared = load<f32>(block + THETA_SQUARED)
  for (let g = fromGroup; g < toGroup; g++) {
    const group: usize = load<u32>(list + <usize>g * 4)
    const lowX = load<f32>(group, 16), lowY = load<f32>(group, 20)
    const highX = load<f32>(group, 24), highY = load<f32>(group, 28)
    const from: usize = load<u32>(group, 36)
    const to: usize = load<u32>(group, 40)
    const first = scratch + 48
    let entries = first
    let node = root
    while (node < after) {
      const x = load<f32>(node, 4), y = load<f32>(node, 8)
      const dx = max(max(lowX - x, x - highX), 0)
      const dy = max(max(lowY - y, y - highY), 0)
      const side = load<f32>(node, 12)
      if (side == 0 || side < thetaSquared * (dx * dx + dy * dy)) {
        v128.store(entries, v128.load(node))
        entries += 16
        node = load<u32>(node, 32)
      } else if (load<u32>(node, 44) != 0) {
        const end = <usize>load<u32>(node, 40)
        for (let i = <usize>load<u32>(node, 36); i < end; i++) {
          store<f32>(entries, 1)
          store<f32>(entries, load<f32>(xs + i * 4), 4)
          store<f32>(entries, load<f32>(ys + i * 4), 8)
          entries += 16
        }
        node = load<u32>(node, 32)
      } else node += nodeBytes
    }
    for (let i = from; i < to; i += 4) {
      const px = v128.load(xs + i * 4)
      const py = v128.load(ys + i * 4)
      const one = f32x4.splat(1)
      let mass = f32x4.splat(0), pushX = mass, pushY = mass
      for (let entry = first; entry < entries; entry += 16) {
        const dx = f32x4.sub(px, v128.load32_splat(entry, 4))
        const dy = f32x4.sub(py, v128.load32_splat(entry, 8))
        const q = f32x4.div(one, f32x4.add(one, f32x4.add(f32x4.mul(dx, dx), f32x4.mul(dy, dy))))
        const mq = f32x4.mul(v128.load32_splat(entry), q)
        const mqq = f32x4.mul(mq, q)
        mass = f32x4.add(mass, mq)
        pushX = f32x4.add(pushX, f32x4.mul(mqq, dx))
        pushY = f32x4.add(pushY, f32x4.mul(mqq, dy))
      }
      v128.store(scratch, mass)
      v128.store(scratch, pushX, 16)
      v128.store(scratch, pushY, 32)
      const live = min(<usize>4, to - i)
      for (let lane: usize = 0; lane < live; lane++) {
        const row = <usize>load<u32>(order + (i + lane) * 4)
        const sums = scratch + lane * 4
        // The point's push on itself is 1 in the mass and nothing else.
        store<f32>(masses + row * 4, load<f32>(sums) - 1)
        store<f32>(pushes + row * 8, load<f32>(sums, 16))
        store<f32>(pushes + row * 8, load<f32>(sums, 32), 4)
      }
    }
  }
  pull(block, fromRow, toRow)
}

function pull(block: usize, from: u32, to: u32): void {
  const places: usize = load<u32>(block + PLACES)
  const starts: usize = load<u32>(block + STARTS)
  const neighbours: usize = load<u32>(block + NEIGHBOURS)
  const weights: usize = load<u32>(block + WEIGHTS)
  const pulls: usize = load<u32>(block + PULLS)
  const one = f32x4.splat(1)
  for (let row = <usize>from; row < <usize>to; row++) {
    const x = v128.load32_splat(places + row * 8)
    const y = v128.load32_splat(places + row * 8, 4)
    const end = <usize>load<u32>(starts + row * 4, 4)
    let sumX = f32x4.splat(0), sumY = sumX
    for (let e = <usize>load<u32>(starts + row * 4); e < end; e += 4) {
      const at = neighbours + e * 4
      const ab = v128.load64_lane(
        places + <usize>load<u32>(at, 4) * 8, v128.load64_zero(places + <usize>load<u32>(at) * 8), 1,
      )
      const cd = v128.load64_lane(
        places + <usize>load<u32>(at, 12) * 8, v128.load64_zero(places + <usize>load<u32>(at, 8) * 8), 1,
      )
      const dx = f32x4.sub(x, v128.shuffle<f32>(ab, cd, 0, 2, 4, 6))
      const dy = f32x4.sub(y, v128.shuffle<f32>(ab, cd, 1, 3, 5, 7))
      const w = f32x4.div(v128.load(weights + e * 4), f32x4.add(one, f32x4.add(f32x4.mul(dx, dx), f32x4.mul(dy, dy))))
      sumX = f32x4.add(sumX, f32x4.mul(w, dx))
      sumY = f32x4.add(sumY, f32x4.mul(w, dy))
    }
    store<f32>(pulls + row * 8, sumF32x4(sumX))
    store<f32>(pulls + row * 8, sumF32x4(sumY), 4)
  }
}

/** Σ over pairs of 1 / (1 + d²), after `forces`. */
export function normalizer(block: usize): f64 {
  const rows = load<u32>(block + ROWS)
  const masses: usize = load<u32>(block + MASSES)
  let total: f64 = 0
  for (let row: usize = 0; row < rows; row++) total += <f64>load<f32>(masses + row * 4)
  return total
}

/** Take one step: gains, momentum, steps of at most `longest`, and the mean back to the origin. */
export function advance(block: usize, exaggeration: f32, rate: f32, momentum: f32, longest: f32): void {
  const rows = load<u32>(block + ROWS)
  const places: usize = load<u32>(block + PLACES)
  const pulls: usize = load<u32>(block + PULLS)
  const pushes: usize = load<u32>(block + PUSHES)
  const steps: usize = load<u32>(block + STEPS)
  const gains: usize = load<u32>(block + GAINS)
  const share = <f32>(1 / normalizer(block))
  let totalX: f64 = 0, totalY: f64 = 0
  for (let at: usize = 0; at < <usize>rows * 8; at += 8) {
    let x = stepOf(at, exaggeration, share, rate, momentum, pulls, pushes, steps, gains)
    let y = stepOf(at + 4, exaggeration, share, rate, momentum, pulls, pushes, steps, gains)
    const length = sqrt<f32>(x * x + y * y)
    if (length > longest) {
      x = (x / length) * longest
      y = (y / length) * longest
    }
    store<f32>(steps + at, x)
    store<f32>(steps + at, y, 4)
    x += load<f32>(places + at)
    y += load<f32>(places + at, 4)
    store<f32>(places + at, x)
    store<f32>(places + at, y, 4)
    totalX += <f64>x
    totalY += <f64>y
  }
  const meanX = <f32>(totalX / <f64>rows)
  const meanY = <f32>(totalY / <f64>rows)
  for (let at: usize = 0; at < <usize>rows * 8; at += 8) {
    store<f32>(places + at, load<f32>(places + at) - meanX)
    store<f32>(places + at, load<f32>(places + at, 4) - meanY, 4)
  }
}

// @ts-ignore: decorator
@inline
function signOf(value: f32): i32 {
  return i32(value > 0) - i32(value < 0)
}

// @ts-ignore: decorator
@inline
function stepOf(
  at: usize, exaggeration: f32, share: f32, rate: f32, momentum: f32,
  pulls: usize, pushes: usize, steps: usize, gains: usize,
): f32 {
  const slope = exaggeration * load<f32>(pulls + at) - load<f32>(pushes + at) * share
  const last = load<f32>(steps + at)
  const old = load<f32>(gains + at)
  const gain: f32 = signOf(last) != signOf(slope) ? old + 0.2 : old * 0.8 + 0.01
  store<f32>(gains + at, gain)
  return momentum * last - rate * gain * slope
}
