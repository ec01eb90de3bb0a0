import type { Methods } from './kernel-runner.ts'

const f = Math.fround
const leafPoints = 12
const lastLevel = 16

interface Node {
  readonly points: number
  readonly meanX: number
  readonly meanY: number
  readonly squaredSide: number
  readonly bounds: readonly [number, number, number, number]
  readonly from: number
  readonly to: number
  readonly children: readonly Node[]
}

function interleave(word: number): number {
  let h = word
  h = (h | (h << 8)) & 0x00ff00ff
  h = (h | (h << 4)) & 0x0f0f0f0f
  h = (h | (h << 2)) & 0x33333333
  return (h | (h << 1)) & 0x55555555
}

/**
 * The specification of `wasm/assembly/tsne.ts`: same memory, same float32 arithmetic in the same order, same bits.
 *
 * `build(block)`: the quadtree; returns its number of leaves, the groups.
 * `forces(block, scratch, fromGroup, toGroup, fromRow, toRow)`: pushes on groups, pulls on rows.
 * `normalizer(block)`: Σ 1 / (1 + d²). `advance(block, exaggeration, rate, momentum, longest)`: one step.
 */
export function createTsneSteps(memory: WebAssembly.Memory): Methods<'build' | 'forces' | 'normalizer' | 'advance'> {
  const floats = new Float32Array(memory.buffer)
  const words = new Uint32Array(memory.buffer)
  const field = (block: number, i: number) => words[block / 4 + i]!
  const place = (block: number, i: number) => words[block / 4 + i]! / 4
  let order = new Uint32Array(0)
  let codes = new Uint32Array(0)
  let sortedX = new Float32Array(0)
  let sortedY = new Float32Array(0)
  let root: Node | undefined
  let groups: Node[] = []

  function build(block = 0): number {
    const [rows, places] = [field(block, 0), place(block, 1)]
    let [lowX, lowY, highX, highY] = [floats[places]!, floats[places + 1]!, floats[places]!, floats[places + 1]!]
    for (let i = 1; i < rows; i++) {
      lowX = Math.min(lowX, floats[places + i * 2]!)
      lowY = Math.min(lowY, floats[places + i * 2 + 1]!)
      highX = Math.max(highX, floats[places + i * 2]!)
      highY = Math.max(highY, floats[places + i * 2 + 1]!)
    }
    const side = Math.max(f(highX - lowX), f(highY - lowY))
    const scale = side > 0 ? f(65535 / side) : 0
    const cell = (value: number, low: number) => Math.min(Math.trunc(f(f(value - low) * scale)), 65535)
    const unsorted = Uint32Array.from({ length: rows }, (_, i) => {
      const x = cell(floats[places + i * 2]!, lowX)
      const y = cell(floats[places + i * 2 + 1]!, lowY)
      return interleave(x) | (interleave(y) << 1)
    })
    order = Uint32Array.from({ length: rows }, (_, i) => i).sort((a, b) => unsorted[a]! - unsorted[b]! || a - b)
    codes = order.map((row) => unsorted[row]!)
    sortedX = Float32Array.from(order, (row) => floats[places + row * 2]!)
    sortedY = Float32Array.from(order, (row) => floats[places + row * 2 + 1]!)
    groups = []
    root = split(0, rows, 0)
    return groups.length
  }

  function split(from: number, to: number, above: number): Node {
    let level = above
    const differing = (codes[from]! ^ codes[to - 1]!) >>> 0
    while (level < lastLevel && differing >>> (30 - 2 * level) === 0) level++
    const children: Node[] = []
    let [sumX, sumY] = [0, 0]
    const bounds: [number, number, number, number] = [
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ]
    const take = (points: number, x: number, y: number, low: readonly number[], high: readonly number[]) => {
      sumX = f(sumX + f(points * x))
      sumY = f(sumY + f(points * y))
      bounds[0] = Math.min(bounds[0], low[0]!)
      bounds[1] = Math.min(bounds[1], low[1]!)
      bounds[2] = Math.max(bounds[2], high[0]!)
      bounds[3] = Math.max(bounds[3], high[1]!)
    }
    const isLeaf = to - from <= leafPoints || level === lastLevel
    if (isLeaf) {
      for (let i = from; i < to; i++) {
        const at = [sortedX[i]!, sortedY[i]!] as const
        take(1, at[0], at[1], at, at)
      }
    } else {
      const digit = (i: number) => (codes[i]! >>> (30 - 2 * level)) & 3
      for (let begin = from; begin < to; ) {
        let end = begin + 1
        while (end < to && digit(end) === digit(begin)) end++
        const child = split(begin, end, level + 1)
        take(child.points, child.meanX, child.meanY, child.bounds, child.bounds.slice(2))
        children.push(child)
        begin = end
      }
    }
    const points = to - from
    const longer = Math.max(f(bounds[2] - bounds[0]), f(bounds[3] - bounds[1]))
    const node = {
      ...{ points, bounds, from, to, children },
      meanX: f(sumX / points),
      meanY: f(sumY / points),
      squaredSide: f(longer * longer),
    }
    if (isLeaf) groups.push(node)
    return node
  }

  /** Masses to count for a group, as mass, x, y. */
  function walk(node: Node, group: Node, thetaSquared: number, list: number[]): void {
    const [lowX, lowY, highX, highY] = group.bounds
    const dx = Math.max(f(lowX - node.meanX), f(node.meanX - highX), 0)
    const dy = Math.max(f(lowY - node.meanY), f(node.meanY - highY), 0)
    if (node.squaredSide === 0 || node.squaredSide < f(thetaSquared * f(f(dx * dx) + f(dy * dy))))
      list.push(node.points, node.meanX, node.meanY)
    else if (node.children.length === 0)
      for (let i = node.from; i < node.to; i++) list.push(1, sortedX[i]!, sortedY[i]!)
    else for (const child of node.children) walk(child, group, thetaSquared, list)
  }

  function forces(...call: number[]): void {
    const [block, , fromGroup, toGroup, fromRow, toRow] = call as [number, number, number, number, number, number]
    const [pushes, masses] = [place(block, 6), place(block, 7)]
    const thetaSquared = floats[block / 4 + 18]!
    for (const group of groups.slice(fromGroup, toGroup)) {
      const list: number[] = []
      walk(root!, group, thetaSquared, list)
      for (let i = group.from; i < group.to; i++) {
        let [mass, pushX, pushY] = [0, 0, 0]
        for (let entry = 0; entry < list.length; entry += 3) {
          const dx = f(sortedX[i]! - list[entry + 1]!)
          const dy = f(sortedY[i]! - list[entry + 2]!)
          const q = f(1 / f(1 + f(f(dx * dx) + f(dy * dy))))
          const mq = f(list[entry]! * q)
          const mqq = f(mq * q)
          mass = f(mass + mq)
          pushX = f(pushX + f(mqq * dx))
          pushY = f(pushY + f(mqq * dy))
        }
        const row = order[i]!
        // The point's push on itself is 1 in the mass and nothing else.
        floats[masses + row] = mass - 1
        floats[pushes + row * 2] = pushX
        floats[pushes + row * 2 + 1] = pushY
      }
    }
    pull(block, fromRow, toRow)
  }

  function pull(block: number, from: number, to: number): void {
    const [places, starts, neighbours, weights, pulls] = [1, 2, 3, 4, 5].map((i) => place(block, i)) as [
      ...[number, number, number, number, number],
    ]
    for (let row = from; row < to; row++) {
      const lanes = new Float32Array(8)
      for (let e = words[starts + row]!; e < words[starts + row + 1]!; e++) {
        const other = places + words[neighbours + e]! * 2
        const dx = f(floats[places + row * 2]! - floats[other]!)
        const dy = f(floats[places + row * 2 + 1]! - floats[other + 1]!)
        const w = f(floats[weights + e]! / f(1 + f(f(dx * dx) + f(dy * dy))))
        const lane = (e - words[starts + row]!) % 4
        lanes[lane] = lanes[lane]! + f(w * dx)
        lanes[4 + lane] = lanes[4 + lane]! + f(w * dy)
      }
      for (const c of [0, 1]) {
        const [s0, s1, s2, s3] = lanes.subarray(c * 4, c * 4 + 4) as unknown as [number, number, number, number]
        floats[pulls + row * 2 + c] = f(s0 + s1) + f(s2 + s3)
      }
    }
  }

  function normalizer(block = 0): number {
    const masses = place(block, 7)
    let total = 0
    for (let row = 0; row < field(block, 0); row++) total += floats[masses + row]!
    return total
  }

  function advance(...call: number[]): void {
    const [block, exaggeration, rate, momentum, longest] = call.map((value, i) => (i === 0 ? value : f(value))) as [
      ...[number, number, number, number, number],
    ]
    const [places, pulls, pushes, steps, gains] = [1, 5, 6, 8, 9].map((i) => place(block, i)) as [
      ...[number, number, number, number, number],
    ]
    const rows = field(block, 0)
    const share = f(1 / normalizer(block))
    const stepOf = (at: number) => {
      const slope = f(f(exaggeration * floats[pulls + at]!) - f(floats[pushes + at]! * share))
      const last = floats[steps + at]!
      const old = floats[gains + at]!
      const gain = Math.sign(last) !== Math.sign(slope) ? f(old + f(0.2)) : f(f(old * f(0.8)) + f(0.01))
      floats[gains + at] = gain
      return f(f(momentum * last) - f(f(rate * gain) * slope))
    }
    let [totalX, totalY] = [0, 0]
    for (let at = 0; at < rows * 2; at += 2) {
      let [x, y] = [stepOf(at), stepOf(at + 1)]
      const length = f(Math.sqrt(f(f(x * x) + f(y * y))))
      if (length > longest) {
        x = f(f(x / length) * longest)
        y = f(f(y / length) * longest)
      }
      floats[steps + at] = x
      floats[steps + at + 1] = y
      totalX += floats[places + at] = f(floats[places + at]! + x)
      totalY += floats[places + at + 1] = f(floats[places + at + 1]! + y)
    }
    const [meanX, meanY] = [f(totalX / rows), f(totalY / rows)]
    for (let at = 0; at < rows * 2; at += 2) {
      floats[places + at] = floats[places + at]! - meanX
      floats[places + at + 1] = floats[places + at + 1]! - meanY
    }
  }

  return { build, forces, normalizer, advance }
}
