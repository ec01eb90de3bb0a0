import type { Methods } from './kernel-runner.ts'
import { sigmoidSteps, targetGroup } from './word2vec-layout.ts'

const f = Math.fround
const stepsAUnit = f(sigmoidSteps / 12)

/**
 * The specification of `wasm/assembly/word2vec.ts`: same memory, same float32 arithmetic in the same order, same bits.
 *
 * `train(block, from, to, seed, startRate, fall)`: one pass over sentences [from, to) of a shard; the rate falls by `fall` a token.
 * `join(base, a, b, shares, from, to, stride)`: rows [from, to) of all three become base + share · ((a − base) + (b − base)).
 */
export function createWord2vecSteps(memory: WebAssembly.Memory): Methods<'train' | 'join'> {
  const floats = new Float32Array(memory.buffer)
  const words = new Uint32Array(memory.buffer)
  let state = 0

  function random(): number {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return (t ^ (t >>> 14)) >>> 0
  }

  const below = (limit: number) => Math.floor((random() * limit) / 4294967296)

  /** (label − σ(dot)) · rate, from a table over [−6, 6]; beyond it σ counts as 0 or 1. */
  function slope(table: number, value: number, label: number, rate: number): number {
    if (value >= 6) return f(f(label - 1) * rate)
    if (value <= -6) return f(label * rate)
    return f(f(label - floats[table + Math.trunc(f(f(value + 6) * stepsAUnit))]!) * rate)
  }

  /** Four running sums, lane by lane, joined in pairs. */
  function dot(a: number, b: number, stride: number): number {
    let s0 = 0
    let s1 = 0
    let s2 = 0
    let s3 = 0
    for (let d = 0; d < stride; d += 4) {
      s0 = f(s0 + f(floats[a + d]! * floats[b + d]!))
      s1 = f(s1 + f(floats[a + d + 1]! * floats[b + d + 1]!))
      s2 = f(s2 + f(floats[a + d + 2]! * floats[b + d + 2]!))
      s3 = f(s3 + f(floats[a + d + 3]! * floats[b + d + 3]!))
    }
    return f(f(s0 + s1) + f(s2 + s3))
  }

  function train(...call: number[]): number {
    const [block, from, to, seed, startRate, fall] = call as [number, number, number, number, number, number]
    const field = (i: number) => words[block / 4 + i]!
    const place = (i: number) => field(i) / 4
    const [tokens, starts, keep, share, alias, sigmoid] = [place(0), place(1), place(2), place(3), place(4), place(5)]
    const [inputs, outputs, sentence, zeros] = [place(6), place(7), place(8), place(9)]
    const [mean, correction] = [place(13), place(14)]
    const [vocabulary, stride, window, negative, bag] = [field(15), field(16), field(17), field(18), field(19)]
    const whole = Math.ceil((negative + 1) / targetGroup) * targetGroup
    const targets = new Int32Array(whole)
    const contexts = new Int32Array(2 * window)
    const slopes = new Float32Array(Math.max(2 * window, negative) * targetGroup)
    const before = new Float32Array(targetGroup)
    const moves = new Float32Array(targetGroup)

    function noiseWord(): number {
      const drawn = below(vocabulary)
      return random() < words[share + drawn]! ? drawn : words[alias + drawn]!
    }

    function chooseTargets(word: number): number {
      targets[0] = outputs + word * stride
      let count = 1
      for (let n = 0; n < negative; n++) {
        const drawn = noiseWord()
        if (drawn !== word) targets[count++] = outputs + drawn * stride
      }
      targets.fill(zeros, count)
      return count
    }

    /** Σ slope · output over the group, as two sums of three. */
    function pull(at: number): number {
      const left = f(f(f(slopes[at]! * before[0]!) + f(slopes[at + 1]! * before[1]!)) + f(slopes[at + 2]! * before[2]!))
      const right = f(
        f(f(slopes[at + 3]! * before[3]!) + f(slopes[at + 4]! * before[4]!)) + f(slopes[at + 5]! * before[5]!),
      )
      return f(left + right)
    }

    /** Every context row against the word and its noise words, which the whole window shares (Ji et al. 2016). */
    function skipGramStep(word: number, count: number, rate: number): void {
      const targetCount = chooseTargets(word)
      for (let group = 0; group < whole; group += targetGroup) {
        for (let j = 0; j < count; j++) {
          for (let t = 0; t < targetGroup; t++) {
            const value = dot(contexts[j]!, targets[group + t]!, stride)
            const label = group + t === 0 ? 1 : 0
            slopes[j * targetGroup + t] = group + t < targetCount ? slope(sigmoid, value, label, rate) : 0
          }
        }
        for (let d = 0; d < stride; d++) {
          for (let t = 0; t < targetGroup; t++) before[t] = floats[targets[group + t]! + d]!
          moves.fill(0)
          for (let j = 0; j < count; j++) {
            const at = contexts[j]! + d
            const value = floats[at]!
            for (let t = 0; t < targetGroup; t++) moves[t] = moves[t]! + f(slopes[j * targetGroup + t]! * value)
            floats[at] = value + pull(j * targetGroup)
          }
          // Read again before adding: two noise words may be the same row.
          for (let t = 0; t < targetGroup; t++) {
            const at = targets[group + t]! + d
            floats[at] = floats[at]! + moves[t]!
          }
        }
      }
    }

    /** The mean of the window's context rows against the word and its noise words, the mean's correction to every row. */
    function bagStep(word: number, count: number, rate: number): void {
      const targetCount = chooseTargets(word)
      const part = f(1 / count)
      for (let d = 0; d < stride; d++) {
        let sum = 0
        for (let j = 0; j < count; j++) sum = f(sum + floats[contexts[j]! + d]!)
        floats[mean + d] = sum * part
      }
      for (let group = 0; group < whole; group += targetGroup) {
        for (let t = 0; t < targetGroup; t++) {
          const value = dot(mean, targets[group + t]!, stride)
          const label = group + t === 0 ? 1 : 0
          slopes[t] = group + t < targetCount ? slope(sigmoid, value, label, rate) : 0
        }
        for (let d = 0; d < stride; d++) {
          for (let t = 0; t < targetGroup; t++) before[t] = floats[targets[group + t]! + d]!
          floats[correction + d] = group === 0 ? pull(0) : floats[correction + d]! + pull(0)
          // Read again before adding: two noise words may be the same row.
          for (let t = 0; t < targetGroup; t++) {
            const at = targets[group + t]! + d
            floats[at] = floats[at]! + f(slopes[t]! * floats[mean + d]!)
          }
        }
      }
      for (let j = 0; j < count; j++)
        for (let d = 0; d < stride; d++) floats[contexts[j]! + d] = floats[contexts[j]! + d]! + floats[correction + d]!
    }

    const first = words[starts + from]!
    const [rateAtStart, fallAToken] = [f(startRate), f(fall)]
    let rate = rateAtStart
    let kept = 0
    state = seed | 0
    for (let s = from; s < to; s++) {
      const begin = words[starts + s]!
      const end = words[starts + s + 1]!
      let length = 0
      for (let i = begin; i < end; i++) {
        const word = words[tokens + i]!
        const limit = words[keep + word]!
        if (limit !== 0xffffffff && random() > limit) continue
        words[sentence + length++] = word
      }
      kept += length
      rate = f(rateAtStart - f(fallAToken * f(begin - first)))
      for (let i = 0; i < length; i++) {
        const reach = window - below(window)
        const low = Math.max(0, i - reach)
        const high = Math.min(length, i + reach + 1)
        if (high - low < 2) continue
        let count = 0
        for (let j = low; j < high; j++) {
          if (j === i) continue
          contexts[count++] = inputs + words[sentence + j]! * stride
        }
        const word = words[sentence + i]!
        if (bag === 0) skipGramStep(word, count, rate)
        else bagStep(word, count, rate)
      }
    }
    return kept
  }

  function join(...call: number[]): void {
    const [base, a, b, shares] = call.slice(0, 4).map((at) => at / 4) as [number, number, number, number]
    const [from, to, stride] = call.slice(4) as [number, number, number]
    for (let row = from; row < to; row++) {
      const share = floats[shares + row]!
      for (let at = row * stride; at < (row + 1) * stride; at++) {
        const was = floats[base + at]!
        const moved = f(f(floats[a + at]! - was) + f(floats[b + at]! - was))
        const now = f(was + f(share * moved))
        floats[base + at] = now
        floats[a + at] = now
        floats[b + at] = now
      }
    }
  }

  return { train, join }
}
