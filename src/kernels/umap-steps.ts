import type { Methods } from './kernel-runner.ts'

const f = Math.fround
const float = new Float32Array(1)
const integer = new Int32Array(float.buffer)

/** x^b in float32 for x > 0: the specification of `wasm/assembly/_power.ts`, whose words on its limits hold here. */
export function power(x: number, b: number): number {
  float[0] = x
  const bits = integer[0]!
  const exponent = (bits - 0x3f3504f3) >> 23
  integer[0] = bits - (exponent << 23)
  const t = f(float[0]! - 1)
  let p = f(f(t * f(-0.20685812830924988)) + f(0.3184071183204651))
  p = f(f(p * t) + f(-0.36641326546669006))
  p = f(f(p * t) + f(0.47979387640953064))
  p = f(f(p * t) + f(-0.7212084531784058))
  p = f(f(p * t) + f(1.442701816558838))
  const log2 = f(f(p * t) + exponent)
  const y = Math.min(Math.max(f(log2 * b), -126), 126)
  // Adding and taking away 1.5 · 2^23 rounds to the nearest integer, ties to even.
  const whole = f(f(y + 12582912) - 12582912)
  const r = f(y - whole)
  let q = f(f(r * f(0.009676037356257439)) + f(0.05592203512787819))
  q = f(f(q * r) + f(0.2402210682630539))
  q = f(f(q * r) + f(0.6931210160255432))
  q = f(f(q * r) + 1)
  float[0] = q
  integer[0] = integer[0]! + (whole << 23)
  return float[0]!
}

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

  /** Move `row` by its clipped steps against up to four points, summed in pairs. */
  function step(
    row: Float32Array,
    others: readonly number[],
    slopeAt: (squared: number) => number,
    rate: number,
  ): void {
    const slopes = others.map((other) => {
      let squared = 0
      for (let c = 0; c < row.length; c++) {
        const difference = f(row[c]! - floats[other + c]!)
        squared = f(squared + f(difference * difference))
      }
      return slopeAt(squared)
    })
    for (let c = 0; c < row.length; c++) {
      const clipped = (lane: number) => {
        if (lane >= others.length) return 0
        return Math.min(Math.max(f(slopes[lane]! * f(row[c]! - floats[others[lane]! + c]!)), -4), 4)
      }
      row[c] = row[c]! + f(rate * f(f(clipped(0) + clipped(1)) + f(clipped(2) + clipped(3))))
    }
  }

  function epoch(...call: number[]): void {
    const [block, own, others, next, , from, to, number, givenRate] = call as [
      ...[number, number, number, number, number],
      ...[number, number, number, number],
    ]
    const field = (i: number) => words[block / 4 + i]!
    const value = (i: number) => floats[block / 4 + i]!
    const [starts, neighbours, rates, count, components] = [
      field(0) / 4,
      field(1) / 4,
      field(2) / 4,
      field(3),
      field(4),
    ]
    const [negatives, a, b] = [field(5), value(6), value(7)]
    const rate = f(givenRate)
    const minusTwoAB = f(f(-2 * a) * b)
    const push = f(value(8) * f(2 * b))
    const pullRate = f(value(9) * rate)
    const seed = mix((field(10) + Math.imul(number, 0x9e3779b9)) | 0)
    const attraction = (distance: number) => {
      const squared = Math.max(distance, f(1e-12))
      const p = power(squared, b)
      return f(f(minusTwoAB * p) / f(squared * f(1 + f(a * p))))
    }
    const repulsion = (squared: number) => f(push / f(f(f(0.001) + squared) * f(1 + f(a * power(squared, b)))))

    for (let v = from; v < to; v++) {
      const fired: number[] = []
      for (let e = words[starts + v]!; e < words[starts + v + 1]!; e++) {
        const often = floats[rates + e]!
        if (Math.floor(f(often * (number + 1))) !== Math.floor(f(often * number)))
          fired.push(others / 4 + words[neighbours + e]! * components)
      }
      const row = floats.slice(own / 4 + v * components, own / 4 + (v + 1) * components)
      for (let first = 0; first < fired.length; first += 4)
        step(row, fired.slice(first, first + 4), attraction, pullRate)
      const stream = mix((seed ^ v) | 0)
      const drawn = Array.from({ length: fired.length * negatives }, (_, i) => {
        const random = mix((Math.imul(i, 0x9e3779b9) + stream) | 0)
        return others / 4 + scaled(random, count) * components
      })
      for (let first = 0; first < drawn.length; first += 4) step(row, drawn.slice(first, first + 4), repulsion, rate)
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
