import type { PairScanner, PossiblePairs } from './exact-pairs.ts'

/** Possible pairs held at most, for each row and neighbour, before the graph is found row by row instead. */
const mostPairsPerEdge = 12

/** Collects the possible edges of a neighbour graph and raises each row's threshold as better lower bounds come in. */
export class EdgeCollector {
  private readonly scanner: PairScanner
  private readonly k: number
  /** Per place a min-heap of its k best lower bounds. */
  private readonly heaps: Float32Array
  private readonly sizes: Int32Array
  private ends: Int32Array
  private uppers: Float32Array
  count = 0

  constructor(scanner: PairScanner, k: number) {
    const { rows } = scanner.codes
    this.scanner = scanner
    this.k = k
    this.heaps = new Float32Array(rows * k)
    this.sizes = new Int32Array(rows)
    this.ends = new Int32Array(rows * k * 4)
    this.uppers = new Float32Array(rows * k * 2)
  }

  take({ count, integers, floats }: PossiblePairs, start: number): void {
    const { thresholds } = this.scanner
    for (let p = 0; p < count; p++) {
      const i = start + integers[p * 4]!
      const j = integers[p * 4 + 1]!
      const upper = floats[p * 4 + 2]!
      if (upper < thresholds[i]! && upper < thresholds[j]!) continue
      if (this.count === this.uppers.length) this.makeRoom()
      this.ends[this.count * 2] = i
      this.ends[this.count * 2 + 1] = j
      this.uppers[this.count++] = upper
      const lower = floats[p * 4 + 3]!
      this.offer(i, lower, thresholds)
      this.offer(j, lower, thresholds)
    }
  }

  fits(): boolean {
    return this.uppers.length <= this.sizes.length * this.k * mostPairsPerEdge
  }

  /** The two places of each pair collected, one after the other. */
  places(): Int32Array {
    return this.ends.subarray(0, this.count * 2)
  }

  /** Pairs whose other end may be among the k nearest of each place: `pairs` from `starts[place]` to `starts[place + 1]`. */
  candidates(): { starts: Int32Array; pairs: Int32Array } {
    const { thresholds } = this.scanner
    const { ends, uppers, count } = this
    const starts = new Int32Array(this.sizes.length + 1)
    const each = (visit: (place: number, pair: number) => void) => {
      for (let p = 0; p < count; p++) {
        const i = ends[p * 2]!
        const j = ends[p * 2 + 1]!
        if (uppers[p]! >= thresholds[i]!) visit(i, p)
        if (uppers[p]! >= thresholds[j]!) visit(j, p)
      }
    }
    each((place) => {
      starts[place + 1]!++
    })
    for (let p = 0; p < this.sizes.length; p++) starts[p + 1]! += starts[p]!
    const pairs = new Int32Array(starts[this.sizes.length]!)
    const next = starts.slice()
    each((place, pair) => {
      pairs[next[place]!++] = pair
    })
    return { starts, pairs }
  }

  private makeRoom(): void {
    const { thresholds } = this.scanner
    let kept = 0
    for (let p = 0; p < this.count; p++) {
      const i = this.ends[p * 2]!
      const j = this.ends[p * 2 + 1]!
      const upper = this.uppers[p]!
      if (upper < thresholds[i]! && upper < thresholds[j]!) continue
      this.ends[kept * 2] = i
      this.ends[kept * 2 + 1] = j
      this.uppers[kept++] = upper
    }
    this.count = kept
    if (kept < 0.7 * this.uppers.length) return
    const ends = new Int32Array(this.ends.length * 2)
    const uppers = new Float32Array(this.uppers.length * 2)
    ends.set(this.ends)
    uppers.set(this.uppers)
    this.ends = ends
    this.uppers = uppers
  }

  private offer(place: number, lower: number, thresholds: Float32Array): void {
    const { k, heaps, sizes } = this
    const base = place * k
    const size = sizes[place]!
    if (size < k) {
      let at = size
      while (at > 0) {
        const parent = (at - 1) >> 1
        if (heaps[base + parent]! <= lower) break
        heaps[base + at] = heaps[base + parent]!
        at = parent
      }
      heaps[base + at] = lower
      sizes[place] = size + 1
      if (size + 1 < k) return
    } else {
      if (lower <= heaps[base]!) return
      let at = 0
      for (let child = 1; child < k; child = 2 * at + 1) {
        if (child + 1 < k && heaps[base + child + 1]! < heaps[base + child]!) child++
        if (lower <= heaps[base + child]!) break
        heaps[base + at] = heaps[base + child]!
        at = child
      }
      heaps[base + at] = lower
    }
    if (heaps[base]! > thresholds[place]!) thresholds[place] = heaps[base]!
  }
}
