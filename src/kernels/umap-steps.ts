import type { Methods } from './kernel-runner.ts'
import { largestSquared, leastSquared, segmentBits } from './umap-slopes.ts'

const f = Math.fround

/** Random points that push a row from one place: all of its epoch's at once leave worse layouts, four cost more time. */
const pushesAtOnce = 16
function mix(word: number): number {
  let h = word
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** ⌊random · count / 2^32⌋, exact. */
function scaled(random: number, count: number): number {
  return Math.floor((count * (random >>> 16) + Math.floor((count * (random & 0xffff)) / 65536)) / 65536)
}

/**
 * The specification of `wasm/assembly/umap.ts`: same memory, same float32 arithmetic in the same order, same bits.
 *
 * `epoch(block, own, others, next, scratch, from, to, epoch, rate)`: move rows [from, to).
 * `recur(starts, neighbours, weights, now, last, next, from, to, scale, shift, back)`: next = scale · (W · now) + shift · now − back · last.
 */
export function createUmapSteps(memory: WebAssembly.Memory): Methods<'epoch' | 'recur'> {
  const floats = new Float32Array(memory.buffer)
  const words = new Uint32Array(memory.buffer)
  const float = new Float32Array(1)
  const integer = new Int32Array(float.buffer)

  /** The clipped steps of `row` against a point, component by component. */
  function stepsFrom(row: Float32Array, other: number, slopes: number): Float32Array {
    let distance = 0
    for (let c = 0; c < row.length; c++) {
      const difference = f(row[c]! - floats[other + c]!)
      distance = f(distance + f(difference * difference))
    }
    const squared = Math.min(Math.max(distance, leastSquared), largestSquared)
    float[0] = squared
    const at = slopes + 2 * (integer[0]! >> segmentBits)
    const slope = f(floats[at]! + f(floats[at + 1]! * squared))
    return row.map((value, c) => Math.min(Math.max(f(slope * f(value - floats[other + c]!)), -4), 4))
  }

  /** Move `row` by four lanes of steps, lane by lane and then in pairs. */
  function move(row: Float32Array, steps: readonly Float32Array[], rate: number): void {
    for (let c = 0; c < row.length; c++) {
      const lanes = [0, 0, 0, 0]
      steps.forEach((step, i) => {
        lanes[i % 4] = f(lanes[i % 4]! + step[c]!)
      })
      row[c] = row[c]! + f(rate * f(f(lanes[0]! + lanes[1]!) + f(lanes[2]! + lanes[3]!)))
    }
  }

  function epoch(...call: number[]): void {
    const [block, own, others, next, , from, to, number, givenRate] = call as [
      ...[number, number, number, number, number],
      ...[number, number, number, number],
    ]
    const field = (i: number) => words[block / 4 + i]!
    const [starts, neighbours, rates, count, components] = [
      field(0) / 4,
      field(1) / 4,
      field(2) / 4,
      field(3),
      field(4),
    ]
    const [negatives, pulls, pushes] = [field(5), field(6) / 4, field(7) / 4]
    const rate = f(givenRate)
    const pullRate = f(floats[block / 4 + 8]! * rate)
    const seed = mix((field(9) + Math.imul(number, 0x9e3779b9)) | 0)

    for (let v = from; v < to; v++) {
      const fired: number[] = []
      for (let e = words[starts + v]!; e < words[starts + v + 1]!; e++) {
        const often = floats[rates + e]!
        if (Math.floor(f(often * (number + 1))) !== Math.floor(f(often * number)))
          fired.push(others / 4 + words[neighbours + e]! * components)
      }
      const row = floats.slice(own / 4 + v * components, own / 4 + (v + 1) * components)
      for (let first = 0; first < fired.length; first += 4) {
        const four = fired.slice(first, first + 4)
        move(
          row,
          four.map((other) => stepsFrom(row, other, pulls)),
          pullRate,
        )
      }
      const stream = mix((seed ^ v) | 0)
      const drawn = Array.from({ length: fired.length * negatives }, (_, i) => {
        const random = mix((Math.imul(i, 0x9e3779b9) + stream) | 0)
        return others / 4 + scaled(random, count) * components
      })
      for (let first = 0; first < drawn.length; first += pushesAtOnce) {
        const some = drawn.slice(first, first + pushesAtOnce)
        move(
          row,
          some.map((other) => stepsFrom(row, other, pushes)),
          rate,
        )
      }
      floats.set(row, next / 4 + v * components)
    }
  }

  function recur(...call: number[]): void {
    const [starts, neighbours, weights, now, last, next] = call.slice(0, 6).map((at) => at / 4) as [
      ...[number, number, number, number, number, number],
    ]
    const [from, to] = call.slice(6, 8) as [number, number]
    const [scale, shift, back] = call.slice(8).map(f) as [number, number, number]
    for (let v = from; v < to; v++)
      for (let c = 0; c < 4; c++) {
        let sum = 0
        for (let e = words[starts + v]!; e < words[starts + v + 1]!; e++)
          sum = f(sum + f(floats[weights + e]! * floats[now + words[neighbours + e]! * 4 + c]!))
        const kept = f(f(shift * floats[now + v * 4 + c]!) - f(back * floats[last + v * 4 + c]!))
        floats[next + v * 4 + c] = f(f(scale * sum) + kept)
      }
  }

  return { epoch, recur }
}
