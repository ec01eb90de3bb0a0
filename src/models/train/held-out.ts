/** Words of two texts that stand in both, over those in either, from which on they count as near-duplicates. */
const nearShare = 0.8

/**
 * Tells which texts may be trained on: those that neither equal a held-out text (letters and digits only, lower case) nor
 * share at least 0.8 of their words with one (Jaccard, on sets). Exact, not sampled.
 *
 * Cost: the index once; then one look-up for each of a text's rarest words. Source: prefix filtering (Chaudhuri, Ganti &
 * Kaushik 2006): two sets of Jaccard ≥ t share one of the first n − ⌈t·n⌉ + 1 words in any fixed order.
 */
export class HeldOut {
  private readonly equal: Set<string>
  private readonly numbers = new Map<string, number>()
  /** Held-out sets of word numbers, rarest word first, smallest set first. */
  private readonly sets: Int32Array[]
  private readonly frequency: Int32Array
  /** For each word, the sets that have it in their prefix, smallest first. */
  private readonly index: number[][]
  private readonly own: Int32Array
  private readonly seen: Int32Array
  private stamp = 0

  constructor(texts: readonly string[]) {
    const lists = [...new Set(texts)].map(wordsOf).filter((words) => words.length > 0)
    this.equal = new Set(lists.map((words) => words.join(' ')))
    const counts: number[] = []
    const numbered = lists.map((words) =>
      Int32Array.from(new Set(words), (word) => {
        const number = this.numbers.get(word) ?? this.numbers.size
        this.numbers.set(word, number)
        counts[number] = (counts[number] ?? 0) + 1
        return number
      }),
    )
    this.frequency = Int32Array.from(counts)
    for (const set of numbered) this.rarestFirst(set)
    this.sets = numbered.sort((a, b) => a.length - b.length)
    this.index = Array.from(counts, () => [])
    this.sets.forEach((set, i) => {
      for (const word of set.subarray(0, prefixLength(set.length))) (this.index[word] as number[]).push(i)
    })
    this.own = new Int32Array(counts.length)
    this.seen = new Int32Array(this.sets.length)
  }

  /** @returns `keep`, a flag a text, and how many fell to each rule. A text without letters or digits counts as equal. */
  check(texts: readonly string[]): { keep: Uint8Array; exact: number; near: number } {
    const keep = new Uint8Array(texts.length)
    let exact = 0
    let near = 0
    for (let i = 0; i < texts.length; i++) {
      const words = wordsOf(texts[i] as string)
      if (words.length === 0 || this.hasEqual(words)) exact++
      else if (this.hasNear(words)) near++
      else keep[i] = 1
    }
    return { keep, exact, near }
  }

  private hasEqual(words: readonly string[]): boolean {
    return this.equal.has(words.join(' '))
  }

  private hasNear(words: readonly string[]): boolean {
    const distinct = new Set(words)
    const known = Int32Array.from(
      [...distinct].map((word) => this.numbers.get(word) ?? -1).filter((number) => number >= 0),
    )
    this.rarestFirst(known)
    this.stamp++
    for (const word of known) this.own[word] = this.stamp
    // Words that no held-out text has come first in the order and have no lists.
    const prefix = prefixLength(distinct.size) - (distinct.size - known.length)
    for (const word of known.subarray(0, Math.max(0, prefix))) {
      const list = this.index[word] as number[]
      for (let at = this.firstOfSize(list, nearShare * distinct.size); at < list.length; at++) {
        const candidate = list[at] as number
        const set = this.sets[candidate] as Int32Array
        if (nearShare * set.length > distinct.size) break
        if (this.seen[candidate] === this.stamp) continue
        this.seen[candidate] = this.stamp
        let shared = 0
        for (const entry of set) if (this.own[entry] === this.stamp) shared++
        if (shared >= nearShare * (distinct.size + set.length - shared)) return true
      }
    }
    return false
  }

  private rarestFirst(set: Int32Array): void {
    set.sort((a, b) => (this.frequency[a] as number) - (this.frequency[b] as number) || a - b)
  }

  private firstOfSize(list: readonly number[], size: number): number {
    let low = 0
    let high = list.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.sets[list[middle] as number] as Int32Array).length < size) low = middle + 1
      else high = middle
    }
    return low
  }
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
}

function prefixLength(size: number): number {
  return size - Math.ceil(nearShare * size) + 1
}
